"""Running a command, and turning whatever may happen into a message and an exit status."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from types import FrameType
from typing import Any, NoReturn

import click

from kvmtla.cli.version import version
from kvmtla.errors import CommandError, KvmtlaError, did_you_mean

# In the order in which they are listed: the module of each, which need not be imported for that,
# and what it does in a line.
_COMMANDS = {
    "verify": (
        "kvmtla.cli.verify",
        "Check claims, and compare the verdicts with the expected ones.",
    ),
    "agree": ("kvmtla.cli.agree", "Compare what TLC and a second engine find."),
    "trust": ("kvmtla.cli.trust", "Report why what is found can be believed."),
    "show": ("kvmtla.cli.show", "Show the counterexample to a claim."),
    "diff": ("kvmtla.cli.diff", "Show where two kernels, methods or variants part."),
    "check": ("kvmtla.cli.check", "Check an invariant of your own."),
    "induct": ("kvmtla.cli.induct", "Ask whether every step keeps a property."),
    "explain": ("kvmtla.cli.explain", "Explain a property, and how near it comes to be false."),
    "mutate": ("kvmtla.cli.mutate", "See which changes of the operations the claims notice."),
    "table": ("kvmtla.cli.touched", "Show who reads and writes what, and under which lock."),
    "source": ("kvmtla.cli.source", "Hold the operations against the C that they model."),
    "trace": ("kvmtla.cli.trace", "Hold what a running kernel has done against the model."),
    "list": ("kvmtla.cli.list", "List the claims."),
    "gen": ("kvmtla.cli.gen", "Write the TLA+ modules."),
    "findings": ("kvmtla.cli.findings", "Write what came out for all claims as a page."),
    "report": ("kvmtla.cli.report", "Write a page for every counterexample."),
    "new": ("kvmtla.cli.new", "Begin a spec of your own, or add to one."),
    "doctor": ("kvmtla.cli.doctor", "Show what there is to run TLC with."),
    "help": ("kvmtla.cli.help", "Explain the code of an error."),
}
_SPEC = "--spec"
_WATCH = "--watch"
# The codes of click's errors, the more special ones first.
_MISUSES: dict[type[click.ClickException], str] = {
    click.NoSuchOption: "KT902",
    click.MissingParameter: "KT904",
    click.BadParameter: "KT903",
}
_USAGE = 2
# As sysexits.h and shells have them.
_DEFECT = 70
# After so many new objects Python looks for cycles. A spec is many objects, all of which stay:
# with Python's own number, a small question takes a sixth longer.
_OBJECTS = 500_000
_SIGNALLED = 128


class _Commands(click.Group):
    """The commands, each imported when it is asked for, so that none pays for another."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            raise CommandError(
                "KT901",
                f"there is no command {cmd_name!r}",
                hint=did_you_mean(cmd_name, _COMMANDS) or "kvmtla --help lists them",
            )
        command: click.Command = importlib.import_module(_COMMANDS[cmd_name][0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in _COMMANDS.items()])


def _say_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked:
        click.echo(f"kvmtla {version()}")
        ctx.exit()


_app = _Commands(
    "kvmtla",
    help="Checks the claims of a spec with TLC, and tells what goes wrong where one fails.",
    epilog="Exit status: 0 all as expected; 1 some verdict differs; 2 a mistake in the command, "
    "the spec or a file; 3 some verdict could not be found.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    params=[
        click.Option(
            [_SPEC],
            default="kvmspec",
            metavar="DIR",
            help="A spec of your own instead of KVM's: the folder of a package, a Python file, or "
            "a package's name. May stand behind the command as well.",
        ),
        click.Option(
            [_WATCH],
            is_flag=True,
            help="Run the command again whenever a file of the spec is saved. May stand behind the "
            "command as well.",
        ),
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_say_version,
            help="Show the version and exit.",
        ),
    ],
    callback=lambda **_: None,
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line (that of the process, unless given) and end the process."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    gc.set_threshold(_OBJECTS, 20, 20)
    with _signals() as came:
        status = _guarded(list(sys.argv[1:] if arguments is None else arguments), came)
    sys.exit(status)


def _guarded(arguments: list[str], came: Sequence[int]) -> int:
    """Run the command line and return the exit status; `came` has the signals that have come."""
    try:
        status = _run(arguments)
        # Here and not at the end of Python, where an error could not be told any more.
        sys.stdout.flush()
    except click.ClickException as error:
        _complain(_misused(error))
        return error.exit_code
    except KvmtlaError as error:
        _complain(error.render())
        return error.exit_status
    except BrokenPipeError:
        _close_output()
        return _SIGNALLED + signal.SIGPIPE
    except KeyboardInterrupt as error:
        _complain(f"interrupted{_remark(error)}")
        # Not from the exception: who catches one to tidy up may go on with another.
        return _SIGNALLED + (came[0] if came else signal.SIGINT)
    except OSError as error:
        _close_output()
        # An error without a file is about standard output; other files are written with more care.
        where = f"{error.filename}: " if error.filename else "cannot write the output: "
        _complain(f"error[KT806]: {where}{error.strerror or error}")
        return _USAGE
    except Exception:
        traceback.print_exc()
        _complain(f"error: this is a defect of kvmtla {version()}, please report it with the above")
        return _DEFECT
    return status


def _run(arguments: list[str]) -> int:
    arguments = _spec_first(arguments)
    if _WATCH in arguments[: arguments.index("--") if "--" in arguments else None]:
        return _watched([a for a in arguments if a != _WATCH])
    try:
        with _app.make_context("kvmtla", arguments) as ctx:
            if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
                ctx.color = False
            status: Any = _app.invoke(ctx)
    except click.exceptions.Exit as done:
        return done.exit_code
    return status if isinstance(status, int) else 0


def _watched(arguments: list[str]) -> int:
    # The spec is known without a look at the command, which may be about to change.
    with _app.make_context("kvmtla", list(arguments), resilient_parsing=True) as ctx:
        spec = ctx.params["spec"]
    from kvmtla.cli.watch import run_and_watch  # noqa: PLC0415 - nobody else pays for it

    return run_and_watch(arguments, spec)


def _spec_first(arguments: list[str]) -> list[str]:
    """Return the arguments with `--spec` in front, since a spec has options of its own."""
    first: list[str] = []
    others = list(arguments)
    i = 0
    while i < len(others) and others[i] != "--":
        count = 2 if others[i] == _SPEC else 1 if others[i].startswith(f"{_SPEC}=") else 0
        first += others[i : i + count]
        del others[i : i + count]
        i += not count
    return first + others


def _misused(error: click.ClickException) -> str:
    """Return what to say of a command line that click does not take."""
    code = next((c for kind, c in _MISUSES.items() if isinstance(error, kind)), "KT904")
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    # Possibilities belong into the hint.
    near = error.possibilities if isinstance(error, click.NoSuchOption) else None
    message = error.message if near is not None else error.format_message()
    hint = f"did you mean {' or '.join(sorted(near))}?" if near else None
    if hint is None and ctx is not None:
        hint = f"{ctx.command_path} --help lists what it takes"
    message = message.rstrip(".")
    return CommandError(code, message[:1].lower() + message[1:], hint=hint).render()


def _complain(text: str) -> None:
    with contextlib.suppress(OSError):
        click.echo(text, err=True)


def _remark(error: BaseException) -> str:
    notes = getattr(error, "__notes__", [])
    return f"; {'; '.join(notes)}" if notes else ""


def _close_output() -> None:
    """Drop what is still to be written, so that Python does not complain of it."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def _signals() -> Iterator[Sequence[int]]:
    """Turn the signals that would end Python at once into an exception, the first of them only.

    Yields the list in which the signal is then found.
    """
    came: list[int] = []
    wanted = [signal.SIGINT, signal.SIGTERM]
    if hasattr(signal, "SIGHUP"):
        wanted.append(signal.SIGHUP)
    # A signal that is ignored already (nohup, a job in the background) stays so.
    caught = {s: h for s in wanted if (h := signal.getsignal(s)) is not signal.SIG_IGN}

    def stop(number: int, _: FrameType | None) -> NoReturn:
        # Another one must not keep this one from tidying up.
        for s in caught:
            signal.signal(s, signal.SIG_IGN)
        came.append(number)
        raise KeyboardInterrupt

    for s in caught:
        signal.signal(s, stop)
    try:
        yield came
    finally:
        for s, handler in caught.items():
            signal.signal(s, handler)

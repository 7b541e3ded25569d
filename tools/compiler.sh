#!/bin/sh
# Prints the C compiler that the tests of the compiled engine use. Where there is none, it installs
# Debian's, if it may; otherwise it says so and exits with status 2. KVMTLA_CC='cc' names one.

set -u

find_one() {
    for name in cc gcc clang; do
        command -v "$name" && return 0
    done
    return 1
}

die() {
    printf 'compiler: %s\n' "$@" >&2
    exit 2
}

if [ -n "${KVMTLA_CC:-}" ]; then
    command -v "${KVMTLA_CC%% *}" >/dev/null && echo "$KVMTLA_CC" && exit 0
    die "KVMTLA_CC=$KVMTLA_CC is no command."
fi
find_one && exit 0

as_root=''
[ "$(id -u)" -eq 0 ] || as_root='sudo -n'
if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
    printf 'compiler: there is none; installing it with apt-get\n' >&2
    {
        $as_root apt-get update -q &&
            $as_root env DEBIAN_FRONTEND=noninteractive \
                apt-get install -q -y --no-install-recommends gcc libc6-dev
    } >&2
    find_one && exit 0
    die 'apt-get could not install the package gcc; what it said is above.'
fi
die 'the tests of the compiled engine need a C compiler, and there is none.' \
    'Debian: sudo apt install gcc libc6-dev' \
    'Or name one in the environment: KVMTLA_CC=/path/to/cc'

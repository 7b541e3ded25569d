#!/bin/sh
# Prints the Chromium (or Chrome) in which the tests open pages. Where there is none, it installs
# Debian's, if it may; otherwise it says so and exits with status 2. CHROMIUM=/path names one.

set -u

find_one() {
    for name in chromium chromium-browser google-chrome-stable google-chrome; do
        command -v "$name" && return 0
    done
    return 1
}

die() {
    printf 'chromium: %s\n' "$@" >&2
    exit 2
}

if [ -n "${CHROMIUM:-}" ]; then
    command -v "$CHROMIUM" && exit 0
    die "CHROMIUM=$CHROMIUM is no command."
fi
find_one && exit 0

as_root=''
[ "$(id -u)" -eq 0 ] || as_root='sudo -n'
if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
    printf 'chromium: there is none; installing it with apt-get\n' >&2
    {
        $as_root apt-get update -q &&
            $as_root env DEBIAN_FRONTEND=noninteractive \
                apt-get install -q -y --no-install-recommends chromium
    } >&2
    find_one && exit 0
    die 'apt-get could not install the package chromium; what it said is above.'
fi
die 'the tests of the pages need Chromium, and there is none.' \
    'Debian: sudo apt install chromium' \
    'Or name one in the environment: CHROMIUM=/path/to/chromium'

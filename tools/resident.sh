#!/bin/sh
# Builds gen/kvmtla/tlc/resident/resident.jar, or the file that is named, from the Java beside it.
# Where there is no JDK, it installs Debian's, if it may; otherwise it says so and exits with
# status 2. JAVAC=/path names a compiler; `jar` is looked for beside it.

set -u

root=$(cd "$(dirname "$0")/.." && pwd)
source=$root/gen/kvmtla/tlc/resident
result=${1:-$source/resident.jar}

die() {
    printf 'resident: %s\n' "$@" >&2
    exit 2
}

javac=${JAVAC:-javac}
if ! command -v "$javac" >/dev/null; then
    [ -z "${JAVAC:-}" ] || die "JAVAC=$JAVAC is no command."
    as_root=''
    [ "$(id -u)" -eq 0 ] || as_root='sudo -n'
    if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
        printf 'resident: there is no javac; installing it with apt-get\n' >&2
        {
            $as_root apt-get update -q &&
                $as_root env DEBIAN_FRONTEND=noninteractive \
                    apt-get install -q -y --no-install-recommends default-jdk-headless
        } >&2
    fi
    command -v "$javac" >/dev/null || die 'there is no Java compiler.' \
        'Debian: sudo apt install default-jdk-headless' \
        'Or name one in the environment: JAVAC=/path/to/javac'
fi
jar=jar
[ -x "$(dirname "$(command -v "$javac")")/jar" ] && jar=$(dirname "$(command -v "$javac")")/jar

classes=$(mktemp -d) || die 'there is no room for the classes.'
trap 'rm -rf "$classes"' EXIT
# Java 11 is the oldest that TLC is run with.
"$javac" -Xlint:all -Werror --release 11 -d "$classes" "$source"/src/kvmtla/*.java || exit 1
"$jar" --create --file "$result" --no-manifest --no-compress -C "$classes" kvmtla || exit 1

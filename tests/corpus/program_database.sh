#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# program_database.sh NAME DIR: a compilation database of a Debian source, as DIR/database/compile_commands.json. NAME is redis,
# memcached, lighttpd or sqlite3. Nothing is compiled but the generators whose output the sources include. Kept between
# runs; DIR/sqlite3-build/sqlite3.c is the amalgamation. Exit status 77, with the reason, when something is missing.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 2 ] || { echo "usage: program_database.sh NAME DIR" >&2; exit 2; }
name=$1
mkdir -p "$2"
directory=$(cd "$2" && pwd)
source=$directory/$name-source
build=$directory/$name-build
record=$here/record_only.sh
COMMAND_LOG=$directory/commands.jsonl
export COMMAND_LOG

skip() {
    echo "SKIP: $*"
    exit 77
}

# Packages whose headers or tools the build needs; installed when that is possible without asking.
need_packages() {
    missing=
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    [ "$(id -u)" -eq 0 ] || skip "packages are missing: apt-get install$missing"
    # shellcheck disable=SC2086 # one word per package
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >"$directory/install.log" 2>&1 ||
        skip "apt-get install$missing failed (see $directory/install.log)"
}

# One entry per recorded command whose source still exists: build systems compile probes and delete them.
write_database() {
    jq -r '.directory + "\t" + .file' "$COMMAND_LOG" | while IFS="$(printf '\t')" read -r folder file; do
        case $file in /*) ;; *) file=$folder/$file ;; esac
        if [ -e "$file" ]; then echo true; else echo false; fi
    done >"$directory/exists.jsonl"
    jq -s --slurpfile exists "$directory/exists.jsonl" \
        '[to_entries[] | select($exists[.key]) | .value]' "$COMMAND_LOG" >"$directory/database/partial.json"
}

# Server, command line client and benchmark, with the libraries it brings: three programs in one database.
build_redis() {
    make -s -C "$source/src" CC="$record" MALLOC=libc USE_SYSTEMD=no redis-server redis-cli redis-benchmark
    write_database
}

build_memcached() {
    mkdir -p "$build"
    cd "$build"
    "$source/configure" --disable-dependency-tracking
    make -s CC="$record" memcached
    write_database
}

# CMake's own database: it names the sources that several modules share several times.
build_lighttpd() {
    cmake -S "$source" -B "$build" -G Ninja -DCMAKE_EXPORT_COMPILE_COMMANDS=ON
    ninja -C "$build" build/configparser.c
    cp "$build/compile_commands.json" "$directory/database/partial.json"
}

# The library's sources one by one (not the amalgamation, which is made beside), and the shell.
build_sqlite3() {
    mkdir -p "$build"
    cd "$build"
    "$source/configure" --disable-tcl --disable-readline --disable-shared
    make -s sqlite3.c shell.c fts5.c parse.h opcodes.h keywordhash.h
    # The link at the end has no objects to link and is left out.
    make -s CC="$record" USE_AMALGAMATION=0 LTCOMPILE='$(TCC) $(LTCOMPILE_EXTRAS)' LTLINK=true libsqlite3.la
    "$record" -g -O2 -I. -DSQLITE_THREADSAFE=1 -c shell.c
    write_database
}

case $name in
redis) set -- ;;
memcached) set -- libevent-dev ;;
lighttpd) set -- cmake ninja-build libpcre2-dev zlib1g-dev ;;
sqlite3) set -- tcl ;;
*) echo "program_database.sh: no such program: $name" >&2; exit 2 ;;
esac
[ ! -f "$directory/database/compile_commands.json" ] || exit 0
for tool in make cc jq; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done
"$here/apt_source.sh" "$directory" "$name"
need_packages "$@"
mkdir -p "$directory/database"
: >"$COMMAND_LOG"
log=$directory/build.log
(set -e; "build_$name") >"$log" 2>&1 </dev/null || {
    tail -n 20 "$log"
    echo "failed: the database of $name cannot be made (whole log: $log)"
    exit 1
}
mv "$directory/database/partial.json" "$directory/database/compile_commands.json"

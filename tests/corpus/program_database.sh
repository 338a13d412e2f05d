#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# program_database.sh NAME DIR: a compilation database of a Debian source package, as DIR/database/compile_commands.json. Nothing
# is compiled but the generators whose output the sources include: the files are those that a build would compile.
# Kept between runs; DIR/sqlite3-build/sqlite3.c is the amalgamation. A new program is one build_ function and one line of
# packages below. Exit status 77, with the reason, when something is missing.
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

. "$(dirname "$0")/../skip.sh"
# Packages whose headers or tools the build needs; installed when that is possible without asking.
need_packages() {
    missing=
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    [ "$(id -u)" -eq 0 ] || skip "packages are missing: apt-get install$missing"
    # shellcheck disable=SC2086 # one word per package
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends $missing \
        >"$directory/install.log" 2>&1 ||
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
    configured memcached
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
    make -s CC="$record" USE_AMALGAMATION=0 LTCOMPILE='$(TCC) $(LTCOMPILE_EXTRAS)' LTLINK='touch libsqlite3.la; :' libsqlite3.la
    "$record" -g -O2 -I. -DSQLITE_THREADSAFE=1 -c shell.c
    write_database
}

# record_each FLAGS -- FILE...: one command per file, for programs of a handful of files whose own build wants more tools.
record_each() {
    flags=
    while [ "$1" != -- ]; do
        flags="$flags $1"
        shift
    done
    shift
    mkdir -p "$build"
    cd "$build"
    for file in "$@"; do
        # shellcheck disable=SC2086 # one word per flag
        "$record" $flags -c "$file"
    done
    write_database
}

# configured [MAKE-ARGUMENT...]: configure outside of the source, then make. Patches change the times of files, which would make
# autotools run again.
configured() {
    for generated in aclocal.m4 configure config.h.in config.hin Makefile.in; do
        find "$source" -name "$generated" -exec touch {} +
    done
    mkdir -p "$build"
    cd "$build"
    # shellcheck disable=SC2086 # one word per option
    "$source/configure" --disable-dependency-tracking $options
    make -s CC="$record" "$@"
    write_database
}

build_bzip2() {
    make -s -C "$source" CC="$record" bzip2 bzip2recover
    write_database
}

build_gzip() {
    configured MAKEINFO=true
}

build_zopfli() {
    record_each -O2 -W -Wall -ansi -pedantic -- "$source"/src/zopfli/*.c
}

# luac.c is another program. Debian's build writes the header that names the architecture's library folder.
build_lua54() {
    mkdir -p "$build"
    printf '#define DEB_HOST_MULTIARCH "%s"\n' "$(gcc -print-multiarch)" >"$build/lua5.4-deb-multiarch.h"
    set -- "$source"/src/*.c
    for file in "$@"; do
        shift
        case $file in */luac.c) ;; *) set -- "$@" "$file" ;; esac
    done
    record_each -O2 -std=gnu99 -DLUA_COMPAT_5_3 -DLUA_USE_LINUX "-I$build" -- "$@"
}

# With zlib's source, so that the compression itself is seen; without zopfli's, which is for pigz -11.
build_pigz() {
    zlib=$directory/zlib-source
    (cd "$zlib" && CFLAGS="-O2 -g" ./configure --static)
    set -- "$source/pigz.c" "$source/yarn.c" "$source/try.c"
    for part in adler32 crc32 deflate infback inffast inflate inftrees trees zutil compress uncompr; do
        set -- "$@" "$zlib/$part.c"
    done
    record_each -O2 -g -DNOZOPFLI "-I$zlib" -- "$@"
}

build_xzutils() {
    options="--disable-shared --disable-nls --disable-doc --disable-scripts --disable-lzmadec --disable-lzmainfo"
    configured
}

# What Debian ships as fasttreeMP.
build_fasttree() {
    record_each -O3 -DOPENMP -fopenmp -DUSE_DOUBLE -- "$source/fasttree.c"
}

build_tinyproxy() {
    options=--disable-manpage_support
    configured -C src
}

build_vsftpd() {
    make -s -C "$source" CC="$record" vsftpd
    write_database
}

build_minihttpd() {
    make -s -C "$source" CC="$record" mini_httpd
    write_database
}

build_cron() {
    make -s -C "$source" CC="$record" cron
    "$record" -g -DPOSIX -DDEBUGGING=0 "-I$source" -c "$source/crontab.c"
    write_database
}

build_makedfsg() {
    (cd "$source" && autoreconf -fi)
    options="--disable-nls --without-guile"
    configured
}

# Its only file includes config.h, which needs autotools to say so little.
build_stress() {
    mkdir -p "$build"
    printf '#define PACKAGE "stress"\n#define VERSION "1"\n#define HAVE_SYS_PRCTL_H 1\n' >"$build/config.h"
    record_each -O2 "-I$build" -- "$source/src/stress.c"
}

build_mosquitto() {
    make -s -C "$source/src" CC="$record" WITH_DOCS=no WITH_CJSON=no WITH_SYSTEMD=no WITH_WRAP=no WITH_WEBSOCKETS=no mosquitto
    write_database
}

build_minissdpd() {
    make -s -C "$source" CC="$record" minissdpd
    write_database
}

# As its own documentation builds it: no threads.
build_nginx() {
    cd "$source"
    ./configure --with-http_ssl_module
    make -s -f objs/Makefile CC="$record" binary
    write_database
}

build_hitch() {
    (cd "$source" && mkdir -p build-aux && autoreconf -fi)
    options="--with-lex --with-yacc"
    configured -C src hitch
}

build_nsd() {
    configured nsd
}

build_wrk() {
    set -- wrk net ssl aprintf stats script units ae zmalloc http_parser
    for part in "$@"; do
        shift
        set -- "$@" "$source/src/$part.c"
    done
    record_each -std=c99 -O2 -D_REENTRANT -D_POSIX_C_SOURCE=200112L -D_BSD_SOURCE -D_DEFAULT_SOURCE \
        -I/usr/include/luajit-2.1 -- "$@"
}

options=
sources=$name
autotools="autoconf automake libtool pkg-config"
case $name in
bzip2 | gzip | redis | stress | tinyproxy | zopfli | lua5.4 | fasttree | xz-utils) set -- ;;
memcached) set -- libevent-dev ;;
lighttpd) set -- cmake ninja-build libpcre2-dev zlib1g-dev ;;
sqlite3) set -- tcl ;;
pigz) set -- && sources="pigz zlib" ;;
vsftpd) set -- libpam0g-dev libwrap0-dev libssl-dev libcap-dev ;;
mini-httpd | mosquitto) set -- libssl-dev ;;
cron) set -- libpam0g-dev ;;
make-dfsg) set -- $autotools autopoint gettext ;;
minissdpd) set -- libnfnetlink-dev ;;
nginx) set -- libpcre2-dev zlib1g-dev libssl-dev ;;
hitch) set -- $autotools flex bison libev-dev libssl-dev ;;
nsd) set -- flex bison libssl-dev libevent-dev ;;
wrk) set -- libluajit-5.1-dev libssl-dev ;;
*) echo "program_database.sh: no such program: $name" >&2; exit 2 ;;
esac
[ ! -f "$directory/database/compile_commands.json" ] || exit 0
needs_tools make cc jq
# shellcheck disable=SC2086 # one word per package
"$here/apt_source.sh" "$directory" $sources
need_packages "$@"
mkdir -p "$directory/database"
: >"$COMMAND_LOG"
log=$directory/build.log
# In the background, because `set -e` has no effect in what stands before ||.
(set -e; "build_$(echo "$name" | tr -d .-)") >"$log" 2>&1 </dev/null &
wait $! || {
    tail -n 20 "$log"
    echo "failed: the database of $name cannot be made (whole log: $log)"
    exit 1
}
jq -e 'length > 0' "$directory/database/partial.json" >/dev/null || {
    echo "failed: the build of $name compiled nothing (whole log: $log)"
    exit 1
}
mv "$directory/database/partial.json" "$directory/database/compile_commands.json"

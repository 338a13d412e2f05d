#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# build_pigz.sh DIR: gets pigz and zlib as Debian sources and builds DIR/pigz (with debug information, zlib linked in),
# DIR/database/compile_commands.json for both, and DIR/big, 100 MB of data. Everything is kept between runs. Exit status
# 77, with the reason, when the sources or a tool are missing.
set -eu
. "$(dirname "$0")/../skip.sh"
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
directory=$(cd "$1" && pwd)
needs_tools make cc jq
"$here/apt_source.sh" "$directory" pigz zlib
[ -x "$directory/pigz" ] && [ -f "$directory/big" ] && exit 0

zlib=$directory/zlib-source
COMMAND_LOG=$directory/commands.jsonl
export COMMAND_LOG
: >"$COMMAND_LOG"
log=$directory/build.log
build() {
    (cd "$zlib" && make -s distclean) >/dev/null 2>&1 || true
    (cd "$zlib" && CFLAGS="-O2 -g" ./configure --static && make -s CC="$here/record_command.sh" libz.a) || return 1
    (cd "$directory/pigz-source" && rm -f ./*.o pigz &&
        make -s CC="$here/record_command.sh" CFLAGS="-O2 -g -I$zlib" LIBS="-lm -lpthread $zlib/libz.a" pigz) || return 1
}
build >"$log" 2>&1 || { tail -n 20 "$log"; echo "failed: pigz does not build (whole log: $log)"; exit 1; }

mkdir -p "$directory/database"
jq -s . "$COMMAND_LOG" >"$directory/database/compile_commands.json"
cc -O2 -o "$directory/mixed_data" "$here/mixed_data.c"
"$directory/mixed_data" 100 >"$directory/big.partial"
mv "$directory/big.partial" "$directory/big"
cp "$directory/pigz-source/pigz" "$directory/pigz"

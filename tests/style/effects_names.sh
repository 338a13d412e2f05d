#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every function that an effects file names must be declared by the headers that the file names in `header` (separated by
# spaces), every `struct name.field` must be a member there. Files whose headers are not installed are skipped, and said.
# Usage: effects_names.sh [FILE…]; default: the library files of analyzer/effects.
set -uo pipefail
. "$(dirname "$0")/../skip.sh"
folder=${SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}/analyzer/effects
compiler=${CC:-cc}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0 checked=0 skipped=()

packages=(glib-2.0 gio-2.0 gio-unix-2.0 libpq python3)
read -ra include_flags < <({
    for package in "${packages[@]}"; do pkg-config --cflags "$package" 2>/dev/null; done
    ls -d /usr/lib/llvm-*/include 2>/dev/null | sed s/^/-I/
} | tr '\n' ' ')

# The names of one file, one per line: what stands in `functions: [a, b]`, over several lines too.
names_of() {
    sed 's/^ *#.*//' "$1" | tr '\n' ' ' | grep -oE 'functions: *\[[^]]*\]' | sed -E 's/functions: *\[//; s/\]//' |
        tr ',' '\n' | sed -E 's/^ +//; s/ +$//; /^$/d' | sort -u
}

check_file() {
    local file=$1 headers name
    headers=$(sed -n '/^header:/,/^effects:/{/^effects:/d; s/^header: *//; p}' "$file" | xargs)
    for name in $headers; do
        echo "#include <stdio.h>"
        echo "#include <$name>"
    done >"$work/headers.c"
    if ! "$compiler" -D_GNU_SOURCE -DPY_SSIZE_T_CLEAN "${include_flags[@]}" -E -dD "$work/headers.c" >"$work/headers.i" 2>"$work/errors"; then
        skipped+=("$(basename "$file"): $(grep -om1 '[^ ]*: No such file' "$work/errors" | sed 's/: No.*//')")
        return
    fi
    grep -oE '[A-Za-z_][A-Za-z_0-9]*' "$work/headers.i" | sort -u >"$work/words"
    while read -r name; do
        checked=$((checked + 1))
        case $name in
        *.*)
            printf '#include <stddef.h>\n%s\nenum { here = offsetof(%s, %s) };\n' "$(cat "$work/headers.c")" "${name%%.*}" "${name#*.}" >"$work/field.c"
            "$compiler" -D_GNU_SOURCE -DPY_SSIZE_T_CLEAN "${include_flags[@]}" -fsyntax-only "$work/field.c" 2>/dev/null && continue
            ;;
        *\*) grep -q "^${name%\*}" "$work/words" && continue ;;
        *) grep -qxF "$name" "$work/words" && continue ;;
        esac
        echo "$(basename "$file"): $name is not declared by its headers"
        failures=$((failures + 1))
    done < <(names_of "$file")
}

if [ $# -gt 0 ]; then
    files=("$@")
else
    files=("$folder"/{aio,c11threads,compression,expat,files,glib,hiredis,intrinsics,io_uring,libclang,libcurl,libev,libevent,libpq,libuv,lua,ncurses,openmp,openssl,patterns,python,security,sqlite3,ucontext,users,wchar,zstd}.yaml)
fi
for file in "${files[@]}"; do
    check_file "$file"
done
[ ${#skipped[@]} -eq 0 ] || printf 'not checked, header missing: %s\n' "${skipped[@]}"
if [ "$checked" -eq 0 ]; then
    skip "none of the libraries' headers is installed"
fi
echo "$checked names checked, $failures wrong"
[ "$failures" -eq 0 ]

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Traces `chains` in one of its forms: chains.sh FORM TEST_PROGRAM FOLDER; where its debug information is:
#   full       in the files
#   link       in files of their own, which a debug link names
#   container  the same, in a mount namespace that the tracer is not in
#   buildid    in /usr/lib/debug/.build-id
#   served     at a debuginfod
#   symtab     nowhere: there are only symbols
#   mini       nowhere: compressed symbols in .gnu_debugdata
#   stale      where the debug link says, but it is that of another build
#   none       nowhere: exported symbols only
set -euo pipefail
variant=$1
tester=$2
. "$(dirname "$0")/../skip.sh"
[ "$variant" != mini ] || command -v xz >/dev/null || skip "xz is not installed"
case $variant in buildid | container)
    unshare --mount true 2>/dev/null || skip "not allowed to make a mount namespace"
    ;;
esac
if [ "$variant" = buildid ] && [ -z "${CHAINS_OWN_MOUNTS:-}" ]; then # where a distribution has it, but for us alone
    CHAINS_OWN_MOUNTS=1 exec unshare --mount "$0" "$@"
fi
scratch=$(mktemp -d /var/tmp/corewise-chains-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
cp "$3"/chains "$3"/libchains_library.so "$3"/libchains_plugin.so "$scratch"
cd "$scratch"

build_id() {
    readelf -n "$1" | sed -n 's/.*Build ID: //p'
}

# Debug information leaves the file, to where this form has it.
split() {
    local id
    cp "$1" "$1.full"
    objcopy --only-keep-debug "$1" "$1.debug"
    strip "$1"
    id=$(build_id "$1")
    case $variant in
    link | container)
        mkdir -p .debug
        mv "$1.debug" .debug/
        objcopy --add-gnu-debuglink=".debug/$1.debug" "$1"
        ;;
    buildid)
        mkdir -p "/usr/lib/debug/.build-id/${id:0:2}"
        mv "$1.debug" "/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug"
        ;;
    served)
        mkdir -p "served/buildid/$id"
        mv "$1.debug" "served/buildid/$id/debuginfo"
        ;;
    symtab) strip --strip-debug -o "$1" "$1.full" ;;
    mini)
        strip --strip-debug -o symbols "$1.full"
        xz symbols
        objcopy --add-section .gnu_debugdata=symbols.xz "$1"
        rm symbols.xz
        ;;
    stale)
        objcopy --add-gnu-debuglink="$1.debug" "$1"
        printf '\1' | dd of="$1.debug" bs=1 seek="$(note_offset "$1.debug")" conv=notrunc status=none
        ;;
    esac
    rm -f "$1.full"
    [ "$variant" = stale ] || rm -f "$1.debug"
}

# Where in the file its build-id is.
note_offset() {
    echo $((0x$(readelf -SW "$1" 2>/dev/null | awk '/note.gnu.build-id/ { sub(/.*NOTE +/, ""); print $2 }') + 16))
}

if [ "$variant" = buildid ]; then
    mkdir -p /usr/lib/debug
    mount -t tmpfs tmpfs /usr/lib/debug
elif [ "$variant" = served ]; then # as debuginfod would deliver it
    export DEBUGINFOD_URLS=file://$scratch/served DEBUGINFOD_CACHE_PATH=$scratch/cache
fi
if [ "$variant" != full ]; then
    split chains
    split libchains_library.so
    split libchains_plugin.so
fi
program=$scratch/chains plugin=$scratch/libchains_plugin.so
if [ "$variant" = container ]; then # what is below `inner` is there for the program only
    mkdir inner outer
    mv chains lib*.so .debug outer
    cat >enter <<END
#!/bin/sh
exec unshare --mount sh -c 'mount -t tmpfs tmpfs $scratch/inner && cp -r $scratch/outer/. $scratch/inner &&
    exec $scratch/inner/chains "\$@"' sh "\$@"
END
    chmod +x enter
    program=$scratch/enter plugin=$scratch/inner/libchains_plugin.so
fi
case $variant in
none | stale) expected=exported ;;
symtab | mini) expected=symbols ;;
*) expected=lines ;;
esac
"$tester" "$expected" "$program" "$plugin"

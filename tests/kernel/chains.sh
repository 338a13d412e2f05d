#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Traces `chains` in one of its forms: chains.sh full|link|buildid|served|none TEST_PROGRAM FOLDER
set -euo pipefail
variant=$1
tester=$2
if [ "$variant" = buildid ] && [ -z "${CHAINS_OWN_MOUNTS:-}" ]; then # where a distribution has it, but for us alone
    if ! unshare --mount true 2>/dev/null; then
        echo "skipped: not allowed to make a mount namespace"
        exit 77
    fi
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
    objcopy --only-keep-debug "$1" "$1.debug"
    strip "$1"
    id=$(build_id "$1")
    case $variant in
    link)
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
    none) rm "$1.debug" ;;
    esac
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
expected=lines
[ "$variant" != none ] || expected=names
"$tester" "$expected" "$scratch/chains" "$scratch/libchains_plugin.so"

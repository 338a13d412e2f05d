#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# apt_source.sh DIR PACKAGE...: unpacks the source of Debian packages as DIR/PACKAGE-source.
# The machine's apt stays as it is: package lists, cache and a copy of the source entries (with deb-src) live in
# DIR/../apt-RELEASE, which parallel calls for neighbouring folders share. apt checks the archive's signature and every
# file's hash; nothing unauthenticated is accepted. What is already unpacked is kept. A mirror that does not hold the
# machine's own release of a source is asked for COREWISE_CORPUS_RELEASE (default trixie). Exit status 77, with the
# reason, when sources cannot be had here.
set -eu

. "$(dirname "$0")/../skip.sh"
# One-line entries: `deb [options] uri suite components` becomes deb-src, entries that are deb-src already are kept once.
convert_list() {
    awk -v own="$own_release" -v release="$release" '
        /^[ \t]*(deb|deb-src)[ \t]/ { sub(/^[ \t]*deb(-src)?/, "deb-src"); sub(" " own, " " release)
                                      if (!seen[$0]++) print }' "$1"
}

# deb822 stanzas: only types and suites change, so that Signed-By survives, with an embedded key too.
convert_sources() {
    awk -v own="$own_release" -v release="$release" '
        /^[Tt]ypes:/ { print "Types: deb-src"; next }
        /^[Ss]uites:/ { gsub(own, release) }
        { print }' "$1"
}

write_source_entries() {
    mkdir -p "$apt/sources.list.d"
    : >"$apt/sources.list"
    list="" parts=""
    eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
    [ ! -f "$list" ] || convert_list "$list" >"$apt/sources.list"
    for file in "${parts%/}"/*.list; do
        [ ! -f "$file" ] || convert_list "$file" >"$apt/sources.list.d/${file##*/}"
    done
    for file in "${parts%/}"/*.sources; do
        [ ! -f "$file" ] || convert_sources "$file" >"$apt/sources.list.d/${file##*/}"
    done
}

# apt with its whole state below $apt.
private_apt() {
    apt-get -qq \
        -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts="$apt/sources.list.d" \
        -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" \
        -o Acquire::AllowInsecureRepositories=false -o APT::Get::AllowUnauthenticated=false \
        -o Acquire::Languages=none -o Acquire::Retries=3 -o Acquire::http::Timeout=30 "$@"
}

# A third-party archive that fails does not matter as long as the package is found later.
update_lists() {
    mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
    (
        flock 9
        [ ! -f "$apt/updated" ] || exit 0
        write_source_entries
        private_apt update >"$apt/update.log" 2>&1 || true
        touch "$apt/updated"
    ) 9>"$apt/lock"
}

refuse_forgery() {
    if grep -qE 'Hash Sum mismatch|BADSIG|unexpected size|invalid signature' "$@"; then
        tail -n 5 "$@"
        echo "failed: the source of $package is not what the archive signed"
        exit 1
    fi
}

# fetch_from RELEASE: downloads and unpacks $package; its folder gets the final name only when it is complete.
fetch_from() {
    release=$1
    apt=$(dirname "$directory")/apt-$release
    work=$directory/$package-partial
    update_lists
    rm -rf "$work"
    mkdir -p "$work"
    if ! (cd "$work" && private_apt source "$package" >fetch.log 2>&1); then
        find "$apt/updated" -mmin +10 -delete # the lists may be older than the archive
        refuse_forgery "$apt/update.log" "$work/fetch.log"
        tail -n 3 "$apt/update.log" "$work/fetch.log"
        return 1
    fi
    set -- "$work"/*/
    [ $# -eq 1 ] && [ -d "$1" ] || { echo "failed: $work holds not exactly one source tree"; exit 1; }
    mv "$1" "$directory/$package-source"
    rm -rf "$work"
}

fetch() {
    [ ! -d "$directory/$package-source" ] || return 0
    fetch_from "$own_release" && return 0
    if [ "$later_release" != "$own_release" ]; then
        echo "$package of $own_release cannot be had here; asking for that of $later_release"
        fetch_from "$later_release" && return 0
    fi
    skip "apt-get source $package failed (above); are the package archives reachable?"
}

[ $# -ge 2 ] || { echo "usage: apt_source.sh DIR PACKAGE..." >&2; exit 2; }
command -v apt-get >/dev/null || skip "apt-get is not installed: no Debian sources on this system"
command -v dpkg-source >/dev/null || skip "dpkg-source is not installed: apt-get install dpkg-dev"
own_release=$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")
later_release=${COREWISE_CORPUS_RELEASE:-trixie}
mkdir -p "$1"
directory=$(cd "$1" && pwd)
shift
for package in "$@"; do
    fetch
done

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# clean_system.sh [ROOT]: the .deb, installed by apt in a new minimal Debian, works there. Takes minutes and 1 GB, so that
# it runs only with COREWISE_CLEAN_SYSTEM=1. ROOT is kept when it is given, and used again when it exists.
set -euo pipefail
. "$(dirname "$0")/../skip.sh"
[ "${COREWISE_CLEAN_SYSTEM:-}" = 1 ] || skip "takes minutes; COREWISE_CLEAN_SYSTEM=1 runs it"
[ "$(id -u)" -eq 0 ] || skip "a new root folder needs root"
needs_tools debootstrap
work=$(mktemp -d)
root=${1:-$work/root}
trap 'umount "$root/proc" "$root/sys" 2>/dev/null || true; rm -rf "$work"' EXIT
fail() { echo "$*" >&2; exit 1; }
[ -x "$root/bin/sh" ] || debootstrap --variant=minbase bookworm "$root" "${DEBIAN_MIRROR:-http://deb.debian.org/debian}" >"$work/log" 2>&1 ||
    skip "no Debian can be fetched: $(tail -n 1 "$work/log")"
cpack --config "$BUILD_DIR/CPackConfig.cmake" -B "$work" >"$work/log" 2>&1 || fail "$(tail "$work/log")"
cp "$work"/corewise_*.deb "$root/tmp/corewise.deb"
cp -r "$SOURCE_DIR/samples/big_lock" "$root/tmp/"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
cp /etc/resolv.conf "$root/etc/resolv.conf"
inside apt-get update -q >"$work/log" 2>&1 || skip "apt-get update: $(tail -n 1 "$work/log")"
inside apt-get install -y -q --no-install-recommends /tmp/corewise.deb libc6-dev >"$work/log" 2>&1 || fail "$(tail "$work/log")"

[ "$(inside corewise --version)" = "$("$COREWISE" --version)" ] || fail "another version"
inside corewise explain data-race | grep -q '^# data-race' || fail "explain does not know data-race"
inside corewise doctor >"$work/doctor" || fail "doctor: $(cat "$work/doctor")"
inside sh -c 'cd /tmp/big_lock && corewise analyze -f json big_lock.c -- -pthread' >"$work/session.json" || fail "analyze failed"
jq -e '.program.current_model == "threads" and (.program.reasons[0] | startswith("big lock: records_lock"))' "$work/session.json" >/dev/null ||
    fail "analyze says something else: $(jq -c .program "$work/session.json")"
if grep -q '^CONFIG_BPF_SYSCALL=y' /boot/config-* 2>/dev/null || [ -r /sys/kernel/btf/vmlinux ]; then
    inside corewise trace -- sh -c 'sleep 0.3' >"$work/trace" || fail "trace: $(cat "$work/trace")"
fi
inside dpkg --purge corewise >/dev/null || fail "it cannot be removed"
echo "works in a new Debian of $(inside dpkg-query -W | wc -l) packages"

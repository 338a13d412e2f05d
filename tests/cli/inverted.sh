#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# inverted.sh: the predictions on one sample are turned round by hand in the session file; the judge must then refute what
# it confirmed, and confirm it again when they are turned back. tests/samples does the same with every sample.
set -eu
skip() {
    echo "SKIP: $*"
    exit 77
}
[ "$(id -u)" -eq 0 ] || skip "loading BPF programs needs root"
[ -r /sys/kernel/btf/vmlinux ] || skip "this kernel has no BTF (/sys/kernel/btf/vmlinux)"
for tool in sqlite3 jq; do
    command -v $tool >/dev/null || skip "$tool is not installed"
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
session=$work/session.cw
"$COREWISE" check -p "$BUILD_DIR" "$SOURCE_DIR/samples/cpu_loop" -o "$session" --report "$work/report" --fail-on never -- \
    "$BUILD_DIR/samples/cpu_loop" >/dev/null
"$SOURCE_DIR/tests/samples/invert_session.sh" "$session"

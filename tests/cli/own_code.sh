#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# corewise lints itself: whatever it finds in its own code is mended, or stands there with a reason.
set -eu
command -v jq >/dev/null || { echo "SKIP: jq is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What tests are made of does wrong on purpose.
jq --arg source "$SOURCE_DIR/" 'map(select(.file | ltrimstr($source) | startswith("tests/") | not))' \
    "$BUILD_DIR/compile_commands.json" >"$work/compile_commands.json"
"$COREWISE" lint -p "$work" --root "$SOURCE_DIR" --config "$SOURCE_DIR/tests/cli/own_code.yaml" >"$work/stdout" 2>"$work/stderr" || {
    cat "$work/stdout" "$work/stderr"
    exit 1
}
# A gate that looks at nothing is always open: without the settings the samples' hazards are found.
if "$COREWISE" lint -p "$work" --root "$SOURCE_DIR" --no-config >"$work/stdout" 2>&1; then
    echo "nothing is found in the samples"
    exit 1
fi
grep -q '^samples/blocking_callback/blocking_callback.c:.*blocking-call-in-event-loop' "$work/stdout" || {
    cat "$work/stdout"
    exit 1
}
tail -n 2 "$work/stderr"

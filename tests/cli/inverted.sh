#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# inverted.sh: the predictions on one sample are turned round by hand in the session file; the judge must then refute what
# it confirmed, and confirm it again when they are turned back. tests/samples does the same with every sample.
set -eu
. "$(dirname "$0")/../skip.sh"
needs_tracing
needs_tools sqlite3 jq
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
session=$work/session.cw
"$COREWISE" check -p "$BUILD_DIR" "$SOURCE_DIR/samples/cpu_loop" -o "$session" --report "$work/report" --fail-on never -- \
    "$BUILD_DIR/samples/cpu_loop" >/dev/null
"$SOURCE_DIR/tests/samples/invert_session.sh" "$session"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check.sh FORMAT WRITE_EXAMPLES: renders the example sessions and has FORMAT.py read them with the format's own reader.
# What FORMAT.py says is the test's result; it exits 77 with a reason when the reader is not installed.
set -euo pipefail
format=$1 write_examples=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/sessions" "$work/reports"
"$write_examples" "$work/sessions"
exec 3>&1
/usr/bin/python3 "$SOURCE_DIR/tests/formats/$format.py" "$COREWISE" "$work/sessions" "$work/reports"

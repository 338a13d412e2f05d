#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sarif_schema.sh BUILD_DIR SOURCE: what `lint` prints as SARIF, for all golden cases at once, is valid against the schema of the standard,
# as its editors' validator (npm package @microsoft/sarif-multitool-linux, 44 MB, kept in BUILD_DIR/corpus) says; and the
# validator does complain about a file that is not. Exit status 77, with the reason, where it cannot be had.
set -euo pipefail
build=$(cd "$1" && pwd)
source=$(cd "$2" && pwd)
work=$build/corpus/sarif_schema
. "$(dirname "$0")/../skip.sh"
needs_tools npm jq
[ "$(uname -m)" = x86_64 ] || skip "the validator is for x86_64 only"
mkdir -p "$work"
cd "$work"
validator=$work/package/Sarif.Multitool
if [ ! -x "$validator" ]; then
    npm pack @microsoft/sarif-multitool-linux@5.7.0 >fetch.log 2>&1 || skip "npm pack @microsoft/sarif-multitool-linux failed: $(tail -n 1 fetch.log)"
    tar -xzf microsoft-sarif-multitool-linux-5.7.0.tgz
    chmod +x "$validator"
fi
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

# errors FILE: one line per violation of the schema.
errors() {
    "$validator" validate "$1" --output "$1.verdict" --log ForceOverwrite >"$1.log" 2>&1 || true
    [ -s "$1.verdict" ] || { cat "$1.log"; skip "the validator does not run here"; }
    jq -r '.runs[].results[] | select(.level == "error") | "\(.ruleId) \(.message.arguments | join(" "))"' "$1.verdict"
}

status=0
"$build/corewise" lint --all -f sarif --no-cache --no-config "$source"/tests/golden/lint/*/bad.c --keep-going -- -D_GNU_SOURCE >out.sarif 2>messages || status=$?
[ "$status" -eq 1 ] || { cat messages; echo "FAILED: exit status $status instead of 1"; exit 1; }
jq 'del(.runs[0].tool.driver.name) | .runs[0].results[0].msg = 3' out.sarif >broken.sarif
[ -n "$(errors broken.sarif)" ] || { echo 'FAILED: the validator accepts what is no SARIF'; exit 1; }
found=$(errors out.sarif)
[ -z "$found" ] || { echo "$found"; echo 'FAILED: not valid'; exit 1; }
echo "$(jq '.runs[0].results | length' out.sarif) results of $(jq '.runs[0].tool.driver.rules | length' out.sarif) rules: valid"

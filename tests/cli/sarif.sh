#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sarif.sh COREWISE SOURCE: SARIF 2.1.0 has all that the standard requires, a flow per thread, and described rules.
set -eu
. "$(dirname "$0")/../skip.sh"
needs_tools jq
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
status=0
"$1" lint --all -f sarif --no-cache --no-config "$2/tests/golden/lint/data-race/bad.c" "$2/tests/golden/lint/lock-order-inversion/bad.c" \
    --keep-going -- -D_GNU_SOURCE > "$folder/out.sarif" 2> "$folder/messages" || status=$?
[ "$status" -eq 1 ] || { cat "$folder/messages"; echo "exit status $status instead of 1"; exit 1; }
check() {
    jq -e "$1" "$folder/out.sarif" > /dev/null || { echo "does not hold: $1"; exit 1; }
}
check '.version == "2.1.0" and (.runs | length == 1) and (.["$schema"] | startswith("https://"))'
check '.runs[0].tool.driver | .name == "corewise" and (.rules | length >= 2)'
check '.runs[0].tool.driver.rules | all(.id and (.shortDescription.text | length > 10) and (.help.markdown | startswith("# ")))'
check '.runs[0] | [.tool.driver.rules[].id] as $ids | .results | length > 0 and all(.ruleId as $id | $ids | index($id))'
check '.runs[0].results | all(.message.text and (.level | IN("error", "warning", "note")))'
check '.runs[0].results | all(.locations[0].physicalLocation | .region.startLine >= 1 and (.artifactLocation.uri | startswith("/") | not))'
check '.runs[0].results | all(.partialFingerprints["corewise/v1"] | test("^[0-9a-f]{16}$"))'
check '.runs[0].invocations == [{"executionSuccessful": true}]'
check '[.runs[0].results[] | select(.ruleId == "data-race" or .ruleId == "lock-order-inversion") | .codeFlows[0].threadFlows] |
    length > 1 and all(length == 2 and all(.locations | length > 0 and all(.location.physicalLocation)) and (map(.id) | unique | length == 2))'
# Columns count UTF-16 code units, not bytes: an umlaut is one, what lies beyond the first plane two.
printf '%s\n' '#include <pthread.h>' 'static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER;' 'int main(void) {' \
    ' pthread_mutex_lock(&a); /* ä𝄞 */ pthread_mutex_lock(&a);' ' return 0;' '}' > "$folder/wide.c"
(cd "$folder" && "$1" lint -f sarif --no-cache --no-config wide.c -- -w > out.sarif 2> messages) || [ $? -eq 1 ]
check '[.runs[0].results[] | select(.ruleId == "self-deadlock") | .locations[0].physicalLocation.region.startColumn] == [36]'

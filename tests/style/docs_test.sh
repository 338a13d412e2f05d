#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the tables of the code list, the documentation has: every metric a row, every command and sample a page.
set -euo pipefail
cd "$SOURCE_DIR"
failures=0

fail() {
    echo "$1" >&2
    failures=$((failures + 1))
}

while IFS= read -r metric; do
    grep -qF "| \`$metric\` |" docs/model.md || fail "docs/model.md has no row for the metric $metric"
done < <(sed -nE 's/^ *\{"([a-z_.]+)", "[^"]+", (TRUE|FALSE),.*/\1/p' model/metric.c)

while IFS= read -r command; do
    [ -s "docs/$command.md" ] || fail "the command $command has no page docs/$command.md"
done < <("$COREWISE" --help | sed -nE 's/^  ([a-z]+) {2,}.*/\1/p')

while read -r rule _; do
    [ -s "docs/rules/$rule.md" ] || fail "the rule $rule has no page docs/rules/$rule.md"
    grep -qF "| [$rule](rules/$rule.md) |" docs/lint.md || fail "docs/lint.md does not list the rule $rule"
    [ -s "tests/golden/lint/$rule/expected.txt" ] || fail "the rule $rule has no folder in tests/golden/lint"
    "$COREWISE" explain "$rule" | grep -qxF "# $rule" || fail "corewise explain does not know the rule $rule"
done < <("$COREWISE" lint --list-rules)

for folder in samples/*/; do
    [ -s "${folder}README.md" ] || fail "$folder has no README.md"
done

[ "$failures" -eq 0 ] || exit 1
echo "documentation is complete"

#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# pigz.sh: corewise check on pigz (parallel gzip) compressing 100 MB with two threads, zlib's source included. pigz was
# written by an expert in exactly this model, so corewise must agree: threads, and nothing to change. Prints what was
# measured, and how long pigz took with and without a trace.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$BUILD_DIR/corpus/pigz
rounds=${COREWISE_CORPUS_ROUNDS:-3}

. "$(dirname "$0")/../skip.sh"
needs_tracing
"$here/build_pigz.sh" "$work"
cd "$work"
failures=0
pigz=(./pigz -p 2 -k -c big)

# demand TEXT JQ-CONDITION: one demand on the report.
demand() {
    if jq -e "$functions ($2)" report.json >/dev/null; then
        echo "ok: $1"
    else
        echo "FAILED: $1"
        failures=$((failures + 1))
    fi
}

# Shared by all conditions: the region of a function, verdicts with their region and metric, and lock names.
functions='
def region($name): .regions[] | select(.function == $name and (.kind != "loop" and .kind != "critical_section"));
def verdicts: (.predictions | map({(.id): .}) | add // {}) as $predictions
    | (.regions | map({(.id): .}) | add // {}) as $regions
    | .verdicts[] | $predictions[.prediction] as $p
    | . + {metric: $p.metric, function: (if $p.region then $regions[$p.region].function else null end)};
def lock_names: (.locks | map({(.id): .name}) | add // {}) as $names
    | [.waits[] | select(.lock) | $names[.lock]] | unique;
def deflating: select(.metric == "cpu_share" and .function != null and (.function | test("^deflate|^longest_match")));
'

seconds_since() {
    awk -v start="$1" -v end="$EPOCHREALTIME" 'BEGIN { printf "%.3f", end - start }'
}

check() {
    local start=$EPOCHREALTIME
    "$COREWISE" check -p database -o session.cw --format json --report report.json --fail-on never -- "${pigz[@]}" \
        >compressed.gz 2>stderr.txt || { cat stderr.txt; echo "FAILED: corewise check"; exit 1; }
    echo "corewise check: $(seconds_since "$start") s in all, $(stat -c %s session.cw) bytes of session"
    cat stderr.txt
}

# The program's output must not be touched by being watched, nor mixed with the report.
compare_output() {
    if gzip -dc compressed.gz | cmp - big; then
        echo "ok: the compressed stream is whole"
    else
        failures=$((failures + 1))
    fi
}

demand_verdicts() {
    for function in deflate_slow longest_match; do
        demand "$function is cpu" "[region(\"$function\").class] == [\"cpu\"]"
        demand "$function: its CPU prediction is confirmed" \
            "[verdicts | deflating | select(.function == \"$function\").verdict] | length > 0 and all(. == \"confirmed\")"
    done
    demand "every CPU prediction on deflate* that the run exercised for 20 samples is confirmed" \
        '[verdicts | deflating | select(.verdict != "not_exercised" and .samples >= 20).verdict] | length > 1 and all(. == "confirmed")'
    demand "no CPU prediction is refuted" '[verdicts | select(.metric == "cpu_share" and .verdict == "refuted")] == []'
    demand "current model: threads" '.program.current_model == "threads"'
    demand "suggested model: threads" '.program.suggested_model == "threads"'
    demand "less than 0.1 % of events lost" '.runs[-1].lost_events <= ([.waits[].count] | add // 0) * 0.001'
}

demand_locks() {
    # Which queue runs empty is a matter of timing: the writer's always does, the compressors' not in every run.
    demand "waits name the locks as pigz.c does: write_first, and compress_have or in_pool" \
        '[lock_names[] | capture("^(?<lock>compress_have|write_first|in_pool)\\b").lock] | unique
            | index("write_first") != null and length >= 2'
    demand "no waited-for lock has an address for a name" '[lock_names[] | select(test("0x[0-9a-f]{6}"))] == []'
    "$COREWISE" graph session.cw --kind contention -o contention.dot
    "$COREWISE" graph session.cw --kind contention -o contention.svg
    local drawn
    drawn=$(grep -oE '\b(compress_have|write_first|in_pool|out_pool|dict_pool|lens_pool)\b' contention.dot | sort -u | paste -sd' ' || true)
    if [ -n "$drawn" ]; then
        echo "ok: the contention graph shows the locks of pigz.c: $drawn"
    else
        echo "FAILED: the contention graph shows no lock of pigz.c"
        failures=$((failures + 1))
    fi
}

print_figures() {
    jq -r "$functions"' "refuted: \([.verdicts[] | select(.verdict == "refuted")][] | "\(.prediction): \(.why)")"' report.json
    jq -r "$functions"' verdicts | deflating | "measured: \(.function) cpu_share \(.measured) in [\(.low), \(.high)], \(.samples) samples: \(.verdict)"' \
        report.json
    jq -r '"run: \(.runs[-1].seconds) s, \(.runs[-1].lost_events) events lost, \(.threads | length) threads"' report.json
    jq -r '(.locks | map({(.id): .name}) | add // {}) as $names | [.waits[] | select(.lock)] | group_by(.lock)
        | map({name: $names[.[0].lock], seconds: (map(.seconds) | add), count: (map(.count) | add)}) | sort_by(-.seconds)[:8][]
        | "waited: \(.name) \(.seconds) s in \(.count) waits"' report.json
}

# Interleaved, so that both see the same disturbances; `trace` passes pigz's own duration on in its report.
compare_wall_time() {
    local untraced=() traced=() start
    for _ in $(seq "$rounds"); do
        start=$EPOCHREALTIME
        "${pigz[@]}" >/dev/null
        untraced+=("$(seconds_since "$start")")
        "$COREWISE" trace --format json --report traced.json -- "${pigz[@]}" >/dev/null 2>&1
        traced+=("$(jq -r '.runs[-1].seconds' traced.json)")
    done
    echo "pigz untraced: ${untraced[*]} s; traced: ${traced[*]} s"
}

check
compare_output
demand_verdicts
demand_locks
print_figures
compare_wall_time
[ "$failures" -eq 0 ] || { echo "$failures demands failed; report: $work/report.json"; exit 1; }

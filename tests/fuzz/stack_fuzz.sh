#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A short, repeatable run of the fuzz target, from files as compilers make them: stack_fuzz.sh FUZZ_TARGET FIXTURES
set -euo pipefail
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/seeds" "$scratch/corpus"
for file in "$2"/lock_places "$2"/stack_shapes "$2"/stack_shapes_stripped "$2"/stack_shapes_split "$2"/libstack_plugin.so; do
    # any bytes make a snapshot: some of the file's code
    { dd if="$file" bs=512 skip=9 count=1 status=none && cat "$file"; } >"$scratch/seeds/${file##*/}"
done

# fuzz [ASAN_OPTION…]
fuzz() {
    ASAN_OPTIONS=allocator_may_return_null=1:$* LSAN_OPTIONS=suppressions=$SOURCE_DIR/tests/lsan.supp DEBUGINFOD_URLS='' "$target" \
        -seed=4711 -runs="${FUZZ_RUNS:-5000}" -timeout=10 -max_len=120000 -rss_limit_mb=1024 \
        -artifact_prefix="${FUZZ_ARTIFACTS:-$scratch/}" -verbosity=0 "$scratch/corpus" "$scratch/seeds" 2>&1 | tee "$scratch/log"
}

target=$1
if ! fuzz; then
    # Whose leak it is only a whole stack tells, which takes ten times as long: elfutils has leaks of its own.
    grep -q 'SUMMARY: AddressSanitizer: .* leaked' "$scratch/log"
    fuzz fast_unwind_on_malloc=0:malloc_context_size=16
fi

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
export ASAN_OPTIONS=allocator_may_return_null=1${ASAN_OPTIONS:+:$ASAN_OPTIONS} DEBUGINFOD_URLS=
LSAN_OPTIONS=suppressions=$SOURCE_DIR/tests/lsan.supp "$1" -seed=4711 -runs="${FUZZ_RUNS:-5000}" -timeout=10 -max_len=120000 \
    -rss_limit_mb=1024 -artifact_prefix="${FUZZ_ARTIFACTS:-$scratch/}" -verbosity=0 -print_final_stats=1 \
    "$scratch/corpus" "$scratch/seeds"

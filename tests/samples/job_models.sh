#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# job_models.sh NAME: the sample says the same under every model; where its lesson is that it cannot, it fails in the others.
set -eu
name=$1
program=$BUILD_DIR/samples/$name
output=$BUILD_DIR/tests/samples/$name-models
mkdir -p "$output"
first=
for model in sequential threads processes async async+processes async+threads; do
    for workers in 1 3; do
        status=0
        COREWISE_MODEL=$model COREWISE_WORKERS=$workers "$program" >"$output/said" 2>"$output/errors" || status=$?
        if [ "$name" = job_parsing ] && ! echo "$model" | grep -q processes; then
            [ $status -gt 128 ] || { echo "$model: a crash must end the program, but its status is $status"; exit 1; }
            continue
        fi
        [ $status -eq 0 ] || { echo "$model, $workers workers: status $status"; cat "$output/errors"; exit 1; }
        sed -i 's/ in [0-9.]* s,.*//' "$output/said" # how long it took
        [ -n "$first" ] || { cp "$output/said" "$output/expected"; first=$model; }
        cmp "$output/expected" "$output/said" || { echo "$model, $workers workers, and $first say different things:"; cat "$output/expected" "$output/said"; exit 1; }
    done
done
echo "the same under every model: $(cat "$output/expected")"

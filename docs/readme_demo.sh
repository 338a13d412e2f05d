#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts a real report and a real graph of samples/big_lock into README.md. Usage: docs/readme_demo.sh (after ./dev build)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
session=build/release/readme.cw
mkdir -p docs/images
build/release/corewise check -p build/release -o "$session" --graph docs/images/big_lock.svg -r build/release/readme.txt \
    -- build/release/samples/big_lock >/dev/null
{
    echo '```'
    echo '$ corewise check -p build/release -- build/release/samples/big_lock'
    sed 's|build/release/samples/||' build/release/readme.txt
    echo '```'
} >build/release/readme.block
echo '![Who waited for whom: four threads and one lock](docs/images/big_lock.svg)' >build/release/readme.graph
awk -v demo=build/release/readme.block -v graph=build/release/readme.graph '
    function put(file, line) { while ((getline line < file) > 0) print line }
    /<!-- demo -->/ { print; put(demo); skip = 1; next }
    /<!-- graph -->/ { print; put(graph); skip = 1; next }
    /<!-- \/(demo|graph) -->/ { skip = 0 }
    !skip' README.md >build/release/README.md
cp build/release/README.md README.md

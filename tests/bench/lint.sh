#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Recall and precision of `corewise lint` and of four static tools that find hazards of threads in plain C, on the test
# programs of Helgrind, DRD (Debian source valgrind) and ThreadSanitizer, and the double locks of Clang's pthreadlock test
# (llvm-toolchain-19). hazards.csv says what is wrong with each program. A program counts as found when a finding of level
# error or warning names a hazard of its kind (orders that only one thread uses: also a note, shown with --all), and a
# clean one as a false alarm when there is any about threads.
# Usage: lint.sh BUILD_DIR. What no source can be had for is left out, with the reason; 77 when nothing is left.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
corewise=$build/corewise
sources=$build/bench-lint/sources
work=$build/bench-lint/results
mkdir -p "$sources" "$work"
valgrind=$sources/valgrind-source llvm=$sources/llvm-toolchain-19-source

# Of the toolchain's 160 MB archive only the tests are unpacked.
fetch_llvm() {
    [ ! -d "$llvm/compiler-rt" ] || return 0
    local apt=$build/bench-lint/apt-bookworm
    [ -d "$apt/lists" ] || apt=$(dirname "$(find "$build/bench-lint" -maxdepth 2 -type d -name lists | head -n 1)")
    [ -d "$apt/lists" ] || { echo "SKIP: no package lists for llvm-toolchain-19"; return 1; }
    mkdir -p "$llvm"
    (cd "$sources" && apt-get -qq -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts="$apt/sources.list.d" \
        -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" source --download-only llvm-toolchain-19) >"$work/fetch.log" 2>&1 ||
        { tail -n 2 "$work/fetch.log"; echo "SKIP: apt-get source llvm-toolchain-19 failed"; return 1; }
    tar -xf "$sources"/llvm-toolchain-19_*.orig.tar.* -C "$llvm" --strip-components=1 --wildcards \
        '*/compiler-rt/test/tsan/*' '*/compiler-rt/test/sanitizer_common/print_address.h' '*/compiler-rt/include/sanitizer/*' \
        '*/clang/test/Analysis/pthreadlock.c' '*/clang/test/Analysis/Inputs/*'
}

folder_of() { # SET
    case $1 in
    helgrind | drd) echo "$valgrind/$1/tests" ;;
    tsan) echo "$llvm/compiler-rt/test/tsan" ;;
    esac
}

flags_of() { # SET
    case $1 in
    helgrind | drd) echo "-D_GNU_SOURCE -I$valgrind -I$valgrind/include -DVGO_linux -DVGA_amd64 -DVGP_amd64_linux" ;;
    tsan) echo "-D_GNU_SOURCE -I$llvm/compiler-rt/include -I$llvm/compiler-rt/test" ;;
    esac
}

# The rules of a compiler's warnings and errors about FILE itself, not about headers.
own_findings() { sed -nE "s/^(.*\/)?$1:[0-9:]+ (${2:-warning|error}): .*\[([A-Za-z.-]+)\]\$/\3/p"; }

# Each prints one line per finding: the name of its rule or check. That there are some is their exit status, too.
run_corewise_all() { "$corewise" lint --all --no-cache -k "$1" -- "${@:2}" 2>/dev/null | own_findings "$1" 'note|warning|error' || true; }
run_corewise() { "$corewise" lint --no-cache -k "$1" -- "${@:2}" 2>/dev/null | own_findings "$1" || true; }
run_tidy() {
    clang-tidy-19 -checks='-*,concurrency-*,bugprone-signal-handler,bugprone-spuriously-wake-up-functions,bugprone-bad-signal-to-kill-thread' \
        "$1" -- "${@:2}" 2>/dev/null | own_findings "$1" | grep -v clang-diagnostic || true
}
run_analyzer() {
    clang-19 --analyze -Xclang -analyzer-checker=alpha.unix.BlockInCriticalSection,alpha.unix.PthreadLock -Xclang -analyzer-disable-checker=core,deadcode,unix,security \
        -Xclang -analyzer-output=text -o /dev/null -w "${@:2}" "$1" 2>&1 | own_findings "$1" | grep '^alpha' || true
}
run_cppcheck() { cppcheck --quiet --addon=threadsafety "$1" 2>&1 | own_findings "$1" | grep '^threadsafety' || true; }
run_clang() { clang-19 -fsyntax-only -Wno-everything -Wthread-safety "${@:2}" "$1" 2>&1 | own_findings "$1" | grep -e '-Wthread-safety' || true; }

# Rules that name the hazard; those of the other tools that do are any about threads at all.
names_kind() { # TOOL KIND < findings
    case $1-$2 in
    corewise-race) grep -qxE 'data-race|volatile-as-synchronization' ;;
    corewise-order | corewise-alone) grep -qx 'lock-order-inversion' ;;
    *) grep -q . ;;
    esac
}

measure_file() { # TOOL SET FILE KIND: appends `tool set kind found file rules`
    local flags findings
    read -ra flags <<<"$(flags_of "$2")"
    cd "$(dirname "$(folder_of "$2")/$3")"
    local run=run_$1
    if [ "$1-$4" = corewise-alone ]; then run=run_corewise_all; fi
    findings=$("$run" "$(basename "$3")" "${flags[@]}" | sort -u)
    local found=0 kind=$4
    if [ "$kind" = clean ]; then kind=any; fi
    if names_kind "$1" "$kind" <<<"$findings"; then found=1; fi
    echo "$1 $2 $4 $found $3 ${findings//$'\n'/,}" >>"$work/results"
}

# Lines of pthreadlock.c where a lock of pthread is taken twice or given up twice, against those that a tool reports.
measure_pthreadlock() { # TOOL
    local file=$llvm/clang/test/Analysis/pthreadlock.c lines
    [ -f "$file" ] || return 0
    grep -nE 'pthread.*expected-warning ?\{\{This lock has already been (acquired|unlocked)' "$file" | cut -d: -f1 | sort >"$work/expected"
    cd "$(dirname "$file")"
    case $1 in
    corewise) lines=$("$corewise" lint --no-cache pthreadlock.c -- -w 2>/dev/null | sed -nE 's/^pthreadlock.c:([0-9]+):.*\[(self-deadlock|unlock-not-held)\]$/\1/p' || true) ;;
    analyzer) lines=$(clang-19 --analyze -Xclang -analyzer-checker=alpha.unix.PthreadLock -o /dev/null -w pthreadlock.c 2>&1 |
        sed -nE 's/^pthreadlock.c:([0-9]+):.*PthreadLock\]$/\1/p' || true) ;;
    *) lines=$("run_$1" pthreadlock.c -w | wc -l | sed 's/^[1-9].*/any/; s/^0$//') ;;
    esac
    sort -u <<<"$lines" | grep . >"$work/lines" || true
    echo "$1 $(comm -12 "$work/expected" "$work/lines" | wc -l) $(wc -l <"$work/expected")" >>"$work/pthreadlock"
}

ratio() { # TOOL SET KIND
    awk -v tool="$1" -v set="$2" -v kind="$3" '$1 == tool && (set == "all" || $2 == set) && $3 == kind { n++; found += $4 }
        END { printf n ? "%d of %d" : "–", found, n }' "$work/results"
}

print_tables() {
    local tools=(corewise tidy analyzer cppcheck clang) set tool
    echo '| tool | races found: helgrind | drd | tsan | all | lock orders found | by one thread only, with --all | clean programs with a finding | double locks and unlocks |'
    echo '|---|---|---|---|---|---|---|---|---|'
    for tool in "${tools[@]}"; do
        printf '| %s' "$tool"
        for set in helgrind drd tsan all; do printf ' | %s' "$(ratio "$tool" "$set" race)"; done
        printf ' | %s | %s | %s | %s |\n' "$(ratio "$tool" all order)" "$(ratio "$tool" all alone)" "$(ratio "$tool" all clean)" \
            "$(awk -v tool="$tool" '$1 == tool { printf "%d of %d", $2, $3 }' "$work/pthreadlock")"
    done
    echo
    echo 'not found by corewise:'
    awk '$1 == "corewise" && $3 != "clean" && !$4 { print "  " $2 "/" $5 " (" $3 ")" }' "$work/results"
    echo 'found by corewise in clean programs:'
    awk '$1 == "corewise" && $3 == "clean" && $4 { print "  " $2 "/" $5 " " $6 }' "$work/results"
    echo "left out: $(grep -c ',unseen,' "$here/hazards.csv") programs, for the reasons in hazards.csv"
}

for tool in clang-tidy-19 clang-19 cppcheck; do
    command -v "$tool" >/dev/null || { echo "SKIP: $tool is not installed: apt-get install clang-tidy-19 clang-19 cppcheck"; exit 77; }
done
sh "$here/../corpus/apt_source.sh" "$sources" valgrind || true
fetch_llvm || true
[ -d "$valgrind" ] || [ -d "$llvm/compiler-rt" ] || { echo 'SKIP: neither source can be had'; exit 77; }
: >"$work/results"
: >"$work/pthreadlock"
for tool in corewise tidy analyzer cppcheck clang; do
    while IFS=, read -r set file kind _; do
        [ -n "$set" ] && [ "${set:0:1}" != '#' ] && [ "$kind" != unseen ] || continue
        [ ! -f "$(folder_of "$set")/$file" ] || measure_file "$tool" "$set" "$file" "$kind"
    done <"$here/hazards.csv"
    measure_pthreadlock "$tool"
done
print_tables

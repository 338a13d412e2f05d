#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The library as installed: programs in C and C++ find it through pkg-config and through CMake, linked either way.
set -euo pipefail
. "$(dirname "$0")/../skip.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if grep -q '^COREWISE_SANITIZE:BOOL=ON' "$BUILD_DIR/CMakeCache.txt"; then
    skip "a sanitized library is not for programs that are not"
fi
cmake --install "$BUILD_DIR" --component runtime --prefix "$work/root" >/dev/null
cmake --install "$BUILD_DIR" --component runtime-dev --prefix "$work/root" >/dev/null

cat >"$work/program.c" <<'PROGRAM'
#include <corewise.h>
#include <corewise_markers.h>
#include <stdio.h>
static int twice(const struct corewise_task *task)
{
    COREWISE_REGION("twice");
    COREWISE_REGION_BEGIN("result");
    *(unsigned *)task->result = 2 * *(const unsigned *)task->input;
    COREWISE_REGION_END("result");
    return 0;
}
int main(void)
{
    unsigned inputs[100], results[100], sum = 0;
    struct corewise_job job = {0};
    struct corewise_error error;
    for (unsigned i = 0; i < 100; i++)
        inputs[i] = i;
    job.name = "a \"quoted\" name";
    job.run = twice;
    job.task_count = 100;
    job.inputs = inputs;
    job.input_bytes = sizeof(inputs[0]);
    job.results = results;
    job.result_bytes = sizeof(results[0]);
    if (!corewise_job_run(&job, NULL, NULL, &error)) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    for (unsigned i = 0; i < 100; i++)
        sum += results[i];
    printf("%u\n", sum);
    return 0;
}
PROGRAM
sed 's/= {0}/= {}/' "$work/program.c" >"$work/program.cc"

package_path=$(dirname "$(find "$work/root" -name corewise-runtime.pc)")
libraries=$(dirname "$package_path")
export PKG_CONFIG_PATH=$package_path
read -ra shared < <(pkg-config --cflags --libs corewise-runtime)
read -ra static < <(pkg-config --static --cflags --libs corewise-runtime)
flags=(-Wall -Wextra -Wpedantic -Werror)
cc -std=c17 "${flags[@]}" "$work/program.c" "${shared[@]}" -Wl,-rpath,"$libraries" -o "$work/c-shared"
cc -std=c17 "${flags[@]}" "$work/program.c" "${static[@]/#-lcorewise-runtime/-l:libcorewise-runtime.a}" -o "$work/c-static"
c++ -std=c++17 "${flags[@]}" "$work/program.cc" "${shared[@]}" -Wl,-rpath,"$libraries" -o "$work/cc-shared"
for program in c-shared c-static cc-shared; do # a marker is in the program, also in a stripped one
    strip "$work/$program"
    [ "$(readelf -n "$work/$program" | grep -cE 'Name: (begin_twice|begin_result|end_result|leave)$')" -ge 4 ]
done
clang++-19 -std=c++17 -fsyntax-only "${flags[@]}" "$work/program.cc" -I"$work/root/include"

mkdir "$work/project"
cat >"$work/project/CMakeLists.txt" <<'PROJECT'
cmake_minimum_required(VERSION 3.25)
project(uses_corewise C)
find_package(corewise-runtime 0.1 REQUIRED)
foreach(kind runtime runtime-static)
  add_executable(cmake-${kind} ../program.c)
  target_link_libraries(cmake-${kind} PRIVATE corewise::${kind})
endforeach()
PROJECT
cmake -S "$work/project" -B "$work/project/build" -DCMAKE_PREFIX_PATH="$work/root" >/dev/null
cmake --build "$work/project/build" >/dev/null

for program in "$work"/c-shared "$work"/c-static "$work"/cc-shared "$work"/project/build/cmake-runtime*; do
    for model in sequential threads processes async async+processes async+threads; do
        sum=$(COREWISE_MODEL=$model COREWISE_WORKERS=2 COREWISE_JOB_REPORT=$work/report "$program")
        [ "$sum" = 9900 ] || { echo "$program under $model printed $sum, not 9900" >&2; exit 1; }
    done
done
# One line per job, and each an object as docs/runtime.md describes it.
[ "$(wc -l <"$work/report")" -eq 30 ]
jq -es 'length == 30 and all(.job == "a \"quoted\" name" and .tasks == 100 and .failed == 0 and .seconds > 0 and
    .latency_seconds.p50 <= .latency_seconds.max)' "$work/report" >/dev/null

# The shared library offers what the header declares, and nothing else.
nm -D --defined-only "$libraries"/libcorewise-runtime.so | awk '{ print $3 }' | sort >"$work/offered"
grep -oE '\bcorewise_[a-z_]+\(' "$work/root/include/corewise.h" | tr -d '(' | sort -u >"$work/declared"
diff "$work/declared" "$work/offered"
echo "installed library works"

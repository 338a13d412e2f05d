#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# gate.sh CASE: which findings of a small project in a temporary folder count, and how they are told.
set -eu
case_name=$1
work=$(mktemp -d)
project=$work/project
root=(--root .)
trap 'rm -rf "$work"' EXIT
export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@localhost GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@localhost
export GIT_CONFIG_NOSYSTEM=1 HOME=$work
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

. "$(dirname "$0")/../skip.sh"
fail() {
    echo "failed: $*"
    for stream in stdout stderr; do
        [ ! -s "$work/$stream" ] || { echo "$stream was:"; cat "$work/$stream"; }
    done
    exit 1
}

# lint STATUS ARGUMENTS…: lints the project and demands this exit status.
lint() {
    local expected=$1 status=0
    shift
    (cd "$project" && "$COREWISE" lint -p . "${root[@]}" "$@") >"$work/stdout" 2>"$work/stderr" || status=$?
    [ "$status" -eq "$expected" ] || fail "corewise lint $* ended with $status instead of $expected"
}
says() { grep -qE -- "$1" "$work/stdout" || fail "no line on stdout matches: $1"; }
says_no() { ! grep -qE -- "$1" "$work/stdout" || fail "a line on stdout matches: $1"; }
tells() { grep -qE -- "$1" "$work/stderr" || fail "no line on stderr matches: $1"; }
tells_no() { ! grep -qE -- "$1" "$work/stderr" || fail "a line on stderr matches: $1"; }
says_lines() { [ "$(grep -cE '(warning|error): ' "$work/stdout")" -eq "$1" ] || fail "not $1 findings on stdout"; }

# Three findings: in log.c, in a header of its own, and in main.c; the one of the system header is not ours.
make_project() {
    mkdir -p "$project/src" "$project/vendor"
    cat >"$project/src/log.h" <<'SOURCE'
#include <pthread.h>
#include <unistd.h>
extern pthread_mutex_t log_lock;
extern int log_file;
void write_log(void);
static inline void flush_data(void)
{
    pthread_mutex_lock(&log_lock);
    fdatasync(log_file);
    pthread_mutex_unlock(&log_lock);
}
SOURCE
    cat >"$project/src/log.c" <<'SOURCE'
#include "log.h"
pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
int log_file;

void write_log(void)
{
    pthread_mutex_lock(&log_lock);
    fsync(log_file);
    pthread_mutex_unlock(&log_lock);
}
SOURCE
    cat >"$project/vendor/foreign.h" <<'SOURCE'
static inline void flush_foreign(void)
{
    pthread_mutex_lock(&log_lock);
    sleep(1);
    pthread_mutex_unlock(&log_lock);
}
SOURCE
    cat >"$project/src/main.c" <<'SOURCE'
#include "log.h"
#include <foreign.h>
static int hits;

static void *work(void *unused)
{
    hits++;
    write_log();
    flush_data();
    flush_foreign();
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], 0, work, 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], 0);
    return hits;
}
SOURCE
    write_database src/log.c src/main.c
}

write_database() {
    local separator= file
    {
        echo '['
        for file in "$@"; do
            printf '%s{"directory": "%s", "file": "%s", "arguments": ["cc", "-isystem", "vendor", "-c", "%s"]}\n' \
                "$separator" "$project" "$file" "$file"
            separator=,
        done
        echo ']'
    } >"$project/compile_commands.json"
}

make_repository() {
    needs_tools git
    make_project
    git -C "$project" init -q
    printf 'compile_commands.json\n' >"$project/.gitignore"
    git -C "$project" add -A
    git -C "$project" commit -qm "first"
}

case $case_name in
whole)
    make_project
    lint 1
    says_lines 3
    says '^src/log.c:8:5: warning: .* \[lock-held-across-blocking-call\]$'
    says '^src/log.h:9:5: warning: .* \[lock-held-across-blocking-call\]$'
    says '^src/main.c:7:5: warning: .* \[data-race\]$'
    says_no 'foreign'
    tells '^corewise: 2 of 2 units analysed$'
    tells '^corewise: 3 warnings$'
    lint 0 --fail-on error
    (cd "$project" && ! "$COREWISE" lint -p . src/main.c >"$work/stdout" 2>"$work/stderr") || fail "nothing is found"
    says '^main.c:7:5: warning: ' # names are those of the whole database
    tells '^corewise: 1 of 1 units analysed$'
    lint 0 vendor/../src/main.c --rules self-deadlock
    tells '^corewise: no findings$'
    ;;
suppressed)
    make_project
    sed -i 's|hits++;|& // corewise: allow(data-race) a number for people to read|' "$project/src/main.c"
    lint 1
    says_lines 2
    says_no 'data-race'
    tells '^corewise: 2 warnings, 1 suppressed$'
    lint 1 --all
    says '^src/main.c:7:5: note: suppressed: a number for people to read$'
    lint 1 -f sarif
    jq -e '[.runs[0].results[] | select(.suppressions) | .suppressions[0]] ==
        [{"kind": "inSource", "justification": "a number for people to read"}]' "$work/stdout" >/dev/null || fail "SARIF"
    sed -i 's|hits++;|__atomic_fetch_add(\&hits, 1, __ATOMIC_RELAXED);|' "$project/src/main.c"
    lint 1
    says '^src/main.c:7:[0-9]+: warning: nothing is suppressed here: .* \[unused-suppression\]$'
    lint 0 src/main.c --rules data-race,unused-suppression # a part of the program cannot tell
    lint 1 --rules data-race,unused-suppression
    says_lines 1
    ;;
configuration)
    make_project
    root=() # the folder of the settings
    printf 'rules:\n  data-race: off\n  lock-held-across-blocking-call: error\n' >"$project/.corewise.yaml"
    lint 1
    says_lines 2
    says '^src/log.c:8:5: error: '
    says_no 'data-race'
    lint 1 --no-config
    says_lines 3
    says '^log.c:8:5: warning: '
    lint 1 --rules data-race # the command line wins
    says_lines 1
    printf 'paths:\n  exclude:\n    - src/*.h\n    - src/main.c\n' >"$project/.corewise.yaml"
    lint 1
    says_lines 1
    printf 'paths:\n  include: [src/]\n  exclude: [src]\n' >"$project/.corewise.yaml"
    lint 0
    printf 'effects: [vendor/ours.yaml]\nrules: {data-race: on}\n' >"$project/.corewise.yaml"
    printf 'effects:\n  - functions: [fsync, fdatasync]\n    cpu_ns: 10\n' >"$project/vendor/ours.yaml"
    lint 1
    says_lines 1
    : >"$project/.corewise.yaml"
    lint 1
    says_lines 3
    mv "$project/.corewise.yaml" "$work/.corewise.yaml" # above: the root moves with it
    lint 1
    says '^project/src/log.c:8:5: '
    ;;
wrong_configuration)
    make_project
    refuse() {
        printf '%b' "$1" >"$project/.corewise.yaml"
        lint 3
        tells "^corewise: cannot use .*/\\.corewise\\.yaml$2.* docs/lint.md has the schema$"
        [ ! -s "$work/stdout" ] || fail "stdout is not empty"
    }
    refuse 'rules:\n  data-rase: off\n' ':2: .*data-rase; did you mean data-race\?'
    refuse 'rules:\n  data-race: offf\n' ':2: .*offf; did you mean off\?'
    refuse 'rulez: {}\n' ':1: .*rulez; did you mean rules\?'
    refuse 'paths:\n  exlude: [a]\n' ':2: .*exlude; did you mean exclude\?'
    refuse 'rules: [data-race]\n' ':1: '
    refuse 'rules: {\n' ':1: '
    printf 'effects: [nowhere.yaml]\n' >"$project/.corewise.yaml"
    lint 3
    tells 'cannot read effects file .*/project/nowhere.yaml'
    lint 3 --config "$work/nothing.yaml"
    tells '^corewise: cannot read .*nothing.yaml'
    lint 2 --config x --no-config
    ;;
baseline)
    make_project
    lint 3 --baseline known.txt
    tells 'cannot read baseline known.txt'
    lint 2 --write-baseline
    lint 0 --baseline known.txt --write-baseline
    [ ! -s "$work/stdout" ] || fail "known findings are reported"
    tells '^corewise: 3 findings in the baseline now$'
    ! grep -E '\.[ch]:[0-9]' "$project/known.txt" || fail "the baseline holds line numbers"
    lint 0 --baseline known.txt
    tells '^corewise: 3 findings known by the baseline$'
    tells_no 'fixed'
    cp "$project/known.txt" "$work/before"
    lint 0 --baseline known.txt --write-baseline
    cmp -s "$project/known.txt" "$work/before" || fail "written twice, the baseline differs"
    # Code that moves within its file and is written differently …
    sed -i '1i // one more\n// line, and\n\n\n' "$project/src/main.c"
    sed -i -z 's/{\n    hits++;/{ hits ++\n  ;/' "$project/src/main.c"
    lint 0 --baseline known.txt
    # … to another file, and under another name.
    mv "$project/src/log.c" "$project/src/journal.c"
    sed -i 's/flush_data/flush_all_data/' "$project/src/log.h" "$project/src/main.c"
    write_database src/journal.c src/main.c
    lint 0 --baseline known.txt
    tells '^corewise: 3 findings known by the baseline$'
    tells_no 'fixed'
    # What is new counts, what is gone is told.
    cat >>"$project/src/journal.c" <<'SOURCE'
void sync_log(void)
{
    pthread_mutex_lock(&log_lock);
    fsync(log_file);
    fsync(log_file);
    pthread_mutex_unlock(&log_lock);
}
SOURCE
    sed -i 's/^static int hits/static _Atomic int hits/; s/write_log();/& sync_log();/' "$project/src/main.c"
    sed -i 's/^void write_log.*/&\nvoid sync_log(void);/' "$project/src/log.h"
    lint 1 --baseline known.txt
    says_lines 1
    says '^src/journal.c:1[0-9]:5: warning: .* \[lock-held'
    tells '^corewise: fixed: work in src/main.c: .*hits.* \[data-race\]$'
    lint 1 --baseline known.txt --rules lock-held-across-blocking-call
    tells_no 'fixed'
    lint 0 --baseline known.txt --write-baseline
    tells '^corewise: fixed: .*hits'
    tells '^corewise: 3 findings in the baseline now$'
    echo 'nonsense' >"$project/known.txt"
    lint 3 --baseline known.txt
    tells 'known.txt is no baseline'
    ;;
moved)
    # Every rule's finding keeps its fingerprint when the code moves down and is written with blank lines in between.
    needs_tools jq
    fingerprints() {
        local status=0
        "$COREWISE" lint --all --no-cache --no-config --root "$work/$1" -f json "$work/$1/x.c" -- -D_GNU_SOURCE >"$work/stdout" 2>"$work/stderr" ||
            status=$?
        [ "$status" -le 1 ] || fail "corewise lint ended with $status"
        jq -r '.findings[] | .rule + " " + .fingerprint' "$work/stdout" | sort
    }
    mkdir "$work/before" "$work/after"
    for source in "$SOURCE_DIR"/tests/golden/lint/*/bad.c; do
        cp "$source" "$work/before/x.c"
        { printf '\n/* new */\n'; sed '/\\$/!s/$/\n/' "$source"; } >"$work/after/x.c"
        fingerprints before >"$work/before/list"
        fingerprints after >"$work/after/list"
        [ -s "$work/before/list" ] || fail "$source: no findings"
        cmp -s "$work/before/list" "$work/after/list" || { diff "$work/before/list" "$work/after/list"; fail "$source"; }
    done
    ;;
changed)
    make_repository
    lint 0 --changed-since HEAD
    tells '^corewise: 3 findings outside the change$'
    sed -i 's/^    hits++;/    hits += 1;/' "$project/src/main.c"
    lint 1 --changed-since HEAD
    says_lines 1
    says 'data-race'
    git -C "$project" commit -qam "second"
    lint 1 --changed-since HEAD~1
    says_lines 1
    lint 0 --changed-since HEAD
    # A branch counts from where it left, not what the other one did since.
    git -C "$project" checkout -qb side HEAD~1
    sed -i 's/^    fsync(log_file);/    fsync( log_file );/' "$project/src/log.c"
    git -C "$project" commit -qam "third"
    lint 1 --changed-since master 2>/dev/null || lint 1 --changed-since main
    says_lines 1
    says '^src/log.c:8'
    # Lines that are gone count by their neighbours, new files as a whole.
    sed -i '/pthread_mutex_unlock/d' "$project/src/log.c"
    lint 1 --changed-since HEAD
    says '^src/log.c:8:5'
    git -C "$project" checkout -q -- .
    cp "$project/src/log.h" "$project/src/new name.h"
    sed -i 's/flush_data/flush_new/' "$project/src/new name.h"
    sed -i 's/.*include <foreign.h>/#include "new name.h"\n&/; s/    flush_data/    flush_new(); flush_data/' "$project/src/main.c"
    git -C "$project" commit -qm "fourth" src/main.c
    lint 1 --changed-since HEAD
    says_lines 1
    says '^src/new name.h:9'
    lint 3 --changed-since nowhere
    tells 'cannot tell what changed since nowhere in .*: .*nowhere.*name a commit'
    lint 3 --changed-since --output=/tmp/x
    lint 2 --changed-since HEAD --baseline known.txt --write-baseline
    mv "$project/.git" "$work/elsewhere"
    lint 3 --changed-since HEAD
    tells 'not a git repository'
    ;;
checked)
    # What counts for lint counts for check.
    needs_tracing
    make_project
    cc -g -isystem "$project/vendor" -o "$project/program" "$project/src/log.c" "$project/src/main.c" -pthread
    check() {
        local expected=$1 status=0
        shift
        (cd "$project" && "$COREWISE" check -p . --all -r report.txt "$@" -- ./program) >"$work/stderr" 2>&1 || status=$?
        [ "$status" -eq "$expected" ] || fail "corewise check $* ended with $status instead of $expected"
        cp "$project/report.txt" "$work/stdout"
    }
    sed -i 's|return hits;|return 0;|' "$project/src/main.c"
    check 1 --fail-on warning
    says 'log.c:8: warning'
    says 'log.h:9: warning'
    says 'main.c:7: warning'
    printf 'rules:\n  data-race: off\npaths:\n  exclude: [src/log.h]\n' >"$project/.corewise.yaml"
    check 1 --fail-on warning
    says '^  src/log.c:8: warning'
    # Which thread waited for the other, at a lock in log.h or not, is another matter and depends on the run.
    says_no 'data-race|log\.h:[0-9]+: '
    root=()
    lint 0 --baseline known.txt --write-baseline
    check 0 --fail-on warning --baseline known.txt
    says_no 'lock-held'
    tells '^corewise: 1 finding known by the baseline$'
    check 1 --fail-on warning --no-config --baseline known.txt
    says 'data-race'
    ;;
hostile)
    needs_tools jq
    make_repository
    name=$'src/a "b",c:%0A\\ö\n::error ::.c'
    mv "$project/src/main.c" "$project/$name"
    printf 'rules:\n  lock-held-across-blocking-call: off\n' >"$project/.corewise.yaml"
    jq -n --arg folder "$project" --arg name "$name" \
        '[$name, "src/log.c" | {directory: $folder, file: ., arguments: ["cc", "-isystem", "vendor", "-c", .]}]' \
        >"$project/compile_commands.json"
    lint 1
    says_lines 1
    lint 1 --format github
    [ "$(wc -l <"$work/stdout")" -eq 1 ] || fail "GitHub: not one line"
    says '^::warning file=src/a [^,:]*,line=7,col=5,title=data-race::'
    lint 1 --format gitlab
    jq -e --arg name "$name" 'length == 1 and .[0].location.path == $name' "$work/stdout" >/dev/null || fail "GitLab"
    lint 1 --format rdjsonl
    [ "$(wc -l <"$work/stdout")" -eq 1 ] || fail "reviewdog: not one line"
    jq -e --arg name "$name" '.location.path == $name' "$work/stdout" >/dev/null || fail "reviewdog"
    lint 1 --format sarif
    jq -e --arg name "$name" '.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri ==
        ($name | split("/") | map(@uri) | join("/"))' "$work/stdout" >/dev/null || fail "SARIF"
    lint 1 --format json
    jq -e --arg name "$name" '.findings[0].file == $name' "$work/stdout" >/dev/null || fail "JSON"
    lint 0 --baseline known.txt --write-baseline
    lint 0 --baseline known.txt
    lint 1 --changed-since HEAD # untracked
    says_lines 1
    git -C "$project" add -A
    git -C "$project" commit -qm "second"
    lint 0 --changed-since HEAD
    sed -i 's/^    hits++;/    hits += 1;/' "$project/$name"
    lint 1 --changed-since HEAD
    ;;
examples)
    /usr/bin/python3 -c 'import yaml' 2>/dev/null || skip "python3-yaml is not installed"
    needs_tools jq
    make_repository
    mkdir "$work/bin"
    ln -s "$COREWISE" "$work/bin/corewise"
    # Every command of an example that runs corewise, one per line.
    commands() {
        /usr/bin/python3 - "$SOURCE_DIR/docs/ci/$1" <<'PYTHON'
import sys, yaml

def texts(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("run", "entry", "script"):
                yield from ([inner] if isinstance(inner, str) else inner)
            else:
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)

with open(sys.argv[1]) as file:
    found = [text for text in texts(yaml.safe_load(file)) if "corewise" in text]
assert found, sys.argv[1]
print("\n".join(found))
PYTHON
    }
    # run STATUS COMMAND: as the service would, in the folder of the repository.
    run() {
        local expected=$1 status=0
        (cd "$project" && PATH=$work/bin:$PATH GITHUB_BASE_REF=base CI_MERGE_REQUEST_DIFF_BASE_SHA=$base sh -ec "$2") \
            >"$work/stdout" 2>"$work/stderr" || status=$?
        [ "$status" -eq "$expected" ] || fail "$2 ended with $status instead of $expected"
    }
    mkdir "$project/build"
    mv "$project/compile_commands.json" "$project/build"
    printf '/build/\n*.sarif\n*.json\n' >"$project/.gitignore"
    git -C "$project" commit -qam "ignore what is built"
    base=$(git -C "$project" rev-parse HEAD)
    git -C "$project" update-ref refs/remotes/origin/base HEAD
    mapfile -t github < <(commands github-actions.yml)
    mapfile -t gitlab < <(commands gitlab-ci.yml)
    mapfile -t hook < <(commands pre-commit-config.yaml)
    [ ${#github[@]} -eq 2 ] && [ ${#gitlab[@]} -eq 1 ] && [ ${#hook[@]} -eq 1 ] || fail "other commands than expected"
    run 0 "${github[0]}"
    run 0 "${gitlab[0]}"
    run 0 "${hook[0]}"
    run 0 "${github[1]}"
    jq -e '.runs[0].results | length == 3' "$project/corewise.sarif" >/dev/null || fail "SARIF"
    sed -i 's/^    hits++;/    hits += 1;/' "$project/src/main.c"
    run 1 "${github[0]}"
    says '^::warning file=src/main.c,line=7,'
    run 1 "${gitlab[0]}"
    jq -e '.[0].location.path == "src/main.c"' "$project/gl-code-quality-report.json" >/dev/null || fail "GitLab"
    run 1 "${hook[0]}"
    # As a hook of git, which sets variables of its own.
    printf '#!/bin/sh\nPATH=%s:$PATH\n%s\n' "$work/bin" "${hook[0]}" >"$project/.git/hooks/pre-commit"
    chmod +x "$project/.git/hooks/pre-commit"
    run 1 "git commit -am 'with a hazard'"
    tells '^src/main.c:7:5: warning: .* \[data-race\]$' # git sends what a hook says to stderr
    sed -i 's/^static int hits/static _Atomic int hits/' "$project/src/main.c"
    run 0 "git commit -am 'without'"
    rm "$project/build/compile_commands.json"
    run 3 "${hook[0]}"
    tells 'no such file'
    ;;
*)
    echo "unknown case $case_name"
    exit 1
    ;;
esac

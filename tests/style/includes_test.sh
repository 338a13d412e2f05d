#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Enforces the include table of ARCHITECTURE.md: which folder may include which, and who alone may use a library.
set -euo pipefail
cd "$SOURCE_DIR"
failures=0

fail() {
    echo "$1" >&2
    failures=$((failures + 1))
}

# allowed FOLDER: the project folders and the third-party headers that the folder may include.
allowed() {
    case "$1" in
    model) echo '^(model/|glib|sqlite3[.]h)' ;;
    runtime) echo '^(runtime/|uv[.]h)' ;;
    analyzer) echo '^(analyzer/|model/|runtime/(corewise|coroutine|host_limits)[.]h|glib|clang-c/|cyaml/)' ;;
    tracer) echo '^(tracer/|model/|runtime/corewise_markers[.]h|glib|bpf/|linux/|elfutils/|libelf[.]h|gelf[.]h|elf[.]h|dwarf[.]h|[a-z_]+[.]skel[.]h)' ;;
    reports) echo '^(reports/|model/|glib|gio/|json-glib/|profile[.]pb-c[.]h|graphviz/|gvc[.]h|cgraph[.]h)' ;;
    cli) echo '^(cli/|model/|analyzer/|tracer/|reports/|runtime/|glib|gio/|linux/capability[.]h|microhttpd[.]h|cyaml/|json-glib/|curses[.]h|ncurses)' ;;
    esac
}

# Headers of the C library and the kernel's user interface, open to every folder.
system='^(assert|ctype|dirent|dlfcn|errno|fcntl|float|fnmatch|getopt|inttypes|limits|link|locale|malloc|math|netdb|poll|pthread|pwd|sched|semaphore|setjmp|signal|spawn|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|string|syscall|termios|threads|time|ucontext|unistd|wchar)[.]h$|^(sys|asm|arpa|netinet)/'

for folder in model runtime analyzer tracer reports cli; do
    [ -d "$folder" ] || continue
    permitted=$(allowed "$folder")
    while IFS= read -r violation; do
        fail "$violation"
    done < <(git ls-files "$folder" | grep -E '\.[ch]$' | xargs -r grep -nHE '^[[:space:]]*#[[:space:]]*include' |
        awk -v system_headers="$system" -v permitted="$permitted" -v folder="$folder" '{
            split($0, place, ":")
            header = $0
            sub(/.*include[[:space:]]*[<"]/, "", header)
            sub(/[>"].*/, "", header)
            if (header !~ system_headers && header !~ permitted)
                print place[1] ":" place[2] ": " folder " may not include " header
        }')
done

# Library code never prints and never exits: only cli/ does.
while IFS= read -r hit; do
    fail "$hit: only cli/ prints and exits"
done < <(git ls-files model analyzer tracer reports | grep -E '\.c$' |
    xargs -r grep -nHE '(^|[^a-z_])(printf|puts|perror|exit|abort|g_print|g_printerr) ?\(' | grep -v 'bpf/' || true)

# File names are unique in the tree.
while IFS= read -r name; do
    fail "several files are called $name"
done < <(git ls-files model runtime analyzer tracer reports cli | grep -E '\.[ch]$' | xargs -rn1 basename | sort | uniq -d)

# Every source starts with its licence; the inputs of golden cases are data whose line numbers matter.
while IFS= read -r file; do
    head -n 2 "$file" | grep -q 'SPDX-License-Identifier' || fail "$file: no SPDX line"
done < <(git ls-files '*.c' '*.h' '*.sh' '*.cmake' | grep -v '^tests/golden/')

if [ "$failures" -gt 0 ]; then
    echo "$failures violations" >&2
    exit 1
fi
echo "includes, output, names and licences are as ARCHITECTURE.md says"

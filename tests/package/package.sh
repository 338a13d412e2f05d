#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# package.sh: the .deb holds what a user needs, says what it depends on, and its manual pages are well-formed.
set -euo pipefail
. "$(dirname "$0")/../skip.sh"
needs_tools cpack dpkg-deb dpkg-shlibdeps lowdown man
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "$*" >&2; exit 1; }

cpack --config "$BUILD_DIR/CPackConfig.cmake" -B "$work" >"$work/log" 2>&1 || fail "$(tail "$work/log")"
package=$(echo "$work"/corewise_*.deb)
[ -f "$package" ] || fail "no package of the program: $(ls "$work")"
dpkg-deb -x "$package" "$work/root"
depends=$(dpkg-deb -f "$package" Depends)
for library in libclang1-19 libbpf1 libdw1 libgvc6 libsqlite3-0 libclang-common-19-dev; do
    [[ $depends == *"$library"* ]] || fail "the package does not depend on $library: $depends"
done
[ "$(dpkg-deb -f "$package" Section)" = devel ] || fail "wrong section"
dpkg-deb -f "$package" Description | sed 1d | grep -q concurrency || fail "no description"

program=$work/root/usr/bin/corewise
[ "$("$program" --version)" = "$("$COREWISE" --version)" ] || fail "another version"
! ldd "$program" | grep 'not found' || fail "libraries are missing"
"$program" explain data-race | grep -q '^# data-race' || fail "explain misses a rule's page"
for file in doc/corewise/copyright bash-completion/completions/corewise zsh/vendor-completions/_corewise fish/vendor_completions.d/corewise.fish; do
    [ -s "$work/root/usr/share/$file" ] || fail "the package has no $file"
done
for command in $("$COREWISE" --help | sed -nE 's/^  ([a-z]+) {2,}.*/\1/p'); do
    page=$work/root/usr/share/man/man1/corewise-$command.1
    [ -s "$page" ] || fail "the command $command has no manual page; add it to docs/CMakeLists.txt"
    "$COREWISE" "$command" --help | grep -oE -- '--[a-z]+[a-z-]*' | sort -u >"$work/options"
    # What is shown of the options, without the formatting that takes seconds.
    sed 's/\\f[A-Z]//g; s/\\-/-/g' "$page" >"$work/text"
    while read -r option; do
        [ "$option" = --help ] || grep -qE -- "(^|, | )$option( |\$)" "$work/text" || fail "$page does not show $option"
    done <"$work/options"
done
pages=("$work"/root/usr/share/man/man?/*)
for page in "${pages[@]}"; do
    for part in NAME DESCRIPTION 'SEE ALSO'; do
        grep -q "^\.SH $part" "$page" || fail "$page has no section $part"
    done
    if command -v mandoc >/dev/null; then # which tells errors from matters of taste
        mandoc -T lint -W error "$page" || fail "$page is malformed"
    fi
    [ "$page" != "$work/root/usr/share/man/man1/corewise-trace.1" ] || man --warnings=mac,reg,syntax -l "$page" 2>"$work/warnings" >/dev/null
    ! grep -s 'warning: \(macro\|register\)' "$work/warnings" || fail "$page is malformed"
done
echo "$(stat -c %s "$package") bytes, ${#pages[@]} manual pages"

# shellcheck shell=sh
# SPDX-License-Identifier: Apache-2.0
# Sourced by tests that cannot run everywhere: they end with status 77 and say why.

skip() {
    echo "SKIP: $*"
    exit 77
}

# needs_tools TOOL…
needs_tools() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
    done
}

needs_tracing() {
    [ "$(id -u)" -eq 0 ] || skip "loading BPF programs needs root"
    [ -r /sys/kernel/btf/vmlinux ] || skip "this kernel has no BTF (/sys/kernel/btf/vmlinux)"
}

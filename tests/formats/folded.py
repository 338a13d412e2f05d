# SPDX-License-Identifier: Apache-2.0
"""Folded stacks: flamegraph.pl's and inferno's line format, with the times of the session."""
import re

import reading
import stacks

total = 0
for session in stacks.WITH_STACKS:
    expected = stacks.seconds_by_state(session)
    for name, options, states in (("folded", [], ["running"]),
                                  ("folded-off-cpu", [], ["runnable", "blocked"]),
                                  ("folded-off-cpu", ["--all"], ["runnable", "blocked", "idle"])):
        text = reading.assert_printable(reading.render(session, name, *options))
        found = 0
        for line in text.splitlines():
            stack, value = re.fullmatch(r"(.+) ([0-9]+)", line).groups()
            assert all(stack.split(";")), line
            found += int(value)
            total += 1
        assert abs(found / 1e6 - sum(expected[state] for state in states)) < 1e-3, (session, name, found)
text = reading.render("pigz", "folded").decode()
assert "compress_thread;start_thread;compress_thread;deflate_slow;longest_match 4080000" in text, text
assert "trace" in reading.render("empty", "folded", status=3)
print(f"{total} stacks read")

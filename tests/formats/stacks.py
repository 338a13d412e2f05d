# SPDX-License-Identifier: Apache-2.0
"""The call stacks of an example, from its JSON: what the profile formats must add up to."""
import json

import reading

STATES = ("running", "runnable", "blocked", "idle")
WITH_STACKS = ["pigz", "hostile"]


def seconds_by_state(session):
    sums = dict.fromkeys(STATES, 0.0)
    for stack in json.loads(reading.render(session, "json")).get("call_stacks", []):
        state = "running" if stack["activity"] == "running" else "idle" if stack["idle"] else "blocked"
        sums[state] += stack["seconds"]
        sums["runnable"] += stack["runnable_seconds"]
    assert sums["running"] > 0, session
    return sums

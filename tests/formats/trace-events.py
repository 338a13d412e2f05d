# SPDX-License-Identifier: Apache-2.0
"""Trace events: what Perfetto and chrome://tracing ask of the JSON, and the same times as the session's timeline."""
import json
from collections import defaultdict

import reading

total = 0
for session in ["pigz", "trace", "hostile", "crowd", "markup"]:
    document = json.loads(reading.assert_printable(reading.render(session, "trace-events")))
    timeline = json.loads(reading.render(session, "json"))["timeline"]
    events = document["traceEvents"]
    slices = [event for event in events if event["ph"] == "X"]
    assert len(slices) == len(timeline), session
    total += len(slices)
    tracks = defaultdict(list)
    for event in events:
        assert {"name", "ph", "pid", "tid"} <= set(event), event
        assert all(isinstance(event[key], int) for key in ("pid", "tid")), event
    for event in slices:
        tracks[event["pid"], event["tid"]].append((round(event["ts"] * 1000), round(event["dur"] * 1000)))
    for track in tracks.values():  # slices of one track neither overlap nor nest
        track.sort()
        for (start, length), (following, _) in zip(track, track[1:]):
            assert start + length <= following, (start, length, following)
    expected = sum(interval["seconds"] for interval in timeline if interval["activity"] == "running")
    found = sum(event["dur"] for event in slices if event["cat"] == "running") / 1e6
    assert abs(expected - found) < 1e-6, (session, expected, found)
    named = {(event["pid"], event["tid"]) for event in events if event["name"] == "thread_name"}
    assert set(tracks) <= named, session
    counter = [event for event in events if event["ph"] == "C"]
    assert counter and counter[-1]["args"]["running"] == 0, session
    assert max(event["args"]["running"] for event in counter) <= 2

for session in ["analysis", "empty"]:
    assert "--timeline" in reading.render(session, "trace-events", status=3)
print(f"{total} slices read")

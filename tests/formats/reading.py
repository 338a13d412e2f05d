# SPDX-License-Identifier: Apache-2.0
"""What the checks of all formats share."""
import pathlib
import subprocess
import sys

COREWISE = sys.argv[1]
SESSIONS = {path.stem: path for path in sorted(pathlib.Path(sys.argv[2]).glob("*.cw"))}
REPORTS = pathlib.Path(sys.argv[3])
EXAMPLES = {"pigz", "analysis", "trace", "hostile", "crowd", "markup", "empty"}
assert set(SESSIONS) == EXAMPLES, SESSIONS


def skip(reason):
    print(f"SKIP: {reason}")
    sys.exit(77)


def render(session, name, *options, status=0):
    """The bytes that `corewise report` prints of an example; with another status, its message."""
    command = [COREWISE, "report", str(SESSIONS[session]), "--format", name, *options]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == status, (command, done.returncode, done.stderr)
    return done.stdout if status == 0 else done.stderr.decode()


def assert_printable(data):
    """No control characters of hostile names get through, and no bidirectional overrides."""
    text = data.decode("utf-8")
    for character in text:
        assert character in "\r\n" or (character.isprintable() and character not in "\u2028\u2029"), repr(character)
    return text

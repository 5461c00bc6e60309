"""`python -m ipsec.negotiation`: pairs in, outcomes out, one JSON object a line (see `pairs`).

Every line has its line of the answer. One that can't be answered, an empty one too, gets its error, the
others are answered all the same; then the exit status is 1.
"""

import json
import os
import sys
from collections.abc import Iterable
from typing import TextIO

from ipsec.negotiation import pairs, verdict
from ipsec.negotiation.pairs import PairError


def _refused(row: object, problem: PairError) -> dict[str, object]:
    pair_id = row.get("id") if isinstance(row, dict) else None
    return {"id": pair_id, "error": {"field": problem.field, "message": problem.message}}


def _parsed(line: bytes) -> object:
    if not line.strip():
        raise PairError("", "is empty")
    try:
        return json.loads(line)
    except (ValueError, RecursionError):  # ValueError: also what isn't UTF-8
        raise PairError("", "is not JSON") from None


def answer_line(line: bytes) -> tuple[dict[str, object], bool]:
    """The answer to one line, and whether it is one."""
    row: object = None
    try:
        row = _parsed(line)
        asked = pairs.scenario(row)
    except PairError as problem:
        return _refused(row, problem), False
    assert isinstance(row, dict)  # noqa: S101 - `scenario` took it
    return pairs.answer(row["id"], verdict(asked)), True


def main(lines: Iterable[bytes], output: TextIO) -> int:
    """Exit status 0, or 1 if any line was bad."""
    status = 0
    for line in lines:
        told, good = answer_line(line)
        output.write(json.dumps(told))
        output.write("\n")
        if not good:
            status = 1
    return status


def _run() -> int:
    """Whoever stops reading, or asking, has had enough."""
    try:
        status = main(sys.stdin.buffer, sys.stdout)
        sys.stdout.flush()
    except (BrokenPipeError, KeyboardInterrupt):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


if __name__ == "__main__":
    sys.exit(_run())

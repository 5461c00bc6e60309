"""Files of pairs: whole pairs, or a measured table (shortened as tests/ipsec/truth/README.md says)."""

import json
from pathlib import Path
from typing import Any

from lab.draws import MIRRORED

Pair = dict[str, Any]


def read(path: Path) -> list[Pair]:
    """The pairs of a file, written out in full. ValueError where a line is no JSON object."""
    rows = [_object(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
    if not rows or "common" not in rows[0]:
        return rows
    common = rows[0]["common"]
    return [_expanded(row, common) for row in rows[1:]]


def _object(line: str) -> Pair:
    row = json.loads(line)
    if not isinstance(row, dict):
        raise ValueError("a line is no JSON object")
    return row


def _expanded(row: Pair, common: Pair) -> Pair:
    cloud = {**common, **row.get("cloud", {})}
    mirrored = {key: cloud[MIRRORED.get(key, key)] for key in common}
    return {**row, "cloud": cloud, "peer": {**mirrored, **row.get("peer", {})}}

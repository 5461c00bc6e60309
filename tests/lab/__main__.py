"""`python -m lab`: pairs against a real strongSwan, the engine's answers beside it (see docs/lab.md)."""

import argparse
import secrets
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lab import tables
from lab.daemon import missing
from lab.draws import draw
from lab.ends import NEEDS
from lab.matches import Row, matches

AGREED, DIFFERED, NOT_RUN = 0, 1, 2
"""Exit statuses."""
_SECONDS_BETWEEN_LINES = 5
_MOST_JOBS = 8


def main(arguments: Sequence[str]) -> int:
    asked = _parser().parse_args(arguments)
    lacking = missing(NEEDS)
    if lacking:
        say(f"The lab needs {'; '.join(lacking)}.")
        return NOT_RUN
    seed = secrets.randbelow(10**9) if asked.seed is None else asked.seed
    try:
        rows: list[Row] = [
            *(tables.read(asked.file) if asked.file else draw(seed, asked.count, nat=asked.nat))
        ]
        source = f"file {asked.file}" if asked.file else f"seed {seed}{' behind a NAT' if asked.nat else ''}"
        say(f"{len(rows)} pairs, {source}")
        return run(rows, source, asked.jobs)
    except (OSError, RuntimeError, ValueError) as problem:
        say(str(problem))
        return NOT_RUN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description="A real strongSwan as referee.")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--file", type=Path, help="pairs as JSON lines, or a table of tests/ipsec/truth")
    which.add_argument("--count", type=int, default=100, help="so many pairs drawn at random (100)")
    parser.add_argument("--seed", type=int, help="the draw's seed (a new one each time)")
    parser.add_argument("--nat", action="store_true", help="draw pairs with a NAT before the peer")
    parser.add_argument("--jobs", type=_jobs, default=2, help=f"pairs of daemons, 1 to {_MOST_JOBS} (2)")
    return parser


def _jobs(text: str) -> int:
    return max(1, min(_MOST_JOBS, int(text)))


def run(rows: Sequence[Row], source: str, jobs: int) -> int:
    """Plays the pairs; differences are told as they come up, the sum in the last line."""
    began = told = time.monotonic()
    agree = differ = 0
    for match in matches(rows, jobs):
        if match.apart:
            differ += 1
            say(match.story())
        else:
            agree += 1
        if time.monotonic() - told > _SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            say(f"  {agree + differ} of {len(rows)}, {differ} differ")
    rate = len(rows) / (time.monotonic() - began)
    say(f"{len(rows)} pairs, {agree} agree, {differ} differ, {source}, {rate:.1f} pairs/s")
    return DIFFERED if differ else AGREED


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _leave(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _leave)
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

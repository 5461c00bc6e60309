"""The engine says of pairs drawn at random what a real strongSwan does with them."""

import json
import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ipsec.transcript import Side
from lab.__main__ import AGREED, NOT_RUN, main
from lab.draws import draw
from lab.matches import matches

pytestmark = pytest.mark.daemon

ROOT = Path(__file__).parents[2]
FIXED_SEED = 2026
UP = next(row for row in draw(FIXED_SEED, 100) if not row["differs"])


def namespaces() -> list[str]:
    """This run's own."""
    return [path.name for path in Path("/run/netns").glob(f"vpnlab-{os.getpid()}-*")]


def daemons() -> list[int]:
    """The charons that this run has started: its own children, and no others."""
    return [int(process.name) for process in Path("/proc").glob("[0-9]*") if _is_ours(process)]


def _is_ours(process: Path) -> bool:
    try:
        name, _state, parent, *_rest = (process / "stat").read_text().split(" (", 1)[1].split()
    except OSError:
        return False
    return name == "charon)" and int(parent) == os.getpid()


@pytest.fixture(autouse=True)
def nothing_is_left_behind() -> Iterator[None]:
    yield
    assert (namespaces(), daemons()) == ([], [])


def played(seed: int, count: int, *, nat: bool = False) -> str:
    """The stories of all differences."""
    told = list(matches(draw(seed, count, nat=nat), jobs=4 if nat else 2))
    assert len(told) == count
    return "\n".join(match.story() for match in told if match.apart)


def test_a_hundred_pairs_of_a_fixed_seed_end_as_the_engine_says() -> None:
    assert played(FIXED_SEED, 100) == ""


def test_twenty_fresh_pairs_end_as_the_engine_says() -> None:
    seed = secrets.randbelow(10**9)
    assert played(seed, 20) == "", f"seed {seed}"


def test_pairs_behind_a_nat_end_as_the_engine_says() -> None:
    assert played(FIXED_SEED, 24, nat=True) == ""


def test_a_difference_tells_the_pair_both_answers_and_both_logs() -> None:
    (match,) = matches([UP])
    assert match.apart == []
    story = replace(match, engine={**match.engine, "child_established": False}).story()
    headline, pair, engine, daemon, *logs = story.splitlines()
    assert headline == f"=== {UP['id']}: child_established"
    assert json.loads(pair) == UP
    assert engine == '--- engine: {"child_established": false}'
    assert daemon == '--- daemon: {"child_established": true}'
    for side in Side:
        assert f"--- log of {side}" in logs
    assert len([line for line in logs if "CHILD_SA net" in line and "established" in line]) >= 2


def test_a_daemon_that_dies_is_told_and_the_next_pair_has_new_ones() -> None:
    told = matches([{**UP, "id": f"again-{number}"} for number in range(12)])
    first = next(told)
    cloud, _peer = daemons()
    os.kill(cloud, signal.SIGKILL)
    rest = list(told)
    assert first.apart == []
    (lost,) = [match for match in rest if match.apart]
    assert "a daemon is gone" in lost.story()
    assert len(rest) == 11


def test_the_command_plays_a_file_and_sums_up_in_its_last_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs = tmp_path / "pairs.jsonl"
    pairs.write_text("\n".join(map(json.dumps, draw(FIXED_SEED, 3))))
    assert main(["--file", str(pairs), "--jobs", "1"]) == AGREED
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith(f"3 pairs, 3 agree, 0 differ, file {pairs}, ")
    assert last.endswith(" pairs/s")


def test_what_cannot_be_built_is_said_before_anything_is_started(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    switched_off = tmp_path / "switched-off.jsonl"
    peer = {**UP["peer"], "nat_t": False}  # type: ignore[dict-item]
    switched_off.write_text(json.dumps({**UP, "peer": peer, "topology": "masq"}))
    assert main(["--file", str(switched_off)]) == NOT_RUN
    assert "cannot switch NAT traversal off" in capsys.readouterr().out
    blocked = tmp_path / "blocked.jsonl"
    blocked.write_text(json.dumps({**UP, "topology": "none+4500-dropped"}))
    assert main(["--file", str(blocked)]) == NOT_RUN
    assert "always use UDP 4500" in capsys.readouterr().out


def test_it_runs_as_a_command_and_a_seed_is_named_for_the_next_time() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lab", "--count", "2"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": "tests"},
    )
    assert (done.returncode, done.stderr) == (AGREED, "")
    assert re.search(r"^2 pairs, 2 agree, 0 differ, seed \d+, [\d.]+ pairs/s$", done.stdout, re.MULTILINE)

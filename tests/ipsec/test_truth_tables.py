"""The verdict is a real daemon's, pair by pair (see truth/README.md)."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from ipsec.causes import CAUSES
from ipsec.negotiation import negotiate, pairs, verdict
from ipsec.negotiation.__main__ import main
from ipsec.transcript import StepKind

TABLES = Path(__file__).parent / "truth"
PAIRS = {"matched": 795, "mismatch": 830, "random": 1000, "natt": 96}
MIRROR = {
    "local_id": "remote_id",
    "remote_id": "local_id",
    "local_subnets": "remote_subnets",
    "remote_subnets": "local_subnets",
}
NOTHING: dict[str, Any] = {
    "ike_established": False,
    "child_established": False,
    "selected_ike_proposal": None,
    "selected_esp_proposal": None,
    "negotiated_ts_local": None,
    "negotiated_ts_remote": None,
    "initiator_error": None,
    "failed_at": None,
    "rekey": [],
}

Pair = dict[str, Any]


def table(name: str) -> list[Pair]:
    """The pairs of a file, written out in full."""
    first, *rest = (TABLES / f"{name}.jsonl").read_text("utf-8").splitlines()
    common = json.loads(first)["common"]
    return [_expanded(json.loads(line), common) for line in rest]


def _expanded(row: Pair, common: Pair) -> Pair:
    cloud = {**common, **row.get("cloud", {})}
    mirrored = {key: cloud[MIRROR.get(key, key)] for key in common}
    peer = {**mirrored, **row.get("peer", {})}
    return {**row, "cloud": cloud, "peer": peer, "outcome": {**NOTHING, **row["outcome"]}}


@pytest.mark.parametrize("name", PAIRS)
def test_every_pair_ends_as_measured(name: str) -> None:
    rows = table(name)
    assert len(rows) == PAIRS[name]
    apart = {}
    for row in rows:
        told = pairs.answer(row["id"], verdict(pairs.scenario(row)))
        if told["outcome"] != row["outcome"]:
            apart[row["id"]] = (told["outcome"], row["outcome"])
    assert apart == {}


@pytest.mark.parametrize("name", PAIRS)
def test_the_steps_tell_the_same_story_as_the_verdict(name: str) -> None:
    for row in table(name)[::3]:
        scenario = pairs.scenario(row)
        told = negotiate(scenario)
        kinds = [step.kind for step in told.steps]
        assert (StepKind.CHILD_UP in kinds) is told.child_established, row["id"]
        assert (StepKind.IKE_UP in kinds) is told.ike_established, row["id"]
        assert (kinds[-1] is StepKind.REFUSED) is not told.child_established, row["id"]
        times = [step.at_ms for step in told.steps]
        assert times == sorted(times), row["id"]
        assert told.duration_ms == times[-1], row["id"]


@pytest.mark.parametrize("name", PAIRS)
def test_a_cause_is_named_exactly_where_the_tunnel_is_not_up(name: str) -> None:
    for row in table(name):
        told = verdict(pairs.scenario(row))
        assert (told.refusal is None) is row["outcome"]["child_established"], row["id"]
        if told.refusal is not None:
            assert told.refusal.cause in CAUSES, row["id"]


def test_the_command_line_answers_every_pair_in_order() -> None:
    rows = table("mismatch")
    output = io.StringIO()
    status = main([json.dumps(row).encode() for row in rows], output)
    answers = [json.loads(line) for line in output.getvalue().splitlines()]
    assert status == 0
    assert [answer["id"] for answer in answers] == [row["id"] for row in rows]
    assert [answer["outcome"] for answer in answers] == [row["outcome"] for row in rows]

"""Pairs drawn at random: the same for the same seed, and from the whole space of what can be configured."""

import json
import os
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs, RoutingMode
from ipsec.negotiation import Scenario, pairs, verdict
from lab.__main__ import NOT_RUN, main
from lab.connections import connection, inside_addresses
from lab.draws import MIRRORED, NATS, PLAIN, WIDE, draw

DRAWN: list[dict[str, Any]] = [*draw(7, 1500)]
ENUMERATIONS = {
    "ike_version": IkeVersion,
    "ike_mode": IkeMode,
    "ike_enc": Encryption,
    "ike_auth": Integrity,
    "ike_dh": DhGroup,
    "esp_enc": Encryption,
    "esp_auth": Integrity,
    "pfs": Pfs,
    "route_mode": RoutingMode,
}


def apart(row: Mapping[str, Any]) -> set[str]:
    """The fields in which the peer isn't the cloud's mirror."""
    cloud, peer = row["cloud"], row["peer"]
    return {key for key in peer if cloud.get(MIRRORED.get(key, key)) != peer[key]}


def test_a_seed_draws_the_same_pairs_every_time_and_more_of_them_begin_alike() -> None:
    assert [*draw(7, 20)] == DRAWN[:20]
    assert [*draw(8, 20)] != DRAWN[:20]


def test_every_pair_is_one_that_the_command_line_takes() -> None:
    for row in DRAWN:
        assert isinstance(pairs.scenario(json.loads(json.dumps(row))), Scenario)


def test_pairs_behind_a_nat_meet_every_router_and_every_identity() -> None:
    drawn = [*draw(7, 400, nat=True)]
    told = [verdict(pairs.scenario(row)) for row in drawn]
    assert {row["topology"] for row in drawn} == {*NATS}
    assert {each.child_established for each in told} == {True, False}
    assert {each.refusal.attribute for each in told if each.refusal} >= {
        "path.forwards_500",
        "path.forwards_4500",
        "path.udp4500_open",
        "ike.remote_id",
    }


def test_what_is_apart_is_what_it_says_and_no_more_than_three() -> None:
    for row in DRAWN:
        assert apart(row) <= set(row["differs"]), row["id"]
    counts = Counter(len(row["differs"]) for row in DRAWN)
    assert sorted(counts) == [0, 1, 2, 3]
    assert counts[1] == max(counts.values())


def test_every_field_comes_to_differ_and_every_choice_is_made_at_both_ends() -> None:
    assert set().union(*map(apart, DRAWN)) >= {*PLAIN, *WIDE}
    for end in ("cloud", "peer"):
        for key, enumeration in ENUMERATIONS.items():
            assert {row[end][key] for row in DRAWN} >= set(enumeration), (end, key)


def test_all_ways_to_end_are_among_them() -> None:
    told = [verdict(pairs.scenario(row)) for row in DRAWN]
    errors = {each.initiator_error for each in told}
    assert errors >= {
        None,
        "NO_PROPOSAL_CHOSEN",
        "AUTHENTICATION_FAILED",
        "RETRANSMIT_TIMEOUT",
        "TS_UNACCEPTABLE",
        "INVALID_ID_INFORMATION",
        "LOCAL_REJECT:HASH_MISMATCH",
        "LOCAL_REJECT:IDir_MISMATCH",
    }
    assert {(rekey.what, rekey.ok) for each in told for rekey in each.rekeys} >= {
        ("child", True),
        ("child", False),
        ("ike", True),
    }
    assert 0.3 < sum(each.child_established for each in told) / len(told) < 0.6


def test_an_end_is_loaded_as_it_is_configured() -> None:
    row = next(row for row in DRAWN if "esp_proposals" in row["peer"] and row["peer"]["local_id"] is None)
    end = pairs.scenario(row).peer
    loaded: dict[str, Any] = connection(end)
    assert "id" not in loaded["local"]
    assert len(loaded["children"]["net"]["esp_proposals"]) == len(row["peer"]["esp_proposals"])
    assert loaded["children"]["net"]["local_ts"] == list(end.local_networks)


def test_each_end_gets_an_address_in_every_network_that_a_child_could_have() -> None:
    end = {**DRAWN[0]["cloud"], "route_mode": "policy"}
    cloud = {**end, "local_subnets": ["10.1.0.0/16"], "remote_subnets": ["192.168.1.7/32", "172.16.0.0/12"]}
    peer = {**end, "local_subnets": ["0.0.0.0/0"], "remote_subnets": ["10.1.4.0/24", "10.2.0.0/24"]}
    scenario = pairs.scenario({"id": "one", "cloud": cloud, "peer": peer, "initiator": "cloud"})
    assert inside_addresses([scenario], scenario.initiator) == ["10.1.4.1"]
    assert inside_addresses([scenario], scenario.initiator.other) == ["172.16.0.1", "192.168.1.7"]


def test_without_root_the_command_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert main(["--count", "1"]) == NOT_RUN
    said = capsys.readouterr().out
    assert said.startswith("The lab needs ")
    assert "root" in said

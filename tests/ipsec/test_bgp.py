"""BGP over a tunnel that is up: the fourth rung of the ladder."""

from dataclasses import replace

import pytest
from ends import BGP_KEY, matched, with_cloud, with_peer

from ipsec.bgp import BgpSpeaker, Session, refusals
from ipsec.causes import CauseId
from ipsec.negotiation import Path, Scenario, negotiate
from ipsec.transcript import Phase, Refusal, Side, StepKind, Transcript


@pytest.fixture
def scenario() -> Scenario:
    return matched(local=(), remote=(), bgp=True)


def speaker(scenario: Scenario, side: Side) -> BgpSpeaker:
    found = scenario.end(side).bgp
    assert found is not None
    return found


def refusal_of(told: Transcript) -> Refusal:
    """IPsec is fine, BGP is not."""
    assert told.child_established
    assert told.bgp_established is False
    assert told.refusal is not None
    assert (told.refusal.cause, told.refusal.phase) == (CauseId.BGP_SESSION_DOWN, Phase.BGP)
    assert told.steps[-1].refusal == told.refusal
    return told.refusal


def test_two_speakers_that_agree_are_established_within_a_second(scenario: Scenario) -> None:
    told = negotiate(scenario)
    said = [step.message for step in told.steps if step.phase is Phase.BGP]
    assert said == [
        "TCP SYN",
        "TCP SYN ACK",
        "TCP ACK",
        "BGP OPEN",
        "BGP OPEN",
        "BGP KEEPALIVE",
        "BGP KEEPALIVE",
        "",
    ]
    assert told.steps[-1].kind is StepKind.BGP_UP
    assert told.bgp_established is True
    child_up = next(step for step in told.steps if step.kind is StepKind.CHILD_UP)
    assert 500 < told.duration_ms - child_up.at_ms < 1500


def test_a_tunnel_without_bgp_says_nothing_of_it() -> None:
    told = negotiate(matched())
    assert told.bgp_established is None
    assert Phase.BGP not in {step.phase for step in told.steps}


def test_another_as_than_expected_is_refused_in_the_open(scenario: Scenario) -> None:
    peer = replace(speaker(scenario, Side.PEER), asn=65002)
    told = negotiate(with_peer(scenario, bgp=peer))
    refusal = refusal_of(told)
    assert (refusal.attribute, refusal.ours, refusal.theirs) == ("bgp.asn", "65001", "65002")
    assert (refusal.message, refusal.decided_by, refusal.seen_by_cloud) == ("BGP OPEN", Side.CLOUD, True)
    assert [step.sender for step in told.steps if step.message == "BGP NOTIFICATION"] == [Side.CLOUD]


def test_a_device_that_expects_another_as_of_the_gateway_says_so(scenario: Scenario) -> None:
    peer = replace(speaker(scenario, Side.PEER), peer_asn=64999)
    refusal = refusal_of(negotiate(with_peer(scenario, bgp=peer)))
    assert (refusal.attribute, refusal.ours, refusal.theirs) == ("bgp.local_asn", "45104", "64999")
    assert refusal.decided_by is Side.PEER


def test_a_gateway_without_expectation_takes_any_as(scenario: Scenario) -> None:
    cloud = replace(speaker(scenario, Side.CLOUD), peer_asn=None)
    peer = replace(speaker(scenario, Side.PEER), asn=65002)
    assert negotiate(with_cloud(with_peer(scenario, bgp=peer), bgp=cloud)).bgp_established


def test_nobody_answers_at_a_wrong_address(scenario: Scenario) -> None:
    peer = replace(speaker(scenario, Side.PEER), address="169.254.11.2")
    told = negotiate(with_peer(scenario, bgp=peer))
    refusal = refusal_of(told)
    assert (refusal.attribute, refusal.ours) == ("bgp.peer_address", "169.254.10.2")
    assert (refusal.theirs, refusal.notify) == ("169.254.11.2", "")
    repeated = [step.detail["try"] for step in told.steps if step.kind is StepKind.RETRANSMIT]
    assert repeated == [1, 2, 3, 4, 5]


def test_a_caller_that_is_no_neighbour_is_reset(scenario: Scenario) -> None:
    peer = replace(speaker(scenario, Side.PEER), peer_address="169.254.10.3")
    refusal = refusal_of(negotiate(with_peer(scenario, bgp=peer)))
    assert (refusal.attribute, refusal.notify) == ("bgp.local_ip", "TCP RST")
    assert (refusal.ours, refusal.theirs) == ("169.254.10.1", "169.254.10.3")


def test_another_key_is_silence_and_never_told(scenario: Scenario) -> None:
    peer = replace(speaker(scenario, Side.PEER), auth_key="Another-Key")
    told = negotiate(with_peer(scenario, bgp=peer))
    refusal = refusal_of(told)
    assert (refusal.attribute, refusal.ours, refusal.theirs) == ("bgp.auth_key", "", "")
    assert BGP_KEY not in repr(told)
    assert "Another-Key" not in repr(told)


def test_a_device_that_runs_no_bgp_resets_the_call(scenario: Scenario) -> None:
    refusal = refusal_of(negotiate(with_peer(scenario, bgp=None)))
    assert (refusal.attribute, refusal.ours, refusal.theirs) == ("bgp", "on", "off")


@pytest.mark.parametrize(
    ("local", "remote", "attribute"),
    [
        (("10.1.0.0/16",), ("192.168.0.0/16", "169.254.10.0/30"), "local_networks"),
        (("10.1.0.0/16", "169.254.10.0/30"), ("192.168.0.0/16",), "remote_networks"),
        (("10.1.0.0/16", "169.254.10.0/30"), ("192.168.0.0/16", "169.254.10.0/30"), None),
    ],
)
def test_selectors_that_do_not_hold_the_session_keep_it_down(
    local: tuple[str, ...], remote: tuple[str, ...], attribute: str | None
) -> None:
    told = negotiate(matched(local=local, remote=remote, bgp=True))
    assert told.bgp_established is (attribute is None)
    if attribute:
        refusal = refusal_of(told)
        assert refusal.attribute == attribute
        assert refusal.seen_by_cloud


def test_plain_esp_behind_a_nat_carries_no_session(scenario: Scenario) -> None:
    behind = replace(scenario, initiator=Side.PEER, path=Path(behind_nat=True))
    assert negotiate(behind).bgp_established
    refusal = refusal_of(negotiate(with_peer(behind, nat_traversal=False)))
    assert refusal.attribute == "nat_traversal"


def test_everything_wrong_is_told_in_order(scenario: Scenario) -> None:
    cloud = speaker(scenario, Side.CLOUD)
    peer = BgpSpeaker(65002, "169.254.11.2", "169.254.11.1", 64999, "Another-Key")
    session = Session(cloud, peer, ("10.1.0.0/16",), ("192.168.0.0/16",), data_passes=False)
    assert [refusal.attribute for refusal in refusals(session)] == [
        "nat_traversal",
        "local_networks",
        "remote_networks",
        "bgp.peer_address",
        "bgp.local_ip",
        "bgp.auth_key",
        "bgp.asn",
        "bgp.local_asn",
    ]

"""Before anything is compared: does anybody begin, does it arrive, and is the caller known."""

import pytest
from ends import EXCHANGES, SIDES, matched, with_cloud, with_peer

from ipsec.algorithms import IkeMode, IkeVersion
from ipsec.causes import CauseId
from ipsec.negotiation import TOPOLOGIES, Path, Scenario, negotiate, verdict
from ipsec.transcript import Phase, Refusal, Side, StepKind

FIRST = {
    (IkeVersion.IKEV2, IkeMode.MAIN): "IKE_SA_INIT",
    (IkeVersion.IKEV1, IkeMode.MAIN): "MAIN_MODE.1",
    (IkeVersion.IKEV1, IkeMode.AGGRESSIVE): "AGGRESSIVE.1",
}
AFTER_NAT_DETECTION = {
    (IkeVersion.IKEV2, IkeMode.MAIN): "IKE_AUTH",
    (IkeVersion.IKEV1, IkeMode.MAIN): "MAIN_MODE.5",
    (IkeVersion.IKEV1, IkeMode.AGGRESSIVE): "QUICK_MODE.3",
}


def refusal_of(scenario: Scenario) -> Refusal:
    told = negotiate(scenario)
    assert told.refusal is not None
    assert not told.ike_established
    return told.refusal


def assert_nothing_is_sent(scenario: Scenario, cause: CauseId, attribute: str) -> None:
    told = negotiate(scenario)
    assert told.refusal is not None
    assert (told.refusal.cause, told.refusal.attribute) == (cause, attribute)
    assert [step.kind for step in told.steps] == [StepKind.REFUSED]
    assert (told.initiator_error, told.failed_at, told.duration_ms) == (None, None, 0)


# Nobody begins


def test_an_unbound_tunnel_has_no_address_to_call_from() -> None:
    assert_nothing_is_sent(with_cloud(matched(), address=""), CauseId.TUNNEL_NOT_BOUND, "gateway_address")


def test_who_only_answers_waits_for_traffic() -> None:
    idle = with_peer(with_cloud(matched(), responds_only=True), responds_only=True)
    assert_nothing_is_sent(idle, CauseId.NOT_TRIGGERED, "effect_immediately")


def test_a_device_that_only_answers_does_not_begin() -> None:
    idle = with_peer(matched(by=Side.PEER), responds_only=True)
    assert_nothing_is_sent(idle, CauseId.NOT_TRIGGERED, "device.initiates")


def test_a_device_that_is_off_or_not_set_up_does_not_begin() -> None:
    off = with_peer(matched(by=Side.PEER), powered_on=False)
    assert_nothing_is_sent(off, CauseId.NOT_TRIGGERED, "device.powered_on")
    bare = with_peer(matched(by=Side.PEER), configured=False)
    assert_nothing_is_sent(bare, CauseId.PEER_NOT_CONFIGURED, "device.configured")


def test_an_end_that_takes_anybodys_call_has_nobody_to_call() -> None:
    assert_nothing_is_sent(with_cloud(matched(), remote_address=""), CauseId.NOT_TRIGGERED, "peer.address")


# Silence


@pytest.mark.parametrize(("version", "mode"), EXCHANGES)
def test_a_device_that_is_off_is_silence_for_165_seconds(version: IkeVersion, mode: IkeMode) -> None:
    told = negotiate(with_peer(matched(version, mode), powered_on=False))
    assert (told.initiator_error, told.failed_at) == ("RETRANSMIT_TIMEOUT", FIRST[version, mode])
    assert told.refusal is not None
    assert (told.refusal.cause, told.refusal.phase) == (CauseId.PHASE1_TIMEOUT, Phase.REACH)
    assert told.refusal.seen_by_cloud
    assert {step.phase for step in told.steps} == {Phase.REACH}
    assert round(told.duration_ms / 1000) == 165


@pytest.mark.parametrize("by", SIDES)
@pytest.mark.parametrize("path", [Path(udp500_open=False), Path(loss_percent=100)])
def test_a_closed_port_500_is_silence_for_both(by: Side, path: Path) -> None:
    told = refusal_of(matched(by=by, path=path))
    assert (told.cause, told.attribute) == (CauseId.PHASE1_TIMEOUT, "path.udp500_open")
    assert told.seen_by_cloud is (by is Side.CLOUD)


def test_a_gateway_that_calls_a_wrong_address_hears_nothing() -> None:
    told = refusal_of(with_cloud(matched(), remote_address="198.51.100.66"))
    assert (told.cause, told.attribute) == (CauseId.PEER_MISMATCH, "peer.address")
    assert (told.ours, told.theirs) == ("198.51.100.66", "198.51.100.10")
    assert not told.seen_by_cloud


# An unknown caller is answered


@pytest.mark.parametrize(("version", "mode"), EXCHANGES)
def test_a_device_not_set_up_yet_refuses_the_first_message(version: IkeVersion, mode: IkeMode) -> None:
    told = negotiate(with_peer(matched(version, mode), configured=False))
    assert (told.initiator_error, told.failed_at) == ("NO_PROPOSAL_CHOSEN", FIRST[version, mode])
    assert told.refusal is not None
    assert told.refusal.cause is CauseId.PEER_NOT_CONFIGURED
    assert not told.refusal.seen_by_cloud


def test_a_caller_from_an_address_the_responder_does_not_expect_is_refused() -> None:
    ours = refusal_of(with_cloud(matched(by=Side.PEER), remote_address="198.51.100.66"))
    assert (ours.cause, ours.attribute, ours.ours) == (CauseId.PEER_MISMATCH, "peer.address", "198.51.100.66")
    assert ours.seen_by_cloud
    theirs = refusal_of(with_peer(matched(), remote_address="203.0.113.66"))
    assert (theirs.cause, theirs.attribute) == (CauseId.PEER_MISMATCH, "gateway_address")
    assert (theirs.ours, theirs.theirs) == ("203.0.113.10", "203.0.113.66")
    assert not theirs.seen_by_cloud


def test_a_responder_for_anybody_takes_the_call() -> None:
    assert verdict(with_peer(matched(), remote_address="%any")).child_established


# A NAT before the peer


@pytest.mark.parametrize("topology", ["masq", "masq+dnat", "masq+dnat500only"])
@pytest.mark.parametrize(("version", "mode"), EXCHANGES)
def test_a_peer_behind_a_nat_can_always_begin(version: IkeVersion, mode: IkeMode, topology: str) -> None:
    told = verdict(matched(version, mode, by=Side.PEER, path=TOPOLOGIES[topology]))
    assert told.child_established


@pytest.mark.parametrize(("version", "mode"), EXCHANGES)
def test_the_gateway_gets_through_a_nat_only_where_both_ports_are_forwarded(
    version: IkeVersion, mode: IkeMode
) -> None:
    def told(topology: str) -> tuple[str | None, str | None, str]:
        found = verdict(matched(version, mode, path=TOPOLOGIES[topology]))
        return found.initiator_error, found.failed_at, found.refusal.attribute if found.refusal else ""

    later = AFTER_NAT_DETECTION[version, mode]
    assert told("masq+dnat") == (None, None, "")
    assert told("masq") == ("RETRANSMIT_TIMEOUT", FIRST[version, mode], "path.forwards_500")
    assert told("masq+dnat500only") == ("RETRANSMIT_TIMEOUT", later, "path.forwards_4500")


@pytest.mark.parametrize(("version", "mode"), EXCHANGES)
def test_port_4500_matters_only_where_a_nat_is_seen(version: IkeVersion, mode: IkeMode) -> None:
    shut = Path(udp4500_open=False)
    assert verdict(matched(version, mode, path=shut)).child_established
    behind = Path(behind_nat=True, udp4500_open=False)
    told = verdict(matched(version, mode, by=Side.PEER, path=behind))
    assert told.failed_at == AFTER_NAT_DETECTION[version, mode]
    assert told.refusal is not None
    assert (told.refusal.cause, told.refusal.attribute) == (CauseId.PHASE1_TIMEOUT, "path.udp4500_open")

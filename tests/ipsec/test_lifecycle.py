"""The timers of SAs that are up: pure, so that years pass in a test."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipsec.algorithms import Encryption, IkeVersion, Integrity, Pfs
from ipsec.causes import CauseId
from ipsec.happenings import Happening, LifeKind, bgp_state
from ipsec.lifecycle import DPD_SECONDS, Life, first_life, live, next_moment, notice, skip_to
from ipsec.negotiation import Scenario, cloud_endpoint, mirrored_peer
from ipsec.scenario import ChildProposal
from ipsec.spec import BgpSpec, ChildSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec
from ipsec.transcript import Phase, Side, StepKind

START = datetime(2026, 3, 1, tzinfo=UTC)
lifetimes = st.sampled_from([0, 1, 60, 600, 3600, 28800, 86400])
versions = st.sampled_from(IkeVersion)


def ends(*, version: IkeVersion = IkeVersion.IKEV2, seed: int = 1, bgp: bool = True, **peer: Any) -> Scenario:
    """Two ends that agree, but for what `peer` says."""
    tunnel = TunnelSpec(
        index=1,
        peer=PeerSpec("203.0.113.9", 65001),
        ike=IkeSpec(version=version, psk="secret"),
        child=ChildSpec(),
        bgp=BgpSpec("169.254.10.0/30") if bgp else None,
        gateway_address="198.18.0.1",
    )
    connection = ConnectionSpec(bgp_enabled=bgp, tunnels=(tunnel,))
    device = replace(mirrored_peer(connection, tunnel), **peer)
    return Scenario(cloud_endpoint(connection, tunnel), device, seed=seed)


def born(scenario: Scenario) -> Life:
    bgp_up = None if scenario.cloud.bgp is None else True
    return first_life(scenario, ike_at=START, child_at=START, bgp_up=bgp_up)


def lived(
    life: Life | None, scenario: Scenario, until: datetime, most: int = 3000
) -> tuple[Life | None, list[Happening]]:
    told: list[Happening] = []
    for _ in range(most):
        moment = next_moment(life) if life else None
        if life is None or moment is None or moment > until:
            break
        chapter = live(life, scenario)
        life, told = chapter.life, [*told, *chapter.told]
    return life, told


def kinds(told: list[Happening]) -> list[str]:
    return [each.kind.value for each in told if each.kind is not StepKind.MESSAGE]


pairs = st.tuples(lifetimes, lifetimes)


@settings(max_examples=40, deadline=None)
@given(versions, pairs, pairs, st.integers(0, 10**6))
def test_ends_that_agree_stay_up_whatever_their_lifetimes(
    version: IkeVersion, ours: tuple[int, int], theirs: tuple[int, int], seed: int
) -> None:
    scenario = ends(version=version, seed=seed, ike_lifetime=theirs[0], child_lifetime=theirs[1])
    scenario = replace(scenario, cloud=replace(scenario.cloud, ike_lifetime=ours[0], child_lifetime=ours[1]))
    life, told = lived(born(scenario), scenario, START + timedelta(days=3), most=60)
    assert life is not None
    assert life.child is not None
    assert set(kinds(told)) <= {LifeKind.REKEYED}
    for phase in Phase:
        at = [each.at for each in told if each.phase is phase]
        assert at == sorted(at)


@given(versions, st.sampled_from([600, 3600, 86400]), st.integers(0, 10**6))
def test_a_rekey_comes_before_the_end_and_not_at_once(version: IkeVersion, lifetime: int, seed: int) -> None:
    life = born(ends(version=version, seed=seed, child_lifetime=lifetime))
    assert life.child is not None
    assert life.child.rekey_at is not None
    assert life.child.expires_at is not None
    part = (life.child.rekey_at - START) / timedelta(seconds=lifetime)
    assert 0.79 < part < 0.93
    assert life.child.expires_at == START + timedelta(seconds=lifetime)


@given(st.integers(0, 10**6))
def test_the_same_seed_tells_the_same_life(seed: int) -> None:
    scenario = ends(seed=seed)
    until = START + timedelta(days=5)
    assert lived(born(scenario), scenario, until) == lived(born(scenario), scenario, until)


@given(st.integers(0, 10**6), st.booleans())
def test_silence_ends_within_the_time_of_dpd_or_lasts_until_the_rekey(seed: int, dpd: bool) -> None:
    scenario = ends(seed=seed, powered_on=False)
    scenario = replace(scenario, cloud=replace(scenario.cloud, dpd=dpd))
    cut = START + timedelta(hours=1)
    chapter = notice(born(scenario), scenario, cut)
    life, told = lived(chapter.life, scenario, cut + timedelta(days=2))
    assert life is None
    assert told[-1].refusal is not None
    assert told[-1].refusal.cause == (CauseId.DPD_TIMEOUT if dpd else CauseId.PHASE1_TIMEOUT)
    silence = told[-1].at - cut
    assert silence <= timedelta(seconds=DPD_SECONDS) if dpd else silence > timedelta(hours=15)


def test_pfs_that_differs_lasts_exactly_one_lifetime() -> None:
    other = (ChildProposal(Encryption.AES128, Integrity.SHA1, Pfs.GROUP14),)
    scenario = ends(esp_proposals=other)
    life, told = lived(born(scenario), scenario, START + timedelta(hours=25))
    down = next(each for each in told if each.kind is LifeKind.CHILD_DOWN)
    assert down.at == START + timedelta(days=1)
    assert down.refusal is not None
    assert (down.refusal.cause, down.refusal.ours, down.refusal.theirs) == (CauseId.PFS, "group2", "group14")
    assert life is not None
    assert life.child is None
    assert life.bgp_up is False
    # The IKE SA goes on, and every try for a new child fails.
    assert kinds(told).count("ike_down") == 0
    assert kinds(told).count("refused") > 5


def test_a_rekey_asked_for_while_nobody_answers_is_given_up_after_its_retransmits() -> None:
    scenario = ends(powered_on=False)
    scenario = replace(scenario, cloud=replace(scenario.cloud, dpd=False))
    asked = replace(born(scenario), asked=("child",))
    chapter = notice(asked, scenario, START)
    assert [each.kind for each in chapter.told].count(StepKind.RETRANSMIT) == 5
    life, told = lived(chapter.life, scenario, START + timedelta(minutes=3))
    assert life is None
    assert timedelta(seconds=160) < told[-1].at - START < timedelta(seconds=170)


def test_a_wish_is_met_once() -> None:
    scenario = ends()
    chapter = notice(replace(born(scenario), asked=("ike", "child", "bgp-anew")), scenario, START)
    assert chapter.life is not None
    assert chapter.life.asked == ()
    assert kinds([*chapter.told]) == ["rekeyed", "rekeyed", "bgp_down", "bgp_up"]
    assert notice(chapter.life, scenario, START).told == ()


def test_looking_at_ends_that_are_as_before_changes_nothing() -> None:
    scenario = ends()
    life = born(scenario)
    assert notice(life, scenario, START + timedelta(hours=5)).life == life


def test_what_is_skipped_counts_as_rekeyed() -> None:
    scenario = ends(child_lifetime=60)
    later = START + timedelta(days=2)
    life = skip_to(born(scenario), scenario, later)
    moment = next_moment(life)
    assert moment is not None
    assert moment > later
    assert life.child is not None
    assert life.child.rekeys == 1


@pytest.mark.parametrize(
    ("message", "kind", "sender", "state"),
    [
        ("TCP SYN", "message", Side.CLOUD, "Connect"),
        ("BGP OPEN", "message", Side.CLOUD, "OpenSent"),
        ("BGP OPEN", "message", Side.PEER, "OpenConfirm"),
        ("", "bgp_up", Side.CLOUD, "Established"),
        ("BGP NOTIFICATION", "message", Side.PEER, "Idle"),
        ("TCP SYN", "refused", Side.PEER, "Idle"),
        ("", "bgp_down", Side.CLOUD, "Idle"),
        ("TCP ACK", "message", Side.CLOUD, ""),
    ],
)
def test_the_states_of_rfc_4271(message: str, kind: str, sender: Side, state: str) -> None:
    assert bgp_state(message, kind, sender) == state


def test_bgp_without_a_child_waits_for_one() -> None:
    scenario = ends()
    life = replace(born(scenario), child=None, child_retry_at=START + timedelta(hours=1), bgp_up=False)
    assert next_moment(life) == START + timedelta(hours=1)
    life_after, told = lived(life, scenario, START + timedelta(hours=2))
    assert life_after is not None
    assert life_after.bgp_up
    assert [each.phase for each in told if each.kind is StepKind.BGP_UP] == [Phase.BGP]

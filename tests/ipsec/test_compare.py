"""Two ends compared value by value: what is marked, what it comes to, and that mending it is enough."""

from dataclasses import replace
from functools import reduce
from typing import Any

import pytest
from ends import BGP_KEY, PSK, matched, with_cloud, with_peer
from hypothesis import given, settings
from hypothesis import strategies as st
from test_negotiation_properties import FATAL, MODE, OTHER_KEY, PFS, Field, is_v2, scenarios, spoiled, values

from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from ipsec.causes import CauseId
from ipsec.compare import Compared, Effect, compare, mended
from ipsec.negotiation import ANY_VERSION, ChildProposal, IkeProposal, Path, Scenario, verdict
from ipsec.spec import ChildSpec, IkeSpec
from ipsec.transcript import Side

FEW = settings(max_examples=80, deadline=None)
SECRETS = (PSK, OTHER_KEY, BGP_KEY)


def differing(scenario: Scenario) -> list[Compared]:
    return [row for row in compare(scenario.cloud, scenario.peer, scenario.path) if row.differs]


def only(scenario: Scenario) -> Compared:
    [row] = differing(scenario)
    return row


# Laws


@FEW
@given(scenarios())
def test_ends_that_mirror_each_other_have_no_difference(scenario: Scenario) -> None:
    rows = compare(scenario.cloud, scenario.peer)
    assert {row.effect for row in rows} == {Effect.SAME}
    assert len({row.attribute for row in rows}) == len(rows)
    assert all(row.ours == row.theirs for row in rows)


@FEW
@given(scenarios(policy=True), st.sampled_from(FATAL), st.sampled_from(list(Side)))
def test_one_wrong_value_is_the_one_that_is_marked(scenario: Scenario, field: Field, side: Side) -> None:
    wrong = spoiled(scenario, field, side)
    row = only(wrong)
    assert (row.attribute, row.ours, row.theirs) == (field.attribute, *values(wrong, field))
    if is_v2(scenario) and field in (MODE, PFS):
        assert row.effect is (Effect.AT_REKEY if field is PFS else Effect.HARMLESS)
    else:
        assert (row.effect, row.begun_by) == (Effect.FATAL, (Side.CLOUD, Side.PEER))
        assert row.refusal is not None
        assert (row.refusal.cause, row.refusal.attribute) == (field.cause, field.attribute)


@FEW
@given(scenarios(policy=True), st.lists(st.sampled_from(FATAL), max_size=4), st.sampled_from(list(Side)))
def test_mending_what_is_marked_leaves_nothing_to_mark_and_brings_the_tunnel_up(
    scenario: Scenario, fields: list[Field], side: Side
) -> None:
    wrong = reduce(lambda held, field: spoiled(held, field, side), fields, scenario)
    while rows := differing(wrong):
        wrong = replace(wrong, peer=mended(wrong.cloud, wrong.peer, rows[0].attribute))
    told = verdict(wrong)
    assert told.child_established
    assert (told.refusal, told.later) == (None, ())


@FEW
@given(scenarios(), st.lists(st.sampled_from(FATAL), max_size=3))
def test_what_is_fatal_alone_is_fatal_beside_others(scenario: Scenario, fields: list[Field]) -> None:
    wrong = reduce(lambda held, field: spoiled(held, field, Side.PEER), fields, scenario)
    fatal = [row for row in differing(wrong) if row.effect is Effect.FATAL]
    up = [verdict(replace(wrong, initiator=side)).child_established for side in Side]
    assert all(up) or fatal
    assert not (all(up) and fatal)


@FEW
@given(scenarios(), st.lists(st.sampled_from(FATAL), max_size=3))
def test_no_key_is_ever_shown(scenario: Scenario, fields: list[Field]) -> None:
    wrong = reduce(lambda held, field: spoiled(held, field, Side.PEER), fields, scenario)
    told = repr(compare(wrong.cloud, wrong.peer))
    assert not [secret for secret in SECRETS if secret in told]


@FEW
@given(scenarios(), st.booleans(), st.booleans(), st.booleans())
def test_how_the_device_stands_is_no_difference_of_values(
    scenario: Scenario, powered_on: bool, configured: bool, responds_only: bool
) -> None:
    stands = with_peer(
        scenario, powered_on=powered_on, configured=configured, responds_only=responds_only, psk=OTHER_KEY
    )
    shut = replace(stands, path=Path(udp500_open=False, udp4500_open=False, loss_percent=100))
    assert only(shut) == only(with_peer(scenario, psk=OTHER_KEY))


# Each effect


def networks(*peers: str) -> Scenario:
    return with_peer(matched(local=("10.1.0.0/16",)), remote_networks=peers)


def test_a_value_that_each_end_keeps_to_itself_is_harmless() -> None:
    for name, value in (("ike_lifetime", 3600), ("child_lifetime", 60), ("dpd", False)):
        assert only(with_peer(matched(), **{name: value})).effect is Effect.HARMLESS


def test_switches_read_as_the_console_writes_them() -> None:
    row = only(with_peer(matched(), dpd=False))
    assert (row.attribute, row.ours, row.theirs) == ("dpd", "true", "false")


def test_a_narrower_network_is_narrowed_and_says_to_what() -> None:
    row = only(networks("10.1.2.0/24"))
    assert (row.attribute, row.effect, row.agreed) == ("local_networks", Effect.NARROWED, "10.1.2.0/24")
    assert row.refusal is None


def test_a_wider_network_narrows_nothing() -> None:
    assert only(networks("10.0.0.0/8")).effect is Effect.HARMLESS


def test_a_strict_device_makes_the_same_difference_fatal() -> None:
    row = only(with_peer(networks("10.1.2.0/24"), strict_selectors=True))
    assert (row.effect, row.begun_by) == (Effect.FATAL, (Side.CLOUD,))
    assert row.refusal is not None
    assert (row.refusal.cause, row.refusal.ours) == (CauseId.TRAFFIC_SELECTOR, "10.1.0.0/16")


def test_a_strict_lifetime_is_fatal_only_for_who_asks_for_more() -> None:
    strict = with_peer(matched(IkeVersion.IKEV1), ike_lifetime=3600, strict_lifetimes=True)
    row = only(strict)
    assert (row.attribute, row.effect, row.begun_by) == ("ike.lifetime", Effect.FATAL, (Side.CLOUD,))
    longer = with_peer(matched(IkeVersion.IKEV1, ike=IkeSpec(lifetime=60)), ike_lifetime=3600)
    assert only(with_peer(longer, strict_lifetimes=True)).effect is Effect.HARMLESS


def test_nat_traversal_matters_where_there_is_a_nat() -> None:
    off = with_peer(matched(), nat_traversal=False)
    assert only(off).effect is Effect.HARMLESS
    row = only(replace(off, path=Path(behind_nat=True)))
    assert row.effect is Effect.NO_DATA
    assert row.refusal is not None
    assert row.refusal.cause == CauseId.NAT_TRAVERSAL


@pytest.mark.parametrize(
    ("changes", "attribute", "texts"),
    [
        ({"asn": 65009}, "bgp.asn", ("65001", "65009")),
        ({"peer_asn": 65009}, "bgp.local_asn", ("45104", "65009")),
        ({"address": "169.254.9.2"}, "bgp.peer_address", ("169.254.10.2", "169.254.9.2")),
        ({"peer_address": "169.254.9.1"}, "bgp.local_ip", ("169.254.10.1", "169.254.9.1")),
        ({"auth_key": "Another"}, "bgp.auth_key", ("", "")),
    ],
)
def test_a_difference_of_the_session_leaves_the_tunnel_up(
    changes: dict[str, Any], attribute: str, texts: tuple[str, str]
) -> None:
    sound = matched(bgp=True, local=(), remote=())
    assert sound.peer.bgp is not None
    row = only(with_peer(sound, bgp=replace(sound.peer.bgp, **changes)))
    assert (row.attribute, row.ours, row.theirs) == (attribute, *texts)
    assert row.effect is Effect.BGP_DOWN
    assert row.refusal is not None
    assert row.refusal.attribute == attribute


def test_a_device_without_bgp_is_one_difference() -> None:
    silent = with_peer(matched(bgp=True, local=(), remote=()), bgp=None)
    row = only(silent)
    assert (row.attribute, row.ours, row.theirs, row.effect) == ("bgp", "on", "off", Effect.BGP_DOWN)
    assert verdict(replace(silent, peer=mended(silent.cloud, silent.peer, "bgp"))).bgp_established


def test_a_device_that_alone_speaks_bgp_speaks_to_nobody() -> None:
    speaking = with_cloud(matched(bgp=True, local=(), remote=()), bgp=None)
    row = only(speaking)
    assert (row.ours, row.theirs, row.effect) == ("off", "on", Effect.HARMLESS)
    assert mended(speaking.cloud, speaking.peer, "bgp").bgp is None


def test_what_stops_bgp_anyway_is_not_laid_on_another_value() -> None:
    """Networks that do not hold the session's addresses: the same at both ends, and no difference."""
    beside = with_peer(matched(bgp=True), dpd=False)
    assert verdict(beside).bgp_established is False
    assert only(beside).effect is Effect.HARMLESS


# Lists of proposals


SOUND = IkeProposal(Encryption.AES128, Integrity.SHA1, DhGroup.GROUP2)
STRONG = IkeProposal(Encryption.AES256, Integrity.SHA256, DhGroup.GROUP14)


def test_a_list_that_holds_our_proposal_is_harmless_and_reads_as_a_list() -> None:
    row = only(with_peer(matched(), ike_proposals=(STRONG, SOUND)))
    assert (row.attribute, row.ours, row.effect) == ("ike", "aes-sha1-group2", Effect.HARMLESS)
    assert row.theirs == "aes256-sha256-group14, aes-sha1-group2"


def test_a_list_without_ours_is_fatal_and_mended_as_a_whole() -> None:
    other = SOUND._replace(dh_group=DhGroup.GROUP5)
    wrong = with_peer(matched(), ike_proposals=(STRONG, other))
    assert only(wrong).effect is Effect.FATAL
    assert mended(wrong.cloud, wrong.peer, "ike").ike_proposals == (SOUND,)


def test_the_order_of_a_list_matters_where_the_first_message_guesses() -> None:
    """IKEv1 aggressive mode sends the key exchange of its first proposal and has no second try."""
    row = only(with_peer(matched(IkeVersion.IKEV1, IkeMode.AGGRESSIVE), ike_proposals=(STRONG, SOUND)))
    assert (row.effect, row.begun_by) == (Effect.FATAL, (Side.PEER,))


def test_one_algorithm_is_mended_without_touching_the_others() -> None:
    proposal = ChildProposal(Encryption.DES, Integrity.MD5, Pfs.DISABLED)
    wrong = with_peer(matched(child=ChildSpec()), esp_proposals=(proposal,))
    assert [row.attribute for row in differing(wrong)] == ["child.encryption", "child.integrity", "child.pfs"]
    peer = mended(wrong.cloud, wrong.peer, "child.integrity")
    assert peer.esp_proposals == (proposal._replace(integrity=Integrity.SHA1),)


# Corners


def test_a_device_of_both_versions_differs_and_does_no_harm() -> None:
    row = only(with_peer(matched(), ike_versions=ANY_VERSION))
    assert (row.ours, row.theirs, row.effect) == ("ikev2", "ikev2, ikev1", Effect.HARMLESS)


def test_a_name_in_another_case_differs_and_does_no_harm() -> None:
    named = with_cloud(matched(), local_id="cloud.example")
    row = only(with_peer(named, remote_id="@CLOUD.example"))
    assert (row.attribute, row.effect) == ("ike.local_id", Effect.HARMLESS)


def test_a_key_that_is_not_known_cannot_be_compared() -> None:
    for unknown in (with_peer(matched(), psk=None), with_cloud(matched(), psk=None)):
        rows = {row.attribute: row for row in compare(unknown.cloud, unknown.peer)}
        assert (rows["ike.psk"].effect, rows["ike.psk"].differs) == (Effect.UNKNOWN, False)
        assert not differing(unknown)


def test_before_the_gateway_has_an_address_differences_are_judged_all_the_same() -> None:
    unbound = with_cloud(with_peer(matched(), remote_address="", psk=OTHER_KEY), address="")
    row = only(unbound)
    assert (row.attribute, row.effect) == ("ike.psk", Effect.FATAL)
    assert all("192.0.2" not in each.ours for each in compare(unbound.cloud, unbound.peer))


def test_a_value_that_there_is_not_cannot_be_mended() -> None:
    scenario = matched()
    with pytest.raises(KeyError):
        mended(scenario.cloud, scenario.peer, "bgp.asn")

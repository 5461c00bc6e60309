"""What a refusal says: the cause, where it fell, who decided, and what the gateway itself can know."""

from dataclasses import replace

import pytest
from ends import EXCHANGES, SIDES, matched, with_cloud, with_peer

from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from ipsec.causes import CauseId
from ipsec.negotiation import ANY_VERSION, ChildProposal, IkeProposal, Path, Scenario, verdict
from ipsec.transcript import Phase, Refusal, Side

V1, V2 = IkeVersion.IKEV1, IkeVersion.IKEV2
MAIN, AGGRESSIVE = IkeMode.MAIN, IkeMode.AGGRESSIVE
WRONG_KEY = "Beatles-1966"


def refusal_of(scenario: Scenario) -> Refusal:
    told = verdict(scenario).refusal
    assert told is not None
    return told


# Keys


AUTH_FAILED = "AUTHENTICATION_FAILED"
KEY_SHOWS = {
    (V2, MAIN, Side.CLOUD): ("IKE_AUTH request", AUTH_FAILED, AUTH_FAILED, Side.PEER, False),
    (V2, MAIN, Side.PEER): ("IKE_AUTH request", AUTH_FAILED, AUTH_FAILED, Side.CLOUD, True),
    (V1, MAIN, Side.CLOUD): ("MAIN_MODE.5", "", "RETRANSMIT_TIMEOUT", Side.PEER, False),
    (V1, MAIN, Side.PEER): ("MAIN_MODE.5", "", "RETRANSMIT_TIMEOUT", Side.CLOUD, True),
    (V1, AGGRESSIVE, Side.CLOUD): (
        "AGGRESSIVE.2",
        AUTH_FAILED,
        "LOCAL_REJECT:HASH_MISMATCH",
        Side.CLOUD,
        True,
    ),
    (V1, AGGRESSIVE, Side.PEER): (
        "AGGRESSIVE.2",
        AUTH_FAILED,
        "LOCAL_REJECT:HASH_MISMATCH",
        Side.PEER,
        False,
    ),
}


@pytest.mark.parametrize("situation", KEY_SHOWS)
def test_another_key_shows_differently_in_every_exchange(
    situation: tuple[IkeVersion, IkeMode, Side],
) -> None:
    version, mode, by = situation
    message, notify, error, decided_by, seen = KEY_SHOWS[situation]
    told = verdict(with_peer(matched(version, mode, by=by), psk=WRONG_KEY))
    assert told.refusal == Refusal(
        CauseId.PSK,
        Phase.IKE,
        message,
        "ike.psk",
        decided_by=decided_by,
        notify=notify,
        seen_by_cloud=seen,
    )
    assert told.initiator_error == error


def test_a_key_that_is_not_known_counts_as_equal_and_is_named() -> None:
    told = verdict(with_peer(matched(), psk=None))
    assert told.child_established
    assert told.assumed == ("ike.psk",)


# Identities


@pytest.mark.parametrize("by", SIDES)
@pytest.mark.parametrize(("version", "mode"), EXCHANGES)
def test_the_end_whose_identity_is_refused_decides_the_cause(
    version: IkeVersion, mode: IkeMode, by: Side
) -> None:
    theirs = refusal_of(with_peer(matched(version, mode, by=by), local_id="198.51.100.99"))
    assert (theirs.cause, theirs.attribute) == (CauseId.PEER_ID, "ike.remote_id")
    assert (theirs.ours, theirs.theirs) == ("198.51.100.10", "198.51.100.99")
    ours = refusal_of(with_peer(matched(version, mode, by=by), remote_id="hq.example.com"))
    assert (ours.cause, ours.attribute) == (CauseId.LOCAL_ID, "ike.local_id")
    assert (ours.ours, ours.theirs) == ("203.0.113.10", "hq.example.com")


@pytest.mark.parametrize(
    ("ours", "theirs", "fits"),
    [
        ("branch.example.com", "Branch.Example.COM", True),
        ("branch.example.com", "@branch.example.com", True),
        ("branch.example.com", "branch.example.com.", False),
        ("branch.example.com", "ops@branch.example.com", False),
        ("198.51.100.10", "host-198-51-100-10", False),
        ("*.example.com", "branch.example.com", True),
        ("*.example.com", "branch.example.org", False),
        ("%any", "whatever", True),
        (None, "whatever", True),
        ("192.0.2.1", "192.0.2.1", True),
    ],
)
@pytest.mark.parametrize("by", SIDES)
@pytest.mark.parametrize("exchange", EXCHANGES)
def test_which_identities_are_the_same(
    exchange: tuple[IkeVersion, IkeMode], by: Side, ours: str | None, theirs: str, fits: bool
) -> None:
    scenario = with_cloud(with_peer(matched(*exchange, by=by), local_id=theirs), remote_id=ours)
    assert verdict(scenario).child_established is fits


@pytest.mark.parametrize(
    ("version", "mode", "up"), [(V2, MAIN, True), (V1, MAIN, False), (V1, AGGRESSIVE, False)]
)
def test_a_responder_without_an_identity_is_under_ikev2_whoever_it_is_asked_to_be(
    version: IkeVersion, mode: IkeMode, up: bool
) -> None:
    scenario = with_cloud(matched(version, mode), remote_id="branch.example.com")
    assert verdict(with_peer(scenario, local_id=None)).child_established is up


def test_behind_a_nat_an_unset_identity_is_the_inside_address() -> None:
    path = Path(behind_nat=True, inside_address="10.0.0.5")
    scenario = with_peer(matched(by=Side.PEER, path=path), local_id=None)
    told = refusal_of(scenario)
    assert (told.cause, told.ours, told.theirs) == (CauseId.PEER_ID, "198.51.100.10", "10.0.0.5")
    assert verdict(with_cloud(scenario, remote_id="10.0.0.5")).child_established


# Proposals

AES256 = IkeProposal(Encryption.AES256, Integrity.SHA256, DhGroup.GROUP14)
AES128 = IkeProposal(Encryption.AES128, Integrity.SHA1, DhGroup.GROUP2)
AES256_GROUP2 = IkeProposal(Encryption.AES256, Integrity.SHA256, DhGroup.GROUP2)


@pytest.mark.parametrize(("version", "mode"), EXCHANGES)
def test_several_fields_apart_are_told_as_whole_suites(version: IkeVersion, mode: IkeMode) -> None:
    scenario = with_cloud(matched(version, mode), ike_proposals=(AES256,))
    told = refusal_of(with_peer(scenario, ike_proposals=(AES128,)))
    assert (told.cause, told.attribute, told.phase) == (CauseId.ALGORITHM, "ike", Phase.IKE)
    assert (told.ours, told.theirs) == ("aes256-sha256-group14", "aes-sha1-group2")


def test_of_several_proposals_the_nearest_names_the_field() -> None:
    scenario = with_cloud(matched(), ike_proposals=(AES256,))
    told = refusal_of(with_peer(scenario, ike_proposals=(AES128, AES256_GROUP2)))
    assert (told.cause, told.attribute) == (CauseId.DH_GROUP, "ike.dh_group")
    assert (told.ours, told.theirs) == ("group14", "group2")


def test_the_responder_prefers_its_own_order() -> None:
    scenario = with_cloud(matched(), ike_proposals=(AES256, AES128))
    scenario = with_peer(scenario, ike_proposals=(AES128, AES256))
    by_cloud, by_peer = (verdict(replace(scenario, initiator=side)) for side in SIDES)
    assert by_cloud.ike_proposal == "IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024"
    assert by_peer.ike_proposal == "IKE:AES_CBC_256/HMAC_SHA2_256_128/PRF_HMAC_SHA2_256/MODP_2048"


@pytest.mark.parametrize(("version", "mode"), [(V2, MAIN), (V1, MAIN)])
def test_a_wrong_first_group_is_no_refusal_where_there_is_a_second_try(
    version: IkeVersion, mode: IkeMode
) -> None:
    scenario = with_cloud(matched(version, mode), ike_proposals=(AES256_GROUP2, AES256))
    assert verdict(with_peer(scenario, ike_proposals=(AES256,))).child_established


def test_aggressive_mode_has_no_second_try_for_the_group() -> None:
    scenario = with_cloud(matched(V1, AGGRESSIVE), ike_proposals=(AES256_GROUP2, AES256))
    told = verdict(with_peer(scenario, ike_proposals=(AES256,)))
    assert told.refusal is not None
    assert (told.refusal.cause, told.refusal.notify) == (CauseId.DH_GROUP, "INVALID_PAYLOAD_TYPE")
    assert told.initiator_error == "UNSUPPORTED_CRITICAL_PAYLOAD"


def test_quick_mode_offers_the_group_of_phase_1_where_it_has_one() -> None:
    suites = tuple(
        ChildProposal(Encryption.AES256, Integrity.SHA256, pfs) for pfs in (Pfs.DISABLED, Pfs.GROUP14)
    )
    scenario = with_cloud(matched(V1, MAIN), ike_proposals=(AES256,), esp_proposals=suites)
    scenario = with_peer(scenario, ike_proposals=(AES256,), esp_proposals=suites[1:])
    assert verdict(scenario).child_established
    refused = refusal_of(with_peer(scenario, esp_proposals=suites[:1]))
    assert (refused.cause, refused.ours, refused.theirs) == (CauseId.PFS, "group14", "disabled")


def test_quick_mode_offers_nothing_without_a_group_beside_one_with_a_group() -> None:
    suites = tuple(
        ChildProposal(Encryption.AES256, Integrity.SHA256, pfs) for pfs in (Pfs.DISABLED, Pfs.GROUP2)
    )
    scenario = with_cloud(matched(V1, MAIN), ike_proposals=(AES256,), esp_proposals=suites)
    scenario = with_peer(scenario, ike_proposals=(AES256,), esp_proposals=suites[:1])
    refused = refusal_of(scenario)
    assert (refused.cause, refused.ours, refused.theirs) == (CauseId.PFS, "group2", "disabled")
    assert verdict(with_peer(scenario, esp_proposals=suites[1:])).child_established


def test_an_end_with_no_proposal_at_all_is_an_answer_too() -> None:
    told = refusal_of(with_peer(matched(), ike_proposals=()))
    assert (told.cause, told.theirs) == (CauseId.ALGORITHM, "")


# Version and mode


@pytest.mark.parametrize("by", SIDES)
def test_versions_are_told_apart_and_only_the_answering_gateway_sees_it(by: Side) -> None:
    told = refusal_of(with_peer(matched(V2, by=by), ike_versions=(V1,)))
    assert (told.cause, told.ours, told.theirs) == (CauseId.IKE_VERSION, "ikev2", "ikev1")
    assert told.seen_by_cloud is (by is Side.PEER)


def test_a_device_of_both_versions_begins_with_ikev2_and_answers_main_mode() -> None:
    def told(version: IkeVersion, mode: IkeMode, by: Side) -> CauseId | str | None:
        found = verdict(with_peer(matched(version, mode, by=by), ike_versions=ANY_VERSION)).refusal
        return found.cause if found else None

    assert told(V2, MAIN, Side.CLOUD) is None
    assert told(V2, MAIN, Side.PEER) is None
    assert told(V1, MAIN, Side.CLOUD) is None
    assert told(V1, MAIN, Side.PEER) is CauseId.IKE_VERSION
    assert told(V1, AGGRESSIVE, Side.CLOUD) is CauseId.MODE


# Networks


def networks(scenario: Scenario, local: tuple[str, ...], remote: tuple[str, ...]) -> Scenario:
    return with_peer(scenario, local_networks=remote, remote_networks=local)


@pytest.mark.parametrize("by", SIDES)
@pytest.mark.parametrize(("version", "mode"), EXCHANGES)
def test_a_narrower_device_narrows_the_tunnel(version: IkeVersion, mode: IkeMode, by: Side) -> None:
    told = verdict(networks(matched(version, mode, by=by), ("10.1.1.0/24",), ("0.0.0.0/0",)))
    assert told.child_established
    assert (told.local_ts, told.remote_ts) == (("10.1.1.0/24",), ("192.168.0.0/16",))


@pytest.mark.parametrize(
    ("version", "by", "up"), [(V2, Side.CLOUD, True), (V1, Side.PEER, True), (V1, Side.CLOUD, False)]
)
def test_ikev1_asks_for_its_first_network_only(version: IkeVersion, by: Side, up: bool) -> None:
    scenario = matched(version, by=by, local=("10.1.0.0/16", "10.2.0.0/16"))
    told = verdict(networks(scenario, ("10.2.0.0/16",), ("192.168.0.0/16",)))
    assert told.child_established is up
    assert told.ike_established
    if not up:
        assert told.refusal is not None
        assert (told.refusal.ours, told.refusal.theirs) == ("10.1.0.0/16", "10.2.0.0/16")


def test_agreed_networks_are_sorted_and_without_what_lies_inside_another() -> None:
    scenario = matched(local=("10.9.0.0/16", "10.1.0.0/16", "10.1.7.0/24"))
    assert verdict(scenario).local_ts == ("10.1.0.0/16", "10.9.0.0/16")


def test_both_directions_apart_are_two_refusals() -> None:
    told = verdict(networks(matched(), ("10.8.0.0/16",), ("10.9.0.0/16",)))
    assert [each.attribute for each in (told.refusal, *told.further) if each] == [
        "local_networks",
        "remote_networks",
    ]
    assert told.ike_established


@pytest.mark.parametrize("by", SIDES)
@pytest.mark.parametrize(("version", "mode"), EXCHANGES)
def test_a_strict_device_takes_nothing_but_its_own_networks(
    version: IkeVersion, mode: IkeMode, by: Side
) -> None:
    strict = with_peer(matched(version, mode, by=by), strict_selectors=True)
    assert verdict(strict).child_established
    told = verdict(with_cloud(strict, local_networks=("10.1.4.0/24",)))
    assert told.refusal is not None
    assert (told.refusal.cause, told.refusal.attribute) == (CauseId.TRAFFIC_SELECTOR, "local_networks")
    assert told.refusal.decided_by is Side.PEER
    assert told.ike_established


# Lifetimes, only where a device insists


@pytest.mark.parametrize(
    ("ours", "theirs", "up"), [(86400, 3600, False), (3600, 86400, True), (0, 3600, False), (3600, 0, True)]
)
def test_a_strict_ikev1_device_refuses_a_longer_life_than_its_own(ours: int, theirs: int, up: bool) -> None:
    for name, attribute in (("ike_lifetime", "ike.lifetime"), ("child_lifetime", "child.lifetime")):
        scenario = with_cloud(with_peer(matched(V1), strict_lifetimes=True, **{name: theirs}), **{name: ours})
        told = verdict(scenario)
        assert told.child_established is up
        if told.refusal:
            assert (told.refusal.cause, told.refusal.attribute) == (CauseId.LIFETIME, attribute)
        assert verdict(replace(scenario, initiator=Side.PEER)).child_established

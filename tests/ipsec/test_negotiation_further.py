"""Beyond the verdict: what would be hit next, and what fails although the tunnel is up."""

import pytest
from ends import BGP_KEY, matched, with_cloud, with_peer

from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from ipsec.causes import CauseId
from ipsec.negotiation import ChildProposal, IkeProposal, Path, Scenario, verdict
from ipsec.transcript import Side

V1, V2 = IkeVersion.IKEV1, IkeVersion.IKEV2
MAIN, AGGRESSIVE = IkeMode.MAIN, IkeMode.AGGRESSIVE


def everything_wrong(version: IkeVersion, mode: IkeMode, by: Side = Side.CLOUD) -> Scenario:
    other = AGGRESSIVE if mode is MAIN else MAIN
    return with_peer(
        matched(version, mode, by=by),
        ike_proposals=(IkeProposal(Encryption.DES, Integrity.SHA1, DhGroup.GROUP2),),
        psk="Beatles-1966",
        ike_mode=other,
        local_id="branch.example.com",
        remote_id="hq.example.com",
        remote_networks=("10.8.0.0/16",),
        esp_proposals=(ChildProposal(Encryption.DES, Integrity.SHA1, Pfs.GROUP2),),
    )


def causes(scenario: Scenario) -> list[str]:
    told = verdict(scenario)
    assert told.refusal is not None
    return [told.refusal.cause, *(each.cause for each in told.further)]


ENCRYPTION, KEY, MODE = CauseId.ENCRYPTION, CauseId.PSK, CauseId.MODE
OURS, THEIRS, NETWORKS = CauseId.LOCAL_ID, CauseId.PEER_ID, CauseId.TRAFFIC_SELECTOR


@pytest.mark.parametrize(
    ("version", "mode", "by", "order"),
    [
        (V2, MAIN, Side.CLOUD, [ENCRYPTION, THEIRS, OURS, KEY, NETWORKS, ENCRYPTION]),
        (V2, MAIN, Side.PEER, [ENCRYPTION, OURS, THEIRS, KEY, NETWORKS, ENCRYPTION]),
        (V1, MAIN, Side.CLOUD, [ENCRYPTION, KEY, MODE, OURS, THEIRS, NETWORKS, ENCRYPTION]),
        (V1, MAIN, Side.PEER, [ENCRYPTION, KEY, THEIRS, OURS, NETWORKS, ENCRYPTION]),
        (V1, AGGRESSIVE, Side.CLOUD, [ENCRYPTION, MODE, OURS, THEIRS, KEY, NETWORKS, ENCRYPTION]),
    ],
)
def test_everything_wrong_is_told_in_the_order_it_would_be_met(
    version: IkeVersion, mode: IkeMode, by: Side, order: list[CauseId]
) -> None:
    scenario = everything_wrong(version, mode, by)
    if by is Side.PEER:
        scenario = with_peer(scenario, ike_mode=mode)
    assert causes(scenario) == order


def test_beyond_another_version_the_ends_are_compared_as_if_both_spoke_the_gateways() -> None:
    scenario = with_peer(everything_wrong(V2, MAIN), ike_versions=(V1,))
    assert causes(scenario)[0] is CauseId.IKE_VERSION
    assert causes(scenario)[1:] == causes(everything_wrong(V2, MAIN))


def test_a_device_of_another_version_that_begins_is_compared_by_the_gateways_version_too() -> None:
    """Under IKEv2 the mode is no difference, whatever the device begins with."""
    scenario = with_peer(matched(V2, by=Side.PEER), ike_versions=(V1,), ike_mode=AGGRESSIVE)
    scenario = with_peer(scenario, remote_networks=("10.8.0.0/16",))
    assert causes(scenario) == [CauseId.IKE_VERSION, CauseId.TRAFFIC_SELECTOR]
    told = verdict(scenario)
    assert told.failed_at == "AGGRESSIVE.1"
    assert told.further[0].message == "IKE_AUTH request"


def test_silence_does_not_hide_what_the_configurations_say() -> None:
    scenario = everything_wrong(V2, MAIN)
    dark = with_peer(scenario, powered_on=False)
    assert causes(dark) == [CauseId.PHASE1_TIMEOUT, *causes(scenario)]


def test_of_a_device_that_is_not_set_up_there_is_nothing_more_to_say() -> None:
    assert causes(with_peer(everything_wrong(V2, MAIN), configured=False)) == [CauseId.PEER_NOT_CONFIGURED]


def test_bgp_is_told_last() -> None:
    scenario = matched(local=(), remote=(), bgp=True)
    assert scenario.peer.bgp is not None
    wrong = with_peer(scenario, psk="Beatles-1966", bgp=None)
    assert causes(wrong) == [CauseId.PSK, CauseId.BGP_SESSION_DOWN]
    assert verdict(wrong).bgp_established is False
    assert BGP_KEY not in repr(verdict(wrong))


# Later


@pytest.mark.parametrize("by", [Side.CLOUD, Side.PEER])
def test_pfs_is_a_matter_of_now_under_ikev1_and_of_later_under_ikev2(by: Side) -> None:
    disabled = (ChildProposal(Encryption.AES128, Integrity.SHA1, Pfs.DISABLED),)
    now = verdict(with_peer(matched(V1, by=by), esp_proposals=disabled))
    assert now.refusal is not None
    assert (now.refusal.cause, now.later) == (CauseId.PFS, ())
    assert now.ike_established
    later = verdict(with_peer(matched(V2, by=by), esp_proposals=disabled))
    assert later.child_established
    assert [(each.cause, each.ours, each.theirs) for each in later.later] == [
        (CauseId.PFS, "group2", "disabled")
    ]


@pytest.mark.parametrize(("ours", "theirs"), [(True, False), (False, True), (False, False)])
def test_without_nat_traversal_a_nat_lets_the_tunnel_up_and_keeps_the_data_out(
    ours: bool, theirs: bool
) -> None:
    scenario = matched(by=Side.PEER, path=Path(behind_nat=True, udp4500_open=False))
    told = verdict(with_cloud(with_peer(scenario, nat_traversal=theirs), nat_traversal=ours))
    assert told.child_established
    assert [(each.cause, each.ours, each.theirs) for each in told.later] == [
        (CauseId.NAT_TRAVERSAL, str(ours).lower(), str(theirs).lower())
    ]

"""Every classic fault plays to the cause it names, and its repair brings the tunnel up again."""

from dataclasses import replace
from typing import Any

import pytest
from device_rows import SPOTS, is_up, play, tunnel_on
from django.utils import translation
from tunnel_rows import Watch, ring, run_of, set_device, stop_clock

from accounts.actor import Actor
from ipsec.causes import CAUSES, CauseId
from ipsec.datapath import Stop, trace
from tunnels.devices.ends import ends_of, own_secrets
from tunnels.devices.faults import BY_ID, FAULTS, active_fault, obstacle, offers
from tunnels.devices.services import apply_fault, repair
from tunnels.models import PeerDevice, Status, Tunnel
from tunnels.probing import usual_packet, ways_of
from tunnels.services import unbind_tunnel

pytestmark = [pytest.mark.database, pytest.mark.django_db]

OF_BGP = {"bgp-asn", "bgp-address", "bgp-key"}
OF_IKEV1 = {"ike-mode", "ike-lifetime"}
WITHOUT_EFFECT = {
    "ikev2 with BGP": OF_IKEV1 | {"networks"},
    "ikev2 with networks": OF_IKEV1 | OF_BGP,
    "ikev1 main mode with networks": OF_BGP,
    "ikev1 aggressive mode with BGP": {"networks"},
}
PLAYED = [(spot, fault.id) for spot in SPOTS for fault in FAULTS if fault.id not in WITHOUT_EFFECT[spot]]
NOT_PLAYED = [(spot, fault_id) for spot in SPOTS for fault_id in sorted(WITHOUT_EFFECT[spot])]


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    return stop_clock(monkeypatch)


def active(tunnel: Tunnel) -> str:
    ends = ends_of(tunnel)
    fault = active_fault(ends, own_secrets(ends.device))
    return fault.id if fault else ""


def stop_of(tunnel: Tunnel) -> Stop:
    """Where a large packet through the tunnel stops, routes and BGP apart."""
    fresh = Tunnel.objects.select_related("connection", "run", "peer_device").get(pk=tunnel.pk)
    ways = replace(ways_of(fresh), bgp=False, propagated=True, associated=True, publishes=True)
    packet = replace(usual_packet(fresh, ways), size=1280)
    return trace(replace(ways, routes=("0.0.0.0/0",)), packet).stop


@pytest.mark.parametrize(("spot", "fault_id"), PLAYED)
def test_a_fault_plays_to_its_cause_and_its_repair_brings_the_tunnel_up(
    omar: Actor, watch: Watch, spot: str, fault_id: str
) -> None:
    tunnel = tunnel_on(omar, spot)
    assert is_up(tunnel, play(watch, tunnel))
    fault = BY_ID[fault_id]

    assert not obstacle(fault, ends_of(tunnel))
    assert apply_fault(actor=omar, tunnel=tunnel, fault=fault)
    broken = play(watch, tunnel)
    assert active(tunnel) == fault_id
    if fault.stop:
        assert broken.status == Status.CHILD_UP
        assert stop_of(tunnel) is fault.stop
    elif fault_id == "pfs" and spot.startswith("ikev2"):
        assert is_up(tunnel, broken)
        assert broken.transcript is not None
        [later] = broken.transcript["later"]
        assert (later["cause"], later["attribute"]) == (fault.cause, fault.attribute)
    else:
        assert broken.cause == fault.cause
        assert broken.refusal is not None
        assert (broken.refusal["cause"], broken.refusal["attribute"]) == (fault.cause, fault.attribute)

    assert repair(actor=omar, tunnel=tunnel)
    assert active(tunnel) == ""
    assert is_up(tunnel, play(watch, tunnel))
    assert PeerDevice.objects.get(tunnel=tunnel).standing == PeerDevice.Standing.MIRROR


@pytest.mark.parametrize("spot", ["ikev2 with BGP", "ikev2 with networks"])
def test_pfs_under_ikev2_holds_until_the_key_is_to_be_renewed(omar: Actor, watch: Watch, spot: str) -> None:
    tunnel = tunnel_on(omar, spot)
    apply_fault(actor=omar, tunnel=tunnel, fault=BY_ID["pfs"])
    assert is_up(tunnel, play(watch, tunnel))
    for _hour in range(23):
        ring(watch, 3600)
    assert run_of(tunnel).status == Status.CHILD_UP
    for _hour in range(3):
        ring(watch, 3600)
    failed = run_of(tunnel)
    assert (failed.status, failed.cause) == (Status.CHILD_DOWN, CauseId.PFS)
    repair(actor=omar, tunnel=tunnel)
    assert is_up(tunnel, play(watch, tunnel))


@pytest.mark.parametrize(("spot", "fault_id"), NOT_PLAYED)
def test_where_a_fault_would_not_lead_to_its_cause_it_says_why(
    omar: Actor, watch: Watch, spot: str, fault_id: str
) -> None:
    tunnel = tunnel_on(omar, spot)
    [offer] = [one for one in offers(ends_of(tunnel)) if one.fault.id == fault_id]
    reason = {
        **dict.fromkeys(OF_BGP, "BGP is off in this tunnel."),
        **dict.fromkeys(OF_IKEV1, "Only ikev1 compares this; the tunnel uses ikev2."),
        "networks": "The tunnel carries 0.0.0.0/0, which holds every network.",
    }
    assert offer.why_not == reason[fault_id]


@pytest.mark.parametrize("fault_id", ["nat", "strict-networks", "ike-lifetime"])
def test_what_only_stops_a_call_from_outside_is_not_offered_where_the_device_begins(
    omar: Actor, watch: Watch, fault_id: str
) -> None:
    spot = "ikev1 main mode with networks"
    assert not obstacle(BY_ID[fault_id], ends_of(tunnel_on(omar, spot)))
    begins = tunnel_on(omar, spot, device={"initiates": True})
    assert "begins by itself" in str(obstacle(BY_ID[fault_id], ends_of(begins)))


@pytest.mark.parametrize("spot", SPOTS)
def test_all_other_faults_play_where_the_device_begins_as_well(omar: Actor, watch: Watch, spot: str) -> None:
    tunnel = tunnel_on(omar, spot, device={"initiates": True})
    play(watch, tunnel)
    for offer in offers(ends_of(tunnel)):
        if offer.why_not or offer.fault.stop or offer.fault.sleeps(ends_of(tunnel)):
            continue
        apply_fault(actor=omar, tunnel=tunnel, fault=offer.fault)
        assert PeerDevice.objects.get(tunnel=tunnel).initiates
        assert play(watch, tunnel).cause == offer.fault.cause, offer.fault.id


def test_udp_4500_is_not_offered_without_nat_traversal(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, "ikev2 with networks")
    Tunnel.objects.update(nat_traversal=False)
    assert "NAT traversal is off" in str(obstacle(BY_ID["udp-4500"], ends_of(tunnel)))


def test_an_unbound_tunnel_offers_none(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, "ikev2 with BGP")
    unbind_tunnel(tunnel=tunnel)
    assert {str(offer.why_not) for offer in offers(ends_of(tunnel))} == {
        "The tunnel is not bound, so nothing is negotiated."
    }


def test_a_fault_that_this_very_tunnel_would_not_notice_is_not_offered(omar: Actor, watch: Watch) -> None:
    """A cloud that takes its device for what the fault would make it call itself."""
    tunnel = tunnel_on(omar, "ikev2 with networks")
    Tunnel.objects.update(remote_id="172.20.0.10")
    assert obstacle(BY_ID["device-id"], ends_of(tunnel))


def test_a_fault_replaces_what_was_broken_before(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, "ikev2 with BGP", device={"strict_selectors": True, "bgp_asn": 64000})
    for fault_id in ("psk", "udp-500", "bgp-key", "powered-off"):
        apply_fault(actor=omar, tunnel=tunnel, fault=BY_ID[fault_id])
        assert active(tunnel) == fault_id
    device = PeerDevice.objects.get(tunnel=tunnel)
    assert (device.psk, device.bgp_auth_key, device.udp500_open, device.bgp_asn) == ("", "", True, None)


def test_what_is_no_fault_survives_fault_and_repair(omar: Actor, watch: Watch) -> None:
    habits: dict[str, Any] = {
        "initiates": True,
        "latency_ms": 120,
        "advertised_networks": ["10.9.0.0/16"],
    }
    tunnel = tunnel_on(omar, "ikev2 with BGP", device=habits)
    apply_fault(actor=omar, tunnel=tunnel, fault=BY_ID["psk"])
    assert active(tunnel) == "psk"
    repair(actor=omar, tunnel=tunnel)
    device = PeerDevice.objects.get(tunnel=tunnel)
    assert {name: getattr(device, name) for name in habits} == habits


def test_a_device_that_was_changed_by_hand_has_no_classic_fault(omar: Actor, watch: Watch) -> None:
    tunnel = tunnel_on(omar, "ikev2 with BGP")
    assert active(tunnel) == ""
    set_device(tunnel, ike_lifetime=600, psk="another")
    assert active(tunnel) == ""


def test_the_catalogue_is_closed_and_told_in_both_languages() -> None:
    assert len(BY_ID) == len(FAULTS)
    for language in ("en", "zh-hans"):
        with translation.override(language):
            told = [str(text) for fault in FAULTS for text in (fault.title, fault.does, fault.remedy)]
        assert all(told)
        assert len({*told}) == len(told)
    assert {fault.cause.value for fault in FAULTS if fault.cause} <= set(CAUSES)
    assert all(fault.cause or fault.stop for fault in FAULTS)
    with pytest.raises(TypeError):
        BY_ID["another"] = FAULTS[0]  # type: ignore[index]


def test_a_broken_tunnel_is_not_up(omar: Actor, watch: Watch) -> None:
    """What `is_up` says means something."""
    tunnel = tunnel_on(omar, "ikev2 with BGP", device={"configured": False})
    assert not is_up(tunnel, play(watch, tunnel))
    assert run_of(tunnel).status == Status.IKE_DOWN

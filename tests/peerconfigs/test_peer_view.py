"""The data centre's view of a connection, and when there is none."""

from dataclasses import replace

import pytest
from hypothesis import given
from lab.examples import connection, ikev2_destination_bgp, ikev2_policy, tunnel
from peer_strategies import BRISK, connections

from ipsec.spec import BgpSpec, ConnectionSpec, PeerSpec, TunnelSpec
from peerconfigs.document import Options, RenderRefused
from peerconfigs.registry import VENDORS, check, render
from peerconfigs.view import PeerBgp, flaws, flip


def test_the_clouds_remote_is_the_devices_local() -> None:
    view = flip(ikev2_policy())
    assert view.local_selectors == ("192.168.1.0/24", "192.168.2.0/24", "172.16.0.0/12")
    assert view.remote_selectors == ("10.1.0.0/16", "10.2.0.0/16")
    assert [(t.local_address, t.remote_address) for t in view.tunnels] == [
        ("198.51.100.20", "203.0.113.10"),
        ("198.51.100.20", "203.0.113.11"),
    ]


def test_destination_mode_sends_everything_both_ways() -> None:
    view = flip(connection())
    assert view.local_selectors == view.remote_selectors == ("0.0.0.0/0",)


def test_identities_are_swapped_and_default_to_the_addresses() -> None:
    named = replace(tunnel(1).ike, local_id="cloud.example.com", remote_id="dc.example.com")
    one, other = flip(connection(replace(tunnel(1), ike=named), tunnel(2))).tunnels
    assert (one.ike.local_id, one.ike.remote_id) == ("dc.example.com", "cloud.example.com")
    assert (other.ike.local_id, other.ike.remote_id) == ("198.51.100.20", "203.0.113.11")


def test_bgp_takes_the_other_host_and_the_other_as_number() -> None:
    one, other = (t.bgp for t in flip(ikev2_destination_bgp()).tunnels)
    assert one == PeerBgp("169.254.10.0/30", "169.254.10.2", "169.254.10.1", 65010, 45104, "bgp|key`1")
    assert other == PeerBgp("169.254.20.0/30", "169.254.20.1", "169.254.20.2", 65010, 45104)


def test_bgp_is_one_tunnels_own() -> None:
    spec = ikev2_destination_bgp()
    half = replace(spec, tunnels=(spec.tunnels[0], replace(spec.tunnels[1], bgp=None)))
    assert [t.bgp is not None for t in flip(half).tunnels] == [True, False]


def test_bgp_switched_off_is_off_whatever_the_tunnels_still_hold() -> None:
    off = replace(ikev2_destination_bgp(), bgp_enabled=False, local_asn=None)
    assert [t.bgp for t in flip(off).tunnels] == [None, None]


@BRISK
@given(spec=connections())
def test_the_order_of_the_tunnels_in_the_spec_means_nothing(spec: ConnectionSpec) -> None:
    assert flip(spec) == flip(replace(spec, tunnels=spec.tunnels[::-1]))


WHOLE = tunnel(1)
INCOMPLETE = {
    "not bound": (replace(WHOLE, gateway_address=None), "peer_config_unbound", "tunnels.1.gateway_address"),
    "no customer gateway": (
        replace(WHOLE, peer=None), "peer_config_no_customer_gateway", "tunnels.1.peer"
    ),
    "no address": (
        replace(WHOLE, peer=PeerSpec(address="vpn; reboot")), "peer_config_value_unreadable",
        "tunnels.1.peer.address",
    ),
    "no gateway address": (
        replace(WHOLE, gateway_address="203.0.113.010"), "peer_config_value_unreadable",
        "tunnels.1.gateway_address",
    ),
    "no tunnel CIDR": (
        replace(WHOLE, bgp=BgpSpec("169.254.10.0/29")), "peer_config_bgp_incomplete", "tunnels.1.bgp"
    ),
    "BGP address elsewhere": (
        replace(WHOLE, bgp=BgpSpec("169.254.10.0/30", "169.254.10.3")), "peer_config_bgp_incomplete",
        "tunnels.1.bgp",
    ),
    "no AS number": (
        replace(WHOLE, bgp=BgpSpec("169.254.10.0/30"), peer=PeerSpec(address="198.51.100.20")),
        "peer_config_bgp_incomplete",
        "tunnels.1.bgp",
    ),
}  # fmt: skip


@pytest.mark.parametrize("vendor_id", VENDORS)
@pytest.mark.parametrize(("broken", "code", "field"), INCOMPLETE.values(), ids=INCOMPLETE.keys())
def test_an_incomplete_connection_is_refused_by_name(
    vendor_id: str, broken: TunnelSpec, code: str, field: str
) -> None:
    spec = replace(connection(broken, tunnel(2)), bgp_enabled=True)
    assert [(finding.code, finding.field) for finding in check(vendor_id, spec)] == [(code, field)]
    with pytest.raises(RenderRefused, match=code):
        render(vendor_id, spec, Options(with_secrets=True))


def test_a_connection_has_two_tunnels() -> None:
    assert [finding.code for finding in flaws(connection(tunnel(2)))] == ["peer_config_not_two_tunnels"]
    assert [finding.code for finding in flaws(connection(tunnel(1), tunnel(1)))] == [
        "peer_config_not_two_tunnels"
    ]


@pytest.mark.parametrize("networks", [(), ("10.0.0.1/8",), ("$(reboot)",)])
def test_selectors_are_networks(networks: tuple[str, ...]) -> None:
    found = flaws(replace(ikev2_policy(), remote_networks=networks))
    assert [finding.code for finding in found] == ["peer_config_value_unreadable"]
    assert found[0].field.startswith("remote_networks")

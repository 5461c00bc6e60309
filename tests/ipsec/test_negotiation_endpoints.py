"""From the console's spec to the two ends: defaults filled in, the device turned round."""

import pytest
from ends import BGP_KEY, DEVICE, GATEWAY, PSK, connection, tunnel

from ipsec.algorithms import IkeMode, IkeVersion
from ipsec.bgp import BgpSpeaker
from ipsec.scenario import cloud_endpoint, mirrored_peer
from ipsec.spec import BgpSpec, ConnectionSpec, IkeSpec, TunnelSpec


def test_identities_default_to_the_two_addresses() -> None:
    cloud = cloud_endpoint(connection(), tunnel())
    assert (cloud.local_id, cloud.remote_id) == (GATEWAY, DEVICE)
    named = tunnel(ike=IkeSpec(local_id="hq.example.com", remote_id="branch.example.com"))
    told = cloud_endpoint(connection(), named)
    assert (told.local_id, told.remote_id) == ("hq.example.com", "branch.example.com")


def test_networks_come_from_the_connection() -> None:
    routed = cloud_endpoint(connection(), tunnel())
    assert (routed.local_networks, routed.remote_networks) == (("0.0.0.0/0",), ("0.0.0.0/0",))
    policy = cloud_endpoint(connection(("10.1.0.0/16",), ("192.168.0.0/16",)), tunnel())
    assert (policy.local_networks, policy.remote_networks) == (("10.1.0.0/16",), ("192.168.0.0/16",))


def test_the_device_is_the_gateway_turned_round() -> None:
    over = connection(("10.1.0.0/16",), ("192.168.0.0/16",))
    made = tunnel(IkeVersion.IKEV1, IkeMode.AGGRESSIVE, ike=IkeSpec(lifetime=3600), bgp=True)
    cloud, peer = cloud_endpoint(over, made), mirrored_peer(over, made)
    assert (peer.address, peer.remote_address) == (cloud.remote_address, cloud.address)
    assert (peer.local_id, peer.remote_id) == (cloud.remote_id, cloud.local_id)
    assert (peer.local_networks, peer.remote_networks) == (cloud.remote_networks, cloud.local_networks)
    for same in ("ike_versions", "ike_mode", "ike_proposals", "esp_proposals", "psk", "ike_lifetime", "dpd"):
        assert getattr(peer, same) == getattr(cloud, same), same
    assert (peer.powered_on, peer.configured, peer.responds_only) == (True, True, False)


def test_the_default_bgp_address_is_the_first_host_and_the_peers_the_other() -> None:
    cloud, peer = (make(connection(), tunnel(bgp=True)) for make in (cloud_endpoint, mirrored_peer))
    assert cloud.bgp == BgpSpeaker(45104, "169.254.10.1", "169.254.10.2", 65001, BGP_KEY)
    assert peer.bgp == BgpSpeaker(65001, "169.254.10.2", "169.254.10.1", 45104, BGP_KEY)


def test_a_chosen_bgp_address_leaves_the_peer_the_other_one() -> None:
    made = TunnelSpec(index=1, bgp=BgpSpec("169.254.10.0/30", local_ip="169.254.10.2"))
    speaker = cloud_endpoint(ConnectionSpec(), made).bgp
    assert speaker is not None
    assert (speaker.address, speaker.peer_address) == ("169.254.10.2", "169.254.10.1")


@pytest.mark.parametrize("bgp", [None, BgpSpec("")])
def test_a_tunnel_without_bgp_data_runs_none(bgp: BgpSpec | None) -> None:
    made = TunnelSpec(index=1, bgp=bgp)
    assert cloud_endpoint(ConnectionSpec(), made).bgp is None
    assert mirrored_peer(ConnectionSpec(), made).bgp is None


def test_a_tunnel_not_bound_yet_has_no_address() -> None:
    assert cloud_endpoint(ConnectionSpec(), TunnelSpec(index=2)).address == ""


def test_a_cidr_that_is_none_is_said_at_once() -> None:
    with pytest.raises(ValueError, match=r"169\.254"):
        cloud_endpoint(ConnectionSpec(), TunnelSpec(index=1, bgp=BgpSpec("169.254.10.1/30")))


def test_the_key_is_in_the_end_and_in_no_text_of_it() -> None:
    cloud = cloud_endpoint(connection(), tunnel(bgp=True))
    assert cloud.psk == PSK
    assert PSK not in repr(cloud)
    assert BGP_KEY not in repr(cloud)

"""Rows to specs and scenarios: nothing is lost, swapped or invented on the way."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from tunnel_rows import connection_of, set_device, tunnel_of

from accounts.actor import Actor
from connections.models import IPsecConnection
from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs, RoutingMode
from ipsec.bgp import BgpSpeaker
from ipsec.negotiation import ANY_VERSION, ChildProposal, IkeProposal, Path, cloud_endpoint, mirrored_peer
from ipsec.spec import BgpSpec, ChildSpec, IkeSpec, PeerSpec, TunnelSpec
from ipsec.transcript import Side
from tunnels.models import Tunnel
from tunnels.queries import tunnels_of
from tunnels.scenario import scenario_of
from tunnels.services import create_tunnels
from tunnels.spec import connection_spec, tunnel_spec

pytestmark = [pytest.mark.database, pytest.mark.django_db]

ATTEMPT = UUID(int=7)
UNUSUAL = TunnelSpec(
    index=1,
    ike=IkeSpec(
        version=IkeVersion.IKEV1,
        mode=IkeMode.AGGRESSIVE,
        encryption=Encryption.TRIPLE_DES,
        integrity=Integrity.SHA384,
        dh_group=DhGroup.GROUP5,
        lifetime=3600,
        local_id="cloud.example",
        remote_id="10.0.0.9",
        psk="a b".replace(" ", '"'),
    ),
    child=ChildSpec(Encryption.AES256, Integrity.SHA512, Pfs.DISABLED, 1800),
    dpd=False,
    nat_traversal=False,
    bgp=BgpSpec("169.254.40.0/30", "169.254.40.2"),
)


def test_what_was_configured_comes_back(ana: Actor) -> None:
    connection = connection_of(ana)
    first = connection.tunnels.get(index=1)
    gateway = first.customer_gateway
    first.delete()
    (created,) = create_tunnels(actor=ana, connection=connection, wanted=[(UNUSUAL, gateway)])
    read = tunnel_spec(Tunnel.objects.get(pk=created.pk), with_secrets=True)
    peer = PeerSpec(gateway.address, gateway.asn, gateway.auth_key, gateway.public_id)
    assert read == replace(UNUSUAL, peer=peer, tunnel_id=created.public_id)


def test_the_connections_own_values_come_with_its_two_tunnels(ana: Actor) -> None:
    connection = connection_of(
        ana,
        routing_mode="policy",
        local_networks=["10.0.0.0/16", "10.1.0.0/16"],
        remote_networks=["192.168.0.0/16"],
        effect_immediately=False,
        local_asn=64600,
        network_type="private",
    )
    spec = connection_spec(connection, with_secrets=False)
    assert (spec.name, spec.connection_id) == ("dc to cloud", connection.public_id)
    assert spec.routing_mode is RoutingMode.POLICY
    assert spec.local_networks == ("10.0.0.0/16", "10.1.0.0/16")
    assert spec.remote_networks == ("192.168.0.0/16",)
    assert (spec.effect_immediately, spec.bgp_enabled, spec.local_asn) == (False, True, 64600)
    assert [tunnel.index for tunnel in spec.tunnels] == [1, 2]
    assert [tunnel.zone for tunnel in spec.tunnels] == ["cn-hangzhou-1", "cn-hangzhou-2"]


def test_swapped_tunnels_give_swapped_specs(ana: Actor) -> None:
    connection = connection_of(ana)
    before = connection_spec(connection, with_secrets=True).tunnels
    one, two = connection.tunnels.order_by("index")
    Tunnel.objects.filter(pk=one.pk).delete()
    Tunnel.objects.filter(pk=two.pk).update(index=1)
    Tunnel(**{**_values(one), "index": 2}).save(force_insert=True)
    after = connection_spec(connection, with_secrets=True).tunnels
    assert after == (replace(before[1], index=1), replace(before[0], index=2))


def _values(tunnel: Tunnel) -> dict[str, Any]:
    return {field.attname: getattr(tunnel, field.attname) for field in tunnel._meta.concrete_fields}


def test_a_spec_costs_one_query_and_none_where_the_rows_are_there(ana: Actor) -> None:
    connection = IPsecConnection.objects.get(pk=connection_of(ana).pk)
    with CaptureQueriesContext(
        database,
    ) as asked:
        connection_spec(connection, with_secrets=True)
    assert len(asked) == 1
    rows = tunnels_of(connection)
    with CaptureQueriesContext(database) as asked:
        connection_spec(connection, with_secrets=False, tunnels=rows)
    assert len(asked) == 0


def test_an_untouched_device_mirrors_the_configuration(ana: Actor) -> None:
    tunnel = tunnel_of(ana)
    spec = connection_spec(tunnel.connection, with_secrets=True)
    scenario = scenario_of(tunnel, ATTEMPT)
    assert scenario.cloud == cloud_endpoint(spec, spec.tunnels[0])
    assert scenario.peer == replace(mirrored_peer(spec, spec.tunnels[0]), responds_only=True)
    assert scenario.path == Path(latency_ms=20)
    assert (scenario.initiator, scenario.seed) == (Side.CLOUD, 7)


OVERRIDES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"ike_version": "ikev1"}, {"ike_versions": (IkeVersion.IKEV1,)}),
    ({"ike_version": "any"}, {"ike_versions": ANY_VERSION}),
    ({"ike_mode": "aggressive"}, {"ike_mode": IkeMode.AGGRESSIVE}),
    (
        {"ike_proposals": [["aes256", "sha256", "group14"]]},
        {"ike_proposals": (IkeProposal(Encryption.AES256, Integrity.SHA256, DhGroup.GROUP14),)},
    ),
    (
        {"child_proposals": [["des", "md5", "disabled"], ["aes", "sha1", "group2"]]},
        {
            "esp_proposals": (
                ChildProposal(Encryption.DES, Integrity.MD5, Pfs.DISABLED),
                ChildProposal(Encryption.AES128, Integrity.SHA1, Pfs.GROUP2),
            )
        },
    ),
    ({"ike_lifetime": 0, "child_lifetime": 60}, {"ike_lifetime": 0, "child_lifetime": 60}),
    ({"psk": "own"}, {"psk": "own"}),
    ({"local_id": "dc.example", "remote_id": "%any"}, {"local_id": "dc.example", "remote_id": "%any"}),
    (
        {"local_networks": ["10.9.0.0/16"], "remote_networks": []},
        {"local_networks": ("10.9.0.0/16",), "remote_networks": ()},
    ),
    ({"dpd": False, "nat_traversal": False}, {"dpd": False, "nat_traversal": False}),
    ({"configured": False, "powered_on": False}, {"configured": False, "powered_on": False}),
    ({"strict_selectors": True}, {"strict_selectors": True}),
    ({"strict_lifetimes": True}, {"strict_lifetimes": True}),
    ({"initiates": True}, {"responds_only": False}),
]  # fmt: skip


@pytest.mark.parametrize(("set_on_device", "expected"), OVERRIDES)
def test_what_is_set_on_the_device_counts_there(
    ana: Actor, set_on_device: dict[str, Any], expected: dict[str, Any]
) -> None:
    tunnel = tunnel_of(ana)
    mirror = scenario_of(tunnel, ATTEMPT).peer
    set_device(tunnel, **set_on_device)
    edited = scenario_of(Tunnel.objects.get(pk=tunnel.pk), ATTEMPT)
    assert edited.peer == replace(mirror, **expected)
    assert edited.cloud == scenario_of(tunnel, ATTEMPT).cloud


def test_a_device_can_speak_another_bgp(ana: Actor) -> None:
    tunnel = tunnel_of(ana, device={"bgp_asn": 64999, "bgp_auth_key": "own"})
    speaker = scenario_of(tunnel, ATTEMPT).peer.bgp
    assert speaker == BgpSpeaker(64999, "169.254.11.2", "169.254.11.1", 45104, "own")


@pytest.mark.parametrize("given", [{"bgp_asn": 64999}, {"bgp_asn": 64999, "bgp_address": "169.254.9.2"}])
def test_half_a_bgp_is_none(ana: Actor, given: dict[str, Any]) -> None:
    tunnel = tunnel_of(ana, device=given, bgp_enabled=False)
    assert scenario_of(tunnel, ATTEMPT).peer.bgp is None


def test_the_path_is_the_devices(ana: Actor) -> None:
    around = {"behind_nat": True, "nat_forwards_500": True, "udp4500_open": False, "loss_percent": 7}
    tunnel = tunnel_of(ana, device={**around, "latency_ms": 150})
    assert scenario_of(tunnel, ATTEMPT).path == Path(
        behind_nat=True, forwards_500=True, udp4500_open=False, latency_ms=150, loss_percent=7
    )


@pytest.mark.parametrize(
    ("device", "begins"),
    [
        ({}, Side.CLOUD),
        ({"initiates": True}, Side.PEER),
        ({"initiates": True, "powered_on": False}, Side.CLOUD),
    ],
)
def test_who_begins(ana: Actor, device: dict[str, Any], begins: Side) -> None:
    assert scenario_of(tunnel_of(ana, device=device), ATTEMPT).initiator is begins

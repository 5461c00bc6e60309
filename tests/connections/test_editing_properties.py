"""Whatever a connection was before: edited to some values it has the same rows as one created with them, and
what stands against the values is the same."""

from dataclasses import replace
from typing import Any

import pytest
from connection_cast import Cast, settled
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from accounts.refusal import Refused
from connections.models import IPsecConnection
from connections.services import NewConnection, create_connection, edit_connection, edit_tunnel
from connections.services.snapshot import snapshot
from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs, RoutingMode
from ipsec.findings import Finding
from ipsec.spec import BgpSpec, ChildSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def among(sound: bool, fine: list[Any], wrong: list[Any]) -> Any:
    """Values that are fine by themselves where it must be `sound`, else any."""
    return st.sampled_from(fine if sound else fine + wrong)


def networks(sound: bool, *fine: str) -> Any:
    drawn = among(sound, [*fine], ["192.168.1.0/24", "10.1.0.1/16", "x"])
    return st.lists(drawn, min_size=int(sound), max_size=3, unique=sound).map(tuple)


def lifetimes(sound: bool) -> Any:
    return among(sound, [0, 3600, 86400], [90000])


def blocks(index: int, sound: bool) -> Any:
    own = [f"169.254.{index}1.0/30", f"169.254.{index}2.0/30"]
    return among(sound, own, ["169.254.11.0/30", "169.254.21.0/30", "169.254.0.0/30", "10.0.0.0/30", ""])


def ikes(index: int, sound: bool) -> Any:
    ids = among(sound, ["", "198.51.100.7"], ["dc.example.com", "a b"])
    return st.builds(
        IkeSpec,
        version=st.just(IkeVersion.IKEV2) if sound else st.sampled_from(IkeVersion),
        mode=st.sampled_from(IkeMode),
        encryption=st.sampled_from(Encryption),
        integrity=st.sampled_from(Integrity),
        dh_group=st.sampled_from(DhGroup),
        lifetime=lifetimes(sound),
        local_id=ids,
        remote_id=ids,
        psk=among(sound, [f"key-{index}-4711", f"other-{index}"], ["with space"]),
    )


def children(sound: bool) -> Any:
    return st.builds(
        ChildSpec,
        encryption=st.sampled_from(Encryption),
        integrity=st.sampled_from(Integrity),
        pfs=st.sampled_from(Pfs),
        lifetime=lifetimes(sound),
    )


def tunnels(index: int, bgp: bool, sound: bool) -> Any:
    devices = among(sound, ["first", "second"], ["lone"])
    return st.builds(
        TunnelSpec,
        index=st.just(index),
        peer=devices.map(lambda name: PeerSpec("", gateway_id=name)),
        ike=ikes(index, sound),
        child=children(sound),
        dpd=st.booleans(),
        nat_traversal=st.booleans(),
        bgp=st.builds(BgpSpec, tunnel_cidr=blocks(index, sound)) if bgp else st.none(),
    )


def connections(bgp: bool, sound: bool = False) -> Any:
    return st.builds(
        ConnectionSpec,
        name=among(sound, ["dc", "branch"], ["https://x"]),
        routing_mode=st.sampled_from(RoutingMode),
        local_networks=networks(sound, "10.1.0.0/16", "10.2.0.0/16"),
        remote_networks=networks(sound, "192.168.1.0/24", "192.168.2.0/24"),
        effect_immediately=st.booleans(),
        bgp_enabled=st.just(bgp),
        local_asn=among(sound, [45104, 64512], [0]),
        tunnels=st.tuples(tunnels(1, bgp, sound), tunnels(2, bgp, sound)),
    )


ANY = st.booleans().flatmap(connections)
SOUND = st.booleans().flatmap(lambda bgp: connections(bgp, sound=True))


def placed(spec: ConnectionSpec, cast: Cast) -> ConnectionSpec:
    ids = {"first": cast.devices[0], "second": cast.devices[1], "lone": cast.lone}
    return replace(
        spec,
        tunnels=tuple(
            replace(one, peer=PeerSpec("", gateway_id=ids[one.peer.gateway_id if one.peer else ""].public_id))
            for one in spec.tunnels
        ),
    )


def said(refused: Refused) -> set[tuple[str, str]]:
    return {(finding.field, str(finding.code)) for finding in refused.findings}


def create(cast: Cast, spec: ConnectionSpec) -> IPsecConnection:
    new = NewConnection(spec, cast.router.region, cen_id=cast.cen.public_id)
    return create_connection(actor=cast.actor, new=new)


def edit_to(cast: Cast, connection: IPsecConnection, wanted: ConnectionSpec) -> None:
    """Tunnel by tunnel, BGP last: on none of the ways are the values in between ones that are refused."""
    off = replace(wanted, bgp_enabled=False)
    edit_connection(actor=cast.actor, connection=connection, wanted=off)
    settled()
    for tunnel, own in zip(connection.tunnels.defer("psk").order_by("index"), wanted.tunnels, strict=True):
        edit_tunnel(actor=cast.actor, tunnel=tunnel, wanted=replace(own, bgp=None))
        settled()
    edit_connection(actor=cast.actor, connection=connection, wanted=wanted)
    settled()


def rows(connection: IPsecConnection) -> dict[str, Any]:
    """What is configured; the AS number only counts while BGP is on."""
    connection = IPsecConnection.objects.get(pk=connection.pk)
    found = snapshot(connection, connection.tunnels.select_related("customer_gateway").order_by("index"))
    routes = sorted(connection.destination_routes.values_list("destination", "source", "published"))
    asn = {} if connection.bgp_enabled else {"local_asn": None}
    return found | asn | {"routes": routes, "state": connection.state}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=SOUND, after=SOUND)
def test_an_edit_from_any_values_ends_in_the_rows_of_a_creation_with_the_same(
    cast: Cast, before: ConnectionSpec, after: ConnectionSpec
) -> None:
    first, wanted = placed(before, cast), placed(after, cast)
    with transaction.atomic():
        try:
            reference = rows(create(cast, wanted))
        except Refused:
            reference = {}
        transaction.set_rollback(True)
    assume(reference)
    with transaction.atomic():
        try:
            connection = create(cast, first)
        except Refused:
            connection = create(cast, safe(wanted))
        edit_to(cast, connection, wanted)
        assert rows(connection) == reference
        transaction.set_rollback(True)


def safe(wanted: ConnectionSpec) -> ConnectionSpec:
    """Values that nothing stands against, on the devices that are asked for."""
    blocks = ("169.254.31.0/30", "169.254.32.0/30")
    plain = tuple(TunnelSpec(one.index, one.peer) for one in wanted.tunnels)
    if not wanted.bgp_enabled:
        return ConnectionSpec(name="plain", tunnels=plain)
    with_bgp = tuple(replace(one, bgp=BgpSpec(block)) for one, block in zip(plain, blocks, strict=True))
    return ConnectionSpec(name="plain", tunnels=with_bgp, bgp_enabled=True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=ANY)
def test_what_stands_against_the_connections_values_is_what_stands_against_a_creation(
    cast: Cast, wanted: ConnectionSpec
) -> None:
    """Of the fields that the connection's page has; the tunnels are fit."""
    asked = placed(wanted, cast)
    fit = tuple(
        replace(TunnelSpec(one.index, device_of(cast, one.index)), bgp=one.bgp) for one in asked.tunnels
    )
    asked = replace(asked, tunnels=fit)
    with transaction.atomic():
        assert errors_of(lambda: create(cast, asked)) == errors_of(
            lambda: edit_connection(
                actor=cast.actor,
                connection=create(
                    cast, ConnectionSpec(name="plain", tunnels=tuple(replace(one, bgp=None) for one in fit))
                ),
                wanted=asked,
            )
        )
        transaction.set_rollback(True)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=tunnels(1, bgp=False, sound=False))
def test_what_stands_against_a_tunnels_values_is_what_stands_against_a_creation(
    cast: Cast, wanted: TunnelSpec
) -> None:
    other = TunnelSpec(2, device_of(cast, 2))
    spec = placed(
        ConnectionSpec(name="dc", tunnels=(wanted, replace(other, peer=PeerSpec("", gateway_id="second")))),
        cast,
    )
    with transaction.atomic():
        plain = create(cast, replace(spec, tunnels=(TunnelSpec(1, device_of(cast, 1)), other)))
        tunnel = plain.tunnels.get(index=1)
        assert errors_of(lambda: create(cast, spec)) == errors_of(
            lambda: edit_tunnel(actor=cast.actor, tunnel=tunnel, wanted=spec.tunnels[0])
        )
        transaction.set_rollback(True)


def device_of(cast: Cast, index: int) -> PeerSpec:
    return PeerSpec("", gateway_id=cast.devices[index - 1].public_id)


def errors_of(write: Any) -> set[tuple[str, str]]:
    """In a transaction of its own, which leaves nothing."""
    try:
        with transaction.atomic():
            write()
            transaction.set_rollback(True)
    except Refused as refused:
        return said(refused)
    return set()


def test_findings_are_told_by_field_and_code() -> None:
    assert said(Refused([Finding("name", "name_scheme")])) == {("name", "name_scheme")}

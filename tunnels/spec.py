"""Rows to specs: the one way from what is stored to what rules, renderers and negotiation speak of."""

from collections.abc import Iterable
from typing import Any, Protocol

from ipsec.algorithms import (
    DhGroup,
    Encryption,
    IkeMode,
    IkeVersion,
    Integrity,
    NetworkType,
    Pfs,
    RoutingMode,
)
from ipsec.spec import BgpSpec, ChildSpec, ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec
from tunnels.models import Tunnel

SECRETS = ("psk", "customer_gateway__auth_key")
"""Columns that only those read who were asked for secrets: no page depends on a key that opens them."""


class ConnectionRow(Protocol):
    """What is read of a connection's row. Its model belongs to a higher layer."""

    @property
    def pk(self) -> Any: ...
    @property
    def public_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def network_type(self) -> str: ...
    @property
    def routing_mode(self) -> str: ...
    @property
    def local_networks(self) -> Any: ...
    @property
    def remote_networks(self) -> Any: ...
    @property
    def effect_immediately(self) -> bool: ...
    @property
    def bgp_enabled(self) -> bool: ...
    @property
    def local_asn(self) -> int: ...


def connection_spec(
    connection: ConnectionRow, *, with_secrets: bool, tunnels: Iterable[Tunnel] | None = None
) -> ConnectionSpec:
    """A connection as configured, tunnels in the order of their index.

    `tunnels` are its rows where the caller has them already, with their customer gateways; else one query
    fetches them. Without secrets `psk` is None and `auth_key` empty. With them a key that cannot be opened
    raises `SecretUnreadable`.
    """
    rows = tunnel_rows(connection, with_secrets=with_secrets) if tunnels is None else tunnels
    return ConnectionSpec(
        name=connection.name,
        network_type=NetworkType(connection.network_type),
        routing_mode=RoutingMode(connection.routing_mode),
        local_networks=tuple(connection.local_networks),
        remote_networks=tuple(connection.remote_networks),
        effect_immediately=connection.effect_immediately,
        bgp_enabled=connection.bgp_enabled,
        local_asn=connection.local_asn,
        tunnels=tuple(
            tunnel_spec(row, with_secrets=with_secrets) for row in sorted(rows, key=lambda row: row.index)
        ),
        connection_id=connection.public_id,
    )


def tunnel_rows(connection: ConnectionRow, *, with_secrets: bool) -> Iterable[Tunnel]:
    rows = Tunnel.objects.filter(connection_id=connection.pk).select_related("customer_gateway")
    return rows if with_secrets else rows.defer(*SECRETS)


def tunnel_spec(tunnel: Tunnel, *, with_secrets: bool) -> TunnelSpec:
    return TunnelSpec(
        index=tunnel.index,
        peer=_peer_spec(tunnel, with_secrets=with_secrets),
        ike=_ike_spec(tunnel, with_secrets=with_secrets),
        child=_child_spec(tunnel),
        dpd=tunnel.dpd,
        nat_traversal=tunnel.nat_traversal,
        bgp=_bgp_spec(tunnel),
        gateway_address=tunnel.gateway_address,
        tunnel_id=tunnel.public_id,
        zone=tunnel.zone,
    )


def _peer_spec(tunnel: Tunnel, *, with_secrets: bool) -> PeerSpec:
    gateway = tunnel.customer_gateway
    auth_key = gateway.auth_key if with_secrets else ""
    return PeerSpec(gateway.address, gateway.asn, auth_key, gateway.public_id)


def _ike_spec(tunnel: Tunnel, *, with_secrets: bool) -> IkeSpec:
    return IkeSpec(
        version=IkeVersion(tunnel.ike_version),
        mode=IkeMode(tunnel.ike_mode),
        encryption=Encryption(tunnel.ike_encryption),
        integrity=Integrity(tunnel.ike_integrity),
        dh_group=DhGroup(tunnel.ike_dh_group),
        lifetime=tunnel.ike_lifetime,
        local_id=tunnel.local_id,
        remote_id=tunnel.remote_id,
        psk=tunnel.psk if with_secrets else None,
    )


def _child_spec(tunnel: Tunnel) -> ChildSpec:
    return ChildSpec(
        encryption=Encryption(tunnel.child_encryption),
        integrity=Integrity(tunnel.child_integrity),
        pfs=Pfs(tunnel.child_pfs),
        lifetime=tunnel.child_lifetime,
    )


def _bgp_spec(tunnel: Tunnel) -> BgpSpec | None:
    """BGP is per tunnel: where it is off there is no tunnel CIDR block."""
    return BgpSpec(tunnel.tunnel_cidr, tunnel.local_bgp_ip or "") if tunnel.tunnel_cidr else None


def tunnel_columns(spec: TunnelSpec) -> dict[str, Any]:
    """The way back: what a user configures of a tunnel, by column, but for key and customer gateway."""
    bgp = spec.bgp or BgpSpec()
    return {
        "ike_version": spec.ike.version.value,
        "ike_mode": spec.ike.mode.value,
        "ike_encryption": spec.ike.encryption.value,
        "ike_integrity": spec.ike.integrity.value,
        "ike_dh_group": spec.ike.dh_group.value,
        "ike_lifetime": spec.ike.lifetime,
        "local_id": spec.ike.local_id,
        "remote_id": spec.ike.remote_id,
        "child_encryption": spec.child.encryption.value,
        "child_integrity": spec.child.integrity.value,
        "child_pfs": spec.child.pfs.value,
        "child_lifetime": spec.child.lifetime,
        "dpd": spec.dpd,
        "nat_traversal": spec.nat_traversal,
        "tunnel_cidr": bgp.tunnel_cidr or None,
        "local_bgp_ip": bgp.local_ip or None,
    }

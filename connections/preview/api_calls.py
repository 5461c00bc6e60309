"""The API calls that a submit stands for, as an operator of the official CLI would type them."""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from connections.services.request import Found, NewConnection
from ipsec.spec import ConnectionSpec, TunnelSpec

Parameters = Iterator[tuple[str, str]]
KEY_PLACEHOLDER = "<pre-shared key>"


@dataclass(frozen=True, slots=True)
class ApiCall:
    """`product` is the CLI's name of it; a value in <> comes from the call before, or is a secret."""

    product: str
    action: str
    parameters: tuple[tuple[str, str], ...]

    @property
    def command(self) -> str:
        words = [f"aliyun {self.product} {self.action}"]
        words += [f"--{name} {shlex.quote(value)}" for name, value in self.parameters]
        return " \\\n  ".join(words)


def api_calls(new: NewConnection, found: Found) -> tuple[ApiCall, ...]:
    return tuple(_calls(new, found))


def _calls(new: NewConnection, found: Found) -> Iterator[ApiCall]:
    yield ApiCall("vpc", "CreateVpnAttachment", tuple(_attachment(new, found.spec)))
    if not new.binds_now:
        return
    region = ("RegionId", new.region)
    yield ApiCall(
        "cbn",
        "CreateTransitRouterVpnAttachment",
        (
            region,
            ("CenId", new.cen_id or "<cen>"),
            ("VpnId", "<vco>"),
            ("AutoPublishRouteEnabled", _flag(new.auto_publish_route)),
        ),
    )
    table = (("TransitRouterAttachmentId", "<tr-attach>"), ("TransitRouterRouteTableId", "<vtb>"))
    if new.associate:
        yield ApiCall("cbn", "AssociateTransitRouterAttachmentWithRouteTable", table)
    if new.propagate:
        yield ApiCall("cbn", "EnableTransitRouterRouteTablePropagation", table)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _attachment(new: NewConnection, spec: ConnectionSpec) -> Parameters:
    yield "RegionId", new.region
    if spec.name:
        yield "Name", spec.name
    yield "NetworkType", spec.network_type.value
    yield "LocalSubnet", ",".join(spec.local_selectors)
    yield "RemoteSubnet", ",".join(spec.remote_selectors)
    yield "EffectImmediately", _flag(spec.effect_immediately)
    yield "EnableTunnelsBgp", _flag(spec.bgp_enabled)
    for tunnel in spec.tunnels:
        for name, value in _tunnel(spec, tunnel):
            yield f"TunnelOptionsSpecification.{tunnel.index}.{name}", value


def _tunnel(spec: ConnectionSpec, tunnel: TunnelSpec) -> Parameters:
    yield "TunnelIndex", str(tunnel.index)
    yield "CustomerGatewayId", tunnel.peer.gateway_id if tunnel.peer else "<cgw>"
    yield "EnableDpd", _flag(tunnel.dpd)
    yield "EnableNatTraversal", _flag(tunnel.nat_traversal)
    yield from _ike(tunnel)
    yield "TunnelIpsecConfig.IpsecEncAlg", tunnel.child.encryption.value
    yield "TunnelIpsecConfig.IpsecAuthAlg", tunnel.child.integrity.value
    yield "TunnelIpsecConfig.IpsecPfs", tunnel.child.pfs.value
    yield "TunnelIpsecConfig.IpsecLifetime", str(tunnel.child.lifetime)
    if tunnel.bgp:
        yield "TunnelBgpConfig.LocalAsn", str(spec.local_asn or "")
        yield "TunnelBgpConfig.TunnelCidr", tunnel.bgp.tunnel_cidr
        if tunnel.bgp.local_ip:
            yield "TunnelBgpConfig.LocalBgpIp", tunnel.bgp.local_ip


def _ike(tunnel: TunnelSpec) -> Parameters:
    ike = tunnel.ike
    if ike.psk:
        yield "TunnelIkeConfig.Psk", KEY_PLACEHOLDER
    yield "TunnelIkeConfig.IkeVersion", ike.version.value
    yield "TunnelIkeConfig.IkeMode", ike.mode.value
    yield "TunnelIkeConfig.IkeEncAlg", ike.encryption.value
    yield "TunnelIkeConfig.IkeAuthAlg", ike.integrity.value
    yield "TunnelIkeConfig.IkePfs", ike.dh_group.value
    yield "TunnelIkeConfig.IkeLifetime", str(ike.lifetime)
    if ike.local_id:
        yield "TunnelIkeConfig.LocalId", ike.local_id
    if ike.remote_id:
        yield "TunnelIkeConfig.RemoteId", ike.remote_id

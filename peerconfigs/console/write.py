"""Writing `VpnConnectionConfig`. Keys, nesting and types are the API's (VPC 2016-04-28)."""

import json
from collections.abc import Iterator

from ipsec.findings import Finding
from peerconfigs.document import File, Options
from peerconfigs.findings import Code, warning
from peerconfigs.neutralise import stem
from peerconfigs.view import PeerBgp, PeerTunnel, PeerView

MASKED_PSK = "*" * 16

Json = dict[str, object]


def render(view: PeerView, options: Options) -> tuple[File, ...]:
    config = {"VpnConnectionConfig": connection_config(view, with_secrets=options.with_secrets)}
    text = json.dumps(config, indent=2, ensure_ascii=False) + "\n"
    return (File(stem(view.connection_id, view.name) + ".json", text, "application/json"),)


def check(view: PeerView) -> tuple[Finding, ...]:
    return tuple(finding for tunnel in view.tunnels for finding in _unsaid(tunnel))


def connection_config(view: PeerView, *, with_secrets: bool) -> Json:
    """The value of `VpnConnectionConfig`: lifetimes are numbers, everything of BGP is text."""
    config: Json = {
        "LocalSubnet": ",".join(view.local_selectors),
        "RemoteSubnet": ",".join(view.remote_selectors),
        "TunnelsConfig": {"TunnelConfig": [_tunnel(tunnel, with_secrets) for tunnel in view.tunnels]},
    }
    bgp = [_bgp(tunnel.tunnel_id, tunnel.bgp) for tunnel in view.tunnels if tunnel.bgp]
    return config | {"BgpConfigs": {"BgpConfig": bgp}} if bgp else config


def _tunnel(tunnel: PeerTunnel, with_secrets: bool) -> Json:
    return {
        "TunnelId": tunnel.tunnel_id,
        "Local": tunnel.local_address,
        "Remote": tunnel.remote_address,
        "IkeConfig": _ike(tunnel, with_secrets),
        "IpsecConfig": {
            "IpsecEncAlg": tunnel.child.encryption.value,
            "IpsecAuthAlg": tunnel.child.integrity.value,
            "IpsecPfs": tunnel.child.pfs.value,
            "IpsecLifetime": tunnel.child.lifetime,
        },
    }


def _ike(tunnel: PeerTunnel, with_secrets: bool) -> Json:
    ike = tunnel.ike
    return {
        "LocalId": ike.local_id,
        "RemoteId": ike.remote_id,
        "Psk": ike.psk if with_secrets else MASKED_PSK,
        "IkeVersion": ike.version.value,
        "IkeMode": ike.mode.value,
        "IkeEncAlg": ike.encryption.value,
        "IkeAuthAlg": ike.integrity.value,
        "IkePfs": ike.dh_group.value,
        "IkeLifetime": ike.lifetime,
    }


def _bgp(tunnel_id: str, bgp: PeerBgp) -> Json:
    return {
        "TunnelId": tunnel_id,
        "TunnelCidr": bgp.tunnel_cidr,
        "LocalAsn": str(bgp.local_asn),
        "LocalBgpIp": bgp.local_ip,
        "PeerAsn": str(bgp.remote_asn),
        "PeerBgpIp": bgp.remote_ip,
    }


def _unsaid(tunnel: PeerTunnel) -> Iterator[Finding]:
    path = f"tunnels.{tunnel.index}"
    if not tunnel.dpd:
        yield warning(Code.DPD_NOT_SAID, f"{path}.dpd", tunnel=tunnel.index)
    if not tunnel.nat_traversal:
        yield warning(Code.NAT_TRAVERSAL_NOT_SAID, f"{path}.nat_traversal", tunnel=tunnel.index)
    if tunnel.bgp and tunnel.bgp.auth_key:
        yield warning(Code.BGP_KEY_NOT_SAID, f"{path}.peer.auth_key", tunnel=tunnel.index)

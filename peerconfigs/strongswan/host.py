"""The shell script beside `swanctl.conf`: XFRM interfaces, addresses, routes and the TCP segment size."""

from peerconfigs.document import Options
from peerconfigs.packet_size import SAFE_MSS, SAFE_MTU, largest_packet, largest_segment
from peerconfigs.strongswan.naming import device, interface_id, title
from peerconfigs.view import BGP_HOLD_TIME, BGP_KEEPALIVE, PeerBgp, PeerTunnel, PeerView

_METRIC_STEP = 100


def tunnels_script(view: PeerView, options: Options) -> str:
    lines = [
        "#!/bin/sh",
        f"# Tunnel devices and routes for IPsec connection {title(view)}.",
        "# Run as root, now and at every boot; running it again changes nothing.",
        "# The firewall must let through, in both directions: UDP 500, UDP 4500 and IP protocol 50 (ESP)",
        *(f"#   between {tunnel.local_address} and {tunnel.remote_address}" for tunnel in view.tunnels),
        "set -eu",
        *_cloud_networks(view),
        "sysctl -q -w net.ipv4.ip_forward=1",
        *(line for tunnel in view.tunnels for line in _tunnel(view, tunnel, options)),
    ]
    return "\n".join(lines) + "\n"


def _cloud_networks(view: PeerView) -> tuple[str, ...]:
    if not view.needs_cloud_networks:
        return ()
    return (
        "# FILL IN the networks behind the cloud that this host must reach, separated by blanks.",
        'CLOUD_NETWORKS=""',
    )


def _tunnel(view: PeerView, tunnel: PeerTunnel, options: Options) -> list[str]:
    name = device(tunnel)
    return [
        "",
        f"# Tunnel {tunnel.index}, to {tunnel.remote_address}",
        f"ip link show dev {name} >/dev/null 2>&1 ||",
        f"    ip link add {name} type xfrm dev {options.wan_interface} if_id {interface_id(tunnel)}",
        *_packet_size_comment(tunnel),
        f"ip link set dev {name} mtu {SAFE_MTU} up",
        "# replies may come back by the other tunnel",
        f"sysctl -q -w net.ipv4.conf.{name}.rp_filter=2",
        *_segment_clamp(name),
        *(_bgp(tunnel.bgp, name) if tunnel.bgp else _static_routes(view, tunnel)),
    ]


def _packet_size_comment(tunnel: PeerTunnel) -> tuple[str, ...]:
    bare = largest_packet(tunnel.child, udp_encapsulated=False)
    behind_nat = largest_packet(tunnel.child, udp_encapsulated=True)
    return (
        f"# {SAFE_MTU} is safe with every suite. With this one and 1500 outside, at most {bare} (TCP segment",
        f"# {largest_segment(bare)}); behind a NAT router {behind_nat} ({largest_segment(behind_nat)}).",
    )


def _segment_clamp(name: str) -> tuple[str, ...]:
    rule = f"FORWARD -o {name} -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss {SAFE_MSS}"
    return (
        f"iptables -t mangle -C {rule} 2>/dev/null ||",
        f"    iptables -t mangle -A {rule}",
    )


def _bgp(bgp: PeerBgp, name: str) -> tuple[str, ...]:
    return (
        f"ip address replace {bgp.interface_address} dev {name}",
        "# Routes come by BGP. Any speaker will do (FRR, BIRD); tell it:",
        f"#   own AS {bgp.local_asn}, neighbour {bgp.remote_ip} in AS {bgp.remote_asn}, from {bgp.local_ip},",
        f"#   keepalive {BGP_KEEPALIVE} s, hold time {BGP_HOLD_TIME} s, no multihop",
        *(("#   TCP MD5 password: the key registered with the customer gateway",) if bgp.auth_key else ()),
    )


def _static_routes(view: PeerView, tunnel: PeerTunnel) -> tuple[str, ...]:
    name, metric = device(tunnel), tunnel.index * _METRIC_STEP
    note = "# The device stays up when the tunnel fails: something must watch it and withdraw the routes."
    if view.needs_cloud_networks:
        return (
            note,
            "for network in $CLOUD_NETWORKS; do",
            f'    ip route replace "$network" dev {name} metric {metric}',
            "done",
        )
    routes = (f"ip route replace {net} dev {name} metric {metric}" for net in view.remote_selectors)
    return (note, *routes)

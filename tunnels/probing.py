"""The data path of a tunnel: what a packet would meet, and packets sent to try it."""

from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final

from django.db import transaction
from django.db.models import F

from accounts.actor import Actor, audit
from accounts.refusal import refuse
from ipsec.datapath import Packet, Stop, Trace, Ways, trace
from peerconfigs.packet_size import largest_packet
from transit.models import VpnAttachment
from tunnels.entering import locked_run, must_operate
from tunnels.models import Because, BgpStatus, PeerDevice, Status, Tunnel, TunnelTraffic
from tunnels.services import now_of, start_negotiation
from tunnels.spec import tunnel_spec
from tunnels.transcripts import decode_life, encode

PACKETS: Final = 3
"""Of one test."""
SMALLEST, LARGEST = 28, 9000
SOMEWHERE_BEHIND_THE_DEVICE: Final = "192.168.0.0/16"
SOMEWHERE_IN_THE_CLOUD: Final = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "198.18.0.0/15")
"""The first that is not where the packet goes."""


def ways_of(tunnel: Tunnel) -> Ways:
    """What a packet through the tunnel meets now. Needs the tunnel's run and device; opens no secret."""
    run, device = tunnel.run, tunnel.peer_device
    life = decode_life(run.life) if run.life else None
    attachment = _attachment(tunnel)
    return Ways(
        propagated=attachment is not None and attachment.propagations.exists(),
        associated=attachment is not None and hasattr(attachment, "association"),
        publishes=attachment is not None and attachment.auto_publish_route,
        routes=_routes(tunnel),
        learnt=tuple(device.advertised_networks) if run.bgp_status == BgpStatus.UP else (),
        bgp=bool(tunnel.tunnel_cidr),
        up=run.status == Status.CHILD_UP,
        in_service=not run.out_of_service,
        local_ts=life.local_ts if life else (),
        remote_ts=life.remote_ts if life else (),
        esp=Stop(run.blocked),
        answers=device.powered_on and device.configured and (life is None or life.silent_since is None),
        largest_packet=largest_packet_of(tunnel, device),
    )


def _attachment(tunnel: Tunnel) -> VpnAttachment | None:
    attachments = VpnAttachment.objects.select_related("association")
    return attachments.filter(connection=tunnel.connection_id).first()


def _routes(tunnel: Tunnel) -> tuple[str, ...]:
    routes = tunnel.connection.destination_routes.filter(published=True)
    return tuple(routes.values_list("destination", flat=True))


def largest_packet_of(tunnel: Tunnel, device: PeerDevice) -> int:
    both = tunnel.nat_traversal and device.nat_traversal is not False
    child = tunnel_spec(tunnel, with_secrets=False).child
    in_udp = both and device.behind_nat
    return largest_packet(child, udp_encapsulated=in_udp, outer_mtu=device.path_mtu)


def usual_packet(tunnel: Tunnel, ways: Ways) -> Packet:
    """From the first of the cloud's networks to the first of the data centre's, where they are known."""
    connection = tunnel.connection
    policy = connection.routing_mode == "policy"
    behind = [*(connection.remote_networks if policy else ()), *ways.routes, *ways.learnt]
    there = [*behind, SOMEWHERE_BEHIND_THE_DEVICE][0]
    source = [*(connection.local_networks if policy else ()), _elsewhere(there)]
    return Packet(_host(source[0]), _host(there))


def _elsewhere(network: str) -> str:
    there = IPv4Network(network)
    apart = (one for one in SOMEWHERE_IN_THE_CLOUD if not IPv4Network(one).overlaps(there))
    return next(apart, SOMEWHERE_IN_THE_CLOUD[0])


def _host(network: str) -> str:
    block = IPv4Network(network)
    return str(block.network_address + min(10, block.num_addresses - 1))


@transaction.atomic
def send_test_traffic(*, actor: Actor, tunnel: Tunnel, source: str, destination: str, size: int) -> Trace:
    """Send packets from a cloud network to one behind the device, and say where they come to.

    They count, and begin the negotiation of a tunnel that waits for traffic. Refused: `needs_role`,
    `test_address`.
    """
    must_operate(actor, tunnel)
    packet = Packet(_address("source", source), _address("destination", destination), size)
    run = locked_run(tunnel)
    tunnel.run = run
    found = trace(ways_of(tunnel), packet)
    _count(tunnel, packet, found)
    audit(
        actor, "tunnel.send_test_traffic", tunnel.public_id, source=source, destination=destination, size=size
    )
    if run.waiting_for_traffic:
        start_negotiation(tunnel=tunnel, because=Because.TRAFFIC)
    return found


def _address(field: str, typed: str) -> str:
    try:
        return str(IPv4Address(typed.strip()))
    except ValueError as error:
        raise refuse(field, "test_address") from error


def _count(tunnel: Tunnel, packet: Packet, found: Trace) -> None:
    """The gateway counts what it encrypts and what it decrypts, whole IP packets."""
    at = now_of(tunnel)
    told = {"at": at, "packet": packet, "hops": found.hops, "packets": PACKETS}
    values: dict[str, Any] = {"last_test": encode(told)}
    if found.left:
        values |= _counted("out", packet) | {"last_out_at": at}
    if found.returned:
        values |= _counted("in", packet) | {"last_in_at": at}
    TunnelTraffic.objects.get_or_create(tunnel=tunnel)
    TunnelTraffic.objects.filter(tunnel=tunnel).update(**values)


def _counted(way: str, packet: Packet) -> dict[str, Any]:
    return {
        f"packets_{way}": F(f"packets_{way}") + PACKETS,
        f"bytes_{way}": F(f"bytes_{way}") + PACKETS * packet.size,
    }

"""What strongSwan cannot be told, and what telling it costs."""

from collections.abc import Iterator

from ipsec.algorithms import IkeVersion
from ipsec.findings import Finding
from peerconfigs.findings import Code, advice, error, warning
from peerconfigs.strongswan.quoting import identity_is_writable
from peerconfigs.strongswan.timing import is_aggressive
from peerconfigs.view import PeerTunnel, PeerView


def check(view: PeerView) -> tuple[Finding, ...]:
    return (
        *_indistinct(view),
        *_ambiguous_secrets(view),
        *(finding for tunnel in view.tunnels for finding in _of_tunnel(view, tunnel)),
        *_routing(view),
    )


def _indistinct(view: PeerView) -> Iterator[Finding]:
    addresses = {tunnel.remote_address for tunnel in view.tunnels}
    if len(addresses) < len(view.tunnels):
        yield error(Code.TUNNELS_INDISTINCT, "tunnels.2.gateway_address", address=addresses.pop())


def _ambiguous_secrets(view: PeerView) -> Iterator[Finding]:
    """charon finds a key by the two identities alone: those of one tunnel may not all own the other's key."""
    one, other = view.tunnels
    owners = [{t.ike.local_id.lower(), t.ike.remote_id.lower()} for t in (one, other)]
    nested = owners[0] <= owners[1] or owners[1] <= owners[0]
    if nested and (one.ike.psk is None or one.ike.psk != other.ike.psk):
        # The cloud's way round, because that is what the reader can change.
        yield error(
            Code.SECRETS_AMBIGUOUS,
            "tunnels.2.ike.local_id",
            local_id=other.ike.remote_id,
            remote_id=other.ike.local_id,
        )


def _of_tunnel(view: PeerView, tunnel: PeerTunnel) -> Iterator[Finding]:
    path = f"tunnels.{tunnel.index}"
    yield from _identities(tunnel, path)
    if not tunnel.nat_traversal:
        yield warning(Code.NAT_TRAVERSAL_FORCED, f"{path}.nat_traversal", tunnel=tunnel.index)
    if tunnel.ike.version is IkeVersion.IKEV1 and max(_counts(view)) > 1:
        yield error(Code.IKEV1_SEVERAL_NETWORKS, f"{path}.ike.version", tunnel=tunnel.index)


def _identities(tunnel: PeerTunnel, path: str) -> Iterator[Finding]:
    fields = {"remote_id": tunnel.ike.local_id, "local_id": tunnel.ike.remote_id}
    for name, value in fields.items():
        if not identity_is_writable(value):
            yield error(Code.IDENTITY_UNWRITABLE, f"{path}.ike.{name}", tunnel=tunnel.index, value=value)


def _counts(view: PeerView) -> tuple[int, int]:
    return len(view.local_selectors), len(view.remote_selectors)


def _routing(view: PeerView) -> Iterator[Finding]:
    if any(map(is_aggressive, view.tunnels)):
        yield warning(Code.AGGRESSIVE_HOST_WIDE, "tunnels")
    if view.needs_cloud_networks:
        yield advice(Code.CLOUD_NETWORKS_MISSING, "routing_mode")
    if not all(tunnel.bgp for tunnel in view.tunnels):
        yield warning(Code.NO_STATIC_FAILOVER, "bgp_enabled")

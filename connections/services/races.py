"""Two who write at the same moment: what a constraint has decided between them."""

from django.db import IntegrityError

from accounts.refusal import Refused
from ipsec.findings import Finding
from ipsec.spec import ConnectionSpec


def lost_race(error: IntegrityError, spec: ConnectionSpec) -> Exception:
    """Whoever changes a tunnel at this moment may take a tunnel CIDR block first: the constraint decides."""
    if "tunnel_cidr" not in str(error):
        return error
    return Refused(
        Finding(
            f"tunnels.{tunnel.index}.bgp.tunnel_cidr",
            "tunnel_cidr_in_use",
            params={"cidr": tunnel.bgp.tunnel_cidr, "gateway": tunnel.peer.gateway_id if tunnel.peer else ""},
        )
        for tunnel in spec.tunnels
        if tunnel.bgp
    )

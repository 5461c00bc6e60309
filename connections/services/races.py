"""Two who write at the same moment: who waits for whom, and what a constraint has decided between them."""

from django.db import IntegrityError

from accounts.models import Account
from accounts.refusal import Refused
from gateways.models import CustomerGateway
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


def hold_gateways(account: Account, region: str, spec: ConnectionSpec) -> None:
    """Lock the customer gateways that the spec names until the end of the transaction: none is deleted or
    renamed before the tunnels that end on it are written. One that is gone is found missing afterwards."""
    wanted = {tunnel.peer.gateway_id for tunnel in spec.tunnels if tunnel.peer}
    rows = CustomerGateway.objects.select_for_update(no_key=True).order_by("pk")
    [*rows.filter(account=account, region=region, public_id__in=wanted).values_list("pk")]

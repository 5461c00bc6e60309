"""`crowd.py CONNECTIONS`: that many connections of the demo account, on the fast clock, over devices of all
kinds, negotiating. Prints the ids of their tunnels as JSON. Run with the environment of the console that they
are for."""

import json
import os
import sys
from itertools import cycle
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")
django.setup()

from accounts.actor import Actor  # noqa: E402 - after the set-up
from accounts.models import Account, Quota, Role, User  # noqa: E402
from connections.models import IPsecConnection  # noqa: E402
from connections.services import NewConnection, create_connection  # noqa: E402
from gateways.models import CustomerGateway  # noqa: E402
from ipsec.spec import BgpSpec, ConnectionSpec, PeerSpec, TunnelSpec  # noqa: E402
from transit.models import Cen  # noqa: E402
from tunnels import operations, services  # noqa: E402
from tunnels.models import PeerDevice, Tunnel  # noqa: E402

SPEED = 60
DEVICES: tuple[dict[str, Any], ...] = (
    {},
    {"psk": "not the same"},
    {},
    {"configured": False},
    {"bgp_asn": 64999},
    {"child_proposals": [["des", "md5", "disabled"]]},
    {},
    {"powered_on": False},
)
"""One after the other: what comes up, what is refused in phase 1, in phase 2 and by BGP, what is silent."""


def main(count: int) -> None:
    account = Account.objects.get(name="Demo Networks")
    Quota.objects.filter(account=account).update(limit=10 * count + 100)
    actor = Actor(account, User.objects.get(username="demo"), Role.ADMIN)
    devices, made = cycle(DEVICES), []
    for number in range(count):
        connection = _connection(actor, number)
        tunnels = connection.tunnels.order_by("index")
        operations.set_clock_speed(actor=actor, tunnel=tunnels[0], speed=SPEED)
        made += [_with_device(actor, tunnel, next(devices)) for tunnel in tunnels]
    sys.stdout.write(json.dumps(made))


def _connection(actor: Actor, number: int) -> IPsecConnection:
    edges = CustomerGateway.objects.filter(account=actor.account, name__startswith="dc-edge")
    cen = Cen.objects.get(account=actor.account, name="headquarters-cen")
    tunnels = tuple(
        TunnelSpec(
            index,
            PeerSpec("", gateway_id=gateway.public_id),
            bgp=BgpSpec(f"169.254.{100 + number}.{4 * index}/30"),
        )
        for index, gateway in enumerate(edges.order_by("name")[:2], start=1)
    )
    spec = ConnectionSpec(name=f"crowd-{number}", bgp_enabled=True, tunnels=tunnels)
    return create_connection(actor=actor, new=NewConnection(spec, "cn-hangzhou", cen_id=cen.public_id))


def _with_device(actor: Actor, tunnel: Tunnel, values: dict[str, Any]) -> str:
    device = PeerDevice.objects.get(tunnel=tunnel)
    for name, value in values.items():
        setattr(device, name, value)
    device.save()
    services.reset(actor=actor, tunnel=tunnel)
    return tunnel.public_id


if __name__ == "__main__":
    main(int(sys.argv[1]))

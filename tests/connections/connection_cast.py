"""What tests about connections stand on: a cloud, devices, and the creation page as a browser posts it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier
from typing import Any, TypeVar
from uuid import uuid4

from django.db import connection as database
from django.db.models.signals import pre_delete
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.refusal import Refused
from connections.models import IPsecConnection, PendingChange
from connections.services import NewConnection, create_connection
from connections.services.settling import settle_due
from gateways.models import CustomerGateway
from gateways.services import create_customer_gateway
from ipsec.spec import ConnectionSpec, PeerSpec, TunnelSpec
from transit.models import Cen, TransitRouter
from transit.services import create_cen, create_transit_router
from tunnels import clock
from tunnels.models import NegotiationRun, Status, Tunnel
from tunnels.playing import claim_due, play_all
from tunnels.spec import connection_spec

HANGZHOU = "cn-hangzhou"
SHANGHAI = "cn-shanghai"
BLOCK = "10.250.0.0/24"
MARKER_PSK = "Marker-Secret-5c1e"
T = TypeVar("T")


@dataclass
class Cast:
    """A CEN instance with a transit router, and devices: two for BGP, one without AS number, two private."""

    actor: Actor
    cen: Cen
    router: TransitRouter
    devices: tuple[CustomerGateway, CustomerGateway]
    lone: CustomerGateway
    private: tuple[CustomerGateway, CustomerGateway]


def cast_of(actor: Actor, *, region: str = HANGZHOU, block: str = BLOCK, net: str = "203.0.113") -> Cast:
    cen = create_cen(actor=actor, name=f"backbone-{region}")
    router = create_transit_router(actor=actor, cen=cen, region=region, cidrs=[block] if block else [])

    def device(name: str, address: str, asn: str = "") -> CustomerGateway:
        return create_customer_gateway(actor=actor, region=region, name=name, address=address, asn=asn)

    return Cast(
        actor=actor,
        cen=cen,
        router=router,
        devices=(device("edge-1", f"{net}.1", "65001"), device("edge-2", f"{net}.2", "65001")),
        lone=device("lone", f"{net}.9"),
        private=(device("line-1", "10.0.0.1", "65001"), device("line-2", "10.0.0.2", "65001")),
    )


def token() -> str:
    return uuid4().hex


TUNNEL: Mapping[str, str] = {
    "psk": "",
    "ike_version": "ikev2",
    "ike_mode": "main",
    "ike_encryption": "aes",
    "ike_integrity": "sha1",
    "ike_dh_group": "group2",
    "ike_lifetime": "86400",
    "local_id": "",
    "remote_id": "",
    "child_encryption": "aes",
    "child_integrity": "sha1",
    "child_pfs": "group2",
    "child_lifetime": "86400",
    "dpd": "on",
    "nat_traversal": "on",
    "tunnel_cidr": "",
    "local_bgp_ip": "",
}
"""What a browser sends of a tunnel that nobody has touched."""

BGP: tuple[Mapping[str, str], Mapping[str, str]] = (
    {"tunnel_cidr": "169.254.10.0/30"},
    {"tunnel_cidr": "169.254.20.0/30"},
)
OFF: Any = None
"""The value of a switch that is off: a browser does not send it."""


@dataclass
class Form:
    """The posted creation page. `data` is what a browser sends."""

    data: dict[str, Any] = field(default_factory=dict)

    def tunnel(self, index: int, **values: Any) -> "Form":
        return self.set(**{f"tunnels-{index - 1}-{name}": value for name, value in values.items()})

    def both(self, **values: Any) -> "Form":
        return self.tunnel(1, **values).tunnel(2, **values)

    def set(self, **values: Any) -> "Form":
        data = {**self.data, **values}
        return Form({name: value for name, value in data.items() if value is not OFF})

    def bgp(self) -> "Form":
        form = self.set(bgp_enabled="on")
        return form.tunnel(1, **BGP[0]).tunnel(2, **BGP[1])

    def policy(
        self, local: Sequence[str] = ("10.1.0.0/16",), remote: Sequence[str] = ("192.168.1.0/24",)
    ) -> "Form":
        return self.set(routing_mode="policy", local_networks=[*local], remote_networks=[*remote])

    def private(self, cast: Cast) -> "Form":
        form = self.set(network_type="private")
        for index, device in enumerate(cast.private, start=1):
            form = form.tunnel(index, customer_gateway=device.public_id)
        return form


def filled(cast: Cast) -> Form:
    """The least that can be saved: a name, a CEN instance, two customer gateways."""
    form = Form(
        {
            "client_token": token(),
            "name": "dc to cloud",
            "region": cast.router.region,
            "resource_group": "",
            "network_type": "public",
            "binding": "own",
            "cen": cast.cen.public_id,
            "routing_mode": "destination",
            "local_networks": [""],
            "remote_networks": [""],
            "effect_immediately": "yes",
            "local_asn": "45104",
            "auto_publish_route": "on",
            "associate": "on",
            "propagate": "on",
        }
    ).both(**TUNNEL)
    for index, device in enumerate(cast.devices, start=1):
        form = form.tunnel(index, customer_gateway=device.public_id)
    return form


def made(cast: Cast, name: str = "", binding: str = "own", **values: Any) -> IPsecConnection:
    """A connection over the cast's devices, by the service; `values` are of its `ConnectionSpec`."""
    tunnels = tuple(
        TunnelSpec(index, PeerSpec("", gateway_id=device.public_id))
        for index, device in enumerate(cast.devices, start=1)
    )
    spec = ConnectionSpec(name=name, tunnels=tunnels, **values)
    cen_id = cast.cen.public_id if binding == "own" else ""
    new = NewConnection(spec, cast.router.region, binding=binding, cen_id=cen_id)
    return create_connection(actor=cast.actor, new=new)


def spec_of(connection: IPsecConnection) -> ConnectionSpec:
    """As it is stored now, without its keys."""
    return connection_spec(IPsecConnection.objects.get(pk=connection.pk), with_secrets=False)


def settled() -> int:
    """Let workers bring about whatever is pending, however long they are to wait: how many were settled."""
    return settle_due(clock.now() + timedelta(minutes=5))


CREATE = "/connections/new/"


def submit(client: Client, form: Form) -> Any:
    return client.post(CREATE, form.data)


def created(client: Client, form: Form) -> IPsecConnection:
    """Submit a form that nothing stands against; the connection that it leads to."""
    response = submit(client, form)
    assert response.status_code == 302, [
        (error.label, error.message) for error in response.context["findings"]
    ]
    public_id = response["Location"].rstrip("/").rpartition("/")[2]
    return IPsecConnection.objects.get(public_id=public_id)


def refusals(response: Any) -> list[tuple[str, str]]:
    """(field, message) of each line at the top of a refused page."""
    assert response.status_code == 422
    return [(error.label, error.message) for error in response.context["findings"]]


def tunnels_of(connection: IPsecConnection) -> tuple[Tunnel, Tunnel]:
    first, second = connection.tunnels.order_by("index")
    return first, second


def set_status(connection: IPsecConnection, first: Status, second: Status) -> None:
    """As if negotiations had come to this."""
    for tunnel, status in zip(tunnels_of(connection), (first, second), strict=True):
        NegotiationRun.objects.filter(tunnel=tunnel).update(status=status, negotiating=False, due_at=None)


def play(seconds: int = 20) -> None:
    """Let time pass from now on, with a ring of the bell each second."""
    begin = clock.now()
    for second in range(seconds):
        now = begin + timedelta(seconds=second)
        play_all(claim_due(now, 100), now)


def page_of(connection: IPsecConnection, name: str = "detail", **kwargs: str) -> str:
    return reverse(f"connections:{name}", kwargs={"connection_id": connection.public_id, **kwargs})


def at_once(calls: Sequence[Callable[[], T]]) -> list[T | Refused]:
    """What each call answers when all start at the same moment, each on its own database connection."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | Refused:
        try:
            barrier.wait()
            return call()
        except Refused as refused:
            return refused
        finally:
            database.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@contextmanager
def workers_die() -> Iterator[None]:
    """At the last step of a change that they settle."""

    def die(**_kwargs: Any) -> None:
        raise RuntimeError("killed")

    pre_delete.connect(die, sender=PendingChange)
    try:
        yield
    finally:
        pre_delete.disconnect(die, sender=PendingChange)

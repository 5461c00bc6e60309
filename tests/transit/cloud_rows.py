"""Rows that tests about CEN instances stand on."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import TypeVar

from django.db import connection as database

from accounts.actor import Actor
from accounts.models import AuditEvent
from accounts.refusal import Refused
from connections.models import DestinationRoute, IPsecConnection
from gateways.models import CustomerGateway
from ipsec.findings import Finding
from transit.models import Cen, TransitRouter
from transit.services import attach, create_cen, create_transit_router
from tunnels.models import NegotiationRun, Tunnel

HANGZHOU = "cn-hangzhou"
SHANGHAI = "cn-shanghai"
_hosts = count(1)
T = TypeVar("T")


def cen_of(actor: Actor, name: str = "backbone") -> Cen:
    return create_cen(actor=actor, name=name)


def router_of(
    actor: Actor, *, cen: Cen | None = None, region: str = HANGZHOU, cidrs: Sequence[str] = ()
) -> TransitRouter:
    return create_transit_router(actor=actor, cen=cen or cen_of(actor), region=region, cidrs=cidrs)


def connection_of(
    actor: Actor,
    *,
    name: str = "to Shanghai",
    addresses: tuple[str | None, str | None] = (None, None),
    routes: Sequence[str] = (),
) -> IPsecConnection:
    """A connection with two tunnels to one device, bound to nothing."""
    connection = IPsecConnection.objects.create(account=actor.account, region=HANGZHOU, name=name)
    gateway = CustomerGateway.objects.create(
        account=actor.account, region=HANGZHOU, name="edge", address=f"203.0.113.{next(_hosts) % 250}"
    )
    for index, address in enumerate(addresses, start=1):
        tunnel = Tunnel.objects.create(
            connection=connection,
            index=index,
            customer_gateway=gateway,
            gateway_address=address,
            ike_lifetime=86400,
            child_lifetime=86400,
        )
        NegotiationRun.objects.create(tunnel=tunnel)
    for route in routes:
        DestinationRoute.objects.create(connection=connection, destination=route)
    return connection


def attached_to(router: TransitRouter, actor: Actor, connection: IPsecConnection) -> None:
    """As it is, whatever the rules say of the two."""
    attach(
        actor=actor,
        connection=connection,
        transit_router=router,
        auto_publish_route=True,
        associate=True,
        propagate=True,
    )


def answer(refused: Refused) -> list[tuple[str, str]]:
    return [(finding.field, str(finding.code)) for finding in refused.findings]


def only(refused: Refused) -> Finding:
    assert len(refused.findings) == 1
    return refused.findings[0]


def last_audit(actor: Actor) -> AuditEvent:
    return AuditEvent.objects.filter(account=actor.account)[0]


def at_once(calls: Sequence[Callable[[], T]]) -> list[T | Refused]:
    """What each call answers when all of them start at the same moment, each on a connection of its own."""
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

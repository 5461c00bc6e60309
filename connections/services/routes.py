"""Destination routes, by hand and of protected data flows, and the ties to the transit router's tables."""

from dataclasses import dataclass

from django.db import transaction

from accounts import quotas
from accounts.actor import Actor, audit
from accounts.models import QuotaName
from accounts.refusal import Refused, refuse
from connections.models import DestinationRoute, IPsecConnection
from connections.services.binding import locked, must_be, must_be_settled, owner_elsewhere
from ipsec.addresses import destination_routes
from ipsec.algorithms import RoutingMode
from ipsec.rules import check_route
from ipsec.spec import ConnectionSpec
from transit import services as transit
from tunnels.entering import hold_runs
from tunnels.services import look_again

Source = DestinationRoute.Source


@transaction.atomic
def add_route(*, actor: Actor, connection: IPsecConnection, destination: str) -> DestinationRoute:
    """A static route to the data centre, published like all others (API: CreateVcoRouteEntry).

    `Refused`: what `ipsec.rules` says of the destination, `not_bound`, `connection_busy`, `route_exists`,
    `quota_full`.
    """
    if wrong := check_route(destination, "destination"):
        raise Refused(wrong)
    connection = locked(connection)
    must_be(connection, IPsecConnection.State.ATTACHED, "not_bound")
    routes = connection.destination_routes
    if routes.filter(destination=destination).exists():
        raise refuse("destination", "route_exists", destination=destination)
    room = quotas.room(actor.account, QuotaName.ROUTES_PER_CONNECTION, routes.count())
    if full := room.check("destination"):
        raise Refused(full)
    route = routes.create(destination=destination, source=Source.MANUAL)
    audit(actor, "connection.add_route", connection.public_id, destination=destination)
    look_again(connection=connection)
    return route


def what_keeps_route(route: DestinationRoute) -> Refused | None:
    """A route of a protected data flow goes with its network."""
    if route.source == Source.POLICY:
        return refuse("destination", "route_made_by_itself", destination=route.destination)
    return None


@transaction.atomic
def delete_route(*, actor: Actor, connection: IPsecConnection, destination: str) -> None:
    """One that is gone already is fine. `Refused`: `route_made_by_itself`, `connection_busy`."""
    connection = locked(connection)
    route = connection.destination_routes.filter(destination=destination).first()
    if route is None:
        return
    if refused := what_keeps_route(route):
        raise refused
    must_be_settled(connection)
    route.delete()
    follow_networks(connection)  # a protected data flow may have leant on it
    audit(actor, "connection.delete_route", connection.public_id, destination=destination)
    look_again(connection=connection)


@transaction.atomic
def tie(
    *, actor: Actor, connection: IPsecConnection, auto_publish_route: bool, associate: bool, propagate: bool
) -> None:
    """The three switches of 高级配置, later: what the transit router learns, looks up and publishes.

    `Refused` for another account's transit router, which is that account's affair: `bound_elsewhere`.
    """
    connection = locked(connection)
    must_be(connection, IPsecConnection.State.ATTACHED, "not_bound")
    if (other := owner_elsewhere(connection)) is not None:
        raise refuse("connection", "bound_elsewhere", uid=other)
    hold_runs(connection_id=connection.pk)
    transit.change_ties(
        actor=actor,
        attachment=connection.attachment,
        auto_publish_route=auto_publish_route,
        associate=associate,
        propagate=propagate,
    )
    look_again(connection=connection)


def follow_networks(connection: IPsecConnection) -> None:
    """Routes of its networks are added; those of networks that are gone go. Routes by hand stay."""
    wanted = routes_of_networks(connection)
    rows = DestinationRoute.objects.filter(connection=connection)
    gone = rows.filter(source=Source.POLICY).exclude(destination__in=[one.destination for one in wanted])
    gone.delete()
    there = set(rows.values_list("destination", flat=True))
    DestinationRoute.objects.bulk_create(one for one in wanted if one.destination not in there)


@dataclass(frozen=True, slots=True)
class Led:
    """Whether published routes of its own lead to the data centre, before and after an edit. What BGP brings
    is not among them."""

    now: bool
    then: bool


def led_by_routes(connection: IPsecConnection, wanted: ConnectionSpec) -> Led:
    """See `follow_networks`."""
    rows = connection.destination_routes.filter(published=True)
    sources = set(rows.values_list("source", flat=True))
    made = wanted.routing_mode is RoutingMode.POLICY and destination_routes(wanted.remote_networks)
    return Led(bool(sources), Source.MANUAL in sources or bool(made))


def routes_of_networks(connection: IPsecConnection) -> list[DestinationRoute]:
    """One per remote network, not written yet; in policy mode only."""
    policy = connection.routing_mode == RoutingMode.POLICY
    wanted = destination_routes(connection.remote_networks) if policy else ()
    return [DestinationRoute(connection=connection, destination=destination) for destination in wanted]

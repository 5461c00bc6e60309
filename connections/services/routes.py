"""Destination routes added by hand, and how the connection is tied to the transit router's route tables."""

from django.db import transaction

from accounts import quotas
from accounts.actor import Actor, audit
from accounts.models import QuotaName
from accounts.refusal import Refused, refuse
from connections.models import DestinationRoute, IPsecConnection
from connections.services.binding import locked, must_be
from ipsec.rules import check_route
from transit import services as transit
from tunnels.services import look_again


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
    limit = quotas.limit(actor.account, QuotaName.ROUTES_PER_CONNECTION)
    if routes.count() >= limit:
        raise refuse("destination", "quota_full", name=QuotaName.ROUTES_PER_CONNECTION.value, limit=limit)
    route = routes.create(destination=destination, source=DestinationRoute.Source.MANUAL)
    audit(actor, "connection.add_route", connection.public_id, destination=destination)
    look_again(connection=connection)
    return route


def what_keeps_route(route: DestinationRoute) -> Refused | None:
    """A route of a protected data flow goes with its network."""
    if route.source == DestinationRoute.Source.POLICY:
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
    if connection.state not in (IPsecConnection.State.INIT, IPsecConnection.State.ATTACHED):
        raise refuse("connection", "connection_busy")
    route.delete()
    audit(actor, "connection.delete_route", connection.public_id, destination=destination)
    look_again(connection=connection)


@transaction.atomic
def tie(
    *, actor: Actor, connection: IPsecConnection, auto_publish_route: bool, associate: bool, propagate: bool
) -> None:
    """The three switches of 高级配置, later: what the transit router learns, looks up and publishes."""
    connection = locked(connection)
    must_be(connection, IPsecConnection.State.ATTACHED, "not_bound")
    transit.change_ties(
        actor=actor,
        attachment=connection.attachment,
        auto_publish_route=auto_publish_route,
        associate=associate,
        propagate=propagate,
    )
    look_again(connection=connection)

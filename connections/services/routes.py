"""Destination routes that follow from a connection's protected data flows."""

from connections.models import DestinationRoute, IPsecConnection
from ipsec.addresses import destination_routes
from ipsec.algorithms import RoutingMode

Source = DestinationRoute.Source


def follow_networks(connection: IPsecConnection) -> None:
    """One route per remote network, published; those of networks that are gone go. Routes by hand stay."""
    policy = connection.routing_mode == RoutingMode.POLICY
    wanted = destination_routes(connection.remote_networks) if policy else ()
    rows = DestinationRoute.objects.filter(connection=connection)
    rows.filter(source=Source.POLICY).exclude(destination__in=wanted).delete()
    there = set(rows.values_list("destination", flat=True))
    DestinationRoute.objects.bulk_create(
        DestinationRoute(connection=connection, destination=destination)
        for destination in wanted
        if destination not in there
    )

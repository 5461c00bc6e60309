"""The System route table shows what attached connections publish, and whether it is carried."""

import pytest
from cloud_rows import SHANGHAI, attached_to, connection_of, router_of

from accounts.actor import Actor
from connections.models import DestinationRoute
from transit.models import RouteTablePropagation
from transit.queries import routes_of_table, system_table
from tunnels.models import NegotiationRun, Status

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_a_route_is_active_once_a_tunnel_carries_traffic(omar: Actor) -> None:
    router, connection = router_of(omar), connection_of(omar, routes=["192.168.0.0/16"])
    attached_to(router, omar, connection)
    (route,) = routes_of_table(system_table(router))
    assert (route.destination, route.connection_id) == ("192.168.0.0/16", connection.public_id)
    assert (route.attachment_id, route.connection_name) == (connection.attachment.public_id, "to Shanghai")
    assert not route.active
    runs = NegotiationRun.objects.filter(tunnel__connection=connection)
    for status, active in ((Status.IKE_UP, False), (Status.CHILD_UP, True), (Status.CHILD_DOWN, False)):
        runs.filter(tunnel__index=2).update(status=status)
        assert routes_of_table(system_table(router))[0].active is active


def test_every_connection_that_reaches_a_network_is_shown(omar: Actor) -> None:
    router = router_of(omar)
    for name in ("one", "other"):
        attached_to(router, omar, connection_of(omar, name=name, routes=["192.168.0.0/16", "10.9.0.0/16"]))
    routes = routes_of_table(system_table(router))
    assert [(route.destination, route.connection_name) for route in routes] == [
        ("10.9.0.0/16", "one"),
        ("10.9.0.0/16", "other"),
        ("192.168.0.0/16", "one"),
        ("192.168.0.0/16", "other"),
    ]


def test_withdrawn_routes_other_tables_and_attachments_without_learning_are_not(omar: Actor) -> None:
    router = router_of(omar)
    neighbour = router_of(omar, cen=router.cen, region=SHANGHAI)
    attached_to(router, omar, connection_of(omar, routes=["192.168.0.0/16"]))
    assert routes_of_table(system_table(neighbour)) == []
    DestinationRoute.objects.update(published=False)
    assert routes_of_table(system_table(router)) == []
    DestinationRoute.objects.update(published=True)
    RouteTablePropagation.objects.all().delete()
    assert routes_of_table(system_table(router)) == []

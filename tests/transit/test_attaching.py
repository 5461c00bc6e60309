"""A connection is tied to one transit router; the three switches say how."""

import pytest
from cloud_rows import attached_to, connection_of, last_audit, router_of
from django.db import IntegrityError, transaction

from accounts.actor import Actor
from transit.models import (
    RouteTableAssociation,
    RouteTablePropagation,
    VpnAttachment,
)
from transit.queries import attachments_of, system_table
from transit.services import attach, detach

pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.mark.parametrize("publish", [True, False])
@pytest.mark.parametrize("associate", [True, False])
@pytest.mark.parametrize("propagate", [True, False])
def test_each_switch_makes_its_own_tie(omar: Actor, publish: bool, associate: bool, propagate: bool) -> None:
    router = router_of(omar)
    attachment = attach(
        actor=omar,
        connection=connection_of(omar),
        transit_router=router,
        auto_publish_route=publish,
        associate=associate,
        propagate=propagate,
    )
    assert attachment.status == VpnAttachment.Status.ATTACHED
    assert attachment.auto_publish_route is publish
    table = system_table(router)
    assert RouteTableAssociation.objects.filter(route_table=table).exists() is associate
    assert RouteTablePropagation.objects.filter(route_table=table).exists() is propagate
    assert hasattr(attachments_of(router).get(), "association") is associate
    assert vars(attachments_of(router).get())["propagates"] is propagate


def test_it_is_told(omar: Actor) -> None:
    router, connection = router_of(omar), connection_of(omar)
    attached_to(router, omar, connection)
    event = last_audit(omar)
    assert (event.action, event.target) == ("transit_router.attach", router.public_id)
    assert event.detail["connection"] == connection.public_id


def test_a_connection_is_attached_once(omar: Actor) -> None:
    """Who binds has looked; a second attachment the database does not take."""
    connection = connection_of(omar)
    attached_to(router_of(omar), omar, connection)
    with pytest.raises(IntegrityError), transaction.atomic():
        attached_to(router_of(omar), omar, connection)
    assert VpnAttachment.objects.count() == 1


def test_detaching_takes_its_ties_along(omar: Actor) -> None:
    attached_to(router_of(omar), omar, connection_of(omar))
    detach(actor=omar, attachment=VpnAttachment.objects.get())
    assert not VpnAttachment.objects.exists()
    assert not RouteTableAssociation.objects.exists()
    assert not RouteTablePropagation.objects.exists()
    assert last_audit(omar).action == "transit_router.detach"


def test_what_is_detached_already_stays_so(omar: Actor) -> None:
    attached_to(router_of(omar), omar, connection_of(omar))
    attachment = VpnAttachment.objects.get()
    detach(actor=omar, attachment=attachment)
    before = last_audit(omar).pk
    detach(actor=omar, attachment=attachment)
    assert last_audit(omar).pk == before

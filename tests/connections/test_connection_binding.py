"""Unbinding a connection from its transit router, and binding it to one again."""

from typing import Any

import pytest
from connection_cast import (
    Cast,
    Form,
    cast_of,
    created,
    made,
    page_of,
    play,
    settled,
    tunnels_of,
    workers_die,
)
from django.test import Client
from page_reader import by_id, read

from accounts.actor import Actor
from accounts.models import AuditEvent, Quota, QuotaName
from accounts.refusal import Refused
from connections.services import bind, unbind
from connections.services.settling import settle_due
from gateways.services import create_customer_gateway
from ipsec.causes import CauseId
from transit.models import RouteTableAssociation, RouteTablePropagation, TransitRouter, VpnAttachment
from tunnels import clock
from tunnels.models import Because, Status, Tunnel, TunnelEvent

pytestmark = [pytest.mark.database, pytest.mark.django_db]

ON = {"auto_publish_route": "on", "associate": "on", "propagate": "on"}


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(finding.field, str(finding.code)) for finding in refused.value.findings]


def test_unbinding_gives_the_addresses_back_and_takes_the_tunnels_down(client: Client, form: Form) -> None:
    connection = created(client, form.bgp().policy())
    play()
    page = client.get(page_of(connection, "unbind")).content.decode()
    assert "Both tunnels go down" in page
    assert "btn-danger" in page
    assert page_of(connection, "unbind") in client.get(page_of(connection)).content.decode()

    assert client.post(page_of(connection, "unbind")).status_code == 302
    connection.refresh_from_db()
    assert connection.state == "detaching"
    assert VpnAttachment.objects.get().status == "Detaching"
    settled()
    connection.refresh_from_db()
    assert connection.state == "init"
    assert not VpnAttachment.objects.exists()
    assert not RouteTableAssociation.objects.exists()
    assert not RouteTablePropagation.objects.exists()
    for tunnel in tunnels_of(connection):
        assert (tunnel.gateway_address, tunnel.zone) == (None, "")
        run = tunnel.run
        assert (run.status, run.negotiating, run.due_at) == (Status.NOT_NEGOTIATED, False, None)
        assert run.cause == CauseId.TUNNEL_NOT_BOUND
    assert AuditEvent.objects.filter(action="connection.unbind", target=connection.public_id).count() == 1


def test_what_is_configured_stays_over_unbinding(client: Client, ana: Actor, form: Form) -> None:
    connection = created(client, form.bgp().policy().tunnel(1, psk="kept-key"))
    before = [tunnel.tunnel_cidr for tunnel in tunnels_of(connection)]
    unbind(actor=ana, connection=connection)
    settled()
    assert [tunnel.tunnel_cidr for tunnel in tunnels_of(connection)] == before
    assert tunnels_of(connection)[0].psk == "kept-key"
    assert connection.destination_routes.count() == 1


def test_binding_again_brings_both_tunnels_up(client: Client, ana: Actor, cast: Cast) -> None:
    connection = made(cast, "dc", binding="cross")
    assert client.post(page_of(connection, "bind"), {"cen": cast.cen.public_id, **ON}).status_code == 302
    connection.refresh_from_db()
    assert (connection.state, connection.binding) == ("attaching", "own")
    assert VpnAttachment.objects.get().status == "Attaching"
    settled()
    connection.refresh_from_db()
    assert (connection.state, connection.attachment.status) == ("attached", "Attached")
    for tunnel in tunnels_of(connection):
        assert tunnel.gateway_address is not None
        assert TunnelEvent.objects.filter(tunnel=tunnel, message=Because.BOUND).count() == 1
    play()
    assert [tunnel.run.status for tunnel in tunnels_of(connection)] == [Status.CHILD_UP] * 2


@pytest.mark.parametrize("toggle", [*ON])
def test_each_toggle_stands_for_itself(client: Client, cast: Cast, toggle: str) -> None:
    connection = made(cast, "dc", binding="cross")
    on = {name: value for name, value in ON.items() if name != toggle}
    client.post(page_of(connection, "bind"), {"cen": cast.cen.public_id, **on})
    attachment = VpnAttachment.objects.get(connection=connection)
    done = {
        "auto_publish_route": attachment.auto_publish_route,
        "associate": hasattr(attachment, "association"),
        "propagate": attachment.propagations.exists(),
    }
    assert [name for name, value in done.items() if not value] == [toggle]


def test_addresses_given_back_are_used_again(ana: Actor, cast: Cast) -> None:
    connection = made(cast, "dc")
    before = {tunnel.gateway_address for tunnel in tunnels_of(connection)}
    unbind(actor=ana, connection=connection)
    settled()
    bind(actor=ana, connection=connection, transit_router=cast.router)
    settled()
    assert {tunnel.gateway_address for tunnel in tunnels_of(connection)} == before


def test_a_gateway_address_is_never_a_customer_gateways(
    ana: Actor, sam: Actor, cast: Cast, form: Form, client: Client
) -> None:
    """Nobody's device, in whichever account it is registered."""
    create_customer_gateway(actor=sam, region="cn-hangzhou", name="theirs", address="10.250.0.1")
    connection = created(client, form.private(cast))
    assert [tunnel.gateway_address for tunnel in tunnels_of(connection)] == ["10.250.0.2", "10.250.0.3"]


def test_a_pool_that_is_used_up_is_a_named_error(client: Client, cast: Cast, form: Form) -> None:
    block = cast.router.cidrs.get()
    block.cidr = "10.250.0.0/31"
    block.save()
    response = client.post("/connections/new/", form.private(cast).data)
    assert response.status_code == 422
    (error,) = response.context["findings"]
    assert "No gateway address is left in 10.250.0.0/31" in error.message
    assert not Tunnel.objects.exists()


def test_a_connection_that_waits_for_traffic_still_waits_once_it_is_bound(
    ana: Actor, client: Client, cast: Cast, form: Form
) -> None:
    connection = created(client, form.set(binding="cross", cen="", effect_immediately="no"))
    bind(actor=ana, connection=connection, transit_router=cast.router)
    settled()
    assert [tunnel.run.waiting_for_traffic for tunnel in tunnels_of(connection)] == [True, True]


# In transition


@pytest.mark.parametrize("begin", [bind, unbind])
def test_a_worker_that_dies_in_between_leaves_it_to_the_next(ana: Actor, cast: Cast, begin: Any) -> None:
    bound = begin is unbind
    connection = made(cast, "dc", binding="own" if bound else "cross")
    begin(actor=ana, connection=connection, **({} if bound else {"transit_router": cast.router}))
    with workers_die():
        assert settle_due(clock.now()) == 0
    connection.refresh_from_db()
    assert connection.in_transition

    assert (settled(), settled()) == (1, 0)
    connection.refresh_from_db()
    assert connection.state == ("init" if bound else "attached")
    assert VpnAttachment.objects.exists() is not bound


def test_an_open_page_is_loaded_anew_once_the_connection_is_bound_or_unbound(
    client: Client, ana: Actor, cast: Cast
) -> None:
    connection = made(cast, "dc")
    unbind(actor=ana, connection=connection)
    page = client.get(page_of(connection)).content.decode()
    url = by_id(read(page), "pulse").attributes["hx-get"]
    assert "HX-Refresh" not in client.get(url)
    settled()
    assert client.get(url)["HX-Refresh"] == "true"


@pytest.mark.parametrize("name", ["delete", "unbind", "bind"])
def test_nothing_else_is_taken_meanwhile(client: Client, ana: Actor, cast: Cast, name: str) -> None:
    connection = made(cast, "dc")
    unbind(actor=ana, connection=connection)
    answer = client.post(page_of(connection, name), {"cen": cast.cen.public_id, **ON})
    assert answer.status_code in (409, 422)
    assert "(VpnConnection.Configuring)" in answer.content.decode()


def test_the_detachment_is_told_as_whoevers_it_was(ana: Actor, cast: Cast) -> None:
    connection = made(cast, "dc")
    unbind(actor=ana, connection=connection)
    settled()
    row = AuditEvent.objects.get(action="transit_router.detach")
    assert (row.actor, row.address, row.request_id) == (ana.user, ana.address, ana.request_id)


def test_what_another_account_has_bound_it_has_to_unbind(
    client: Client, ana: Actor, sam: Actor, cast: Cast
) -> None:
    theirs = cast_of(sam, block="10.251.0.0/24")
    connection = made(cast, "dc")
    VpnAttachment.objects.update(transit_router=theirs.router)
    assert page_of(connection, "unbind") not in client.get(page_of(connection)).content.decode()
    for name in ("delete", "unbind"):
        asked = client.get(page_of(connection, name))
        assert asked.status_code == 200
        assert f"another account (UID {sam.account.uid})" in asked.content.decode()
        assert "btn-danger" not in asked.content.decode()
        answer = client.post(page_of(connection, name))
        assert answer.status_code == 409
        assert f"another account (UID {sam.account.uid})" in answer.content.decode()
    connection.refresh_from_db()
    assert connection.state == "attached"


# Refusals


def test_what_is_bound_is_not_bound_again(client: Client, ana: Actor, cast: Cast) -> None:
    connection = made(cast, "dc")
    with pytest.raises(Refused) as refused:
        bind(actor=ana, connection=connection, transit_router=cast.router)
    assert codes(refused) == [("connection", "connection_bound")]
    response = client.post(page_of(connection, "bind"), {"cen": cast.cen.public_id, **ON})
    assert response.status_code == 422
    assert "unbind it first" in response.content.decode()


def test_what_is_not_bound_is_not_unbound(client: Client, ana: Actor, cast: Cast) -> None:
    connection = made(cast, "dc", binding="cross")
    with pytest.raises(Refused) as refused:
        unbind(actor=ana, connection=connection)
    assert codes(refused) == [("connection", "not_bound")]
    asked = client.get(page_of(connection, "unbind")).content.decode()
    assert "not bound to a transit router" in asked
    assert "btn-danger" not in asked
    assert client.post(page_of(connection, "unbind")).status_code == 409


@pytest.mark.parametrize("cen", ["", "cen-0"])
def test_a_cen_must_be_chosen(client: Client, cast: Cast, cen: str) -> None:
    connection = made(cast, "dc", binding="cross")
    response = client.post(page_of(connection, "bind"), {"cen": cen, **ON})
    assert response.status_code == 422
    (link,) = [one for one in by_id(read(response.content.decode()), "findings").walk() if one.tag == "a"]
    assert (link.text, link.attributes["href"]) == ("CEN Instance ID", "#id_cen")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"edition": "Basic"}, "not of the Enterprise edition"),
        ({"status": "Modifying"}, "is in state Modifying"),
        ({"region": "cn-shanghai"}, "no Enterprise transit router in this region"),
    ],
)
def test_a_transit_router_that_does_not_fit_is_refused(
    client: Client, cast: Cast, change: dict[str, str], said: str
) -> None:
    connection = made(cast, "dc", binding="cross")
    TransitRouter.objects.update(**change)
    response = client.post(page_of(connection, "bind"), {"cen": cast.cen.public_id, **ON})
    assert response.status_code == 422
    assert said in response.content.decode()
    connection.refresh_from_db()
    assert connection.state == "init"


def test_a_private_connection_needs_a_block(client: Client, cast: Cast, form: Form) -> None:
    connection = created(client, form.private(cast).set(binding="cross", cen=""))
    cast.router.cidrs.all().delete()
    response = client.post(page_of(connection, "bind"), {"cen": cast.cen.public_id, **ON})
    assert "add a CIDR block first" in response.content.decode()


def test_the_quota_of_the_transit_router_is_kept(client: Client, ana: Actor, cast: Cast) -> None:
    Quota.objects.filter(account=ana.account, name=QuotaName.CONNECTIONS_PER_TRANSIT_ROUTER).update(limit=0)
    connection = made(cast, "dc", binding="cross")
    response = client.post(page_of(connection, "bind"), {"cen": cast.cen.public_id, **ON})
    (finding,) = response.context["findings"]
    assert ("quota is used up" in finding.message, finding.anchor) == (True, "id_cen")
    assert not VpnAttachment.objects.exists()


def test_a_strangers_transit_router_is_refused(ana: Actor, sam: Actor, cast: Cast) -> None:
    theirs = cast_of(sam, block="10.251.0.0/24")
    connection = made(cast, "dc", binding="cross")
    with pytest.raises(Refused) as refused:
        bind(actor=ana, connection=connection, transit_router=theirs.router)
    assert codes(refused) == [("cen", "cen_unknown")]


def test_a_transit_router_of_another_region_is_refused(ana: Actor, cast: Cast) -> None:
    elsewhere = cast_of(ana, region="cn-shanghai", block="10.251.0.0/24")
    connection = made(cast, "dc", binding="cross")
    with pytest.raises(Refused) as refused:
        bind(actor=ana, connection=connection, transit_router=elsewhere.router)
    assert codes(refused) == [("cen", "transit_router_missing")]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": TransitRouter.Status.MODIFYING}, "transit_router_not_active"),
        ({"edition": TransitRouter.Edition.BASIC}, "transit_router_not_enterprise"),
    ],
)
def test_a_transit_router_that_has_become_unfit_is_refused(
    ana: Actor, cast: Cast, change: dict[str, str], code: str
) -> None:
    """What counts is how it is now, not how whoever binds has read it."""
    connection = made(cast, "dc", binding="cross")
    TransitRouter.objects.update(**change)
    with pytest.raises(Refused) as refused:
        bind(actor=ana, connection=connection, transit_router=cast.router)
    assert codes(refused) == [("cen", code)]


def test_a_transit_router_that_has_just_gone_is_refused(ana: Actor, cast: Cast) -> None:
    connection = made(cast, "dc", binding="cross")
    TransitRouter.objects.filter(pk=cast.router.pk).delete()
    with pytest.raises(Refused) as refused:
        bind(actor=ana, connection=connection, transit_router=cast.router)
    assert codes(refused) == [("cen", "transit_router_missing")]


def test_neither_needs_a_key_that_can_be_opened(ana: Actor, cast: Cast, settings: Any) -> None:
    from cryptography.fernet import Fernet

    connection = made(cast, "dc")
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    unbind(actor=ana, connection=connection)
    settled()
    bind(actor=ana, connection=connection, transit_router=cast.router)
    settled()

"""However often a form is sent, and by how many at once, one connection comes of it; all of it or nothing."""

from typing import Any

import pytest
from connection_cast import (
    BGP,
    CREATE,
    Cast,
    Form,
    at_once,
    cast_of,
    created,
    filled,
    made,
    refusals,
    settled,
    submit,
    token,
)
from django.db import connection
from django.test import Client
from page_reader import read

from accounts.actor import Actor
from accounts.models import AuditEvent
from accounts.refusal import Refused
from connections.models import DestinationRoute, IPsecConnection
from connections.services import NewConnection, bind, create_connection, unbind
from ipsec.spec import BgpSpec, ConnectionSpec, PeerSpec, TunnelSpec
from transit.models import VpnAttachment
from tunnels.models import NegotiationRun, PeerDevice, Tunnel, TunnelEvent

database = pytest.mark.database


def everything() -> dict[str, int]:
    models = (
        IPsecConnection,
        Tunnel,
        PeerDevice,
        NegotiationRun,
        TunnelEvent,
        DestinationRoute,
        VpnAttachment,
        AuditEvent,
    )
    return {model.__name__: model._default_manager.count() for model in models}


@pytest.mark.django_db
@database
def test_a_double_submit_makes_one_connection(client: Client, form: Form) -> None:
    first = created(client, form.bgp())
    before = everything()
    assert created(client, form.bgp()) == first
    assert everything() == before


@pytest.mark.django_db
def test_the_same_token_with_other_values_leads_to_what_was_made_first(client: Client, form: Form) -> None:
    """Back, another name, OK: the form was sent already, and the connection's page shows what came of it."""
    first = created(client, form)
    again = created(client, form.set(name="another name"))
    assert again == first
    assert again.name == "dc to cloud"


@pytest.mark.django_db
def test_even_a_form_that_would_be_refused_leads_there(client: Client, form: Form) -> None:
    first = created(client, form)
    assert created(client, form.set(name="https://x", cen="")) == first


@pytest.mark.django_db
def test_a_reload_of_the_refused_page_is_refused_again(client: Client, form: Form) -> None:
    wrong = form.set(name="https://x")
    assert refusals(submit(client, wrong)) == refusals(submit(client, wrong))
    assert not IPsecConnection.objects.exists()


@pytest.mark.django_db
def test_a_refused_form_is_saved_once_under_its_token(client: Client, form: Form) -> None:
    refusals(submit(client, form.set(name="https://x")))
    assert created(client, form) == created(client, form)
    assert IPsecConnection.objects.count() == 1


@pytest.mark.django_db
def test_the_page_stays_in_the_browser_so_that_back_shows_the_same_form(client: Client) -> None:
    response = client.get(CREATE)
    assert response["Cache-Control"] == "private"
    assert response.context["form"]["client_token"].value() in response.content.decode()


@pytest.mark.django_db
def test_sending_it_does_not_make_the_browser_forget_it(client: Client) -> None:
    """A write to an address drops what a cache has of that address (RFC 9111 section 4.4)."""
    html = client.get(CREATE).content.decode()
    (action,) = [
        one.attributes["action"] for one in read(html).walk() if one.attributes.get("class") == "wizard"
    ]
    assert action == f"{CREATE}?save"
    assert client.post(action, {}).status_code == 422


@pytest.mark.django_db
def test_a_new_page_has_a_new_token(client: Client) -> None:
    tokens = {client.get(CREATE).context["form"]["client_token"].value() for _ in range(3)}
    assert len(tokens) == 3


@pytest.mark.django_db
@pytest.mark.parametrize("forged", ["", "short", "A" * 32, "0" * 33, "0" * 10_000, "\x00" * 32])
def test_a_token_that_is_none_is_replaced(client: Client, form: Form, forged: str) -> None:
    first = created(client, form.set(client_token=forged))
    second = created(client, form.set(client_token=forged, name="second"))
    assert first != second


@pytest.mark.django_db
def test_a_strangers_token_is_not_found(client: Client, form: Form, sam: Actor, client_of: Any) -> None:
    mine = created(client, form)
    theirs = filled(cast_of(sam, block="10.251.0.0/24", net="203.0.114"))
    made = created(client_of(sam), theirs.set(client_token=form.data["client_token"]))
    assert made != mine
    assert made.account == sam.account


# All or nothing


@pytest.mark.django_db
@database
@pytest.mark.parametrize(
    "model", [Tunnel, PeerDevice, NegotiationRun, TunnelEvent, DestinationRoute, VpnAttachment, AuditEvent]
)
def test_what_fails_on_the_way_leaves_nothing(client: Client, form: Form, model: Any) -> None:
    """Whichever row cannot be written, none stays."""

    def fail(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith(f'INSERT INTO "{model._meta.db_table}"'):
            raise RuntimeError("the disk is full")
        return execute(sql, *rest)

    before = everything()
    with connection.execute_wrapper(fail), pytest.raises(RuntimeError, match="disk is full"):
        submit(client, form.bgp().policy())
    assert everything() == before
    created(client, form.bgp().policy())


@pytest.mark.django_db
@database
def test_a_tunnel_cidr_block_taken_in_between_is_refused(client: Client, cast: Cast, form: Form) -> None:
    """Another writer is quicker by a moment, after the look and before the write: the constraint decides."""
    other = created(
        client, form.bgp().both(tunnel_cidr="169.254.30.0/30").tunnel(2, tunnel_cidr="169.254.40.0/30")
    )
    before = everything()

    def taken_once_written(execute: Any, sql: str, *rest: Any) -> Any:
        written = execute(sql, *rest)
        if sql.startswith(f'INSERT INTO "{IPsecConnection._meta.db_table}"'):
            Tunnel.objects.filter(connection=other, index=1).update(tunnel_cidr=BGP[0]["tunnel_cidr"])
        return written

    with connection.execute_wrapper(taken_once_written):
        response = submit(client, form.bgp().set(client_token=token()))
    assert {label for label, _text in refusals(response)} == {
        "Tunnel 1 · Tunnel CIDR Block",
        "Tunnel 2 · Tunnel CIDR Block",
    }
    assert all("has just been taken" in text for _label, text in refusals(response))
    assert everything() == before


# Several at once


def asked(cast: Cast, name: str, cidrs: tuple[str, str], client_token: str) -> NewConnection:
    tunnels = tuple(
        TunnelSpec(index, PeerSpec("", gateway_id=device.public_id), bgp=BgpSpec(cidr))
        for index, device, cidr in zip((1, 2), cast.devices, cidrs, strict=True)
    )
    spec = ConnectionSpec(name=name, bgp_enabled=True, tunnels=tunnels)
    return NewConnection(spec, cast.router.region, cen_id=cast.cen.public_id, client_token=client_token)


def whole() -> bool:
    connections = IPsecConnection.objects.count()
    rows = (Tunnel.objects.count(), PeerDevice.objects.count(), NegotiationRun.objects.count())
    return rows == (2 * connections,) * 3 and VpnAttachment.objects.count() == connections


@pytest.mark.django_db(transaction=True)
@database
def test_one_form_sent_several_times_at_once_is_one_connection(cast: Cast) -> None:
    new = asked(cast, "once", ("169.254.10.0/30", "169.254.20.0/30"), token())
    answers = at_once([lambda: create_connection(actor=cast.actor, new=new)] * 4)

    assert not any(isinstance(answer, Refused) for answer in answers)
    assert len({answer.pk for answer in answers if isinstance(answer, IPsecConnection)}) == 1
    assert IPsecConnection.objects.count() == 1
    assert whole()


@pytest.mark.django_db(transaction=True)
@database
def test_of_two_who_want_one_tunnel_cidr_block_on_one_device_one_gets_it(cast: Cast) -> None:
    cidrs = ("169.254.10.0/30", "169.254.20.0/30")
    orders = [asked(cast, name, cidrs, token()) for name in ("one", "other")]
    answers = at_once(
        [lambda new=new: create_connection(actor=cast.actor, new=new) for new in orders]  # type: ignore[misc]
    )

    (refused,) = [answer for answer in answers if isinstance(answer, Refused)]
    assert {str(finding.code) for finding in refused.findings} == {"tunnel_cidr_on_gateway"}
    assert IPsecConnection.objects.count() == 1
    assert whole()


@pytest.mark.django_db(transaction=True)
@database
def test_different_forms_sent_at_once_are_all_saved(cast: Cast) -> None:
    orders = [
        asked(cast, f"nr {number}", (f"169.254.{number}.0/30", f"169.254.{number}.4/30"), token())
        for number in (10, 20, 30, 40)
    ]
    at_once([lambda new=new: create_connection(actor=cast.actor, new=new) for new in orders])  # type: ignore[misc]

    assert IPsecConnection.objects.count() == 4
    assert whole()
    addresses = Tunnel.objects.values_list("gateway_address", flat=True)
    assert len(set(addresses)) == 8


@pytest.mark.django_db(transaction=True)
@database
def test_creating_binding_and_unbinding_at_once_come_to_an_end_and_agree(cast: Cast) -> None:
    """They meet at the account, the transit router and the pool: whoever waits for whom, all are served."""
    bound = [made(cast, f"bound {number}") for number in range(2)]
    free = [made(cast, f"free {number}", binding="cross") for number in range(2)]
    calls: list[Any] = [
        *(lambda one=one: unbind(actor=cast.actor, connection=one) for one in bound),
        *(lambda one=one: bind(actor=cast.actor, connection=one, transit_router=cast.router) for one in free),
        *(lambda number=number: made(cast, f"new {number}") for number in range(2)),
    ]
    answers = at_once(calls)

    assert not any(isinstance(answer, Refused) for answer in answers)
    workers: list[Any] = [settled, settled]
    assert sum(count for count in at_once(workers) if isinstance(count, int)) == 4
    states = dict(IPsecConnection.objects.values_list("name", "state"))
    assert {name for name, state in states.items() if state == "init"} == {"bound 0", "bound 1"}
    in_use = [address for address in Tunnel.objects.values_list("gateway_address", flat=True) if address]
    assert len(in_use) == len(set(in_use)) == 8
    assert VpnAttachment.objects.count() == 4

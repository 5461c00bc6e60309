"""Cross-account authorisation: one account lets another's CEN instance bind a connection."""

from dataclasses import replace
from typing import Any

import pytest
from connection_cast import Cast, cast_of, made, page_of, play, settled
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import AuditEvent
from accounts.refusal import Refused
from connections.models import CrossAccountGrant, IPsecConnection
from connections.services import bind, delete_connection, unbind
from connections.services.grants import bind_granted, grant, revoke, unbind_granted
from transit.models import TransitRouter
from transit.services import create_cen, create_transit_router, delete_cen, ties_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
TIES = {"auto_publish_route": True, "associate": True, "propagate": True}


@pytest.fixture
def theirs(sam: Actor) -> Cast:
    """Sam's cloud, in the same region."""
    return cast_of(sam, block="10.251.0.0/24", net="198.51.100")


@pytest.fixture
def loose(cast: Cast) -> IPsecConnection:
    """Ana's connection for somebody else's transit router."""
    return made(cast, "to partner", binding="cross")


def granted(ana: Actor, loose: IPsecConnection, theirs: Cast) -> CrossAccountGrant:
    return grant(
        actor=ana,
        connection=loose,
        cen_owner_uid=theirs.actor.account.uid,
        cen_id=theirs.cen.public_id,
        order_type="PayByCenOwner",
    )


def bound(sam: Actor, given: CrossAccountGrant) -> IPsecConnection:
    bind_granted(actor=sam, grant=given, **TIES)
    settled()
    given.connection.refresh_from_db()
    return given.connection


def codes(refused: Any) -> list[str]:
    return [finding.code for finding in refused.value.findings]


def cen_page(client: Client, cast: Cast) -> str:
    return client.get(reverse("transit:detail", args=[cast.cen.public_id])).content.decode()


def test_authorised_and_bound_by_the_other_account_both_tunnels_come_up(
    client: Client, sam: Actor, client_of: Any, loose: IPsecConnection, theirs: Cast
) -> None:
    told = {
        "cen_owner_uid": sam.account.uid,
        "cen_id": theirs.cen.public_id,
        "order_type": "PayByResourceOwner",
    }
    assert client.post(page_of(loose, "add-grant"), told).status_code == 302
    page = client.get(page_of(loose, "grants")).content.decode()
    assert theirs.cen.public_id in page
    assert "The owner of the IPsec connection" in page

    other = client_of(sam)
    assert loose.public_id in cen_page(other, theirs)
    (given,) = loose.grants.all()
    address = reverse("connections:bind-granted", args=[given.public_id])
    assert other.get(address).status_code == 200
    assert other.post(address, {"associate": "on", "propagate": "on"}).status_code == 302
    settled()
    play()
    loose.refresh_from_db()
    assert (loose.state, loose.binding) == ("attached", "cross")
    assert {tunnel.run.status for tunnel in loose.tunnels.all()} == {"ipsec_sa_established"}
    assert loose.attachment.auto_publish_route is False


def test_the_other_account_sees_the_connection_and_not_its_inside(
    ana: Actor, sam: Actor, client_of: Any, loose: IPsecConnection, theirs: Cast
) -> None:
    bound(sam, granted(ana, loose, theirs))
    other = client_of(sam)
    page = cen_page(other, theirs)
    assert loose.public_id in page
    assert f"/connections/{loose.public_id}/" not in page
    assert "to partner" not in page
    assert other.get(page_of(loose)).status_code == 404
    assert loose.name not in other.get(reverse("connections:list")).content.decode()


def test_the_owner_sees_whose_it_is_and_is_led_nowhere(
    ana: Actor, sam: Actor, client: Client, loose: IPsecConnection, theirs: Cast
) -> None:
    bound(sam, granted(ana, loose, theirs))
    page = client.get(page_of(loose)).content.decode()
    assert theirs.cen.public_id in page
    assert f"/cens/{theirs.cen.public_id}/" not in page
    assert "Has bound this connection" in client.get(page_of(loose, "grants")).content.decode()


def test_the_owner_neither_unbinds_deletes_nor_revokes_what_another_account_has_bound(
    ana: Actor, sam: Actor, loose: IPsecConnection, theirs: Cast
) -> None:
    given = granted(ana, loose, theirs)
    connection = bound(sam, given)
    for change in (unbind, delete_connection):
        with pytest.raises(Refused) as refused:
            change(actor=ana, connection=connection)
        assert codes(refused) == ["bound_elsewhere"]
    with pytest.raises(Refused) as refused:
        revoke(actor=ana, grant=given)
    assert codes(refused) == ["grant_in_use"]


def test_what_would_be_refused_is_said_before_it_is_asked_for(
    client: Client, ana: Actor, client_of: Any, loose: IPsecConnection, theirs: Cast
) -> None:
    given, sam = granted(ana, loose, theirs), theirs.actor
    other = client_of(sam)
    own_question = reverse("connections:revoke", args=[given.public_id])
    their_question = reverse("connections:unbind-granted", args=[given.public_id])

    def asked(browser: Client, question: str) -> tuple[bool, str]:
        page = browser.get(question).content.decode()
        return "btn-danger" in page, page

    assert asked(client, own_question)[0]
    there, page = asked(other, their_question)
    assert (there, "not bound to a transit router" in page) == (False, True)
    bound(sam, given)
    there, page = asked(client, own_question)
    assert (there, f"{theirs.cen.public_id} has bound this connection" in page) == (False, True)
    assert asked(other, their_question)[0]
    assert page_of(loose, "unbind") not in client.get(page_of(loose)).content.decode()
    unbind_granted(actor=sam, grant=given)
    there, page = asked(other, their_question)
    assert (there, "(VpnConnection.Configuring)" in page) == (False, True)


def test_the_owner_does_not_touch_the_other_accounts_route_tables(
    client: Client, ana: Actor, sam: Actor, loose: IPsecConnection, theirs: Cast
) -> None:
    TransitRouter.objects.filter(pk=theirs.router.pk).update(name="their own word")
    connection = bound(sam, granted(ana, loose, theirs))
    client.post(page_of(connection, "add-route"), {"destination": "192.168.1.0/24"})
    page = client.get(page_of(connection, "routes")).content.decode()
    assert "A transit router of another account" in page
    assert "vtb-" not in page
    assert "which decides what its route tables learn" in page
    assert "their own word" not in client.get(page_of(connection)).content.decode()
    assert client.post(page_of(connection, "tie"), {}).status_code == 302
    assert ties_of(connection.attachment) == TIES


def test_a_cen_that_is_deleted_takes_its_authorisations_along_and_the_owner_is_told(
    ana: Actor, sam: Actor, loose: IPsecConnection
) -> None:
    cen = create_cen(actor=sam, name="short-lived")
    grant(
        actor=ana,
        connection=loose,
        cen_owner_uid=sam.account.uid,
        cen_id=cen.public_id,
        order_type="PayByCenOwner",
    )
    delete_cen(actor=sam, cen=cen)
    assert not loose.grants.exists()
    row = AuditEvent.objects.get(account=ana.account, action="connection.revoke")
    assert (row.target, row.actor_name, row.detail["by_account"]) == (
        loose.public_id,
        "vpnconsole",
        sam.account.uid,
    )


def test_unbound_by_the_other_account_it_is_its_owners_again(
    ana: Actor, sam: Actor, cast: Cast, loose: IPsecConnection, theirs: Cast
) -> None:
    given = granted(ana, loose, theirs)
    bound(sam, given)
    unbind_granted(actor=sam, grant=given)
    settled()
    revoke(actor=ana, grant=given)
    revoke(actor=ana, grant=given)  # gone already
    loose.refresh_from_db()
    assert loose.state == "init"
    bind(actor=ana, connection=loose, transit_router=cast.router)
    settled()
    loose.refresh_from_db()
    assert (loose.state, loose.binding) == ("attached", "own")


def test_what_is_bound_is_not_granted(ana: Actor, cast: Cast, theirs: Cast) -> None:
    with pytest.raises(Refused) as refused:
        granted(ana, made(cast, "dc"), theirs)
    assert codes(refused) == ["connection_bound"]


def test_revoked_before_it_was_used_it_binds_nothing(
    ana: Actor, sam: Actor, client_of: Any, loose: IPsecConnection, theirs: Cast
) -> None:
    given = granted(ana, loose, theirs)
    revoke(actor=ana, grant=given)
    with pytest.raises(Refused) as refused:
        bind_granted(actor=sam, grant=given, **TIES)
    assert codes(refused) == ["grant_gone"]
    assert client_of(sam).get(f"/connections/granted/{given.public_id}/bind/").status_code == 404


def test_a_grant_is_for_its_cen_alone(
    ana: Actor, sam: Actor, omar: Actor, loose: IPsecConnection, theirs: Cast
) -> None:
    """Not for whoever knows its id: the CEN instance must be the actor's."""
    given = granted(ana, loose, theirs)
    with pytest.raises(Refused) as refused:
        bind_granted(actor=omar, grant=given, **TIES)
    assert codes(refused) == ["grant_gone"]


def test_of_two_that_are_authorised_the_first_binds(
    ana: Actor, sam: Actor, loose: IPsecConnection, theirs: Cast
) -> None:
    another = create_cen(actor=sam, name="another")
    create_transit_router(actor=sam, cen=another, region=loose.region, cidrs=[])
    first, second = granted(ana, loose, theirs), granted(ana, loose, replace(theirs, cen=another))
    bound(sam, first)
    with pytest.raises(Refused) as refused:
        bind_granted(actor=sam, grant=second, **TIES)
    assert codes(refused) == ["connection_bound"]
    with pytest.raises(Refused) as refused:
        unbind_granted(actor=sam, grant=second)
    assert codes(refused) == ["not_bound"]


def test_a_cen_without_a_transit_router_there_says_so(
    ana: Actor, sam: Actor, client_of: Any, loose: IPsecConnection
) -> None:
    far = cast_of(sam, region="eu-central-1", net="198.51.100")
    given = granted(ana, loose, far)
    answer = client_of(sam).post(reverse("connections:bind-granted", args=[given.public_id]))
    assert answer.status_code == 409
    assert "no Enterprise transit router in this region" in answer.content.decode()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("", "cen-x"), ("cen_owner_uid", "Type the 16 digits")),
        (("123", "cen-x"), ("cen_owner_uid", "has 16 digits")),
        (("0123456789012345", "cen-x"), ("cen_owner_uid", "has 16 digits")),
        (("own", "cen-x"), ("cen_owner_uid", "the UID of your own account")),
        (("theirs", ""), ("cen_id", "begins with cen-")),
        (("theirs", "cen-nobodys"), ("cen_id", "has no CEN instance cen-nobodys")),
        (("1234567890123456", "theirs"), ("cen_id", "Account 1234567890123456 has no CEN instance")),
    ],
)
def test_what_is_typed_wrong_is_said_at_its_field(
    client: Client, loose: IPsecConnection, theirs: Cast, wrong: tuple[str, str], said: tuple[str, str]
) -> None:
    (uid, cen), (field, words) = wrong, said
    names = {"own": loose.account.uid, "theirs": theirs.actor.account.uid}
    typed = {
        "cen_owner_uid": names.get(uid, uid),
        "cen_id": theirs.cen.public_id if cen == "theirs" else cen,
        "order_type": "PayByCenOwner",
    }
    answer = client.post(page_of(loose, "add-grant"), typed)
    assert answer.status_code == 422
    assert [error.anchor for error in answer.context["findings"] if words in error.message] == [f"id_{field}"]
    assert not loose.grants.exists()


def test_it_is_granted_once(ana: Actor, loose: IPsecConnection, theirs: Cast) -> None:
    granted(ana, loose, theirs)
    with pytest.raises(Refused) as refused:
        granted(ana, loose, theirs)
    assert codes(refused) == ["grant_exists"]


def test_both_audit_trails_tell_it_and_the_owners_names_nobody_of_the_other_account(
    ana: Actor, sam: Actor, loose: IPsecConnection, theirs: Cast
) -> None:
    bound(sam, granted(ana, loose, theirs))
    own = AuditEvent.objects.get(account=ana.account, action="connection.bind")
    other = AuditEvent.objects.get(account=sam.account, action="connection.bind")
    assert (other.actor_name, own.actor_name) == ("sam", "vpnconsole")
    assert own.address is None
    assert own.detail["by_account"] == sam.account.uid
    assert other.target == own.target == loose.public_id


def test_the_pages_cost_few_queries_however_many_there_are(
    cast: Cast, theirs: Cast, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        granted(cast.actor, made(cast, f"to partner {number}", binding="cross"), theirs)
    other = client_of(theirs.actor)
    cen_page(other, theirs)
    with django_assert_max_num_queries(20):
        cen_page(other, theirs)

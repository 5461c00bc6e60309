"""Members of an account: who may change them, what they get, what is refused, what is written down."""

from http import HTTPStatus
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent, Membership, Role, User
from accounts.refusal import Refused
from accounts.services import appoint, change_role, create_member, remove_member

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MEMBERS = "/accounts/members/"
ADD = "/accounts/members/add/"


def url(name: str, actor: Any) -> str:
    return reverse(f"accounts:{name}", args=[membership(actor).public_id])


def membership(actor: Any) -> Membership:
    return Membership.objects.get(account=actor.account, user=actor.user)


def test_the_page_lists_this_accounts_members_alone(ana: Any, vera: Any, sam: Any, client_of: Any) -> None:
    page = client_of(ana).get(MEMBERS)

    listed = [row.user.username for row in page.context["members"]]
    assert listed == ["ana", "vera"]
    assert "sam" not in page.content.decode()


def test_the_list_takes_the_same_queries_however_long_it_is(
    ana: Any, client_of: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(5):
        create_member(ana, username=f"member{number}", role=Role.VIEWER)
    client = client_of(ana)

    with django_assert_max_num_queries(4):  # session, user, membership; members
        client.get(MEMBERS)


def test_a_new_member_gets_a_password_that_is_shown_once(ana: Any, client_of: Any) -> None:
    client = client_of(ana)

    page = client.post(ADD, {"username": "newcomer", "role": "operator"})

    password = page.context["password"]
    newcomer = User.objects.get(username="newcomer")
    assert newcomer.check_password(password)
    assert password in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    assert membership(type(ana)(account=ana.account, user=newcomer)).role == Role.OPERATOR
    assert password not in client.get(MEMBERS).content.decode()
    assert password not in str(list(AuditEvent.objects.values()))
    assert password not in str(dict(client.session))


def test_with_that_password_nothing_opens_but_its_own_change(ana: Any) -> None:
    _membership, password = create_member(ana, username="newcomer", role=Role.ADMIN)
    client = Client()
    client.post("/signin/", {"username": "newcomer", "password": password})

    assert client.get(MEMBERS)["Location"] == "/password/"
    assert client.get(MEMBERS, headers={"HX-Request": "true"})["HX-Redirect"] == "/password/"
    new = {
        "old_password": password,
        "new_password1": "my own long phrase",
        "new_password2": "my own long phrase",
    }
    assert client.post("/password/", new).status_code == 302
    assert client.get(MEMBERS).status_code == 200


@pytest.mark.parametrize("name", ["vera", "VERA", "sam"])
def test_a_name_that_is_taken_is_refused_wherever_it_is_taken(
    ana: Any, vera: Any, sam: Any, client_of: Any, name: str
) -> None:
    page = client_of(ana).post(ADD, {"username": name, "role": "viewer"})

    assert page.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "username" in page.context["form"].errors
    assert Membership.objects.filter(account=ana.account).count() == 2


@pytest.mark.parametrize("name", ["", "has space", "a" * 151, "semi;colon"])
def test_a_name_that_is_none_is_refused(ana: Any, client_of: Any, name: str) -> None:
    page = client_of(ana).post(ADD, {"username": name, "role": "viewer"})

    assert "username" in page.context["form"].errors
    assert User.objects.count() == 1


def test_a_role_is_changed_and_written_down(ana: Any, vera: Any, client_of: Any) -> None:
    response = client_of(ana).post(url("change-role", vera), {"role": "operator"})

    assert response["Location"] == MEMBERS
    assert membership(vera).role == Role.OPERATOR
    row = AuditEvent.objects.get(action="member.change-role")
    assert (row.actor, row.target) == (ana.user, membership(vera).public_id)
    assert row.detail == {"username": "vera", "before": "viewer", "after": "operator"}


def test_an_unknown_role_is_refused(ana: Any, vera: Any, client_of: Any) -> None:
    page = client_of(ana).post(url("change-role", vera), {"role": "emperor"})

    assert "role" in page.context["form"].errors
    assert membership(vera).role == Role.VIEWER


def test_a_removed_member_is_out_at_once(ana: Any, vera: Any, client_of: Any) -> None:
    theirs = client_of(vera)

    assert client_of(ana).post(url("remove-member", vera))["Location"] == MEMBERS

    assert theirs.get("/password/")["Location"].startswith("/signin/")
    assert not User.objects.filter(username="vera").exists()
    row = AuditEvent.objects.get(action="member.remove")
    assert row.detail == {"username": "vera"}


def test_who_has_another_account_keeps_it(ana: Any, vera: Any, other: Any, client_of: Any) -> None:
    appoint(account=other, user=vera.user)

    client_of(ana).post(url("remove-member", vera))

    assert [one.account for one in User.objects.get(username="vera").memberships.all()] == [other]


def test_what_a_removed_member_did_keeps_their_name(ana: Any, omar: Any, client_of: Any) -> None:
    client_of(omar).post("/signout/")

    client_of(ana).post(url("remove-member", omar))

    row = AuditEvent.objects.get(action="session.sign-out")
    assert (row.actor, row.actor_name) == (None, "omar")


@pytest.mark.parametrize(
    ("page", "data", "status"),
    [
        ("remove-member", {}, HTTPStatus.CONFLICT),
        ("change-role", {"role": "viewer"}, HTTPStatus.UNPROCESSABLE_ENTITY),
    ],
)
@pytest.mark.usefixtures("vera")
def test_the_last_administrator_stays(
    ana: Any, client_of: Any, page: str, data: dict[str, str], status: HTTPStatus
) -> None:
    response = client_of(ana).post(url(page, ana), data)

    assert response.status_code == status
    assert "last administrator" in response.content.decode()
    assert membership(ana).role == Role.ADMIN


def test_of_two_administrators_only_one_can_go(ana: Any, omar: Any) -> None:
    change_role(ana, membership=membership(omar), role=Role.ADMIN)
    # Both pages were opened while there were two.
    first, second = membership(ana), membership(omar)

    remove_member(ana, membership=first)

    with pytest.raises(Refused, match="last_administrator"):
        remove_member(ana, membership=second)


def test_who_removes_themselves_is_not_led_to_a_closed_door(ana: Any, omar: Any, client_of: Any) -> None:
    change_role(ana, membership=membership(omar), role=Role.ADMIN)

    assert client_of(ana).post(url("remove-member", ana))["Location"] == reverse("home")


def test_a_lost_password_is_replaced_and_the_sessions_end(ana: Any, vera: Any, client_of: Any) -> None:
    theirs = client_of(vera)

    page = client_of(ana).post(url("reset-password", vera))

    vera.user.refresh_from_db()
    assert vera.user.check_password(page.context["password"])
    assert vera.user.password_is_initial
    assert theirs.get("/password/")["Location"].startswith("/signin/")
    assert AuditEvent.objects.get(action="member.reset-password").detail == {"username": "vera"}


def test_the_password_of_a_person_of_two_accounts_is_not_for_one_of_them(
    ana: Any, vera: Any, other: Any, client_of: Any, password: str
) -> None:
    appoint(account=other, user=vera.user)

    for response in (
        client_of(ana).get(url("reset-password", vera)),
        client_of(ana).post(url("reset-password", vera)),
    ):
        assert "other accounts" in response.content.decode()
    vera.user.refresh_from_db()
    assert vera.user.check_password(password)


def test_ones_own_password_is_changed_by_knowing_it(ana: Any, client_of: Any, password: str) -> None:
    assert "your own password" in client_of(ana).post(url("reset-password", ana)).content.decode()
    ana.user.refresh_from_db()
    assert ana.user.check_password(password)


@pytest.mark.parametrize("name", ["change-role", "reset-password", "remove-member"])
def test_a_stranger_finds_nothing(vera: Any, sam: Any, client_of: Any, name: str) -> None:
    client = client_of(sam)

    assert client.get(url(name, vera)).status_code == 404
    assert client.post(url(name, vera), {"role": "viewer"}).status_code == 404
    assert membership(vera).role == Role.VIEWER


@pytest.mark.parametrize("page", [MEMBERS, ADD])
def test_only_administrators_come_in(omar: Any, vera: Any, client_of: Any, page: str) -> None:
    for actor in (omar, vera):
        assert client_of(actor).get(page).status_code == 403
        assert client_of(actor).post(page).status_code in (403, 405)

"""The door: who comes in, with what role, into which account, and where everybody else is led."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, Role, User
from accounts.services import appoint

pytestmark = [pytest.mark.django_db, pytest.mark.database]

BACKEND = "accounts.backends.MemberBackend"
MEMBERS = "/accounts/members/"
EXPIRED = {"HX-Request": "true", "HX-Current-URL": "http://testserver/accounts/members/?page=2"}


def test_roles_include_the_smaller_ones() -> None:
    covered = {role: [needed for needed in Role if role.covers(needed)] for role in Role}

    assert covered == {
        Role.VIEWER: [Role.VIEWER],
        Role.OPERATOR: [Role.VIEWER, Role.OPERATOR],
        Role.ADMIN: [Role.VIEWER, Role.OPERATOR, Role.ADMIN],
    }


def test_a_page_without_session_comes_back_after_the_sign_in(ana: Any) -> None:
    assert Client().get(MEMBERS + "?page=2")["Location"] == "/signin/?next=/accounts/members/%3Fpage%3D2"


def test_an_htmx_request_whose_session_ran_out_takes_the_whole_page_there(ana: Any) -> None:
    response = Client().post("/password/", headers=EXPIRED)

    assert response["HX-Redirect"] == "/signin/?next=%2Faccounts%2Fmembers%2F%3Fpage%3D2"
    assert response.content == b""


def test_so_does_one_that_is_refused_for_its_stale_form(ana: Any) -> None:
    response = Client(enforce_csrf_checks=True).post("/password/", headers=EXPIRED)

    assert response["HX-Redirect"].startswith("/signin/")


def test_a_form_that_was_sent_too_late_leads_back_to_the_form(ana: Any) -> None:
    page = {"Referer": "http://testserver/accounts/members/add/?x=1"}

    response = Client().post("/switch-account/", headers=page)

    assert response["Location"] == "/signin/?next=/accounts/members/add/%3Fx%3D1"


@pytest.mark.parametrize("referer", ["", "http://evil.example/accounts/members/"])
def test_without_a_form_of_ours_it_leads_to_the_start_page(ana: Any, referer: str) -> None:
    response = Client().post("/switch-account/", headers={"Referer": referer})

    assert response["Location"] == "/signin/?next=/"


def test_who_is_in_no_account_is_told_and_can_leave(ana: Any) -> None:
    lonely = User.objects.create_user("lonely")
    client = Client()
    client.force_login(lonely, backend=BACKEND)

    response = client.get(MEMBERS)

    assert response.status_code == 403
    assert "not a member of any account" in response.content.decode()
    assert 'action="/signout/"' in response.content.decode()


def test_the_first_membership_is_the_account_that_opens(ana: Any, other: Any) -> None:
    appoint(account=other, user=ana.user)
    client = Client()
    client.force_login(ana.user, backend=BACKEND)

    assert client.get(MEMBERS).context["actor"].account == ana.account


def test_another_account_of_ones_own_can_be_chosen(ana: Any, other: Any, client_of: Any) -> None:
    appoint(account=other, user=ana.user)
    client = client_of(ana)

    assert client.post("/switch-account/", {"uid": other.uid}).status_code == 302

    assert client.get(MEMBERS).context["actor"].account == other


def test_a_strangers_account_cannot_be_chosen(ana: Any, other: Any, client_of: Any) -> None:
    client = client_of(ana)

    assert client.post("/switch-account/", {"uid": other.uid}).status_code == 404
    assert client.get(MEMBERS).context["actor"].account == ana.account


def test_a_membership_that_ended_closes_the_account_for_running_sessions(
    ana: Any, omar: Any, other: Any, client_of: Any
) -> None:
    appoint(account=other, user=omar.user)
    client = client_of(omar)

    Membership.objects.get(account=omar.account, user=omar.user).delete()

    assert client.get("/password/").context["actor"].account == other


def test_the_door_costs_at_most_three_queries(vera: Any, client_of: Any) -> None:
    client = client_of(vera)
    client.get("/password/")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get("/password/").status_code == 200

    assert len(queries) <= 3

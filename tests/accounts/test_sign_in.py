"""Signing in and out: throttled, tight-lipped, audited."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent, User

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SIGN_IN = "/signin/"


def sign_in(client: Client, username: str, password: str, **more: str) -> Any:
    return client.post(SIGN_IN, {"username": username, "password": password, **more})


def test_the_right_password_opens_the_console(ana: Any, password: str) -> None:
    client = Client()

    response = sign_in(client, "ana", password)

    assert response.status_code == 302
    assert response["Location"] == reverse("home")
    assert client.get(reverse("accounts:members")).status_code == 200


def test_the_page_has_no_navigation_and_is_never_kept(ana: Any) -> None:
    response = Client().get(SIGN_IN)

    assert response.status_code == 200
    assert b"sidenav" not in response.content
    assert "no-store" in response["Cache-Control"]


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(ana: Any) -> None:
    wrong, unknown = sign_in(Client(), "ana", "wrong"), sign_in(Client(), "nobody", "wrong")

    assert wrong.status_code == unknown.status_code == 200
    assert wrong.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()
    assert len(wrong.context["form"].non_field_errors()) == 1


def test_a_person_who_was_made_inactive_gets_that_answer_too(ana: Any, password: str) -> None:
    User.objects.filter(pk=ana.user.pk).update(is_active=False)

    inactive, unknown = sign_in(Client(), "ana", password), sign_in(Client(), "nobody", "wrong")

    assert inactive.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()


def test_after_ten_failures_even_the_right_password_waits(ana: Any, password: str) -> None:
    client = Client()
    answers = [sign_in(client, "ana", f"wrong {attempt}") for attempt in range(10)]

    assert [answer.status_code for answer in answers] == [200] * 9 + [429]
    assert "15 minutes" in answers[-1].content.decode()
    assert sign_in(client, "ana", password).status_code == 429
    assert sign_in(Client(REMOTE_ADDR="192.0.2.99"), "ana", password).status_code == 302


def test_the_lock_ends_by_itself(ana: Any, password: str) -> None:
    client = Client()
    for attempt in range(10):
        sign_in(client, "ana", f"wrong {attempt}")

    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))

    assert sign_in(client, "ana", password).status_code == 302


def test_a_success_in_between_starts_the_count_anew(ana: Any, password: str) -> None:
    client = Client()
    for attempt in range(9):
        sign_in(client, "ana", f"wrong {attempt}")
    sign_in(client, "ana", password)
    client.post("/signout/")

    assert sign_in(client, "ana", "wrong again").status_code == 200


def test_the_password_is_not_kept_among_the_failures(ana: Any) -> None:
    sign_in(Client(), "ana", "a-secret-typed-wrong")

    attempt = AccessAttempt.objects.get()
    assert "a-secret-typed-wrong" not in str(attempt.__dict__)


def test_it_leads_back_to_the_page_that_was_asked_for(ana: Any, password: str) -> None:
    response = sign_in(Client(), "ana", password, next="/accounts/members/?x=1")

    assert response["Location"] == "/accounts/members/?x=1"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_leads_to_no_other_site(ana: Any, elsewhere: str, password: str) -> None:
    assert sign_in(Client(), "ana", password, next=elsewhere)["Location"] == reverse("home")


def test_who_is_signed_in_already_is_led_on(ana: Any, client_of: Any) -> None:
    assert client_of(ana).get(SIGN_IN)["Location"] == reverse("home")


def test_signing_out_ends_the_session(ana: Any, client_of: Any) -> None:
    client = client_of(ana)

    assert client.get("/signout/").status_code == 405
    assert client.post("/signout/")["Location"] == SIGN_IN
    assert client.get(reverse("accounts:members"))["Location"].startswith(SIGN_IN)


def test_both_stand_in_the_audit_trail(ana: Any, password: str) -> None:
    client = Client()
    sign_in(client, "ana", password)
    client.post("/signout/")

    rows = AuditEvent.objects.filter(account=ana.account).order_by("id")
    assert [(row.action, row.actor_name, row.address) for row in rows] == [
        ("session.sign-in", "ana", "127.0.0.1"),
        ("session.sign-out", "ana", "127.0.0.1"),
    ]
    assert all(len(row.request_id) == 36 for row in rows)

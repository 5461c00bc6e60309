"""The first-run page: the first account and administrator, once, for who can read the console's directory."""

import stat
from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts import setup_code
from accounts.models import Account, AuditEvent, Membership, Role, User

pytestmark = [pytest.mark.django_db, pytest.mark.database]

PASSWORD = "a passphrase of my own"


@pytest.fixture(autouse=True)
def _no_code_left() -> Iterator[None]:
    yield
    setup_code.remove()


def answers(**changes: str) -> dict[str, str]:
    return {
        "code": setup_code.code(),
        "account_name": "Acme",
        "username": "ana",
        "password1": PASSWORD,
        "password2": PASSWORD,
    } | changes


def test_without_any_user_the_console_leads_there() -> None:
    assert Client().get("/signin/")["Location"] == "/setup/"
    assert Client().get("/", follow=True).redirect_chain[-1][0] == "/setup/"


def test_it_makes_account_and_administrator_and_signs_in() -> None:
    client = Client()

    response = client.post("/setup/", answers())

    assert response.status_code == 302
    membership = Membership.objects.get()
    assert (membership.account.name, membership.user.username, membership.role) == ("Acme", "ana", Role.ADMIN)
    assert membership.account.quotas.count() == 5
    assert not membership.account.is_demo
    assert client.get("/accounts/members/").status_code == 200
    actions = (
        AuditEvent.objects.filter(account=membership.account).order_by("id").values_list("action", flat=True)
    )
    assert list(actions) == ["account.create", "member.add", "session.sign-in"]


def test_the_code_lies_where_only_the_owner_reads_it_and_goes_when_it_is_used() -> None:
    client = Client()
    page = client.get("/setup/")

    assert setup_code.path().read_text(encoding="utf-8").strip() == setup_code.code()
    assert stat.S_IMODE(setup_code.path().stat().st_mode) == 0o600
    assert setup_code.code() not in page.content.decode()

    client.post("/setup/", answers())
    assert not setup_code.path().exists()


def test_a_code_left_from_other_keys_is_replaced(settings: Any) -> None:
    Client().get("/setup/")
    settings.SECRET_KEY = "another key, as long as it should be, and as random"

    Client().get("/setup/")

    assert setup_code.path().read_text(encoding="utf-8").strip() == setup_code.code()


@pytest.mark.parametrize("code", ["", "00000-00000-00000-00000"])
def test_a_stranger_without_the_code_gets_nowhere(code: str) -> None:
    response = Client().post("/setup/", answers(code=code))

    assert response.status_code == 422
    assert "code" in response.context["form"].errors
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["short", "123456789012345", "password1234"])
def test_a_weak_password_is_refused(password: str) -> None:
    response = Client().post("/setup/", answers(password1=password, password2=password))

    assert "password2" in response.context["form"].errors
    assert not Account.objects.exists()


def test_as_soon_as_there_is_a_user_it_is_closed(sam: Any) -> None:
    assert Client().get("/setup/")["Location"] == "/signin/"
    assert Client().post("/setup/", answers())["Location"] == "/signin/"
    assert not User.objects.filter(username="ana").exists()
    assert not setup_code.path().exists()


def test_it_says_so_where_no_code_can_be_kept(settings: Any, tmp_path: Any) -> None:
    (tmp_path / "file").write_text("not a directory", encoding="utf-8")
    settings.VAR_DIR = tmp_path / "file"

    assert "create_admin" in Client().get("/setup/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_wins() -> None:
    names, start, seen = ["ana", "mallory"], Barrier(2), []

    def post(name: str) -> None:
        start.wait()
        seen.append(Client().post("/setup/", answers(username=name, account_name=name)).status_code)
        connection.close()

    threads = [Thread(target=post, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert User.objects.count() == Account.objects.count() == Membership.objects.count() == 1
    assert 302 in seen

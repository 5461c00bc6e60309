"""`manage.py create_admin`: the same from a terminal, for an empty console and for a running one."""

import io
import sys
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Account, AuditEvent, Membership, Role, User
from accounts.services import create_account

pytestmark = [pytest.mark.django_db, pytest.mark.database]

PASSWORD = "a passphrase of my own"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def lines(*several: str) -> None:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in several)))

    return lines


def create_admin(*arguments: str) -> str:
    out = io.StringIO()
    call_command("create_admin", *arguments, stdout=out)
    return out.getvalue()


def test_it_makes_what_is_missing(typed: Any) -> None:
    typed(PASSWORD)

    said = create_admin("--account", "Acme", "--username", "ana", "--password-stdin")

    membership = Membership.objects.get()
    assert (membership.account.name, membership.user.username, membership.role) == ("Acme", "ana", Role.ADMIN)
    assert membership.user.check_password(PASSWORD)
    assert not membership.user.password_is_initial
    assert membership.account.uid in said
    assert PASSWORD not in said


def test_it_asks_for_what_is_not_given(typed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    typed("Acme", "ana")
    monkeypatch.setattr("getpass.getpass", lambda question: PASSWORD)

    create_admin()

    assert Membership.objects.get().user.check_password(PASSWORD)


def test_two_different_passwords_are_refused(typed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["one long password", "another long password"])
    monkeypatch.setattr("getpass.getpass", lambda question: next(answers))

    with pytest.raises(CommandError, match="differ"):
        create_admin("--account", "Acme", "--username", "ana")
    assert not User.objects.exists()


def test_where_nobody_can_answer_it_names_the_options(typed: Any) -> None:
    typed()

    with pytest.raises(CommandError, match="--password-stdin"):
        create_admin("--account", "Acme")


def test_a_weak_password_leaves_nothing_behind(typed: Any) -> None:
    typed("short")

    with pytest.raises(CommandError, match="too short"):
        create_admin("--account", "Acme", "--username", "ana", "--password-stdin")
    assert not Account.objects.exists()
    assert not User.objects.exists()


@pytest.mark.parametrize("key", ["name", "uid"])
def test_an_account_that_exists_is_used(other: Any, typed: Any, key: str) -> None:
    typed(PASSWORD)

    create_admin("--account", getattr(other, key), "--username", "ana", "--password-stdin")

    assert Account.objects.count() == 1
    assert other.memberships.get().user.username == "ana"


def test_an_existing_user_keeps_the_password(sam: Any, password: str) -> None:
    create_admin("--account", "Acme", "--username", "sam")

    sam.user.refresh_from_db()
    assert sam.user.check_password(password)
    assert set(sam.user.memberships.values_list("account__name", "role")) == {
        ("Other", Role.ADMIN),
        ("Acme", Role.ADMIN),
    }


def test_a_member_becomes_administrator(vera: Any) -> None:
    create_admin("--account", "Acme", "--username", "vera")

    assert Membership.objects.get(user=vera.user).role == Role.ADMIN
    row = AuditEvent.objects.get(action="member.change-role")
    assert (row.actor_name, row.detail["before"], row.detail["after"]) == ("vpnconsole", "viewer", "admin")


def test_two_accounts_of_one_name_are_told_apart_by_uid(typed: Any) -> None:
    first, _second = create_account(name="Acme"), create_account(name="Acme")
    typed(PASSWORD)

    with pytest.raises(CommandError, match="UID"):
        create_admin("--account", "Acme", "--username", "ana", "--password-stdin")
    create_admin("--account", first.uid, "--username", "ana", "--password-stdin")
    assert first.memberships.count() == 1

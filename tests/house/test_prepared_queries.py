"""Queries that are turned into SQL once: they find what Django's own would, whatever they are asked with."""

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address
from typing import Any
from weakref import ref

import pytest
from django.db import connection, connections, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.test.utils import CaptureQueriesContext
from django.utils.safestring import SafeString

from accounts.models import Account, Membership, Role, User
from gateways.models import CustomerGateway
from prepared.queries import prepared

pytestmark = pytest.mark.django_db
built: list[str] = []


@pytest.fixture(autouse=True)
def _people() -> None:
    built.clear()
    for number in range(1, 6):
        account = Account.objects.create(name=f"Company {number}")
        CustomerGateway.objects.create(
            account=account, region="cn-hangzhou", name=f"gw {number}", address=f"198.51.100.{number}"
        )
        for name in "ab"[: number % 3]:
            Membership.objects.create(user=User.objects.create(username=f"{name}{number}"), account=account)


@prepared
def of_account(account: int) -> QuerySet[Membership]:
    built.append("of_account")
    return Membership.objects.filter(account=account).select_related("user", "account").order_by("pk")


@prepared
def named(*, first: bool) -> QuerySet[Account]:
    built.append(f"named {first}")
    rows = Account.objects.order_by("name")
    return rows[:1] if first else rows


@prepared
def with_keys(keys: list[int]) -> QuerySet[Account, str]:
    built.append("with_keys")
    return Account.objects.filter(pk__in=keys).order_by("pk").values_list("name", flat=True)


@prepared
def with_names(names: list[str], key: int) -> QuerySet[Account, int]:
    return Account.objects.filter(Q(name__in=names) | Q(pk=key)).order_by("pk").values_list("pk", flat=True)


@prepared
def with_addresses(addresses: list[IPv4Address]) -> QuerySet[CustomerGateway, str]:
    rows = CustomerGateway.objects.order_by().values_list("name", flat=True)
    return rows.filter(address__in=addresses).union(rows.filter(name="gw 5"))


@prepared
def containing(text: str) -> QuerySet[Account]:
    return Account.objects.filter(name__contains=text).order_by("pk")


def test_rows_are_those_of_each_value_and_the_function_runs_once() -> None:
    for account in Account.objects.all():
        found = of_account(account.pk)
        wanted = list(Membership.objects.filter(account=account).order_by("pk"))
        assert found == wanted
        assert [one.user.username for one in found] == [one.user.username for one in wanted]
        assert all(one.account.name == account.name for one in found)
    assert built == ["of_account"]


def test_what_comes_along_costs_no_further_query() -> None:
    account = Account.objects.get(name="Company 2")
    with CaptureQueriesContext(connection) as asked:
        assert [(one.user.username, one.account.name) for one in of_account(account.pk)] == [
            ("a2", "Company 2"),
            ("b2", "Company 2"),
        ]
    assert len(asked) == 1


def test_what_is_said_by_name_has_a_statement_of_its_own() -> None:
    for _ in range(2):
        assert [one.name for one in named(first=True)] == ["Company 1"]
        assert len(named(first=False)) == Account.objects.count()
    assert built == ["named True", "named False"]


def test_one_statement_takes_lists_of_any_length() -> None:
    keys = [*Account.objects.order_by("pk").values_list("pk", flat=True)]
    for number in range(1, len(keys) + 1):
        assert with_keys(keys[:number]) == [f"Company {one}" for one in range(1, number + 1)]
    assert built == ["with_keys"]
    assert with_keys([]) == []


def test_an_empty_list_finds_nothing_and_what_stands_beside_it_does() -> None:
    key = Account.objects.get(name="Company 3").pk
    assert with_names([], key) == [key]
    assert with_names(["Company 1", 'a "quoted", name'], key) == [
        *Account.objects.filter(name__in=["Company 1", "Company 3"]).values_list("pk", flat=True)
    ]


def test_addresses_are_found_by_each_database_in_its_way() -> None:
    found = with_addresses([IPv4Address("198.51.100.2"), IPv4Address("198.51.100.9")])
    assert sorted(found) == ["gw 2", "gw 5"]


@pytest.mark.parametrize("text", ["pany", "%", "_", "\\", "'", "2"])
def test_a_value_is_a_text_and_never_a_pattern(text: str) -> None:
    Account.objects.create(name=r"100% _ \ 'quoted'")
    assert containing(text) == list(Account.objects.filter(name__contains=text).order_by("pk"))


@prepared
def held(key: int) -> QuerySet[Account]:
    return Account.objects.select_for_update(no_key=True).filter(pk=key)


def test_rows_can_be_locked() -> None:
    key = Account.objects.get(name="Company 1").pk
    for _ in range(2):
        with transaction.atomic(), CaptureQueriesContext(connection) as asked:
            assert [one.pk for one in held(key)] == [key]
        locks = connection.features.has_select_for_update_of
        assert ("FOR NO KEY UPDATE" in asked[0]["sql"]) is locks


@pytest.mark.django_db(transaction=True)
def test_no_lock_is_taken_that_would_end_at_once() -> None:
    key = Account.objects.get(name="Company 1").pk
    with transaction.atomic():
        held(key)
    if connection.features.has_select_for_update:
        with pytest.raises(transaction.TransactionManagementError):
            held(key)


def test_a_value_may_stand_within_an_expression() -> None:
    @prepared
    def shouted(name: Any) -> QuerySet[Account]:
        return Account.objects.alias(lower=Lower("name")).filter(lower=Lower(name))

    assert [one.name for one in shouted("COMPANY 4")] == ["Company 4"]


def test_postgresql_looks_for_lists_by_an_index() -> None:
    """`IN` with a subquery beside an OR would read through the table."""
    key = Account.objects.get(name="Company 3").pk
    with CaptureQueriesContext(connection) as asked:
        with_names(["Company 1"], key)
        with_keys([key])
        with_addresses([IPv4Address("198.51.100.2")])
    by_array = ["= ANY(" in one["sql"] and "unnest" not in one["sql"] for one in asked]
    assert by_array == [connection.vendor == "postgresql"] * 3


@pytest.mark.parametrize("value", [None, 1.5, b"x", Account.name, ("a",), SafeString("x"), Role.ADMIN])
def test_no_other_kind_of_value_is_taken(value: Any) -> None:
    with pytest.raises(TypeError, match="not asked with"):
        of_account(value)
    with pytest.raises(TypeError, match="not asked with"):
        with_keys([value])


def test_what_a_list_holds_is_of_one_kind() -> None:
    with pytest.raises(TypeError, match="not asked with"):
        with_names([1, "x"], 1)  # type: ignore[list-item]


def test_a_value_is_not_said_by_name() -> None:
    with pytest.raises(TypeError, match="by name"):
        of_account(account=1)


@pytest.mark.django_db(transaction=True)
def test_the_connection_of_whoever_was_first_goes_with_its_thread() -> None:
    @prepared
    def counted(key: int) -> QuerySet[Account]:
        return Account.objects.filter(pk=key)

    def ask() -> "ref[Any]":
        counted(1)
        connection.close()
        return ref(connections["default"])

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(ask).result()
    gc.collect()
    assert first() is None


@pytest.mark.django_db(transaction=True)
def test_threads_ask_each_with_its_own_values() -> None:
    wanted = {one.pk: [*one.memberships.order_by("pk")] for one in Account.objects.all()}

    def ask(key: int) -> bool:
        try:
            return of_account(key) == wanted[key]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(ask, [*wanted] * 20))


def test_each_function_has_its_own() -> None:
    def of(name: str) -> Callable[[int], list[Account]]:
        @prepared
        def found(key: int) -> QuerySet[Account]:
            return Account.objects.filter(pk=key, name=name)

        return found

    key = Account.objects.get(name="Company 1").pk
    assert [len(of(name)(key)) for name in ("Company 1", "Company 2", "Company 1")] == [1, 0, 1]

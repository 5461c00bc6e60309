"""Rows that are written by a kept statement: they are what Django itself would have written."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AuditEvent, AuditRows
from gateways.models import CustomerGateway
from prepared.inserts import insert

pytestmark = pytest.mark.django_db


def gateway(account: Account, number: int, **more: object) -> CustomerGateway:
    return CustomerGateway(
        account=account,
        region="cn-hangzhou",
        name=f"gw {number} 'quoted' %s",
        address=f"198.51.100.{number}",
        **more,
    )


@pytest.fixture
def account() -> Account:
    return Account.objects.create(name="Company")


@pytest.mark.parametrize("number", [1, 2, 7])
def test_they_read_back_as_what_was_given(account: Account, number: int) -> None:
    written = insert(gateway(account, one, asn=65000 + one, auth_key="a key") for one in range(number))
    found = {row.pk: row for row in CustomerGateway.objects.all()}
    assert [model_to_dict(row) for row in written] == [model_to_dict(found[row.pk]) for row in written]
    assert all(found[row.pk].created_at == row.created_at for row in written)
    assert len(found) == number


def test_they_are_as_django_writes_them(account: Account) -> None:
    [ours] = insert([gateway(account, 1)])
    [theirs] = CustomerGateway.objects.bulk_create([gateway(account, 2)])
    own = {"id", "public_id", "name", "address", "created_at"}

    def columns(key: int) -> dict[str, object]:
        row = CustomerGateway.objects.filter(pk=key).values().get()
        return {name: value for name, value in row.items() if name not in own}

    assert columns(ours.pk) == columns(theirs.pk)


def test_a_written_row_is_no_new_one(account: Account) -> None:
    [row] = insert([gateway(account, 1)])
    row.name = "another name"
    row.save()
    assert [one.name for one in CustomerGateway.objects.all()] == ["another name"]


def test_all_go_in_one_statement_and_none_in_none(account: Account) -> None:
    with CaptureQueriesContext(connection) as asked:
        insert(gateway(account, one) for one in range(3))
    assert len(asked) == 1
    with CaptureQueriesContext(connection) as asked:
        assert insert(CustomerGateway.objects.none()) == []
    assert len(asked) == 0


def test_a_secret_is_encrypted_on_its_way(account: Account) -> None:
    [row] = insert([gateway(account, 1, auth_key="open sesame")])
    with connection.cursor() as cursor:
        cursor.execute("SELECT auth_key FROM gateways_customergateway WHERE id = %s", [row.pk])
        [kept] = cursor.fetchone()
    assert "sesame" not in kept
    assert CustomerGateway.objects.get(pk=row.pk).auth_key == "open sesame"


def test_what_the_database_forbids_it_forbids_here(account: Account) -> None:
    first, second = gateway(account, 1), gateway(account, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert([first, second])
    assert not CustomerGateway.objects.exists()


def test_details_of_audit_rows_keep_their_shape(account: Account) -> None:
    detail = {"changes": {"name": [None, "x"]}, "list": [1, 2.5, True, "文"]}
    [row] = insert([AuditEvent(account=account, action="x", detail=detail)])
    rows: AuditRows = AuditEvent.objects.filter(pk=row.pk)
    assert [one.detail for one in rows] == [detail]

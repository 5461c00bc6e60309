"""Rows that are written by a kept statement: they are what Django itself would have written."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from connection_cast import Cast, made, tunnels_of
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.db.transaction import TransactionManagementError
from django.forms import model_to_dict
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AuditEvent, AuditRows
from connections.fleet.models import TunnelHealth
from gateways.models import CustomerGateway
from prepared.inserts import insert
from tunnels.models import NegotiationRun, PeerDevice, Tunnel, TunnelEvent

pytestmark = pytest.mark.django_db
OWN = {"id", "public_id", "created_at", "tunnel_id", "name", "at", "psk"}


def device(tunnel: Tunnel) -> PeerDevice:
    return PeerDevice(tunnel=tunnel)


def device_with_key(tunnel: Tunnel) -> PeerDevice:
    return PeerDevice(
        tunnel=tunnel, psk="a key", dpd=False, bgp_address="169.254.1.2", advertised_networks=["10.0.0.0/8"]
    )


def run(tunnel: Tunnel) -> NegotiationRun:
    return NegotiationRun(tunnel=tunnel, status_since=NOON, transcript=[{"name": "x"}], attempt=UUID(int=7))


def event(tunnel: Tunnel) -> TunnelEvent:
    return TunnelEvent(tunnel=tunnel, attempt=UUID(int=7), at=NOON, kind="message", detail={"a": [1, None]})


def audit_row(tunnel: Tunnel) -> AuditEvent:
    return AuditEvent(account=tunnel.connection.account, action="x", address="192.0.2.1", detail={"文": True})


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
KINDS = [device, device_with_key, run, event, audit_row]


def gateway(account: Account, number: int, **more: object) -> CustomerGateway:
    given = {"region": "cn-hangzhou", "name": f"gw {number} 'quoted' %s", "address": f"198.51.100.{number}"}
    return CustomerGateway(account=account, **(given | more))


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


def columns(row: Model) -> dict[str, Any]:
    """As the database has them, but for what every row has of its own."""
    kept = type(row)._base_manager.filter(pk=row.pk).values().get()
    return {name: value for name, value in kept.items() if name not in OWN}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_they_are_as_django_writes_them(cast: Cast, kind: Callable[[Tunnel], Model]) -> None:
    first, second = tunnels_of(made(cast, "dc"))
    PeerDevice.objects.all().delete()
    NegotiationRun.objects.all().delete()
    TunnelHealth.objects.all().delete()  # which follows a run in, and not out
    [ours] = insert([kind(first)])
    theirs = kind(second)
    type(theirs)._base_manager.bulk_create([theirs])
    assert columns(ours) == columns(theirs)


def test_what_the_database_computes_is_read_when_it_is_asked_for(cast: Cast) -> None:
    first, second = tunnels_of(made(cast, "dc"))
    PeerDevice.objects.all().delete()
    with_key, without = insert([device_with_key(first), device(second)])
    assert (with_key.has_own_secret, without.has_own_secret) == (True, False)


def test_a_key_of_ones_own_is_refused_and_not_passed_over(account: Account) -> None:
    row = gateway(account, 1)
    row.pk = 777
    with pytest.raises(ValueError, match="no key"):
        insert([row])


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


def test_a_block_in_which_it_failed_is_not_gone_on_with(account: Account) -> None:
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            insert([gateway(account, 1), gateway(account, 1)])
        with pytest.raises(TransactionManagementError):
            CustomerGateway.objects.exists()


def test_details_of_audit_rows_keep_their_shape(account: Account) -> None:
    detail = {"changes": {"name": [None, "x"]}, "list": [1, 2.5, True, "文"]}
    [row] = insert([AuditEvent(account=account, action="x", detail=detail)])
    rows: AuditRows = AuditEvent.objects.filter(pk=row.pk)
    assert [one.detail for one in rows] == [detail]

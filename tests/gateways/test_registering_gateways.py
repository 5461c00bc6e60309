"""A customer gateway is a device's address, registered once per account and region."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import connection as database
from django.db import transaction
from gateway_rows import HANGZHOU, SHANGHAI, answer, gateway_of, only

from accounts.actor import Actor
from accounts.models import AuditEvent, Quota, QuotaName
from accounts.refusal import Refused
from gateways.models import CustomerGateway
from gateways.services import create_customer_gateway

pytestmark = [pytest.mark.database, pytest.mark.django_db]


def test_it_is_kept_as_typed_and_told_without_its_key(omar: Actor) -> None:
    gateway = gateway_of(
        omar, name="edge-1", address="203.0.113.10", asn="65001", auth_key="s3cret!", description="rack 7"
    )
    kept = CustomerGateway.objects.get()
    assert kept.public_id.startswith("cgw-")
    assert (kept.name, kept.address, kept.asn, kept.description) == (
        "edge-1",
        "203.0.113.10",
        65001,
        "rack 7",
    )
    assert (kept.auth_key, kept.account, kept.region) == ("s3cret!", omar.account, HANGZHOU)
    event = AuditEvent.objects.get()
    assert (event.action, event.target) == ("customer_gateway.create", gateway.public_id)
    assert event.detail["has_auth_key"] is True
    assert "s3cret!" not in str(event.detail)


def test_address_alone_is_enough(omar: Actor) -> None:
    gateway = create_customer_gateway(actor=omar, region=HANGZHOU, address="10.0.0.1")
    assert (gateway.name, gateway.asn, gateway.auth_key, gateway.is_private) == ("", None, "", True)
    assert str(gateway) == f"{gateway.public_id} (10.0.0.1)"


@pytest.mark.parametrize(
    ("text", "number"), [("65001", 65001), ("1.0", 65536), ("123.456", 8061384), ("4294967295", 4294967295)]
)
def test_an_as_number_in_one_or_two_parts(omar: Actor, text: str, number: int) -> None:
    assert gateway_of(omar, asn=text).asn == number


@pytest.mark.parametrize("asn", ["x", "1.2.3", "-1", "6 5", "1.70000", "9" * 5000])
def test_an_as_number_that_cannot_be_read(omar: Actor, asn: str) -> None:
    with pytest.raises(Refused) as refused:
        gateway_of(omar, asn=asn, auth_key="key")
    assert answer(refused.value) == [("asn", "asn_malformed")]  # and not that the key lacks a number


@pytest.mark.parametrize(
    ("asn", "code"),
    [
        ("45104", "asn_reserved"),
        ("0.45104", "asn_reserved"),
        ("0", "asn_out_of_range"),
        ("4294967296", "asn_out_of_range"),
    ],
)
def test_as_numbers_that_cannot_be_a_devices(omar: Actor, asn: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        gateway_of(omar, asn=asn)
    assert answer(refused.value) == [("asn", code)]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("gateway.example", "address_malformed"),
        ("203.0.113.300", "address_malformed"),
        ("2001:db8::1", "address_malformed"),
        ("100.64.0.1", "address_forbidden"),
        ("127.0.0.1", "address_forbidden"),
        ("169.254.10.1", "address_forbidden"),
        ("224.0.0.5", "address_forbidden"),
        ("255.0.0.1", "address_forbidden"),
        ("198.18.0.1", "address_in_cloud_pool"),
        ("198.19.255.255", "address_in_cloud_pool"),
    ],
)
def test_addresses_that_cannot_be_a_devices(omar: Actor, address: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        gateway_of(omar, address=address)
    assert answer(refused.value) == [("address", code)]
    assert not CustomerGateway.objects.exists()


def test_all_that_is_wrong_is_told_at_once(omar: Actor) -> None:
    with pytest.raises(Refused) as refused:
        gateway_of(omar, region="cn-atlantis", name="http://x", address="x", asn="", auth_key="a b")
    assert sorted(answer(refused.value)) == [
        ("address", "address_malformed"),
        ("auth_key", "auth_key_character"),
        ("auth_key", "auth_key_without_asn"),
        ("name", "text_is_link"),
        ("region", "region_unknown"),
    ]


def test_an_address_is_registered_once_per_account_and_region(omar: Actor, sam: Actor) -> None:
    gateway_of(omar, address="203.0.113.10")
    with pytest.raises(Refused) as refused:
        gateway_of(omar, address="203.0.113.10", asn="65002")
    assert answer(refused.value) == [("address", "address_registered")]
    gateway_of(omar, address="203.0.113.10", region=SHANGHAI)
    gateway_of(sam, address="203.0.113.10")
    assert CustomerGateway.objects.filter(address="203.0.113.10").count() == 3


def test_the_quota_is_per_region(omar: Actor) -> None:
    quota = Quota.objects.filter(account=omar.account, name=QuotaName.CUSTOMER_GATEWAYS_PER_REGION)
    quota.update(limit=1)
    gateway_of(omar)
    with pytest.raises(Refused) as refused:
        gateway_of(omar)
    assert only(refused.value).code == "quota_full"
    assert only(refused.value).params == {"name": "customer_gateways_per_region", "limit": 1}
    gateway_of(omar, region=SHANGHAI)
    assert CustomerGateway.objects.count() == 2


def at_once(calls: list[Callable[[], CustomerGateway]]) -> list[CustomerGateway | Refused]:
    barrier = Barrier(len(calls))

    def run(call: Callable[[], CustomerGateway]) -> CustomerGateway | Refused:
        try:
            barrier.wait()
            return call()
        except Refused as refused:
            return refused
        finally:
            database.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_one_address_at_the_same_moment_is_registered_once(omar: Actor) -> None:
    answers = at_once([lambda: gateway_of(omar, address="203.0.113.10")] * 6)
    refusals = [answer(one) for one in answers if isinstance(one, Refused)]
    assert refusals == [[("address", "address_registered")]] * 5
    assert CustomerGateway.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_against_a_row_that_nobody_sees_yet_the_constraint_answers(omar: Actor) -> None:
    """Another writer, past the service and its lock, has inserted the address and commits a moment later."""
    inserted = Event()

    def slow_writer() -> None:
        try:
            with transaction.atomic():
                CustomerGateway.objects.create(account=omar.account, region=HANGZHOU, address="203.0.113.10")
                inserted.set()
                time.sleep(0.3)
        finally:
            database.close()

    with ThreadPoolExecutor(1) as threads:
        writing = threads.submit(slow_writer)
        assert inserted.wait(10)
        with pytest.raises(Refused) as refused:
            gateway_of(omar, address="203.0.113.10")
        writing.result()
    assert answer(refused.value) == [("address", "address_registered")]
    assert CustomerGateway.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_at_once_do_not_pass_the_quota(omar: Actor) -> None:
    quota = Quota.objects.filter(account=omar.account, name=QuotaName.CUSTOMER_GATEWAYS_PER_REGION)
    quota.update(limit=3)
    answers = at_once([lambda: gateway_of(omar)] * 6)
    assert [answer(one) for one in answers if isinstance(one, Refused)] == [[("", "quota_full")]] * 3
    assert CustomerGateway.objects.count() == 3

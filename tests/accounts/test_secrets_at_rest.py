"""Secrets at rest: encrypted in the database, plain on the model, useless without the key."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError
from django.db import connection

from accounts.encryption import SecretUnreadable, decrypt, encrypt
from gateways.models import CustomerGateway

pytestmark = [pytest.mark.django_db, pytest.mark.database]

SECRET = "Pre-shared \"key\" with 'quotes' and 密钥"


@pytest.fixture
def gateway(acme: Any) -> CustomerGateway:
    return CustomerGateway.objects.create(
        account=acme, region="cn-hangzhou", name="edge", address="203.0.113.1", auth_key=SECRET
    )


def stored(gateway: CustomerGateway) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT auth_key FROM gateways_customergateway WHERE id = %s", [gateway.pk])
        return str(cursor.fetchone()[0])


def test_the_database_never_sees_it(gateway: CustomerGateway) -> None:
    assert "shared" not in stored(gateway)
    assert Fernet.__name__ not in stored(gateway)
    assert CustomerGateway.objects.get().auth_key == SECRET


def test_equal_secrets_do_not_look_equal(gateway: CustomerGateway) -> None:
    before = stored(gateway)

    gateway.save()

    assert stored(gateway) != before


def test_nothing_is_kept_as_nothing(gateway: CustomerGateway) -> None:
    gateway.auth_key = ""
    gateway.save()

    assert stored(gateway) == ""
    assert CustomerGateway.objects.get().auth_key == ""


def test_nobody_can_search_for_a_secret(gateway: CustomerGateway) -> None:
    with pytest.raises(FieldError):
        CustomerGateway.objects.filter(auth_key=SECRET).exists()


def test_an_older_key_still_reads_and_the_first_one_writes(settings: Any) -> None:
    old, new = settings.FIELD_KEYS[0], Fernet.generate_key().decode()
    token = encrypt(SECRET)

    settings.FIELD_KEYS = [new, old]

    assert decrypt(token) == SECRET
    assert Fernet(new).decrypt(encrypt(SECRET)).decode() == SECRET


def test_without_its_key_it_is_named_unreadable(gateway: CustomerGateway, settings: Any) -> None:
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(SecretUnreadable, match="FIELD_KEYS"):
        CustomerGateway.objects.get()

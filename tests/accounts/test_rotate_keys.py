"""`manage.py rotate_keys`: every secret under the first key, whatever happens meanwhile."""

import io
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db.models import TextField, Value

from accounts import rotation
from accounts.encryption import encrypt
from accounts.rotation import Outcome, SecretColumn
from gateways.models import CustomerGateway

pytestmark = [pytest.mark.django_db, pytest.mark.database]

COLUMN = SecretColumn(CustomerGateway, "auth_key")


@pytest.fixture
def gateways(acme: Any) -> list[CustomerGateway]:
    return [
        CustomerGateway.objects.create(
            account=acme,
            region="cn-hangzhou",
            name=f"edge {number}",
            address=f"203.0.113.{number}",
            auth_key=f"secret {number}" if number != 3 else "",
        )
        for number in range(1, 6)
    ]


@pytest.fixture
def new_key(gateways: list[CustomerGateway], settings: Any) -> str:
    """A key that has come to the front, after the secrets were written with the old one."""
    key = Fernet.generate_key().decode()
    settings.FIELD_KEYS = [key, *settings.FIELD_KEYS]
    return key


def secrets() -> list[str]:
    return list(CustomerGateway.objects.order_by("pk").values_list("auth_key", flat=True))


def run() -> str:
    out = io.StringIO()
    call_command("rotate_keys", stdout=out)
    return out.getvalue()


def test_afterwards_the_old_key_can_go(new_key: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)  # so that there are several
    before = secrets()

    said = run()

    settings.FIELD_KEYS = [new_key]
    assert secrets() == before == ["secret 1", "secret 2", "", "secret 4", "secret 5"]
    assert "gateways.CustomerGateway.auth_key: 0 under the first key already, 4 encrypted anew" in said
    assert "total: 0 under the first key already, 4 encrypted anew, 0 opened by no key" in said


def test_a_second_run_finds_nothing_to_do(new_key: str) -> None:
    run()

    assert "total: 4 under the first key already, 0 encrypted anew" in run()


def test_every_encrypted_column_of_the_project_is_turned() -> None:
    assert {str(column) for column in rotation.secret_columns()} >= {
        "gateways.CustomerGateway.auth_key",
        "tunnels.Tunnel.psk",
        "tunnels.PeerDevice.psk",
        "tunnels.PeerDevice.bgp_auth_key",
    }


def test_what_is_saved_meanwhile_wins(new_key: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the reading of a batch and the writing of a row, a user saves another one, with the old key."""
    current = rotation._is_current
    edited: list[CustomerGateway] = []

    def save_meanwhile(token: str) -> bool:
        if not edited:
            edited.append(CustomerGateway.objects.order_by("pk")[0])
            keys, settings.FIELD_KEYS = settings.FIELD_KEYS, settings.FIELD_KEYS[1:]
            edited[0].auth_key = "changed by a user"
            edited[0].save()
            settings.FIELD_KEYS = keys
        return current(token)

    monkeypatch.setattr(rotation, "_is_current", save_meanwhile)

    outcomes = rotation.rotate(COLUMN)

    settings.FIELD_KEYS = [new_key]
    assert secrets()[0] == "changed by a user"
    assert outcomes == {Outcome.ROTATED: 4}


def test_what_is_deleted_meanwhile_is_no_fault(new_key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    current = rotation._is_current

    def delete_meanwhile(token: str) -> bool:
        CustomerGateway.objects.filter(name="edge 1").delete()
        return current(token)

    monkeypatch.setattr(rotation, "_is_current", delete_meanwhile)

    rotation.rotate(COLUMN)

    assert secrets() == ["secret 2", "", "secret 4", "secret 5"]


def test_a_secret_that_no_key_opens_stays_and_is_counted(new_key: str, settings: Any) -> None:
    lost, keys = Fernet.generate_key().decode(), settings.FIELD_KEYS
    settings.FIELD_KEYS = [lost]
    token = encrypt("written with a lost key")
    settings.FIELD_KEYS = keys
    CustomerGateway.objects.filter(name="edge 2").update(auth_key=Value(token, output_field=TextField()))

    with pytest.raises(CommandError, match="1 secrets are opened by none"):
        run()

    settings.FIELD_KEYS = [new_key, lost]
    assert secrets() == ["secret 1", "written with a lost key", "", "secret 4", "secret 5"]

"""Keys that come from a file rotate under a running console: it is read again whenever it changes."""

import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import encryption
from accounts.encryption import decrypt, encrypt
from gateways.models import CustomerGateway

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def file(settings: Any, tmp_path: Path) -> Path:
    path = tmp_path / "field-keys"
    path.write_text(f"{OLD}\n", encoding="utf-8")
    path.chmod(0o640)
    settings.FIELD_KEYS, settings.FIELD_KEYS_FILE = [OLD], str(path)
    return path


def replace(path: Path, text: str) -> None:
    """As an editor does: another file, in the place of the old one."""
    fresh = path.with_name("fresh")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


def opened_by(key: str, token: str) -> bool:
    try:
        return Fernet(key).decrypt(token.encode()) == b"secret"
    except Exception:  # whatever it says, it does not open it
        return False


def test_a_key_put_in_front_encrypts_at_once_and_the_old_one_still_opens(file: Path) -> None:
    before = encrypt("secret")
    replace(file, f"{NEW},{OLD}")
    after = encrypt("secret")

    assert (opened_by(OLD, before), opened_by(NEW, after)) == (True, True)
    assert (decrypt(before), decrypt(after)) == ("secret", "secret")


@pytest.mark.parametrize(
    "text",
    ["", ",", "half a key", f"{NEW},half", None],
    ids=["empty", "no key", "half a key", "a key and a half", "gone"],
)
def test_a_file_that_is_being_written_or_gone_leaves_the_keys_of_the_start(
    file: Path, text: str | None
) -> None:
    if text is None:
        file.unlink()
    else:
        replace(file, text)

    assert encryption.keys() == (OLD,)
    assert decrypt(encrypt("secret")) == "secret"


def gateway(ana: Any, key: str) -> CustomerGateway:
    return CustomerGateway.objects.create(
        account=ana.account, region="cn-hangzhou", name="edge", address="203.0.113.1", auth_key=key
    )


def token() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT auth_key FROM gateways_customergateway")
        [[found]] = cursor.fetchall()
    return str(found)


def rotate(*options: str) -> str:
    said = StringIO()
    call_command("rotate_keys", *options, stdout=said)
    return said.getvalue()


@pytest.mark.django_db
@pytest.mark.database
def test_the_command_makes_a_key_turns_everything_and_drops_the_old_one(file: Path, ana: Any) -> None:
    made = gateway(ana, "secret")
    assert "1 encrypted anew" in rotate("--new-key")

    new, old = file.read_text(encoding="utf-8").strip().split(",")
    assert old == OLD
    assert opened_by(new, token())
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["field-keys"]

    assert "The first key alone is kept" in rotate("--drop-old")
    assert file.read_text(encoding="utf-8").strip() == new
    assert CustomerGateway.objects.get(pk=made.pk).auth_key == "secret"


@pytest.mark.django_db
def test_the_old_key_stays_while_something_is_opened_by_no_key(file: Path, ana: Any) -> None:
    gateway(ana, "secret")
    replace(file, f"{NEW},{Fernet.generate_key().decode()}")
    kept = file.read_text(encoding="utf-8")

    with pytest.raises(CommandError, match="1 secrets are opened by none"):
        rotate("--drop-old")
    assert file.read_text(encoding="utf-8") == kept


@pytest.mark.django_db
@pytest.mark.parametrize("option", ["--new-key", "--drop-old"])
def test_keys_of_the_environment_are_changed_there(settings: Any, option: str) -> None:
    settings.FIELD_KEYS_FILE = ""

    with pytest.raises(CommandError, match="comes from the environment"):
        rotate(option)


@pytest.mark.django_db
def test_a_file_that_cannot_be_replaced_is_left_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_kwargs: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "fchown", refuse)
    with pytest.raises(CommandError, match=r"cannot be replaced: Permission denied\. Run this as its owner"):
        rotate("--new-key")
    assert file.read_text(encoding="utf-8").strip() == OLD
    assert [path.name for path in file.parent.iterdir()] == ["field-keys"]

"""System checks: each recognises its fault, says what to set, and has nothing to say otherwise."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.checks import CheckMessage, run_checks

KEY = Fernet.generate_key().decode()


def found() -> dict[str | None, CheckMessage]:
    return {message.id: message for message in run_checks(tags=["security"])}


def test_a_new_console_has_none() -> None:
    assert found() == {}


@pytest.mark.parametrize(
    ("keys", "place"),
    [([], "empty"), (["short"], "Key 1"), ([KEY, "a" * 44], "Key 2"), (["?", KEY, "é"], "Key 1, 3")],
)
def test_field_keys(settings: Any, keys: list[str], place: str) -> None:
    settings.FIELD_KEYS = keys

    message = found()["vpnconsole.E001"]
    assert place in message.msg
    assert "Set FIELD_KEYS" in str(message.hint)
    assert not any(key and key in str(message) for key in keys if len(key) > 1)


@pytest.mark.parametrize("pool", ["", "198.18.0.1/15", "2001:db8::/64", "198.18.0.0/30", "here"])
def test_the_pool_of_gateway_addresses(settings: Any, pool: str) -> None:
    settings.GATEWAY_POOL = pool

    assert "Set GATEWAY_POOL" in str(found()["vpnconsole.E002"].hint)


@pytest.mark.parametrize("pool", ["198.18.0.0/15", "10.0.0.0/29", "203.0.113.0/24"])
def test_a_pool_of_any_usable_size(settings: Any, pool: str) -> None:
    settings.GATEWAY_POOL = pool

    assert found() == {}


def test_a_directory_that_is_none(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.VAR_DIR = tmp_path / "file"

    message = found()["vpnconsole.E003"]
    assert str(tmp_path / "file") in message.msg
    assert "set VAR_DIR" in str(message.hint)


def test_a_directory_that_is_still_to_be_made(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path / "new" / "console"

    assert found() == {}


@pytest.mark.parametrize(
    "url",
    ["http://broker.example", "broker.example:6379", "postgres://broker.example", "unix:///run/redis.sock"],
)
def test_the_address_of_the_broker(settings: Any, url: str) -> None:
    settings.REDIS_URL = url

    assert "Set REDIS_URL" in str(found()["vpnconsole.E004"].hint)


def test_sessions_that_end_at_once(settings: Any) -> None:
    settings.SESSION_COOKIE_AGE = 0

    assert "SESSION_HOURS" in found()["vpnconsole.E005"].msg


@pytest.mark.parametrize("name", ["secret-key", "field-keys", "setup-code", "demo-password"])
def test_secrets_that_others_can_read(settings: Any, tmp_path: Path, name: str) -> None:
    settings.VAR_DIR = tmp_path
    tmp_path.chmod(0o755)
    (tmp_path / name).touch(0o644)

    message = found()["vpnconsole.W006"]
    assert name in message.msg
    assert f"chmod 700 {tmp_path}" in str(message.hint)

    (tmp_path / name).chmod(0o600)
    assert found() == {}

    (tmp_path / name).chmod(0o644)
    tmp_path.chmod(0o700)
    assert found() == {}

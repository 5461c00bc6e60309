"""Production starts with safe values only; each unsafe or missing one is named, with what to set."""

import os
import subprocess
import sys

import pytest
from cryptography.fernet import Fernet
from django.conf import settings

SAFE = {
    "PRODUCTION": "1",
    "SECRET_KEY": "a1-b2_c3" * 8,
    "FIELD_KEYS": Fernet.generate_key().decode(),
    "ALLOWED_HOSTS": "console.example",
    "DATABASE_URL": "postgres://console:secret@database.example/console",
    "REDIS_URL": "redis://broker.example:6379/0",
    "BEHIND_PROXY": "1",
}


def run(*command: str, **changes: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "VAR_DIR", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command],
        cwd=settings.BASE_DIR,
        env=kept | SAFE | changes,
        capture_output=True,
        text=True,
        check=False,
    )


def check(**changes: str) -> subprocess.CompletedProcess[str]:
    return run("manage.py", "check", "--deploy", "--fail-level", "WARNING", **changes)


def test_with_safe_values_the_deployment_check_has_nothing_to_say() -> None:
    done = check()

    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY: at least 50"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY: at least 50"),
        ({"FIELD_KEYS": " , "}, "FIELD_KEYS: one or more"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS: the console's host names"),
        ({"ALLOWED_HOSTS": "console.example,*"}, "ALLOWED_HOSTS: the console's host names"),
        ({"DATABASE_URL": ""}, "DATABASE_URL: postgres://"),
        ({"DATABASE_URL": "sqlite:///console.sqlite3"}, "DATABASE_URL: postgres://"),
        ({"DATABASE_URL": "mysql://console:secret@database.example/console"}, "DATABASE_URL: postgres://"),
        ({"REDIS_URL": ""}, "REDIS_URL: redis://"),
        ({"DEBUG": "1"}, "DEBUG: must be off"),
        ({"PRODUCTION": "perhaps"}, "PRODUCTION='perhaps' is neither true nor false"),
        ({"SESSION_HOURS": "a day"}, "SESSION_HOURS='a day' is not a whole number"),
        ({"EVENT_RETENTION_DAYS": "0"}, "EVENT_RETENTION_DAYS='0' is too small; write 1 or more"),
        ({"SIGN_INS_PER_MINUTE": "-1"}, "SIGN_INS_PER_MINUTE='-1' is too small; write 0 or more"),
        ({"SECRET_KEY_FILE": "not/there"}, "SECRET_KEY_FILE='not/there' cannot be read"),
    ],
    ids=str,
)
def test_an_unsafe_value_stops_every_process_at_its_start(changes: dict[str, str], named: str) -> None:
    done = run("-c", "import vpnconsole.settings", **changes)

    assert done.returncode != 0
    assert named in done.stderr


def test_all_that_is_missing_is_named_at_once() -> None:
    done = run("-c", "import vpnconsole.settings", SECRET_KEY="", ALLOWED_HOSTS="", REDIS_URL="")

    for name in ("SECRET_KEY:", "ALLOWED_HOSTS:", "REDIS_URL:"):
        assert name in done.stderr


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"FIELD_KEYS": "not a Fernet key"}, "vpnconsole.E001"),
        ({"BEHIND_PROXY": ""}, "vpnconsole.W007"),
        ({"SSL_REDIRECT": "0"}, "security.W008"),
        ({"HSTS_SECONDS": "0"}, "security.W004"),
    ],
    ids=str,
)
def test_what_only_a_check_can_see_fails_the_check(changes: dict[str, str], named: str) -> None:
    done = check(**changes)

    assert done.returncode == 1
    assert named in done.stderr

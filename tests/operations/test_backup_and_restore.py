"""A backup is worth what can be restored from it: with its keys everything, without them a clear word."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from cryptography.fernet import Fernet
from processes import ROOT
from production import database_on, environment, manage, run, servers, without_rights

WRITE_DOWN = """#!/bin/sh
echo "$0 $*" >>{told}
echo "$PGPASSWORD" >{told}.password
exec {program} "$@"
"""
TELL_THE_KEY = """
import django
django.setup()
from accounts.actor import Actor
from accounts.models import AuditEvent, Role
from connections.models import IPsecConnection
from tunnels.services import reveal_psk
connection = IPsecConnection.objects.get(name="dc-to-hangzhou")
tunnel = connection.tunnels.defer("psk").get(index=1)
actor = Actor(account=connection.account, role=Role.ADMIN)
print(AuditEvent.objects.count(), tunnel.public_id, reveal_psk(actor=actor, tunnel=tunnel))
"""
SIGN_IN = """
import django
django.setup()
from accounts.sessions import SessionStore
session = SessionStore()
session.create()
print(session.session_key)
"""


@dataclass
class Saved:
    server: str
    variables: dict[str, str]
    told: list[str]
    """Number of audit rows, a tunnel's id and its pre-shared key."""
    session: str
    """The key of a session that was there."""
    dump: Path


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Saved]:
    """A console with the demo's data, backed up as documented; its database is gone."""
    place = tmp_path_factory.mktemp("backup")
    with servers() as (server, broker):
        with database_on(server, "saved") as database:
            variables = environment(place / "var", database, broker, PYTHON=sys.executable)
            variables["DJANGO_SETTINGS_MODULE"] = "vpnconsole.settings"
            manage(variables, "migrate", "--no-input", "--verbosity", "0")
            manage(variables, "load_demo")
            session = run(variables, sys.executable, "-c", SIGN_IN).stdout.strip()
            dump = run(variables, str(ROOT / "deploy" / "backup"), str(place / "copies")).stdout.strip()
            told = tell_the_key(variables)
        yield Saved(server, variables, told, session, Path(dump))


def tell_the_key(variables: dict[str, str]) -> list[str]:
    return run(variables, sys.executable, "-c", TELL_THE_KEY).stdout.split()


def restore(
    saved: Saved, database: str, **more: str
) -> "tuple[dict[str, str], subprocess.CompletedProcess[str]]":
    variables = saved.variables | {"DATABASE_URL": database} | more
    return variables, run(variables, str(ROOT / "deploy" / "restore"), str(saved.dump), ok=False)


def test_neither_dump_nor_fingerprints_hold_a_key_a_secret_or_a_session(saved: Saved) -> None:
    field_key = Path(saved.variables["FIELD_KEYS_FILE"]).read_text(encoding="utf-8").strip()
    fingerprints = saved.dump.with_suffix(".keys")
    restored = run(saved.variables, "pg_restore", "--file=-", str(saved.dump)).stdout

    assert len(fingerprints.read_text(encoding="utf-8").strip()) == 16
    for secret in (field_key, saved.told[2], saved.session):
        assert secret
        assert secret not in restored + fingerprints.read_text(encoding="utf-8")
    assert saved.told[1] in restored
    assert {path.stat().st_mode & 0o077 for path in (saved.dump, fingerprints)} == {0}


def test_with_its_keys_everything_is_there_again(saved: Saved) -> None:
    with database_on(saved.server, "restored") as database:
        variables, done = restore(saved, database)

        assert done.returncode == 0, done.stderr
        assert "searching is indexed" in done.stdout
        assert "all were opened" in done.stdout
        audits, tunnel, psk = tell_the_key(variables)
        assert (tunnel, psk) == (saved.told[1], saved.told[2])
        assert int(audits) == int(saved.told[0]), (
            "one row for each reveal, and the backup was made before the first"
        )
        assert "the audit trail is append-only" in forge_a_row(variables)


def forge_a_row(variables: dict[str, str]) -> str:
    forge = "UPDATE accounts_auditevent SET actor_name = 'nobody'"
    return run(variables, "psql", variables["DATABASE_URL"], "-c", forge, ok=False).stderr


def test_with_another_key_it_says_so_and_which_one_is_missing(saved: Saved, tmp_path: Path) -> None:
    other = tmp_path / "field-keys"
    other.write_text(Fernet.generate_key().decode(), encoding="utf-8")
    with database_on(saved.server, "keyless") as database:
        variables, done = restore(saved, database, FIELD_KEYS_FILE=str(other))

        assert done.returncode == 1
        assert "are opened by none of FIELD_KEYS" in done.stderr
        assert saved.dump.with_suffix(".keys").read_text(encoding="utf-8").strip() in done.stderr
        doctor = manage(variables, "doctor", ok=False)
        assert doctor.returncode == 1
        assert "ILL  keys" in doctor.stdout


def test_an_old_key_beside_a_new_one_opens_it(saved: Saved, tmp_path: Path) -> None:
    both, old = tmp_path / "field-keys", Path(saved.variables["FIELD_KEYS_FILE"]).read_text(encoding="utf-8")
    both.write_text(f"{Fernet.generate_key().decode()},{old}", encoding="utf-8")
    with database_on(saved.server, "rotated") as database:
        _variables, done = restore(saved, database, FIELD_KEYS_FILE=str(both))

        assert done.returncode == 0, done.stderr


def test_a_restore_over_what_is_there_changes_nothing(saved: Saved) -> None:
    with database_on(saved.server, "taken") as database:
        variables, _first = restore(saved, database)
        before = tell_the_key(variables)
        _variables, second = restore(saved, database)

        assert second.returncode != 0
        assert tell_the_key(variables)[1:] == before[1:]


@pytest.mark.parametrize(
    ("prepared", "searching"),
    [
        ("CREATE EXTENSION pg_trgm", "searching is indexed"),
        ("SELECT 1", "searching is slow: the extension pg_trgm is missing"),
    ],
)
def test_a_user_who_may_make_no_extension_restores(saved: Saved, prepared: str, searching: str) -> None:
    with without_rights(saved.server, "plain", prepared=prepared) as database:
        variables, done = restore(saved, database)

        assert done.returncode == 0, done.stderr
        assert searching in done.stdout
        assert tell_the_key(variables)[1:] == saved.told[1:]


@pytest.mark.parametrize("program", ["pg_dump", "pg_restore"])
def test_no_process_is_called_with_the_password(saved: Saved, tmp_path: Path, program: str) -> None:
    told, real = tmp_path / "told", shutil.which(program)
    (tmp_path / program).write_text(WRITE_DOWN.format(told=told, program=real), encoding="utf-8")
    (tmp_path / program).chmod(0o755)
    with database_on(saved.server, "called") as database:
        parts = urlsplit(database)
        netloc = f"{parts.username}:p%40%2F%25@{parts.hostname}:{parts.port}"
        variables = saved.variables | {
            "DATABASE_URL": urlunsplit(parts._replace(netloc=netloc)),
            "PATH": f"{tmp_path}:{saved.variables['PATH']}",
        }
        run(variables, str(ROOT / "deploy" / "restore"), str(saved.dump))
        run(variables, str(ROOT / "deploy" / "backup"), str(tmp_path / "copies"))

    assert f"--dbname={parts.scheme}://{parts.username}@" in told.read_text(encoding="utf-8")
    assert "p%40" not in told.read_text(encoding="utf-8")
    assert told.with_suffix(".password").read_text(encoding="utf-8") == "p@/%\n"

"""A secret that can be found again, however it was written down."""

import base64
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from accounts.actor import Actor
from accounts.rotation import secret_columns
from connections.models import CreationDraft

CORE = "Mk7Q4zX9vR2s"
MARKER = f"{CORE}<&\"'%+/\\"
"""What follows the core is written in as many ways as there are notations; the core itself in one."""


def forms_of(core: bytes) -> dict[str, bytes]:
    """The core as it stands in text, and in what text is commonly turned into."""
    return {
        "plain": core,
        "reversed": core[::-1],
        "hexadecimal": core.hex().encode(),
        "HEXADECIMAL": core.hex().upper().encode(),
        "UTF-16": core.decode().encode("utf-16-le"),
        **{f"base64 from byte {start}": _base64(core, start) for start in range(3)},
    }


def _base64(core: bytes, start: int) -> bytes:
    """The letters that belong to the core alone, if it begins `start` bytes after a group of three."""
    whole = bytes(start) + core
    return base64.b64encode(whole)[(start * 8 + 5) // 6 : len(whole) * 8 // 6]


FORMS = forms_of(CORE.encode())


def traces(found: bytes | str) -> list[str]:
    """In which forms the marker is in there; archives are opened."""
    data = found.encode() if isinstance(found, str) else found
    if (archived := data.find(b"PK\x03\x04")) >= 0:
        with zipfile.ZipFile(io.BytesIO(data[archived:])) as archive:
            data = b"".join((data[:archived], *(archive.read(name) for name in archive.namelist())))
    return [name for name, form in FORMS.items() if form in data]


def answer(response: Any) -> bytes:
    """Everything that goes over the wire."""
    body = b"".join(response) if response.streaming else response.content
    return repr([*response.items(), response.cookies.output()]).encode() + body


def mark_everything(actor: Actor) -> None:
    """Every secret that the database can hold is the marker: of whatever column is encrypted."""
    assert actor.user is not None
    CreationDraft.objects.create(account=actor.account, user=actor.user, token="t", kept_at=timezone.now())
    for column in secret_columns():
        rows = column.model._default_manager.all()
        assert rows.exists(), f"the estate has no {column}: add one"
        for row in rows.defer(column.field):
            setattr(row, column.field, f'["{CORE}", "{CORE}"]' if "keys" in column.field else MARKER)
            row.save(update_fields=[column.field])


def database_dump() -> Iterator[tuple[str, bytes]]:
    """Every value of every table; sessions as Django reads them, too."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - the database's own names
            for row in cursor.fetchall():
                yield table, repr(row).encode()
    for session in Session.objects.all():
        yield "sessions", repr(session.get_decoded()).encode()


def cache_dump() -> Iterator[tuple[str, bytes]]:
    """Every key and value of the cache and, where that is Redis, of the broker's queues beside it."""
    if not settings.REDIS_URL:
        for key, value in cache._cache.items():  # type: ignore[attr-defined]
            yield "cache", repr(key).encode() + value
        return
    for url in {settings.CACHES["default"]["LOCATION"], settings.CELERY_BROKER_URL}:
        with redis.Redis.from_url(url) as store:
            kept: Any = [*store.scan_iter(_type="string"), *store.scan_iter(_type="list")]
            for key in kept:
                found: Any = store.get(key) if store.type(key) == b"string" else store.lrange(key, 0, -1)
                yield "cache", repr((key, found)).encode()

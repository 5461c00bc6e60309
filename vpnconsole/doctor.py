"""What can be wrong with a console, looked at one by one: each answer says what is, and what to do about it.

Behind `manage.py doctor`. Nothing is changed, and no examination needs another one to have gone well.
"""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.cache.backends.redis import RedisCache
from django.core.checks import Tags, run_checks
from django.core.files.storage import Storage
from django.db import Error as DatabaseError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from redis.exceptions import RedisError

from accounts.encryption import SecretUnreadable, keys
from accounts.rotation import SecretColumn, secret_columns
from connections.fleet import keeping
from vpnconsole import checks, heartbeats
from vpnconsole.heartbeats import Part
from vpnconsole.management.commands.compile_texts import catalogs, is_due

LARGEST_SKEW: Final = 2.0
"""Seconds that the clocks of database and console may differ: negotiations are timed by both."""
SAMPLE: Final = 20
"""Secrets of each column that are opened, newest and oldest."""
LEAST_FREE: Final = 500 * 1024 * 1024


REMEDIES: Final = {
    Part.WORKER: "Start a worker: see docs/operations.md, Processes. One that runs and does nothing has no "
    "bell: start beat; else its log says why.",
    Part.BEAT: "Start beat, exactly one: see docs/operations.md, Processes.",
}


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """`remedy` is empty where all is well."""

    part: str
    what: str
    remedy: str = ""

    @property
    def well(self) -> bool:
        return not self.remedy


class Ill(Exception):  # noqa: N818 - an answer
    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


def examine() -> Iterator[Diagnosis]:
    """One diagnosis for each part, in the order in which they stand on each other."""
    for part, look in EXAMINATIONS.items():
        try:
            yield Diagnosis(part, look())
        except Ill as ill:
            yield Diagnosis(part, ill.what, ill.remedy)
        except Exception as error:  # an examination that fails is itself a finding
            what = f"could not be examined: {type(error).__name__}: {error}"
            yield Diagnosis(part, what, "Look at the other findings first, then run this again.")


def settings_are_sound() -> str:
    found = run_checks(tags=[Tags.security], include_deployment_checks=settings.PRODUCTION)
    if found:
        raise Ill(
            "; ".join(str(one.msg).split("\n", 1)[0] for one in found),
            " ".join(dict.fromkeys(str(one.hint) for one in found if one.hint))
            or "See docs/configuration.md.",
        )
    return "production" if settings.PRODUCTION else "one machine (PRODUCTION is off)"


def database_answers() -> str:
    begun = time.perf_counter()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        raise Ill(
            f"{connection.vendor} does not answer: {str(error).strip()}",
            "Start the database, or correct DATABASE_URL.",
        ) from error
    return f"{connection.vendor} answers in {1000 * (time.perf_counter() - begun):.0f} ms"


def migrations_are_applied() -> str:
    executor = MigrationExecutor(connection)
    missing = [
        str(migration) for migration, _back in executor.migration_plan(executor.loader.graph.leaf_nodes())
    ]
    if missing:
        raise Ill(
            f"{len(missing)} migrations are not applied: {', '.join(missing)}", "Run: manage.py migrate"
        )
    return "all applied"


def lists_are_kept() -> str:
    """What lists, counts and searches read is written by triggers."""
    if amiss := keeping.amiss():
        raise Ill(
            f"triggers are missing or of another version: {', '.join(sorted(amiss))}",
            "Run: manage.py rebuild_lists",
        )
    return f"all triggers are in place, {keeping.search_is()}"


def clocks_agree() -> str:
    """SQLite has no clock but this machine's. Half of the way there and back is taken off."""
    if connection.vendor != "postgresql":
        return "the database runs on this machine's clock"
    sent = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [there] = cursor.fetchone()
    here = sent + (datetime.now(UTC) - sent) / 2
    skew = (there - here).total_seconds()
    if abs(skew) > LARGEST_SKEW:
        what = f"the database's clock differs by {skew:+.1f} s from this machine's"
        raise Ill(what, "Let both machines take their time from the network (chrony, systemd-timesyncd).")
    return f"database and this machine differ by {abs(skew):.2f} s"


def keys_open_the_secrets() -> str:
    wrong = checks.field_keys(None)
    if wrong:
        raise Ill(wrong[0].msg, str(wrong[0].hint))
    tried = unreadable = 0
    for column in secret_columns():
        for pk in _sample(column):
            tried += 1
            unreadable += not _opens(column, pk)
    if unreadable:
        raise Ill(
            f"{unreadable} of {tried} stored secrets are opened by none of FIELD_KEYS",
            "Add the key that they were written with to FIELD_KEYS: the one of the backup's time, after a "
            "restore. `manage.py rotate_keys` counts them all; docs/secrets.md says what to do without it.",
        )
    return f"{len(keys())} in FIELD_KEYS; of {tried} stored secrets tried, all were opened"


def _sample(column: SecretColumn) -> set[int]:
    rows = column.model._default_manager.values_list("pk", flat=True)
    return {*rows.order_by("-pk")[:SAMPLE], *rows.order_by("pk")[:SAMPLE]}


def _opens(column: SecretColumn, pk: int) -> bool:
    try:
        column.model._default_manager.filter(pk=pk).values_list(column.field, flat=True).first()
    except SecretUnreadable:
        return False
    return True


def broker_url() -> str:
    """REDIS_URL, else the embedded server that `make run` has started in VAR_DIR."""
    if settings.REDIS_URL:
        return str(settings.REDIS_URL)
    try:
        lines = (Path(settings.VAR_DIR) / "valkey" / "valkey.conf").read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise Ill(
            "there is none: REDIS_URL is not set", "Start the console (make run), or set REDIS_URL."
        ) from error
    options = dict(line.split(" ", 1) for line in lines if " " in line)
    return f"redis://:{options['requirepass']}@127.0.0.1:{options['port']}/0"


def _cache() -> RedisCache:
    return RedisCache(broker_url(), {"KEY_PREFIX": "vpnconsole"})


def broker_takes_writes() -> str:
    try:
        store, mark = _cache(), str(time.time())
        store.set("doctor", mark, 10)
        if store.get("doctor") != mark:
            raise Ill(
                "it takes a value and does not keep it", "Look at its memory limit and eviction policy."
            )
    except (RedisError, OSError) as error:
        remedy = "Start Redis or Valkey (make run starts its own), or correct REDIS_URL."
        raise Ill(f"it does not take a write: {error}", remedy) from error
    return "takes writes and keeps them"


def worker_works() -> str:
    return _age(Part.WORKER, "did a task")


def beat_rings() -> str:
    return _age(Part.BEAT, "rang")


def _age(part: Part, did: str) -> str:
    """By the signs of life that worker and beat leave: whoever leaves none does no work, running or not."""
    try:
        seen = heartbeats.last_seen(_cache()).get(part)
    except (RedisError, OSError) as error:
        raise Ill(f"cannot be asked: {error}", "Mend the broker first.") from error
    age = time.time() - seen if seen else None
    if age is None or age > heartbeats.SILENT:
        said = f"{age:.0f} s ago" if age else "longer ago than anybody remembers"
        raise Ill(f"last {did} {said}", REMEDIES[part])
    return f"last {did} {age:.0f} s ago"


def var_dir_is_private() -> str:
    found = [*checks.var_dir(None), *checks.secret_files(None)]
    place = Path(settings.VAR_DIR)
    if found:
        raise Ill("; ".join(one.msg for one in found), " ".join(str(one.hint) for one in found))
    if not place.is_dir():
        raise Ill(f"{place} does not exist", "Start the console once, or make the directory: mkdir -m 700")
    return f"{place} is writable, and nobody else reads its secrets"


def static_files_are_collected() -> str:
    remedy = "Run: manage.py collectstatic --no-input"
    try:
        manifest = json.loads((Path(settings.STATIC_ROOT) / "staticfiles.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Ill(f"none in {settings.STATIC_ROOT}", remedy) from error
    wanted = {_served_as(path, storage) for finder in get_finders() for path, storage in finder.list(None)}
    missing = sorted(wanted - set(manifest["paths"]))
    if missing:
        raise Ill(f"{len(missing)} are missing, such as {missing[0]}", remedy)
    return f"{len(wanted)} collected"


def _served_as(path: str, storage: Storage) -> str:
    """With the storage's prefix, as collectstatic does it."""
    prefix = getattr(storage, "prefix", None)
    return f"{prefix}/{path}" if prefix else path


def texts_are_compiled() -> str:
    due = [path for path in catalogs() if is_due(path, path.with_suffix(".mo"))]
    if due:
        raise Ill(f"{len(due)} catalogues are newer than what is shown", "Run: manage.py compile_texts")
    return f"{len(catalogs())} catalogues compiled"


def disk_has_room() -> str:
    place = next(path for path in (Path(settings.VAR_DIR), *Path(settings.VAR_DIR).parents) if path.exists())
    free = shutil.disk_usage(place).free
    what = f"{free / 1024**3:.1f} GiB free under {place}"
    if free < LEAST_FREE:
        raise Ill(what, "Make room, or move VAR_DIR to a larger disk.")
    return what


EXAMINATIONS: Final[dict[str, Callable[[], str]]] = {
    "settings": settings_are_sound,
    "database": database_answers,
    "migrations": migrations_are_applied,
    "lists": lists_are_kept,
    "clock": clocks_agree,
    "keys": keys_open_the_secrets,
    "broker": broker_takes_writes,
    "worker": worker_works,
    "beat": beat_rings,
    "VAR_DIR": var_dir_is_private,
    "static files": static_files_are_collected,
    "texts": texts_are_compiled,
    "disk": disk_has_room,
}

"""What every test stands on: two accounts with their people, clients that are signed in, quick settings.

Nothing of a run touches the working copy's own `var`: database, static files and secrets of a run lie in a
directory of its own, which goes with it.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

# Before Django's settings are read, where that is still possible, and for every child of the run.
VAR_DIR = Path(tempfile.mkdtemp(prefix="vpnconsole-tests-"))
os.environ["VAR_DIR"] = str(VAR_DIR)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")

from django.conf import settings  # noqa: E402 - after the environment
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from hypothesis import settings as drawing  # noqa: E402

if TYPE_CHECKING:
    from accounts.actor import Actor
    from accounts.models import Account

PASSWORD = "correct horse battery staple"
drawing.register_profile("shared machine", deadline=None)
drawing.load_profile("shared machine")
BACKEND = "accounts.backends.MemberBackend"  # axes' own backend asks for a request


def own_cache(url: str) -> str:
    """Each process takes a database of the Redis for itself: one's cache is not another's to clear."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not url or not worker:
        return url
    return urlsplit(url)._replace(path=f"/{int(worker.removeprefix('gw')) + 1}").geturl()


def pytest_configure() -> None:
    """Settings of tests, where they differ: a directory of the run's own, no collectstatic, quick hashes."""
    settings.VAR_DIR = VAR_DIR
    settings.CACHES["default"]["LOCATION"] = own_cache(settings.CACHES["default"].get("LOCATION", ""))
    settings.STATIC_ROOT = VAR_DIR / "static"
    settings.STATIC_ROOT.mkdir(exist_ok=True)  # whitenoise warns of a missing one
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.FIELD_KEYS_FILE = ""  # tests say the keys themselves
    settings.THROTTLES = dict.fromkeys(settings.THROTTLES, 0)  # tests are quicker than people
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure() -> None:
    shutil.rmtree(VAR_DIR, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _texts() -> None:
    """The translations, compiled as `make run` does."""
    call_command("compile_texts")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """SQLite's test database lies in the run's own directory."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = VAR_DIR / "test.sqlite3"


@pytest.fixture(autouse=True)
def _bell_awake() -> None:
    """What the test before rang, and whether its broker was away, is none of this one's."""
    from tunnels.bell import BELL

    BELL.hear()
    BELL.wake()


@pytest.fixture(autouse=True)
def _clean_cache() -> Iterator[None]:
    yield
    cache.clear()


def _account(name: str) -> "Account":
    from accounts import quotas
    from accounts.models import Account

    account = Account.objects.create(name=name)
    quotas.create_rows(account)
    return account


def _actor(account: "Account", name: str, role_name: str) -> "Actor":
    from accounts.actor import Actor
    from accounts.models import Membership, Role, User

    user, role = User.objects.create_user(name, password=PASSWORD), Role(role_name)
    Membership.objects.create(account=account, user=user, role=role)
    return Actor(account=account, user=user, role=role, address="192.0.2.10", request_id="TEST-REQUEST")


@pytest.fixture
def password() -> str:
    """Everybody's."""
    return PASSWORD


@pytest.fixture
def acme(db: None) -> "Account":
    """The account that a test is about."""
    return _account("Acme")


@pytest.fixture
def other(db: None) -> "Account":
    """Another tenant."""
    return _account("Other")


@pytest.fixture
def ana(acme: "Account") -> "Actor":
    """Administrator of acme."""
    return _actor(acme, "ana", "admin")


@pytest.fixture
def omar(acme: "Account") -> "Actor":
    """Operator of acme."""
    return _actor(acme, "omar", "operator")


@pytest.fixture
def vera(acme: "Account") -> "Actor":
    """Viewer of acme."""
    return _actor(acme, "vera", "viewer")


@pytest.fixture
def sam(other: "Account") -> "Actor":
    """Administrator of the other account: a stranger to acme."""
    return _actor(other, "sam", "admin")


@pytest.fixture
def client_of() -> "Callable[[Actor], Client]":
    """A browser in which the actor is signed in, looking at the actor's account."""

    def signed_in(actor: "Actor") -> Client:
        assert actor.user is not None
        client = Client()
        client.force_login(actor.user, backend=BACKEND)
        session = client.session
        session["account_uid"] = actor.account.uid
        session.save()
        return client

    return signed_in

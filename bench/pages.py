"""What the creation page costs, beside floors measured in the same run: a bare Django page of 6 fields, and
one of as many fields as the creation page, drawn by Django's own templates with nothing around them.

    python bin/with_services.py servers python bench/pages.py
"""

import gzip
import os
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "connections")]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")

import django  # noqa: E402

django.setup()

from django import forms  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402
from django.urls import path  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "150"))
WARM = 10
FIELDS = 51
LIST = [(str(number), f"choice {number}") for number in range(6)]
PAGE = engines["django"].from_string("<!doctype html><title>floor</title><form>{{ form.as_p }}</form>")


def _form(count: int) -> type[forms.Form]:
    """Every third field a list of choices, as on the creation page."""
    kinds: list[Callable[[], forms.Field]] = [
        lambda: forms.CharField(help_text="help"),
        lambda: forms.ChoiceField(choices=LIST),
        lambda: forms.BooleanField(required=False),
    ]
    return type("Floor", (forms.Form,), {f"field_{number}": kinds[number % 3]() for number in range(count)})


def _floor(count: int) -> Callable[[HttpRequest], HttpResponse]:
    kind = _form(count)
    return lambda request: HttpResponse(PAGE.render({"form": kind()}, request))


def _urls() -> ModuleType:
    from vpnconsole.urls import urlpatterns

    module = ModuleType("bench_urls")
    floors = [path("floor/6/", _floor(6)), path("floor/51/", _floor(FIELDS))]
    module.urlpatterns = [*floors, *urlpatterns]  # type: ignore[attr-defined]
    sys.modules["bench_urls"] = module
    return module


def timed(ask: Callable[[], HttpResponse]) -> list[float]:
    """Milliseconds of each request, in the process's own time and by the clock alike with one client."""
    for _ in range(WARM):
        ask()
    taken = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - begin) * 1000)
    return taken


def queries(ask: Callable[[], HttpResponse]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        ask()
    return [query["sql"] for query in captured]


def line(name: str, taken: list[float], floor: float, asked: int, size: int) -> None:
    p95 = quantiles(taken, n=20)[-1]
    sys.stdout.write(
        f"{name:<28} median {median(taken):7.1f} ms   p95 {p95:7.1f} ms   "
        f"{median(taken) / floor:5.1f} x the 6 fields   {asked:3} queries   {size / 1024:6.1f} KiB gzipped\n"
    )


def measure() -> None:
    from connection_cast import CREATE, cast_of, filled

    from accounts.actor import Actor
    from accounts.models import Role
    from accounts.services import create_account, create_user

    account = create_account(name="Bench")
    user = create_user(username="bench", password=secrets.token_urlsafe())
    from accounts.models import Membership

    Membership.objects.create(account=account, user=user, role=Role.ADMIN)
    actor = Actor(account=account, user=user, role=Role.ADMIN, address="192.0.2.1", request_id="bench")
    form = filled(cast_of(actor)).bgp()
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    htmx = {"HX-Request": "true"}
    asks: dict[str, Callable[[], HttpResponse]] = {
        "floor: 6 fields": lambda: client.get("/floor/6/"),
        "floor: 51 fields": lambda: client.get("/floor/51/"),
        "creation page": lambda: client.get(CREATE),
        "field check": lambda: client.post(f"{CREATE}?part=check", form.data, headers=htmx),
        "button": lambda: client.post(f"{CREATE}?part=change", {**form.data, "action": "copy"}, headers=htmx),
        "draft": lambda: client.post(f"{CREATE}?part=draft", form.data, headers=htmx),
    }
    floor = 0.0
    for name, ask in asks.items():
        taken = timed(ask)
        floor = floor or median(taken)
        found = queries(ask)
        line(name, taken, floor, len(found), len(gzip.compress(ask().content, 6)))
        if os.environ.get("SHOW_QUERIES"):
            sys.stdout.write("\n".join("    " + query[:150] for query in found) + "\n")


def main() -> None:
    from django.test.utils import get_runner

    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    setup_test_environment()
    _urls()
    settings.ROOT_URLCONF = "bench_urls"
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        sys.stdout.write(f"{connection.vendor}, {ROUNDS} requests each, one client, in process\n")
        measure()
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    main()

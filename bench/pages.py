"""What the creation page costs, beside floors measured in the same run: a bare Django page of 6 fields, and
one of as many fields as the creation page, drawn by Django's own templates with nothing around them.

    python bin/with_services.py servers python bench/pages.py

All answers come from the WSGI application as gunicorn calls it: DEBUG off, templates cached, static files
with hashed names, the whole middleware, somebody signed in. The requests take turns in an order that is drawn
anew each time, so that whatever else the machine does, and whatever the one before has left in its caches,
falls on all of them alike. The first visit is then measured in Chromium, against gunicorn on
the same database.
"""

import io
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "bench"), str(ROOT / "tests" / "connections")]
VAR_DIR = tempfile.TemporaryDirectory(prefix="vpnconsole-bench-")
os.environ["VAR_DIR"] = VAR_DIR.name
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")
os.environ["WRITES_PER_MINUTE"] = "1000000"

import django  # noqa: E402

django.setup()

from django import forms  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.test import Client, RequestFactory  # noqa: E402
from django.test.utils import CaptureQueriesContext, get_runner  # noqa: E402
from django.urls import path  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "100"))
WARM = 5
FIELDS = 51
HOST = "127.0.0.1"
LIST = [(str(number), f"choice {number}") for number in range(6)]
PAGE = engines["django"].from_string("<!doctype html><title>floor</title><form>{{ form.as_p }}</form>")
NAME = b"name-of-the-connection"
"""Another one in each request, as it is while somebody types."""
FORM = "application/x-www-form-urlencoded"


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


def _urls() -> None:
    from vpnconsole.urls import urlpatterns

    module = ModuleType("bench_urls")
    floors = [path("floor/6/", _floor(6)), path("floor/51/", _floor(FIELDS))]
    module.urlpatterns = [*floors, *urlpatterns]  # type: ignore[attr-defined]
    sys.modules["bench_urls"] = module
    settings.ROOT_URLCONF = "bench_urls"


@dataclass
class Ask:
    """One kind of request, and how long each of its kind has taken: by the clock, and of the processor."""

    name: str
    environ: dict[str, Any]
    body: bytes = b""
    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    def answer(self, application: Callable[..., Any]) -> bytes:
        body = self.body.replace(NAME, secrets.token_hex(8).encode())
        environ = {**self.environ, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        told: list[str] = []
        chunks = application(environ, lambda status, headers: told.append(status))
        content = b"".join(chunks)
        chunks.close()
        if not told[0].startswith("200"):
            sys.exit(f"{self.name}: {told[0]}")
        return content

    def timed(self, application: Callable[..., Any]) -> None:
        clock, processor = time.perf_counter(), time.process_time()
        self.answer(application)
        self.processor.append((time.process_time() - processor) * 1000)
        self.clock.append((time.perf_counter() - clock) * 1000)


@dataclass(frozen=True)
class Visitor:
    """Somebody who is signed in, with a cloud and devices to choose from."""

    cookie: str
    form: dict[str, Any]

    def asks(self, **headers: str) -> "AskMaker":
        return AskMaker(
            {"HTTP_COOKIE": f"sessionid={self.cookie}; csrftoken={CSRF}", "HTTP_HOST": HOST} | headers
        )


CSRF = "b" * 32


@dataclass(frozen=True)
class AskMaker:
    headers: dict[str, str]

    def get(self, name: str, address: str) -> Ask:
        return Ask(name, RequestFactory().get(address).environ | self.headers)

    def post(self, name: str, address: str, data: dict[str, Any]) -> Ask:
        more = {"HTTP_HX_REQUEST": "true", "HTTP_X_CSRFTOKEN": CSRF, "CONTENT_TYPE": FORM}
        body = urlencode(data, doseq=True).encode()
        return Ask(name, RequestFactory().post(address).environ | self.headers | more, body)


def visitor() -> Visitor:
    from connection_cast import cast_of, filled

    from accounts.actor import Actor
    from accounts.models import Membership, Role
    from accounts.services import create_account, create_user

    account = create_account(name="Bench")
    user = create_user(username="bench", password=secrets.token_urlsafe())
    Membership.objects.create(account=account, user=user, role=Role.ADMIN)
    actor = Actor(account=account, user=user, role=Role.ADMIN, address="192.0.2.1", request_id="bench")
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return Visitor(
        client.cookies["sessionid"].value, filled(cast_of(actor)).bgp().set(name=NAME.decode()).data
    )


def asks_of(who: Visitor) -> list[Ask]:
    from connection_cast import CREATE

    make, chinese = who.asks(), who.asks(HTTP_ACCEPT_LANGUAGE="zh-Hans")
    return [
        make.get("floor, 6 fields", "/floor/6/"),
        make.get("floor, 51 fields", "/floor/51/"),
        make.get("creation page", CREATE),
        chinese.get("creation page, Chinese", CREATE),
        make.post("check of a field", f"{CREATE}?part=check", who.form),
        make.post("change of the region", f"{CREATE}?part=region", who.form),
        make.post("a button", f"{CREATE}?part=change", {**who.form, "action": "copy"}),
        make.post("keeping the draft", f"{CREATE}?part=draft", who.form),
    ]


def measure(asks: list[Ask]) -> None:
    from vpnconsole.wsgi import application

    for ask in asks * WARM:
        ask.answer(application)
    order = secrets.SystemRandom()
    for _ in range(ROUNDS):
        for ask in order.sample(asks, len(asks)):
            ask.timed(application)
    for ask in asks:
        with CaptureQueriesContext(connection) as captured:
            size = len(ask.answer(application))
        report(ask, asks[0], len(captured), size)
        if os.environ.get("SHOW_QUERIES"):
            sys.stdout.write("\n".join("    " + query["sql"][:150] for query in captured) + "\n")


def report(ask: Ask, floor: Ask, queries: int, size: int) -> None:
    by_clock = median(ask.clock) / median(floor.clock)
    by_processor = median(ask.processor) / median(floor.processor)
    columns = (
        f"{ask.name:<24}",
        f"median {median(ask.clock):6.2f} ms = {by_clock:5.2f} x floor",
        f"p95 {quantiles(ask.clock, n=20)[-1]:6.1f} ms",
        f"processor {median(ask.processor):5.2f} ms = {by_processor:5.2f} x",
        f"{queries:2} queries",
        f"{size / 1024:5.1f} KiB plain",
    )
    sys.stdout.write("   ".join(columns) + "\n")


def main() -> None:
    settings.ALLOWED_HOSTS = [HOST]
    call_command("compile_texts")
    call_command("collectstatic", interactive=False, verbosity=0)
    _urls()
    runner = get_runner(settings)(verbosity=0, interactive=False)
    databases = runner.setup_databases()
    try:
        sys.stdout.write(f"{connection.vendor}, {ROUNDS} requests each in turn, one client, in process\n")
        who = visitor()
        measure(asks_of(who))
        if not os.environ.get("NO_BROWSER"):
            import first_visit

            first_visit.measure(who.cookie, str(connection.settings_dict["NAME"]))
    finally:
        runner.teardown_databases(databases)


if __name__ == "__main__":
    main()

"""Production as documented: the commands of the units, with the example's environment, on real servers."""

import json
import re
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from threading import Event
from urllib.parse import urlencode

import pytest
from processes import eventually
from production import (
    HOST,
    Answer,
    ask,
    command_of,
    database_on,
    environment,
    manage,
    run,
    running,
    servers,
    wait_until_ready,
)

TOKEN = "a-token-of-the-tests-only"
PASSWORD = "Marker-of-a-password-1"
THROUGH_PROXY = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}
BY_TOKEN = {"Authorization": f"Bearer {TOKEN}"}


KEY = "Marker-of-a-key-2"
MAKE_A_TUNNEL = f"""
import django
django.setup()
from accounts.actor import Actor
from accounts.models import Account, Role, User
from connections.services import NewConnection, create_connection
from gateways.services import create_customer_gateway
from ipsec.spec import ConnectionSpec, IkeSpec, PeerSpec, TunnelSpec
from transit.services import create_cen, create_transit_router
ana, region = Actor(Account.objects.get(), User.objects.get(), Role.ADMIN), "cn-hangzhou"
cen = create_cen(actor=ana, name="backbone")
create_transit_router(actor=ana, cen=cen, region=region)
edges = [
    create_customer_gateway(actor=ana, region=region, name="edge", address=address)
    for address in ("203.0.113.1", "203.0.113.2")
]
tunnels = tuple(
    TunnelSpec(index, PeerSpec("", gateway_id=edge.public_id), ike=IkeSpec(psk="{KEY}"))
    for index, edge in enumerate(edges, 1)
)
new = NewConnection(ConnectionSpec(name="main", tunnels=tunnels), region, cen_id=cen.public_id)
print(create_connection(actor=ana, new=new).tunnels.get(index=1).public_id)
"""


@dataclass
class Production:
    port: int
    variables: dict[str, str]
    outputs: dict[str, Path]

    def ask(self, path: str, **headers: str) -> Answer:
        return ask(self.port, path, **headers)

    def metric(self, name: str) -> float:
        found = re.search(rf"^{re.escape(name)} (\S+)$", self.ask("/metrics", **BY_TOKEN).text, re.M)
        return float(found[1]) if found else 0.0


class Member:
    """Ana, signed in through the proxy."""

    def __init__(self, production: Production) -> None:
        self.port, self.cookies = production.port, SimpleCookie()
        page = self._ask("GET", "/signin/")
        self.token = re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', page.text)[0]
        assert self.post("/signin/", username="ana", password=PASSWORD).status == 302
        page = self._ask("GET", "/accounts/audit/")
        self.token = re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', page.text)[0]

    def post(self, path: str, **fields: str) -> Answer:
        return self._ask("POST", path, urlencode({"csrfmiddlewaretoken": self.token, **fields}))

    def _ask(self, method: str, path: str, body: str = "") -> Answer:
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())
        headers = {"Host": HOST, "Referer": f"https://{HOST}/", "Cookie": cookies, **THROUGH_PROXY}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as wire:
            wire.request(method, path, body, headers)
            got = wire.getresponse()
            for cookie in got.headers.get_all("Set-Cookie") or ():
                self.cookies.load(cookie)
            return Answer(got.status, dict(got.getheaders()), got.read().decode())


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    var_dir = tmp_path_factory.mktemp("production") / "var"
    with servers() as (server, broker), database_on(server, "production") as database:
        port = free_port()
        variables = environment(
            var_dir, database, broker, PORT=str(port), METRICS_TOKEN=TOKEN, REVEALS_PER_MINUTE="0"
        )
        run(variables, *command_of("prepare", var_dir))
        somebody = ("--account", "Acme", "--username", "ana", "--password-stdin")
        manage(variables, "create_admin", *somebody, typed=f"{PASSWORD}\n")
        with running(variables, var_dir, ("web", "worker", "beat")) as outputs:
            wait_until_ready(port, outputs["web"])
            yield Production(port, variables, outputs)


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port: int = probe.getsockname()[1]
    return port


def test_it_is_alive_and_ready_for_whoever_asks_without_tls(production: Production) -> None:
    assert production.ask("/livez").status == 200
    assert json.loads(production.ask("/readyz").text)["database"] == "ok"


def test_pages_come_through_the_proxys_tls_alone(production: Production) -> None:
    plain, secure = production.ask("/signin/"), production.ask("/signin/", **THROUGH_PROXY)

    assert (plain.status, plain.headers["Location"]) == (301, "https://console.example/signin/")
    assert secure.status == 200
    assert "max-age=31536000" in secure.headers["Strict-Transport-Security"]
    assert "Secure" in secure.headers["Set-Cookie"]


def test_the_sign_in_page_comes_with_its_style(production: Production) -> None:
    page = production.ask("/signin/", **THROUGH_PROXY)
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page.text)

    assert 'name="username"' in page.text
    assert styles
    for style in styles:
        answer = production.ask(style, **THROUGH_PROXY)
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_host_that_is_not_ours_is_refused(production: Production) -> None:
    assert production.ask("/signin/", Host="elsewhere.example", **THROUGH_PROXY).status == 400


def test_metrics_are_for_the_token_alone_and_count_all_web_processes(production: Production) -> None:
    assert production.ask("/metrics").status == 403
    assert production.ask("/metrics", Authorization="Bearer wrong").status == 403
    for _ in range(20):
        production.ask("/livez")

    counted = 'vpnconsole_requests_total{method="GET",status="200",view="livez"}'

    assert len({production.metric(counted) for _ in range(8)}) == 1, "each process tells the same sum"
    assert production.metric(counted) >= 20
    assert production.metric('vpnconsole_part_up{part="database"}') == 1
    assert production.metric('vpnconsole_part_up{part="cache"}') == 1


def test_worker_and_beat_are_seen_at_work(production: Production) -> None:
    for part in ("worker", "beat"):
        name = f'vpnconsole_last_seen_timestamp_seconds{{part="{part}"}}'
        seen = eventually(partial(production.metric, name), 60)
        assert abs(time.time() - seen) < 30


def test_the_doctor_finds_nothing(production: Production) -> None:
    eventually(lambda: production.metric('vpnconsole_last_seen_timestamp_seconds{part="worker"}'), 60)
    done = manage(production.variables, "doctor", ok=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "All is well." in done.stdout


def test_the_log_is_one_object_a_line(production: Production) -> None:
    production.ask("/signin/", Host="elsewhere.example", **THROUGH_PROXY)
    lines = production.outputs["web"].read_text(encoding="utf-8").splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]

    refused = [line for line in told if line["logger"] == "django.security.DisallowedHost"]
    assert refused
    assert re.fullmatch(r"[0-9A-F-]{36}", refused[-1]["request_id"])


def test_the_deployment_check_has_nothing_to_say(production: Production) -> None:
    done = manage(production.variables, "check", "--deploy", "--fail-level", "WARNING")

    assert "no issues" in done.stdout + done.stderr


def test_keys_rotate_while_it_runs_and_is_used(production: Production) -> None:
    """One command for a new key, one to drop the old one; whoever looks at a secret meanwhile sees it."""
    tunnel = run(production.variables, sys.executable, "-c", MAKE_A_TUNNEL).stdout.strip()
    ana = Member(production)
    file = Path(production.variables["FIELD_KEYS_FILE"])
    before = file.read_text(encoding="utf-8").strip()
    over = Event()

    def look() -> list[tuple[int, bool]]:
        seen: list[tuple[int, bool]] = []
        while not over.is_set() or len(seen) < 3:
            answer = ana.post(f"/tunnels/{tunnel}/reveal/")
            seen.append((answer.status, KEY in answer.text))
        return seen

    with ThreadPoolExecutor(2) as people:
        looking = [people.submit(look) for _ in range(2)]
        manage(production.variables, "rotate_keys", "--new-key")
        both = file.read_text(encoding="utf-8").strip().split(",")
        manage(production.variables, "rotate_keys", "--drop-old")
        over.set()
        seen = [one for person in looking for one in person.result()]

    assert set(seen) == {(200, True)}
    assert len(both) == 2
    assert both[1] == before
    assert file.read_text(encoding="utf-8").strip() == both[0]
    manage(production.variables, "doctor", ok=False).check_returncode()


def test_no_log_holds_a_password_or_a_key(production: Production) -> None:
    said = "".join(path.read_text(encoding="utf-8") for path in production.outputs.values())
    keys = [
        Path(production.variables[f"{name}_FILE"]).read_text("utf-8") for name in ("SECRET_KEY", "FIELD_KEYS")
    ]

    assert [secret for secret in (PASSWORD, TOKEN, KEY, *keys) if secret in said] == []

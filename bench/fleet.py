"""What lists, searches and pages of a large fleet cost under gunicorn as in production, beside a bare Django.

    python bin/with_services.py servers python bench/fleet.py [CONNECTIONS]         (default 100,000)

Needs the right to create databases; makes two and drops them at the end, unless KEEP=1: then the next run
takes them as they are. ROUNDS requests of each case (default 60), one of the floor's beside each of ours.
"""

import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from side_by_side import CLIENTS, ROUNDS, Ask, Case, Site, get, measure, say, together

ROOT = Path(__file__).resolve().parents[1]
TOTAL = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
KEEP = os.environ.get("KEEP") == "1"
OURS, FLOOR = 8028, 8029
FLEET_DB, FLOOR_DB = f"vpnconsole_fleet_{TOTAL}", f"vpnconsole_floor_{TOTAL}"
SERVER = urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres").geturl()


def typed(query: str) -> Ask:
    """What htmx asks for while a search is typed."""
    return get(f"/connections/found/?{query}&of=cn-hangzhou")


def database(name: str) -> str:
    return urlsplit(SERVER)._replace(path=f"/{name}").geturl()


def sql(statement: str, where: str = SERVER) -> list[tuple[object, ...]]:
    with psycopg.connect(where, autocommit=True) as connection:
        cursor = connection.execute(statement)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def environment(directory: Path) -> dict[str, str]:
    """As in deploy/environment.example, but for keys that nobody keeps."""
    return {
        **os.environ,
        "PRODUCTION": "1",
        "DJANGO_SETTINGS_MODULE": "vpnconsole.settings",
        "VAR_DIR": str(directory),
        "ALLOWED_HOSTS": "localhost",
        "BEHIND_PROXY": "1",
        "DATABASE_URL": database(FLEET_DB),
        "FLOOR_DATABASE_URL": database(FLOOR_DB),
        "SECRET_KEY": "bench" * 20,
        "FIELD_KEYS": "YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtMDA=",
        "GATEWAY_POOL": "10.64.0.0/10",
        "WEB_WORKERS": "2",
        "PORT": str(OURS),
    }


def seeded(name: str, script: str, env: dict[str, str]) -> str:
    """The session key of a filled database, made now unless it is there."""
    kept = Path(tempfile.gettempdir()) / f"{name}.session"
    if KEEP and kept.exists() and sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
        return kept.read_text()
    sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    sql(f"CREATE DATABASE {name}")
    begun = time.perf_counter()
    made = subprocess.run(
        [sys.executable, str(ROOT / "bench" / script), str(TOTAL)],
        env=env,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    say(f"{name}: {TOTAL:,} rows in {time.perf_counter() - begun:.0f} s")
    kept.write_text(made.stdout.strip())
    return made.stdout.strip()


@contextmanager
def running(command: list[str], env: dict[str, str], site: Site | None = None) -> Iterator[int]:
    process = subprocess.Popen([sys.executable, *command], env=env, cwd=ROOT)
    try:
        for _ in range(300):
            if site is None or answers(site):
                break
            time.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def answers(site: Site) -> bool:
    try:
        return site.clone().ask("/signin/")[0] < 500
    except OSError:
        return False


def memory(pid: int) -> list[str]:
    """Resident and proportional MiB of a process and its children."""
    children = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    found = []
    for one in [pid, *map(int, children.stdout.split())]:
        told = Path(f"/proc/{one}/smaps_rollup").read_text()
        rss, pss = (int(re.search(rf"^{kind}: +(\d+)", told, re.M)[1]) // 1024 for kind in ("Rss", "Pss"))  # type: ignore[index]
        found.append(f"{rss} ({pss})")
    return found


def cases(deep: int, floor_deep: int, ids: list[str]) -> list[Case]:
    deep_id = sql(f"SELECT public_id FROM connections_ipsecconnection WHERE id = {deep}", database(FLEET_DB))[
        0
    ][0]
    size = "size=50"
    names = iter(range(10**9))
    gateways = [
        str(row[0])
        for row in sql(
            "SELECT public_id FROM gateways_customergateway ORDER BY id LIMIT 2", database(FLEET_DB)
        )
    ]
    cen = str(sql("SELECT public_id FROM transit_cen ORDER BY id LIMIT 1", database(FLEET_DB))[0][0])

    def create(site: Site) -> tuple[int, bytes]:
        return site.ask("/connections/new/", posted(f"bench {next(names)}", cen, gateways))

    def add(site: Site) -> tuple[int, bytes]:
        name = f"bench {next(names)}"
        return site.ask(
            "/add/", {"name": name, "description": "x", "status": "active", "profile": 1, "ike": 2, "esp": 3}
        )

    number = iter(range(10**9))
    return [
        Case("list, page 1", get(f"/connections/?{size}"), get("/"), 4),
        Case("list, page 1, 20 rows", get("/connections/"), get("/"), 4),
        Case(
            "deep page (1000)", get(f"/connections/?{size}&after={deep_id}"), get(f"/?after={floor_deep}"), 4
        ),
        Case("search, common text", get(f"/connections/?{size}&q=harbour"), get("/?q=harbour"), 1 / 3),
        Case(
            "search, rare text",
            get(f"/connections/?{size}&q=lighthouse&where=all"),
            get("/?q=lighthouse"),
            1 / 3,
        ),
        Case("search, an address", get(f"/connections/?{size}&q=10.64.77.1"), get("/?q=lighthouse"), 1 / 3),
        Case("typed, common text", typed(f"{size}&q=harbour"), get("/?q=harbour"), 1 / 3),
        Case("typed, common text, 20 rows", typed("size=20&q=harbour"), get("/?q=harbour"), 1 / 3),
        Case("typed, an address", typed(f"{size}&q=10.64.77.1"), get("/?q=lighthouse"), 1 / 3),
        Case("filter, not well", get(f"/connections/?{size}&state=troubled"), get("/"), 4),
        Case(
            "detail",
            lambda site: site.ask(f"/connections/{ids[next(number) % len(ids)]}/"),
            lambda site: site.ask(f"/detail/{1 + next(number) % TOTAL}/"),
            5,
        ),
        Case("start page", get("/"), get("/"), 4),
        Case("look of an open list", get(f"/connections/rows/?{size}&of=cn-hangzhou"), get("/"), 4),
        Case("create", create, add, 3, good=302),
    ]


def posted(name: str, cen: str, gateways: list[str]) -> dict[str, object]:
    """The creation page as a browser posts it."""
    tunnel = {
        "psk": "", "ike_version": "ikev2", "ike_mode": "main", "ike_encryption": "aes", "ike_integrity": "sha1",
        "ike_dh_group": "group2", "ike_lifetime": "86400", "local_id": "", "remote_id": "",
        "child_encryption": "aes", "child_integrity": "sha1", "child_pfs": "group2", "child_lifetime": "86400",
        "dpd": "on", "nat_traversal": "on", "tunnel_cidr": "", "local_bgp_ip": "",
    }  # fmt: skip
    form: dict[str, object] = {
        "client_token": secrets.token_hex(16), "name": name, "region": "cn-hangzhou", "resource_group": "",
        "network_type": "public", "binding": "own", "cen": cen, "routing_mode": "destination",
        "local_networks": [""], "remote_networks": [""], "effect_immediately": "yes", "local_asn": "45104",
        "auto_publish_route": "on", "associate": "on", "propagate": "on",
    }  # fmt: skip
    for index, gateway in enumerate(gateways):
        form |= {
            f"tunnels-{index}-{key}": value for key, value in {**tunnel, "customer_gateway": gateway}.items()
        }
    return form


def statements(env: dict[str, str], session: str, paths: dict[str, str]) -> dict[str, int]:
    """How many each page asks, told by Django itself."""
    script = (
        "import sys, json, django; django.setup()\n"
        "from django.test import Client\nfrom django.test.utils import CaptureQueriesContext\n"
        "from django.db import connection\n"
        "client = Client(headers={'x-forwarded-proto': 'https'}, SERVER_NAME='localhost')\n"
        "session, paths = json.loads(sys.argv[1])\nclient.cookies['sessionid'] = session\nfound = {}\n"
        "for name, path in paths.items():\n"
        "    client.get(path)\n"
        "    with CaptureQueriesContext(connection) as asked: answer = client.get(path)\n"
        "    assert answer.status_code == 200, answer.status_code\n"
        "    found[name] = len(asked.captured_queries)\n"
        "print(json.dumps(found))\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, json.dumps([session, paths])],
        env=env,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return json.loads(told.stdout)  # type: ignore[no-any-return]


def main() -> None:
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vpnconsole-")))
        env = environment(directory)
        for command in (["collectstatic", "--noinput"], ["compile_texts"]):
            subprocess.run([sys.executable, "manage.py", *command, "-v0"], env=env, cwd=ROOT, check=True)
        ours = Site(OURS, seeded(FLEET_DB, "fleet_seed.py", env))
        floor = Site(FLOOR, seeded(FLOOR_DB, "floor.py", env))
        if not KEEP:
            for name in (FLEET_DB, FLOOR_DB):
                stack.callback(sql, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        web = stack.enter_context(
            running(["-m", "gunicorn", "-c", "python:vpnconsole.gunicorn_conf"], env, ours)
        )
        bare = ["-m", "gunicorn", "--workers=2", f"--bind=127.0.0.1:{FLOOR}", "--preload", "--chdir=bench"]
        floor_pid = stack.enter_context(
            running([*bare, "--log-level=warning", "floor:application"], env, floor)
        )
        found, paths = cases_of_this_run()
        say(f"{TOTAL:,} connections, {ROUNDS} requests a case, median / p95, one client")
        measure(ours, floor, found)
        for name in ("list, page 1", "detail", "start page"):
            case = next(one for one in found if one.name == name)
            own, bare_ = together(ours, case.ours), together(floor, case.floor)
            say(
                f"{CLIENTS} clients, {name}: ours {own[0]:.0f} ms, {own[1]:.0f}/s   floor {bare_[0]:.0f} ms, {bare_[1]:.0f}/s"
            )
        say(
            f"web RSS (PSS) MiB, master first: {', '.join(memory(web))}; floor: {', '.join(memory(floor_pid))}"
        )
        counted = statements(env, ours.session, paths)
        say("SQL statements: " + ", ".join(f"{name} {number}" for name, number in counted.items()))
        worker = [
            "-m",
            "celery",
            "--quiet",
            "--app=vpnconsole.celery:app",
            "worker",
            "--pool=threads",
            "--concurrency=4",
        ]
        options = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=ERROR"]
        pid = stack.enter_context(running([*worker, *options], env))
        worked(env)
        say(f"worker RSS (PSS) MiB after playing what was created: {', '.join(memory(pid))}")


def cases_of_this_run() -> tuple[list[Case], dict[str, str]]:
    """And the pages whose statements are counted, by name."""
    where = database(FLEET_DB)
    ids = [
        str(row[0])
        for row in sql(
            f"SELECT public_id FROM connections_ipsecconnection WHERE id % {max(TOTAL // 200, 1)} = 0", where
        )
    ]
    keys = sql("SELECT max(id) FROM connections_ipsecconnection", where)[0][0]
    deep = int(str(keys)) - min(50_000, TOTAL // 2)
    paths = {
        "list": "/connections/?size=50", "deep": f"/connections/?size=50&sort=name&after={ids[len(ids) // 2]}",
        "search": "/connections/?size=50&q=harbour", "troubled": "/connections/?state=troubled&where=all",
        "detail": f"/connections/{ids[0]}/", "start": "/", "look": "/connections/rows/?of=cn-hangzhou",
    }  # fmt: skip
    return cases(deep, max(TOTAL - 50_000, TOTAL // 2), ids), paths


def worked(env: dict[str, str]) -> None:
    """Ring the bell a while, and fold the tallies, as beat does."""
    script = (
        "import django; django.setup()\nfrom connections.fleet.tallies import fold\n"
        "from tunnels.tasks import ring\nimport time\nfor _ in range(20):\n    ring(); time.sleep(1)\nfold()\n"
    )
    subprocess.run([sys.executable, "-c", script], env=env, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()

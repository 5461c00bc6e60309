"""A first visit to the creation page in Chromium, nothing cached: bytes as they were sent, the largest paint,
and whether anything moved. gunicorn serves as in production, on the database of the run."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from statistics import median
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

VISITS = int(os.environ.get("VISITS", "7"))
PATIENCE = 30.0
PAGES = ("/connections/new/",)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
WATCH = """
window.seen = {lcp: 0, cls: 0};
new PerformanceObserver(list => { for (const one of list.getEntries()) seen.lcp = one.startTime; })
  .observe({type: "largest-contentful-paint", buffered: true});
new PerformanceObserver(list => { for (const one of list.getEntries()) seen.cls += one.value; })
  .observe({type: "layout-shift", buffered: true});
"""


@contextmanager
def server(database: str) -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port: int = probe.getsockname()[1]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}").geturl()
    command = (sys.executable, "-m", "gunicorn", "-c", "python:vpnconsole.gunicorn_conf")
    running = subprocess.Popen(command, env={**os.environ, "DATABASE_URL": url, "PORT": str(port)})  # noqa: S603
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz")
        yield port
    finally:
        running.terminate()
        running.wait()


def wait_for(address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            with urlopen(address):  # noqa: S310 - our own server
                return
        except URLError:
            time.sleep(0.2)
    sys.exit("gunicorn does not answer.")


def visit(browser: Browser, port: int, cookie: str, path: str, width: int) -> dict[str, Any]:
    """A context of its own has nothing cached and has run nothing yet."""
    origin = f"http://127.0.0.1:{port}"
    context = browser.new_context(viewport={"width": width, "height": 900})
    context.add_cookies([{"name": "sessionid", "value": cookie, "url": origin}])
    page = context.new_page()
    page.add_init_script(WATCH)
    session, sizes = context.new_cdp_session(page), {"": 0}
    kinds: dict[str, str] = {}
    session.send("Network.enable")
    session.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: int(event["encodedDataLength"])}),
    )
    page.goto(origin + path, wait_until="networkidle")
    page.wait_for_timeout(300)
    seen: dict[str, Any] = page.evaluate("() => seen")
    by_kind: dict[str, int] = {}
    for request, size in sizes.items():
        kind = kinds.get(request, "Other")
        by_kind[kind] = by_kind.get(kind, 0) + size
    context.close()
    return seen | {"bytes": sum(sizes.values()), "kinds": by_kind}


def measure(cookie: str, database: str) -> None:
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        sys.stdout.write("first visit: not measured, there is no Chromium\n")
        return
    with server(database) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for width in (1280, 390):
            for page in PAGES:
                report(page, width, [visit(browser, port, cookie, page, width) for _ in range(VISITS)])
        browser.close()


def report(path: str, width: int, visits: list[dict[str, Any]]) -> None:
    kinds = ", ".join(f"{kind} {size / 1024:.1f}" for kind, size in visits[-1]["kinds"].items() if size)
    paints = [one["lcp"] for one in visits]
    sys.stdout.write(
        f"first visit to {path} at {width} px: {visits[-1]['bytes'] / 1024:.1f} KiB as sent ({kinds}); "
        f"largest paint median {median(paints):.0f} ms, slowest {max(paints):.0f} ms; "
        f"layout shift at most {max(one['cls'] for one in visits):.4f}\n"
    )

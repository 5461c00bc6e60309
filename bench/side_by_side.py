"""Two servers asked in turn, request by request: what one takes against the other."""

import http.client
import os
import re
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from statistics import median, quantiles
from urllib.parse import urlencode

ROUNDS = int(os.environ.get("ROUNDS", "60"))
CLIENTS = 8
WARM = 8
HEADERS = {"X-Forwarded-Proto": "https", "Host": "localhost", "Referer": "https://localhost/"}


@dataclass
class Site:
    """One of the two servers, as one client of it sees it."""

    port: int
    session: str
    csrf: str = ""
    open: http.client.HTTPConnection | None = None

    def ask(self, path: str, data: dict[str, object] | None = None) -> tuple[int, bytes]:
        if self.open is None:
            self.open = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        cookie = f"sessionid={self.session}" + (f"; csrftoken={self.csrf}" if self.csrf else "")
        headers = {**HEADERS, "Cookie": cookie}
        if data is not None:
            headers |= {"X-CSRFToken": self.csrf, "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(data, doseq=True) if data is not None else None
        self.open.request("POST" if body is not None else "GET", path, body, headers)
        answer = self.open.getresponse()
        for value in answer.headers.get_all("Set-Cookie") or ():
            if found := re.match(r"csrftoken=([^;]+)", value):
                self.csrf = found[1]
        return answer.status, answer.read()

    def clone(self) -> "Site":
        return Site(self.port, self.session, self.csrf)


Ask = Callable[[Site], tuple[int, bytes]]


@dataclass
class Case:
    name: str
    ours: Ask
    floor: Ask
    aim: float
    good: int = 200
    taken: dict[str, list[float]] = field(default_factory=lambda: {"ours": [], "floor": []})
    size: int = 0


def get(path: str) -> Ask:
    return lambda site: site.ask(path)


def timed(site: Site, ask: Ask, good: int = 200) -> tuple[float, int]:
    begin = time.perf_counter()
    status, body = ask(site)
    taken = (time.perf_counter() - begin) * 1000
    if status != good:
        sys.exit(f"{status}: {body[:800]!r}")
    return taken, len(body)


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def measure(ours: Site, floor: Site, found: list[Case]) -> None:
    for site, path in ((ours, "/connections/new/"), (floor, "/add/")):
        timed(site, get(path))
    for case in found:
        for _ in range(WARM):
            timed(ours, case.ours, case.good)
            timed(floor, case.floor, case.good)
        for _ in range(ROUNDS):
            taken, case.size = timed(ours, case.ours, case.good)
            case.taken["ours"].append(taken)
            case.taken["floor"].append(timed(floor, case.floor, case.good)[0])
        report(case)


def report(case: Case) -> None:
    """Against the floor: the median of what each request took to the floor's right after it, since a machine
    that others use, too, is now twice as quick and now half."""
    ours, floor = case.taken["ours"], case.taken["floor"]
    against = median(one / bare for one, bare in zip(ours, floor, strict=True))
    own, bare = (f"{median(took):7.1f} / {quantiles(took, n=20)[-1]:7.1f} ms" for took in (ours, floor))
    held = "holds" if against <= case.aim else "DOES NOT HOLD"
    say(
        f"{case.name:<28} ours {own}   floor {bare}   "
        f"{against:5.2f} x, medians {median(ours) / median(floor):.2f}"
        f"   (aim {case.aim:.2f} x: {held})   {case.size / 1024:6.1f} KiB"
    )


def together(site: Site, ask: Ask) -> tuple[float, float]:
    """Median ms and requests a second of several clients at once."""

    def one(_number: int) -> list[float]:
        mine = site.clone()
        return [timed(mine, ask)[0] for _ in range(ROUNDS // 2)]

    begun = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as threads:
        taken = [ms for each in threads.map(one, range(CLIENTS)) for ms in each]
    return median(taken), len(taken) / (time.perf_counter() - begun)

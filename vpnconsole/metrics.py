"""/metrics for Prometheus: requests as this web server counted them, tunnels and due work as they are now.

Several web processes count into files that they share (`PROMETHEUS_MULTIPROC_DIR`, set by `gunicorn_conf`),
so that each of them can tell the sum. Everything else is asked of the database and the cache at the scrape;
only the count of all tunnels, which is work for the database, serves all scrapes of some seconds.
"""

import hmac
import ipaddress
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseError
from django.db.models import Count, F, Min, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from tunnels.models import NegotiationRun, Status
from vpnconsole import heartbeats

SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
METHODS: Final = {"GET", "HEAD", "POST", "OPTIONS"}
FORWARDED: Final = (
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_FORWARDED",
    "HTTP_X_REAL_IP",
    "HTTP_VIA",
)

COUNTED_FOR: Final = 15
"""Seconds that a count of all tunnels is good for: about as long as is usual between two scrapes."""

WEB = CollectorRegistry()
REQUESTS = Counter("vpnconsole_requests", "Requests answered.", ("method", "view", "status"), registry=WEB)
SECONDS = Histogram(
    "vpnconsole_request_seconds",
    "Time until an answer was ready.",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
    registry=WEB,
)


def count_request(request: HttpRequest, status: int, seconds: float) -> None:
    """Labels are taken from what the console knows itself, so that no visitor can invent new ones."""
    method = request.method if request.method in METHODS else "other"
    match = request.resolver_match
    REQUESTS.labels(method, match.view_name if match else "none", str(status)).inc()
    SECONDS.observe(seconds)


class ConsoleState(Collector):
    """What is configured, what is up, whether work gets done. A part that is away costs only its own."""

    def collect(self) -> Iterable[Metric]:
        info = GaugeMetricFamily("vpnconsole_info", "The version that answers.", labels=("version",))
        info.add_metric((settings.VERSION,), 1)
        yield info
        up = GaugeMetricFamily(
            "vpnconsole_part_up", "Whether a part answers (1) or not (0).", labels=("part",)
        )
        for part, ask, away in (
            ("database", _database, DatabaseError),
            ("cache", _signs, (RedisError, OSError)),
        ):
            try:
                found = list(ask())
            except away:
                found = []
                up.add_metric((part,), 0)
            else:
                up.add_metric((part,), 1)
            yield from found
        yield up


def _database() -> Iterator[Metric]:
    yield from _tunnels()
    yield from _due(timezone.now())


def _tunnels() -> Iterator[Metric]:
    """Rekeying is not down: a tunnel counts as up as long as its child SA stands."""
    by_account = settings.METRICS_BY_ACCOUNT
    labels = ("state", "cause", "bgp", *(("account",) if by_account else ()))
    groups = _groups(("status", "cause", "bgp_status", *(("account",) if by_account else ())))
    states = GaugeMetricFamily("vpnconsole_tunnels", "Tunnels by state and cause.", labels=labels)
    for group in groups:
        values = (_state(group["status"]), group["cause"], _bgp(group["bgp_status"]))
        states.add_metric((*values, group["account"]) if by_account else values, group["tunnels"])
    up = sum(group["tunnels"] for group in groups if group["status"] == Status.CHILD_UP)
    yield states
    yield GaugeMetricFamily(
        "vpnconsole_tunnels_configured", "Tunnels configured.", sum(group["tunnels"] for group in groups)
    )
    yield GaugeMetricFamily("vpnconsole_tunnels_up", "Tunnels whose IPsec SA is established.", up)


def _groups(columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """How many tunnels there are of each kind, as of at most `COUNTED_FOR` seconds ago."""
    key = f"metrics:{'-'.join(columns)}"
    counted: list[dict[str, Any]] | None = None
    try:
        counted = cache.get(key)
        if counted is None:
            counted = _count(columns)
            cache.set(key, counted, COUNTED_FOR)
    except (RedisError, OSError):  # told by `_signs`
        return counted if counted is not None else _count(columns)
    return counted


def _count(columns: tuple[str, ...]) -> list[dict[str, Any]]:
    runs = NegotiationRun.objects.all()
    if "account" in columns:
        runs = runs.annotate(account=F("tunnel__connection__account__uid"))
    return list(runs.values(*columns).annotate(tunnels=Count("pk")).order_by(*columns))


def _state(status: str) -> str:
    return status or "not_negotiated"


def _bgp(status: str) -> str:
    return {"": "off", "success": "up"}.get(status, "down")


def _due(now: datetime) -> Iterator[Metric]:
    """How far the workers are behind."""
    due = Q(due_at__lte=now)
    found = NegotiationRun.objects.filter(due).aggregate(rows=Count("pk"), oldest=Min("due_at"))
    lag = (now - found["oldest"]).total_seconds() if found["oldest"] else 0.0
    yield GaugeMetricFamily("vpnconsole_due_rows", "Negotiations whose next step is due.", found["rows"])
    yield GaugeMetricFamily("vpnconsole_due_lag_seconds", "How long the oldest of them has been due.", lag)


def _signs() -> Iterator[Metric]:
    seen = GaugeMetricFamily(
        "vpnconsole_last_seen_timestamp_seconds",
        "When worker and beat were last seen at work.",
        labels=("part",),
    )
    for part, when in heartbeats.last_seen().items():
        seen.add_metric((part.value,), when)
    yield seen


STATE = CollectorRegistry()
STATE.register(ConsoleState())


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if not may_read(request):
        return HttpResponse(
            "Set METRICS_TOKEN and send it as: Authorization: Bearer …\n",
            status=403,
            content_type="text/plain",
        )
    text = b"".join(generate_latest(registry) for registry in (_counted(), STATE))
    return HttpResponse(text, content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _counted() -> CollectorRegistry:
    """The counters of all web processes, or of this one where it is the only one."""
    if not os.environ.get(SHARED):
        return WEB
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


def may_read(request: HttpRequest) -> bool:
    """With METRICS_TOKEN, who sends it. Without, this machine only, and nobody through a proxy on it."""
    if settings.METRICS_TOKEN:
        sent = request.META.get("HTTP_AUTHORIZATION", "")
        return hmac.compare_digest(sent.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    forwarded = any(name in request.META for name in FORWARDED)
    return not forwarded and _is_loopback(request.META.get("REMOTE_ADDR", ""))


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False

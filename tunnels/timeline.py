"""The states of a tunnel over the last day: its events, folded into stretches of one look."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

from django.utils.translation import gettext_lazy as _

from ipsec.happenings import Happening, LifeKind
from ipsec.transcript import Phase, StepKind
from tunnels.looks import OUT_OF_SERVICE
from tunnels.models import Because, Status, Tunnel, TunnelEvent
from tunnels.standing import Standing, standing_after
from wording.look import Look, bad, busy, good, quiet, warn

WINDOW: Final = timedelta(days=1)
MOST: Final = 1000
"""Events read at most: a tunnel that fails all day long begins later on the line."""
TRANSITION: Final = timedelta(seconds=1)
"""What lasts no longer is on its way to something else."""
UNITS: Final = 1000
"""The line's length in the drawing."""
SHORTEST: Final = 3
"""Units that a disturbance is drawn with at least; anything else that is shorter, and past, is left out."""
STARTED, WAITING, UNBOUND, OUT = "started", "waiting", "unbound", "out_of_service"
TELLING: Final = (
    STARTED, WAITING, UNBOUND, OUT, StepKind.IKE_UP, StepKind.IKE_DOWN, StepKind.CHILD_UP, StepKind.BGP_UP,
    StepKind.REFUSED, LifeKind.CHILD_DOWN, LifeKind.BGP_DOWN, LifeKind.CARRIES, LifeKind.CARRIES_NOT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time of one look; `x` and `width` place it on the line."""

    start: datetime
    end: datetime
    look: Look
    x: int
    width: int


@dataclass(frozen=True, slots=True)
class _Moment:
    """What is known of a tunnel once an event has happened."""

    standing: Standing = field(default_factory=Standing)
    carries: bool = False
    out: bool = False

    def after(self, event: TunnelEvent) -> "_Moment":
        if event.kind == STARTED:
            again = event.message in (Because.RETRY, Because.LOST)
            return _Moment(self.standing.begun() if again else Standing(negotiating=True))
        if event.kind in (WAITING, UNBOUND, OUT):
            return _Moment(out=event.kind == OUT)
        if event.kind in (LifeKind.CARRIES, LifeKind.CARRIES_NOT):
            return replace(self, carries=event.kind == LifeKind.CARRIES)
        return replace(self, standing=standing_after(self.standing, _happening(event)))

    @property
    def look(self) -> Look:
        if self.out:
            return OUT_OF_SERVICE
        if self.standing.status == Status.CHILD_UP:
            return good(_("Carries traffic")) if self.carries else warn(_("Up, but carries no traffic"))
        if self.standing.status in (Status.IKE_DOWN, Status.CHILD_DOWN):
            return bad(Status(self.standing.status).label)
        return busy(_("Negotiating")) if self.standing.negotiating else quiet(_("Not negotiated"))


def _happening(event: TunnelEvent) -> Happening:
    return Happening(event.at, cast(StepKind | LifeKind, event.kind), Phase(event.phase or Phase.IKE))


def timeline(tunnel: Tunnel, now: datetime) -> tuple[Stretch, ...]:
    """Oldest first, up to `now`, which is on the clock of the tunnel's connection. One query."""
    rows = TunnelEvent.objects.filter(tunnel=tunnel, kind__in=TELLING).only("at", "kind", "phase", "message")
    told = [*rows.order_by("-at", "-position")[:MOST]][::-1]
    if not told:
        return ()
    begin = max(now - WINDOW, told[0].at)
    return tuple(_drawn(_merged(_stretches(told, now)), begin, now))


Span = tuple[datetime, datetime, Look]


def _stretches(told: Iterable[TunnelEvent], now: datetime) -> Iterator[Span]:
    moment, since = _Moment(), None
    for event in told:
        if since is not None and event.at - since >= TRANSITION:
            yield since, event.at, moment.look
        moment, since = moment.after(event), event.at
    if since is not None:
        yield since, max(now, since), moment.look


def _merged(spans: Iterable[Span]) -> Iterator[Span]:
    last: Span | None = None
    for span in spans:
        if last is not None and str(last[2].word) == str(span[2].word):
            last = (last[0], span[1], last[2])
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last


def _drawn(spans: Iterable[Span], begin: datetime, now: datetime) -> Iterator[Stretch]:
    whole = max((now - begin).total_seconds(), 1.0)

    def place(at: datetime) -> int:
        return round((at - begin).total_seconds() / whole * UNITS)

    for began, end, look in spans:
        start = max(began, begin)
        x, width = place(start), place(end) - place(start)
        if look.role in ("bad", "warn"):
            width = max(width, SHORTEST)
        if width > 0 or end >= now:
            yield Stretch(start, end, look, min(x, UNITS - width), width)


def latest(stretches: tuple[Stretch, ...], number: int = 6) -> list[Stretch]:
    """The last of them, newest first, to be read."""
    return [*reversed(stretches[-number:])]


def context(tunnel: Tunnel, now: datetime) -> dict[str, Any]:
    """What the fragment shows."""
    stretches = timeline(tunnel, now)
    return {"stretches": stretches, "latest_stretches": latest(stretches)}

"""The one clock of negotiations. Tasks and services read it; everything below them is told the time.

A connection may have a clock of its own that runs fast. What is told of its tunnels has that clock's time;
`due_at` and leases, which workers go by, are real time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db.models import F
from django.utils import timezone

from tunnels.models import ClockSetting

BEAT = timedelta(seconds=1)


def now() -> datetime:
    return timezone.now()


@dataclass(frozen=True, slots=True)
class Clock:
    """At `real` it was `simulated`; since then `speed` seconds pass in a second."""

    speed: int
    real: datetime
    simulated: datetime

    def time(self, real: datetime) -> datetime:
        return self.simulated + (real - self.real) * self.speed

    def due(self, time: datetime, real_now: datetime) -> datetime:
        """When that time comes, in real time. A clock that runs fast is looked at once a second, not more."""
        real = self.real + (time - self.simulated) / self.speed
        return max(real, real_now + BEAT) if self.speed > 1 else real

    def begin(self, due: datetime | None, real_now: datetime) -> datetime:
        """When what was due begins: then, unless the worker comes so late that it is history."""
        late = real_now - BEAT
        return self.time(min(max(due, late), real_now) if due else real_now)


REAL: Final = Clock(1, datetime(2000, 1, 1, tzinfo=UTC), datetime(2000, 1, 1, tzinfo=UTC))


def clock_of(setting: ClockSetting | None) -> Clock:
    return Clock(setting.speed, setting.real_anchor, setting.simulated_anchor) if setting else REAL


def clock_for(connection_key: int) -> Clock:
    """The clock of the connection with this key."""
    return clock_of(ClockSetting.objects.filter(connection_id=connection_key).first())


def now_for(connection_key: int) -> datetime:
    return clock_for(connection_key).time(now())


def clocks_of(tunnel_keys: Iterable[int]) -> dict[int, Clock]:
    """The clocks that are not the real one, by tunnel, in one query."""
    rows = ClockSetting.objects.filter(connection__tunnels__in=tunnel_keys)
    settings = rows.annotate(tunnel=F("connection__tunnels"))
    return {setting.tunnel: clock_of(setting) for setting in settings}

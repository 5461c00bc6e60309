"""Times as pages show them: in the user's zone."""

from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from wording.drawing import filled

EXACT = '<time datetime="{exact}" title="{seconds} {zone}">{seconds}</time>'


def moment(when: datetime | None) -> SafeString | str:
    """The exact time and its zone on hover, and for `console.js` to keep relative."""
    if when is None:
        return "–"
    local = localtime(when)
    exact = local.isoformat(timespec="seconds")
    return filled(EXACT, exact=exact, seconds=exact[:19].replace("T", " "), zone=local.tzname())


def day_time(when: datetime) -> str:
    """As a sentence takes it: the clock's alone for today."""
    local = localtime(when)
    return local.strftime("%H:%M" if local.date() == localtime().date() else "%Y-%m-%d %H:%M")

"""What the list's filters offer, in the words of the states that they look for."""

from collections.abc import Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from connections.fleet.models import Level
from connections.models import ROUTING_MODES
from ipsec.causes import CauseId
from transit.models import Cen
from tunnels.models import Status
from tunnels.standing import KEY_UNREADABLE
from tunnels.verdicts import title_of

Choices = Iterable[tuple[str, "str | Promise"]]
MOST_CENS: Final = 200

STATES: Final = [
    ("", _("All")),
    ("troubled", _("Whatever is not well")),
    ("up", Level.UP.label),
    ("degraded", Level.DEGRADED.label),
    ("impaired", Level.IMPAIRED.label),
    ("down", Level.DOWN.label),
    ("negotiating", Level.NEGOTIATING.label),
    ("idle", Level.IDLE.label),
    ("drained", Level.DRAINED.label),
]
SORTS: Final = [
    ("-created", _("Newest first")),
    ("created", _("Oldest first")),
    ("name", _("Name, A to Z")),
    ("-name", _("Name, Z to A")),
]
PHASES: Final = [("", _("All")), *((value, label) for value, label in Status.choices if value)]
MODES: Final = [("", _("All")), *ROUTING_MODES]
BGP: Final = [
    ("", _("All")),
    ("on", _("On")),
    ("off", _("Off")),
    ("down", pgettext_lazy("BGP", "On, session down")),
]
WHERE: Final = [("", _("This region")), ("all", _("All regions"))]
CAUSES: Final = [*CauseId, KEY_UNREADABLE]


def causes() -> Choices:
    return [("", _("All")), *((cause, title_of(cause)) for cause in CAUSES)]


def cens(account: Account) -> Choices:
    rows = Cen.objects.filter(account=account).order_by("name", "pk")[:MOST_CENS]
    return [
        ("", _("All")),
        *((public_id, name or public_id) for public_id, name in rows.values_list("public_id", "name")),
    ]

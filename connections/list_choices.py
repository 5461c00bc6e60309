"""What the list's filters offer, in the words of the states that they look for."""

from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache
from typing import Final

from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from connections.fleet.models import WORST_FIRST
from connections.listing import SIZES, ListQuery
from connections.models import ROUTING_MODES
from ipsec.causes import CauseId
from prepared.queries import prepared
from transit.models import Cen
from tunnels.models import Status
from tunnels.standing import KEY_UNREADABLE
from tunnels.verdicts import title_of
from wording.drawing import Choices, options

MOST_CENS: Final = 200
ALL: Final = ("", _("All"))
FIXED: Final[Mapping[str, Choices]] = {
    "state": [
        ALL,
        ("troubled", _("Whatever is not well")),
        *((level.word, level.label) for level in WORST_FIRST),
    ],
    "where": [("", _("This region")), ("all", _("All regions"))],
    "sort": [
        ("-created", _("Newest first")),
        ("created", _("Oldest first")),
        ("name", _("Name, A to Z")),
        ("-name", _("Name, Z to A")),
    ],
    "phase": [ALL, *((value, label) for value, label in Status.choices if value)],
    "mode": [ALL, *ROUTING_MODES],
    "bgp": [ALL, ("on", _("On")), ("off", _("Off")), ("down", pgettext_lazy("BGP", "On, session down"))],
    "size": [(str(size), str(size)) for size in SIZES],
}
CAUSES: Final = [*CauseId, KEY_UNREADABLE]


def drawn(account: Account, query: ListQuery, where: str) -> Mapping[str, SafeString]:
    """The options of each filter that is a select."""
    chosen, language = asdict(query) | {"where": where}, get_language() or ""
    same = {name: _drawn(name, str(chosen[name]), language) for name in (*FIXED, "cause")}
    return same | {"cen": options(_cens(account), query.cen)}


@lru_cache(maxsize=256)
def _drawn(name: str, chosen: str, _language: str) -> SafeString:
    """Alike for all accounts."""
    return options(_causes() if name == "cause" else FIXED[name], chosen)


def _causes() -> Choices:
    return [ALL, *((cause, title_of(cause)) for cause in CAUSES)]


def _cens(account: Account) -> Choices:
    return [ALL, *((public_id, name or public_id) for public_id, name in _named_cens(account.pk))]


@prepared
def _named_cens(account: int) -> QuerySet[Cen, tuple[str, str]]:
    rows = Cen.objects.filter(account=account).order_by("name", "pk")[:MOST_CENS]
    return rows.values_list("public_id", "name")

"""Where the things are shown that audit rows are about, as long as they exist.

The models are those of upper apps, so they are named here, not imported.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.apps import apps
from django.urls import reverse

from accounts.models import Account


@dataclass(frozen=True, slots=True)
class Shown:
    """`owner` is the path from the model to its account, `page_of` to the public id that its page goes by."""

    model: str
    owner: str
    url_name: str
    page_of: str = "public_id"


PAGES: Final[dict[str, Shown]] = {
    "vco": Shown("connections.IPsecConnection", "account", "connections:detail"),
    "tun": Shown("tunnels.Tunnel", "connection__account", "tunnels:detail"),
    "cgw": Shown("gateways.CustomerGateway", "account", "gateways:detail"),
    "cen": Shown("transit.Cen", "account", "transit:detail"),
    "tr": Shown("transit.TransitRouter", "cen__account", "transit:detail", "cen__public_id"),
}
"""By the prefix of a public id."""


def pages_of(account: Account, targets: Iterable[str]) -> dict[str, str]:
    """Addresses by target, of those that exist in the account and have a page; one query for each kind."""
    kinds: dict[str, set[str]] = {}
    for target in targets:
        prefix = target.rpartition("-")[0]
        if prefix in PAGES:
            kinds.setdefault(prefix, set()).add(target)
    return {
        public_id: reverse(PAGES[prefix].url_name, args=[page_id])
        for prefix, ids in kinds.items()
        for public_id, page_id in _existing(account, PAGES[prefix], ids)
    }


def _existing(account: Account, shown: Shown, ids: set[str]) -> Iterable[tuple[str, str]]:
    rows = apps.get_model(shown.model)._default_manager.filter(**{shown.owner: account, "public_id__in": ids})
    found: Iterable[tuple[str, str]] = rows.values_list("public_id", shown.page_of)
    return found

"""What the frame around every page shows."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.regions import REGIONS, Region

THEMES = {"auto": _("Theme of the system"), "light": _("Light"), "dark": _("Dark")}


@dataclass(frozen=True, slots=True)
class NavEntry:
    url_name: str
    label: "str | Promise"
    icon: str
    area: str


NAVIGATION = (
    NavEntry("connections:list", _("IPsec Connections"), "arrows-right-left", "connections"),
    NavEntry("gateways:list", _("Customer Gateways"), "building-office-2", "gateways"),
    NavEntry("transit:list", _("CEN Instances"), "cloud", "transit"),
)
ADMIN_NAVIGATION = (NavEntry("accounts:members", _("Members"), "users", "accounts"),)


def shell(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "auto")
    match = getattr(request, "resolver_match", None)
    return {
        "actor": getattr(request, "actor", None),
        "memberships": getattr(request, "memberships", []),
        "navigation": NAVIGATION,
        "admin_navigation": ADMIN_NAVIGATION,
        "area": (match.app_names or [""])[0] if match else "",
        "all_regions": REGIONS,
        "region": _region(request),
        "theme": theme if theme in THEMES else "auto",
        "themes": THEMES,
        "console_version": settings.VERSION,
    }


def _region(request: HttpRequest) -> Region | None:
    region = getattr(request, "region", None)
    return region if isinstance(region, Region) else None

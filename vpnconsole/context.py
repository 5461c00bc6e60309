"""What the frame around every page shows."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import ResolverMatch
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.access import page_to_return_to
from accounts.actor import Actor
from accounts.models import Role
from accounts.regions import Region
from vpnconsole import heartbeats

THEMES = {"auto": _("Theme of the system"), "light": _("Light"), "dark": _("Dark")}


@dataclass(frozen=True, slots=True)
class NavEntry:
    url_name: str
    label: "str | Promise"
    icon: str
    area: str


NAVIGATION = (
    NavEntry("home", _("Overview"), "home", "overview"),
    NavEntry("connections:list", _("IPsec Connections"), "arrows-right-left", "connections"),
    NavEntry("gateways:list", _("Customer Gateways"), "building-office-2", "gateways"),
    NavEntry("transit:list", _("CEN Instances"), "cloud", "transit"),
)
OPERATOR_NAVIGATION = (NavEntry("accounts:audit", _("Audit trail"), "clipboard-document-list", "audit"),)
ADMIN_NAVIGATION = (NavEntry("accounts:members", _("Members"), "users", "accounts"),)


def shell(request: HttpRequest) -> dict[str, Any]:
    theme = request.COOKIES.get("theme", "auto")
    actor = getattr(request, "actor", None)
    return {
        "actor": actor,
        "memberships": getattr(request, "memberships", []),
        "navigation": _navigation(actor),
        "area": _area(getattr(request, "resolver_match", None)),
        "region": _region(request),
        "theme": theme if theme in THEMES else "auto",
        "page_of_form": page_to_return_to(request) if request.method == "POST" else "",
        "themes": THEMES,
        "workers": SimpleLazyObject(heartbeats.workers),
        "console_version": settings.VERSION,
    }


def _navigation(actor: Actor | None) -> tuple[NavEntry, ...]:
    if actor is None:
        return ()
    more = OPERATOR_NAVIGATION if actor.may(Role.OPERATOR) else ()
    return NAVIGATION + more + (ADMIN_NAVIGATION if actor.may(Role.ADMIN) else ())


def _area(match: ResolverMatch | None) -> str:
    """Whose entry of the navigation is marked."""
    if match is None:
        return ""
    if match.view_name == "home":
        return "overview"
    if match.view_name.startswith("accounts:audit"):
        return "audit"
    return (match.app_names or [""])[0]


def _region(request: HttpRequest) -> Region | None:
    region = getattr(request, "region", None)
    return region if isinstance(region, Region) else None

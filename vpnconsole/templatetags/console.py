"""Tags that every page uses: one way to draw a field, a state, a finding, a time."""

from functools import lru_cache
from typing import Any, Final

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

import tunnels.looks
from accounts.regions import REGIONS, name_of
from tunnels.models import Tunnel
from wording import drawing, states, times
from wording.icons import icon

register = template.Library()


register.simple_tag(drawing.field)
register.simple_tag(drawing.control)
register.simple_tag(drawing.messages_of, name="message_slot")
register.simple_tag(drawing.messages)


@register.simple_tag
def heroicon_micro(name: str) -> SafeString:
    return icon("micro", name)


@register.simple_tag
def heroicon_mini(name: str) -> SafeString:
    return icon("mini", name)


@register.simple_tag
def heroicon_outline(name: str, size: int = 0) -> SafeString:
    return icon("outline", name, size)


@register.simple_tag
def region_links(current: str) -> SafeString:
    """The entries of the region switcher."""
    return _region_links(current, get_language() or "")


@lru_cache(maxsize=4 * len(REGIONS))
def _region_links(current: str, _language: str) -> SafeString:
    """Fixed facts, thirty of them on every page: drawn once for each region and language."""
    return format_html_join(
        "",
        '<a href="?region={}"{}>{} <span class="faint">{}</span></a>',
        (
            (one.id, SafeString(' aria-current="true"') if one.id == current else "", one.name, one.id)
            for one in REGIONS
        ),
    )


@register.simple_tag(takes_context=True)
def side_navigation(context: dict[str, Any]) -> SafeString:
    """Alike for all who may do the same, so it is drawn once for them."""
    is_demo = context["actor"].account.is_demo
    return _side_navigation(context["navigation"], context["area"], is_demo, get_language() or "")


@lru_cache(maxsize=256)
def _side_navigation(entries: tuple[Any, ...], area: str, is_demo: bool, _language: str) -> SafeString:
    shown = {"entries": entries, "area": area, "is_demo": is_demo, "version": settings.VERSION}
    return render_to_string("shell/_sidenav.html", shown)


register.simple_tag(states.state)
register.simple_tag(drawing.copyable)
register.simple_tag(times.moment)
register.simple_tag(times.day_time)


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The page's own query string with some values changed; an empty value drops its key."""
    parameters = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            parameters.pop(key, None)
        else:
            parameters[key] = str(value)
    return "?" + str(parameters.urlencode())


@register.simple_tag
def tunnel_state(tunnel: Tunnel) -> SafeString:
    """A tunnel's negotiation state, the same everywhere."""
    return states.state(tunnels.looks.look(tunnel.run), tunnels.looks.detail(tunnel.run))


PLACE: Final = "-id-"


@lru_cache(maxsize=256)
def _path(name: str, _prefix: str) -> str:
    return reverse(name, args=[PLACE])


@register.simple_tag
def link(name: str, public_id: str) -> str:
    """The address of a thing, as `url` says it, for lists: looked up once for all rows."""
    return _path(name, get_script_prefix()).replace(PLACE, public_id)


@register.simple_tag
def region_name(region_id: str) -> str:
    return name_of(region_id)

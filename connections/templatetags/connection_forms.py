"""Parts of the creation page that are drawn once for all who read its language, and its layouts."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from crispy_forms.helper import FormHelper
from django import template
from django.forms import BaseForm, BoundField
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from connections.forms import ConnectionForm, TunnelForm
from connections.forms.device_terms import DEVICES, ROWS
from connections.forms.layout import is_touched
from connections.preview import Panel
from wording import drawing
from wording.forms import FormError

WITHOUT_SLOT: Final = ("psk_clear",)
"""Drawn by hand, within the lines about a kept key."""

_drawn: dict[tuple[str, str, type, str], SafeString] = {}

register = template.Library()


@register.simple_tag(takes_context=True)
def layout(context: Context, form: BaseForm, helper: FormHelper) -> SafeString:
    """What `crispy` draws, without the form tag that it would draw around."""
    drawn: SafeString = helper.render_layout(form, context)
    return drawn


@register.simple_tag
def drawn_once(form: ConnectionForm | TunnelForm, template_name: str) -> SafeString:
    """A part of a form that holds nothing but what everybody finds there at first: while nobody has touched
    the form, it is drawn once for each language."""
    if is_touched(form):
        return render_to_string(template_name, {"form": form})
    key = (template_name, get_language() or "", type(form), form.prefix or "")
    if key not in _drawn:
        _drawn[key] = render_to_string(template_name, {"form": form})
    return _drawn[key]


@register.simple_tag
def message_slots(fields: Iterable[BoundField]) -> SafeString:
    """What is said of each field, for htmx to put into the field's slot; a silent one is emptied."""
    slots = [
        f'<div id="msg-{bound.auto_id}" hx-swap-oob="innerHTML">{drawing.messages_of(bound)}</div>'
        for bound in fields
        if bound.label and not bound.is_hidden and bound.name not in WITHOUT_SLOT
    ]
    return SafeString("".join(slots))


@register.simple_tag
def folded_values(tunnel: TunnelForm) -> SafeString:
    """The title lines of the folded sections, in the same way."""
    lines = [
        f'<span id="{dom_id}-values" hx-swap-oob="innerHTML">{values}</span>'
        for dom_id, values in tunnel.folded_values
    ]
    return SafeString("".join(lines))


@register.simple_tag
def panel_body(panel: Panel, wrong: list[FormError]) -> SafeString:
    return _panel_body(panel, tuple(wrong), get_language() or "")


@lru_cache(maxsize=64)
def _panel_body(panel: Panel, wrong: tuple[FormError, ...], _language: str) -> SafeString:
    """The panels of pages that nobody has touched are alike."""
    return render_to_string("connections/preview/_panel.html", {"panel": panel, "wrong": wrong})


@register.simple_tag
def device_terms() -> SafeString:
    return _device_terms(get_language() or "")


@lru_cache(maxsize=4)
def _device_terms(_language: str) -> SafeString:
    return render_to_string("connections/form/_terms.html", {"devices": DEVICES, "rows": ROWS})

"""Tags that every page uses: one way to draw a field, a state, a finding, a time."""

from datetime import datetime
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect, Select, Widget
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

import tunnels.looks
from tunnels.models import Tunnel
from wording.look import Look

register = template.Library()


@register.inclusion_tag("shell/_field.html")
def field(bound: BoundField, unit: str = "") -> dict[str, Any]:
    """Label, control, help and message slot of a form's field."""
    return {
        "field": bound,
        "unit": unit,
        "is_switch": isinstance(bound.field.widget, CheckboxInput),
        "is_group": bound.use_fieldset,
        "control": control(bound),
    }


@register.simple_tag
def control(bound: BoundField) -> SafeString:
    """A field's control alone, tied to its help and its message slot."""
    described = [f"help-{bound.auto_id}"] if bound.help_text else []
    described.append(f"msg-{bound.auto_id}")
    return bound.as_widget(
        attrs={
            "class": _control_class(bound.field.widget),
            "aria-describedby": " ".join(described),
            **({"aria-invalid": "true"} if bound.errors else {}),
        }
    )


@register.inclusion_tag("shell/_field_errors.html")
def message_slot(bound: BoundField) -> dict[str, Any]:
    """What stands in a field's message slot: its errors, then its notes."""
    return {"errors": bound.errors, "notes": getattr(bound.form, "notes", {}).get(bound.name, [])}


def _control_class(widget: Widget) -> str:
    """Bootstrap's class of a control, beside those that the form gave it."""
    own = str(widget.attrs.get("class", ""))
    for kind, name in (
        (CheckboxInput, "form-check-input"),
        (RadioSelect, "form-check-input"),
        (Select, "form-select"),
    ):
        if isinstance(widget, kind):
            return f"{own} {name}".strip()
    return f"{own} form-control".strip()


@register.inclusion_tag("shell/_state.html")
def state(look: Look, detail: str = "") -> dict[str, Any]:
    return {"look": look, "detail": detail}


@register.inclusion_tag("shell/_copy.html")
def copyable(text: str) -> dict[str, str]:
    """An id or an address with its copy button."""
    return {"text": text}


@register.simple_tag
def moment(when: Any) -> SafeString | str:
    """A time in the user's zone; the exact one on hover, and for `console.js` to keep relative."""
    if when is None:
        return "–"
    local = localtime(when)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        local.strftime("%Y-%m-%d %H:%M:%S %Z"),
        local.strftime("%Y-%m-%d %H:%M:%S"),
    )


@register.simple_tag
def day_time(when: datetime) -> str:
    """A time in the user's zone as a sentence takes it: the clock's alone for today."""
    local = localtime(when)
    return local.strftime("%H:%M" if local.date() == localtime().date() else "%Y-%m-%d %H:%M")


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


@register.inclusion_tag("shell/_state.html")
def tunnel_state(tunnel: Tunnel) -> dict[str, Any]:
    """A tunnel's negotiation state, the same everywhere."""
    return {"look": tunnels.looks.look(tunnel.run), "detail": tunnels.looks.detail(tunnel.run)}

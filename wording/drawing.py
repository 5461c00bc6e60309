"""How a form's field, and what is said of it, are drawn on every page.

In Python: on a page of 51 fields a template for each of them costs more than all else together.
"""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any, Final, Protocol

from django.forms import BoundField, CheckboxInput, RadioSelect, Select, Widget
from django.utils.safestring import SafeData, SafeString
from django.utils.translation import gettext as _

from wording.icons import icon

CONTROL_CLASSES: Final[tuple[tuple[type[Widget], str], ...]] = (
    (CheckboxInput, "form-check-input"),
    (RadioSelect, "form-check-input"),
    (Select, "form-select"),
)
NOTE_ICONS: Final = {"warning": "exclamation-triangle"}


COPYABLE: Final = (
    '<span class="copyable mono">{text}</span>'
    '<button type="button" class="copy"{id} data-copy="{text}" aria-label="{label}">{icon}</button>\n'
)


_SPECIAL: Final = re.compile("[&<>\"']").search
OPTION: Final = '<option value="{value}"{mark}>{label}</option>'
SELECTED: Final = SafeString(" selected")
Choices = Iterable[tuple[str, object]]


class Said(Protocol):
    """A note beside the errors."""

    @property
    def message(self) -> str: ...
    @property
    def severity(self) -> str: ...


def escaped(value: Any) -> str:
    """As Django's `conditional_escape`, without its detours for lazy texts. Most have nothing to escape."""
    text = str(value)
    return text if isinstance(text, SafeData) or not _SPECIAL(text) else escape(text)


def filled(outline: str, **values: Any) -> SafeString:
    """As Django's `format_html`, with values by name, each escaped once however often it stands there."""
    return SafeString(outline.format_map({name: escaped(value) for name, value in values.items()}))


def attributes(values: Mapping[str, Any]) -> SafeString:
    """As Django's `flatatt`, in the order given: True stands alone, None and False are left out."""
    parts = [
        f" {name}" if value is True else f' {name}="{escaped(value)}"'
        for name, value in values.items()
        if value is not None and value is not False
    ]
    return SafeString("".join(parts))


def field(bound: BoundField, unit: str = "") -> SafeString:
    """Label, control, help and message slot of a form's field."""
    drawn = control(bound)
    if bound.is_hidden:
        return drawn
    as_group = bound.use_fieldset
    parts = (
        f'<div class="{_field_class(bound)}"',
        f' role="group" aria-labelledby="label-{bound.auto_id}">' if as_group else ">",
        f'{_label(bound, as_group)}<div class="field-body"><div class="field-control">{drawn}',
        f'<span class="field-unit" aria-hidden="true">{escaped(unit)}</span>' if unit else "",
        f'</div><div class="field-said">{_help(bound)}',
        f'<div class="field-message" id="msg-{bound.auto_id}" aria-live="polite">{messages_of(bound)}</div>',
        "</div></div></div>\n",
    )
    return SafeString("".join(parts))


def control(bound: BoundField) -> SafeString:
    """A field's control alone, tied to its help and its message slot."""
    described = f"msg-{bound.auto_id}"
    attrs: dict[str, str | bool] = {
        "class": _control_class(bound.field.widget),
        "aria-describedby": f"help-{bound.auto_id} {described}" if bound.help_text else described,
    }
    if bound.errors:
        attrs["aria-invalid"] = "true"
    return bound.as_widget(attrs=attrs)


def messages_of(bound: BoundField) -> SafeString:
    """What stands in a field's message slot: its errors, then its notes."""
    return messages(bound.errors, getattr(bound.form, "notes", {}).get(bound.name, ()))


def messages(errors: Iterable[Any], notes: Iterable[Said] = ()) -> SafeString:
    wrong = [_message("error", "x-circle", text) for text in errors]
    said = [
        _message(note.severity, NOTE_ICONS.get(note.severity, "light-bulb"), note.message) for note in notes
    ]
    return SafeString("".join(wrong + said))


def _message(kind: str, shape: str, text: Any) -> str:
    words = escaped(text)
    return f'<p class="finding finding-{kind}">{icon("micro", shape)}<span>{words}</span></p>'


def _field_class(bound: BoundField) -> str:
    switch = " field-switch" if isinstance(bound.field.widget, CheckboxInput) else ""
    wrong = " field-wrong" if bound.errors else ""
    return f"field{switch}{wrong}{' field-required' if bound.field.required else ''}"


def _label(bound: BoundField, as_group: bool) -> str:
    if as_group:
        return f'<span class="field-label" id="label-{bound.auto_id}">{escaped(bound.label)}</span>'
    return f'<label class="field-label" for="{bound.id_for_label}">{escaped(bound.label)}</label>'


def _help(bound: BoundField) -> str:
    """Help is ours, never a user's: it may hold markup."""
    return f'<p class="field-help" id="help-{bound.auto_id}">{bound.help_text}</p>' if bound.help_text else ""


def _control_class(widget: Widget) -> str:
    """Bootstrap's class of a control, beside those that the form gave it."""
    own = str(widget.attrs.get("class", ""))
    name = next((name for kind, name in CONTROL_CLASSES if isinstance(widget, kind)), "form-control")
    return f"{own} {name}".strip()


def copyable(text: object, *name: object) -> SafeString:
    """An id or an address with its copy button. In what is drawn anew this has a name of its own, by
    which the focus finds it again."""
    own = attributes({"id": "-".join(map(str, name)) or None})
    label = _("Copy %(text)s") % {"text": text}
    return filled(COPYABLE, text=text, id=own, label=label, icon=icon("micro", "document-duplicate"))


def options(choices: Choices, chosen: str) -> SafeString:
    """Those of a select."""
    drawn = [
        filled(OPTION, value=value, mark=SELECTED if value == chosen else "", label=label)
        for value, label in choices
    ]
    return SafeString("".join(drawn))

"""Fields of which the rules, not the form, say that they are missing."""

from typing import Any, Final, TypeVar

from django import forms
from django.utils.safestring import SafeString

from wording.drawing import attributes, escaped

T = TypeVar("T")
SELECTED: Final = " selected"


class PlainText(forms.TextInput):
    """As Django draws it, without a template: on a page of 51 fields those cost more than all else."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        text = self.format_value(value)
        own = {"type": self.input_type, "name": name, "value": text or None}
        return SafeString(f"<input{attributes(own)}{attributes(self.build_attrs(self.attrs, attrs))}>")


class PlainHidden(PlainText):
    input_type = "hidden"


class PlainPassword(PlainText):
    """Never drawn with its value."""

    input_type = "password"

    def format_value(self, _value: Any) -> None:
        return None


class PlainSwitch(forms.CheckboxInput):
    """As Django draws it, without a template."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        own = attributes({"type": "checkbox", "name": name, "value": self.format_value(value)})
        more = attributes({"checked": self.check_test(value), **self.build_attrs(self.attrs, attrs)})
        return SafeString(f"<input{own}{more}>")


class PlainSelect(forms.Select):
    """As Django draws it, without two templates for each option. No groups of options."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        chosen = {str(one) for one in self.format_value(value)}
        marked = ((key, label, SELECTED if str(key) in chosen else "") for key, label in self.choices)
        options = "".join(
            f'<option value="{escaped(key)}"{mark}>{escaped(label)}</option>' for key, label, mark in marked
        )
        own = attributes({"name": name, **self.build_attrs(self.attrs, attrs)})
        return SafeString(f"<select{own}>{options}</select>")


class PlainRadios(forms.RadioSelect):
    """Buttons in a row, each in its label, without three templates for each."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        chosen = {str(one) for one in self.format_value(value)}
        shared = self.build_attrs(self.attrs, attrs)
        dom_id = shared.pop("id", "")
        buttons = [
            self._button(name, str(key), label, shared | {"id": f"{dom_id}_{position}"}, str(key) in chosen)
            for position, (key, label) in enumerate(self.choices)
        ]
        return SafeString(f'<div class="choices" id="{escaped(dom_id)}">{"".join(buttons)}</div>')

    @staticmethod
    def _button(name: str, key: str, label: Any, attrs: dict[str, Any], is_chosen: bool) -> str:
        own = attributes({"type": "radio", "name": name, "value": key, **attrs, "checked": is_chosen})
        return f'<label for="{escaped(attrs["id"])}"><input{own}> {escaped(label)}</label>'


class WantedField(forms.CharField):
    """Marked as required. That it is missing is for the rules to say, and only where it is shown."""

    def validate(self, value: Any) -> None:
        """Nothing."""


class ChosenField(WantedField):
    """A choice among the account's own things: whether it is one of them, the service looks up."""

    widget = PlainSelect

    def offer(self, choices: list[tuple[str, str]]) -> None:
        self.widget.choices = choices


class SharedFields(dict[str, forms.Field]):
    """The fields of a form class. Each form takes its own field and widget of each, and shares what nobody
    changes: their texts and fixed choices. `copy.deepcopy` costs more than drawing them."""

    def __deepcopy__(self, _memo: dict[int, Any]) -> dict[str, forms.Field]:
        return {name: _own(field) for name, field in self.items()}


def _own(field: forms.Field) -> forms.Field:
    own = _twin(field)
    own.widget = _twin(field.widget)
    own.widget.attrs = field.widget.attrs.copy()
    own.error_messages, own.validators = field.error_messages.copy(), field.validators[:]
    return own


def _twin(thing: T) -> T:
    twin = object.__new__(type(thing))
    vars(twin).update(vars(thing))
    return twin

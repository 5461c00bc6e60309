"""Fields of which the rules, not the form, say that they are missing."""

from typing import Any, Final

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

SELECTED: Final = SafeString(" selected")


class PlainText(forms.TextInput):
    """As Django draws it, without a template: on a page of 51 fields those cost more than all else."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        text = self.format_value(value)
        shown = {"value": text} if text else {}
        own = flatatt({**shown, **self.build_attrs(self.attrs, attrs)})
        return format_html('<input type="{}" name="{}"{}>', self.input_type, name, own)


class PlainSelect(forms.Select):
    """As Django draws it, without two templates for each option. No groups of options."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        chosen = {str(one) for one in self.format_value(value)}
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, SELECTED if str(key) in chosen else "", label) for key, label in self.choices),
        )
        own = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, own, options)


class WantedField(forms.CharField):
    """Marked as required. That it is missing is for the rules to say, and only where it is shown."""

    def validate(self, value: Any) -> None:
        """Nothing."""


class ChosenField(WantedField):
    """A choice among the account's own things: whether it is one of them, the service looks up."""

    widget = PlainSelect

    def offer(self, choices: list[tuple[str, str]]) -> None:
        self.widget.choices = choices

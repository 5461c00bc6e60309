"""Fields of which the rules, not the form, say that they are missing."""

from typing import Any

from django import forms


class WantedField(forms.CharField):
    """Marked as required. That it is missing is for the rules to say, and only where it is shown."""

    def validate(self, value: Any) -> None:
        """Nothing."""


class ChosenField(WantedField):
    """A choice among the account's own things: whether it is one of them, the service looks up."""

    widget = forms.Select

    def offer(self, choices: list[tuple[str, str]]) -> None:
        self.widget.choices = choices

"""A list of networks as rows of text inputs that share one name."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

from django import forms
from django.utils.datastructures import MultiValueDict

from ipsec.rules import MAX_NETWORKS
from wording.forms import SEPARATORS

MOST_ROWS: Final = 50
"""Far more than the rules allow: what is pasted is kept, within reason."""


def split_rows(texts: Iterable[str]) -> list[str]:
    """One row a network, however many were pasted into one; an empty row stays a row."""
    rows = [part for text in texts for part in ([p for p in SEPARATORS.split(text) if p] or [""])]
    return rows[:MOST_ROWS]


class NetworksWidget(forms.Widget):
    """`label` names the rows. `focus` is where the next typing goes, after a row has come or gone."""

    template_name = "connections/form/networks.html"
    label: Any = ""
    focus: Literal["", "row", "button"] = ""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:
        texts = data.getlist(name) if isinstance(data, MultiValueDict) else data.get(name, [])
        return split_rows(str(text) for text in texts)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return False

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        rows = list(value or [""])
        shared = {key: text for key, text in context["widget"]["attrs"].items() if key.startswith("aria-")}
        return context | {
            "rows": rows,
            "label": self.label,
            "focus": self.focus,
            "shared": shared,
            "may_grow": len(rows) < MAX_NETWORKS,
        }


class NetworksField(forms.Field):
    """Cleans to a list of texts; whether they are networks, and enough, is for the rules to say."""

    widget = NetworksWidget

    def __init__(self, *, label: Any, **kwargs: Any) -> None:
        super().__init__(label=label, **kwargs)
        self.widget.label = label

    def clean(self, value: Any) -> list[str]:
        return [row for row in value or [] if row]

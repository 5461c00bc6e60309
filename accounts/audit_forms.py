"""The filter of the audit trail. A value that cannot be understood is an error, never a wider answer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.audit_export import ExportFormat
from accounts.audit_queries import AuditFilter
from accounts.audit_words import ACTIONS, AREAS, area_of
from wording.forms import time_field


def _choices() -> list[Any]:
    """Everything, then for each area the area as a whole and its actions."""
    groups = [
        (word, [(area, _("All of these")), *((one, ACTIONS[one]) for one in ACTIONS if area_of(one) == area)])
        for area, word in AREAS.items()
    ]
    return [("", _("All actions")), *groups]


class AuditFilterForm(forms.Form):
    actor = forms.CharField(
        label=pgettext_lazy("audit", "Who"),
        required=False,
        max_length=150,
        widget=forms.TextInput(attrs={"list": "actor-names", "autocomplete": "off", "spellcheck": "false"}),
    )
    action = forms.ChoiceField(
        label=pgettext_lazy("audit", "Action"),
        required=False,
        choices=_choices,
        widget=forms.Select(attrs={"class": "mw-100"}),
    )
    target = forms.CharField(
        label=pgettext_lazy("audit", "Target ID"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    since = time_field(pgettext_lazy("audit", "From"))
    until = time_field(pgettext_lazy("audit", "Until"))

    def wanted(self) -> AuditFilter:
        return AuditFilter(**{name: self.cleaned_data[name] for name in AuditFilterForm.base_fields})


class ExportForm(AuditFilterForm):
    format = forms.ChoiceField(choices=[(one.value, one.value) for one in ExportFormat])

    def chosen_format(self) -> ExportFormat:
        return ExportFormat(self.cleaned_data["format"])

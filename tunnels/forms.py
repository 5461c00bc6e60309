"""The forms of the tunnel page and the filter of its events."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ipsec.transcript import Phase
from tunnels.events import EventFilter
from tunnels.ladder import TITLES
from tunnels.models import TunnelEvent
from tunnels.probing import LARGEST, SMALLEST
from tunnels.verdicts import title_of
from wording.forms import time_field


def _address(label: Any, **kwargs: Any) -> forms.CharField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=40, widget=widget, **kwargs)


class GatewayAddressForm(forms.Form):
    gateway_address = _address(
        _("Gateway IP address"),
        help_text=_("The address that the real cloud gave to this tunnel, such as 47.98.0.10."),
        error_messages={"required": _("Type the gateway IP address.")},
    )


class TestTrafficForm(forms.Form):
    source = _address(_("From the cloud"))
    destination = _address(_("To the data centre"))
    size = forms.IntegerField(
        label=_("Packet size (bytes)"), min_value=SMALLEST, max_value=LARGEST, initial=84
    )


class EventFilterForm(forms.Form):
    """A value that cannot be understood is an error, never a wider answer."""

    phase = forms.ChoiceField(
        label=_("Phase"),
        required=False,
        choices=[("", _("All phases")), *((phase.value, TITLES[phase]) for phase in Phase)],
    )
    severity = forms.ChoiceField(
        label=_("Severity"),
        required=False,
        choices=[("", _("All severities")), *TunnelEvent.Severity.choices],
    )
    cause = forms.ChoiceField(label=_("Cause"), required=False)
    since = time_field(pgettext_lazy("time", "From"))
    until = time_field(pgettext_lazy("time", "Until"))

    def __init__(self, *args: Any, causes: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = [(cause, title_of(cause)) for cause in causes]
        self.fields["cause"].choices = [("", _("All causes")), *titles]  # type: ignore[attr-defined]

    def wanted(self) -> EventFilter:
        return EventFilter(**self.cleaned_data)

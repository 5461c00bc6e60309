"""The tunnel page's one form with a field."""

from django import forms
from django.utils.translation import gettext_lazy as _


class GatewayAddressForm(forms.Form):
    gateway_address = forms.CharField(
        label=_("Gateway IP address"),
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("The address that the real cloud gave to this tunnel, such as 47.98.0.10."),
        error_messages={"required": _("Type the gateway IP address.")},
    )

"""What customer gateway pages ask for. The rules are `ipsec.rules`' and the services': forms only collect."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts import regions
from wording.forms import ADDRESS, SELECT, TEXT


def _auth_key(help_text: Any) -> forms.CharField:
    """Goes one way: never drawn again, and never trimmed, since a space in it is a mistake to be told."""
    return forms.CharField(
        label=_("BGP authentication key"),
        required=False,
        strip=False,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"class": "form-control mono", "autocomplete": "new-password"}),
    )


class CreateForm(forms.Form):
    region = forms.ChoiceField(
        label=_("Region"),
        choices=regions.choices,
        help_text=_("Connections of the same region can end on it. It cannot be changed later."),
        widget=forms.Select(attrs=SELECT),
    )
    name = forms.CharField(
        label=_("Name"),
        required=False,
        help_text=_("At most 100 characters."),
        widget=forms.TextInput(attrs=TEXT),
    )
    address = forms.CharField(
        label=_("IP address"),
        help_text=_(
            "The static IPv4 address of the device; behind NAT, the address it is translated to. "
            "A private address is for private connections. It cannot be changed later."
        ),
        widget=forms.TextInput(attrs={**ADDRESS, "placeholder": "203.0.113.10"}),
    )
    asn = forms.CharField(
        label=_("Autonomous system number"),
        required=False,
        help_text=_(
            "Needed for BGP: 1 to 4294967295, also in two parts such as 123.456. "
            "45104 is Alibaba Cloud's own. It cannot be changed later."
        ),
        widget=forms.TextInput(attrs={**ADDRESS, "placeholder": "65001"}),
    )
    auth_key = _auth_key(
        _("At most 64 ASCII characters without space and question mark. Leave it empty for none.")
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        help_text=_("At most 100 characters."),
        widget=forms.TextInput(attrs=TEXT),
    )


class EditForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        required=False,
        help_text=_("At most 100 characters."),
        widget=forms.TextInput(attrs=TEXT),
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        help_text=_("At most 100 characters."),
        widget=forms.TextInput(attrs=TEXT),
    )
    auth_key = _auth_key(_("Leave it empty to keep what is set now. It is never shown again."))
    remove_auth_key = forms.BooleanField(
        label=_("Remove the BGP authentication key"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def new_auth_key(self) -> str | None:
        """None leaves the key as it is."""
        if self.cleaned_data["auth_key"]:
            return str(self.cleaned_data["auth_key"])
        return "" if self.cleaned_data["remove_auth_key"] else None

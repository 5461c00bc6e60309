"""What CEN pages ask for. The rules are the services': forms only collect."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts import regions
from transit.models import Cen, ResourceGroup
from wording.forms import ADDRESS, SELECT, TEXT


class CenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        required=False,
        help_text=_("At most 128 characters."),
        widget=forms.TextInput(attrs=TEXT),
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        help_text=_("At most 256 characters."),
        widget=forms.TextInput(attrs=TEXT),
    )
    resource_group = forms.ModelChoiceField(
        label=_("Resource group"),
        queryset=ResourceGroup.objects.none(),
        to_field_name="public_id",
        required=False,
        empty_label=_("Default resource group"),
        widget=forms.Select(attrs=SELECT),
    )

    def __init__(self, *args: Any, groups: "QuerySet[ResourceGroup]", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["resource_group"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - tells the type checker
        field.queryset = groups.filter(is_default=False)


class TransitRouterForm(forms.Form):
    region = forms.ChoiceField(
        label=_("Region"),
        help_text=_("Connections of this region are bound to it. A CEN instance has one per region."),
        widget=forms.Select(attrs=SELECT),
    )
    name = forms.CharField(
        label=_("Name"),
        required=False,
        help_text=_("At most 128 characters."),
        widget=forms.TextInput(attrs=TEXT),
    )
    cidrs = forms.CharField(
        label=_("Transit router CIDR blocks"),
        required=False,
        help_text=_(
            "One per line, with a mask from /16 to /24. Private connections get their gateway addresses from "
            "them; blocks can also be added later."
        ),
        widget=forms.Textarea(attrs={**ADDRESS, "rows": 3, "placeholder": "10.10.0.0/24"}),
    )

    def __init__(self, *args: Any, cen: Cen, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        used = set(cen.transit_routers.values_list("region", flat=True))
        field = self.fields["region"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker
        field.choices = [choice for choice in regions.choices() if choice[0] not in used]

    def clean_cidrs(self) -> list[str]:
        text: str = self.cleaned_data["cidrs"]
        return text.replace(",", " ").split()


class CidrForm(forms.Form):
    cidr = forms.CharField(
        label=_("CIDR block"),
        help_text=_("With a mask from /16 to /24."),
        widget=forms.TextInput(attrs={**ADDRESS, "placeholder": "10.10.0.0/24"}),
    )
    name = forms.CharField(label=_("Name"), required=False, widget=forms.TextInput(attrs=TEXT))


class ResourceGroupForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        required=False,  # the service says what is missing
        help_text=_("At most 50 characters."),
        widget=forms.TextInput(attrs=TEXT),
    )

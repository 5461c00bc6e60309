"""What both tunnels share: 基本配置, the head of 隧道配置, 高级配置."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts import regions
from connections.forms.fields import (
    ChosenField,
    PlainHidden,
    PlainRadios,
    PlainSwitch,
    PlainText,
    SharedFields,
    WantedField,
)
from connections.forms.layout import Group, TransitRouterFacts, helper
from connections.forms.networks import NetworksField
from connections.forms.notes import Notes
from connections.models import NETWORK_TYPES, ROUTING_MODES, IPsecConnection
from ipsec.algorithms import NetworkType, RoutingMode
from ipsec.rules import check_asn_text, errors, parse_asn
from ipsec.spec import DEFAULT_LOCAL_ASN
from wording.forms import CODE
from wording.message import message

YES_NO = [("yes", pgettext_lazy("choice", "Yes")), ("no", pgettext_lazy("choice", "No"))]


def _radio(choices: Any, initial: str, **kwargs: Any) -> forms.ChoiceField:
    return forms.ChoiceField(widget=PlainRadios, choices=choices, initial=initial, **kwargs)


class TiesForm(forms.Form):
    """The three toggles of 高级配置: how a connection is tied to its transit router's route tables."""

    auto_publish_route = forms.BooleanField(
        label=_("Automatically Advertise Routes"),
        required=False,
        initial=True,
        widget=PlainSwitch,
        help_text=_(
            "Routes of the associated transit router table go into the connection's BGP route table. "
            "Works only while BGP runs."
        ),
    )
    associate = forms.BooleanField(
        label=_("Automatically Associate with the Default Route Table of the Transit Router"),
        required=False,
        initial=True,
        widget=PlainSwitch,
        help_text=_("The transit router looks traffic from the connection up in its default route table."),
    )
    propagate = forms.BooleanField(
        label=_("Automatically Propagate System Routes to the Default Route Table of the Transit Router"),
        required=False,
        initial=True,
        widget=PlainSwitch,
        help_text=_(
            "Routes of the connection's destination and BGP route tables go into the default route table."
        ),
    )

    advanced = helper(
        Group(
            "auto_publish_route",
            "associate",
            "propagate",
            title=_("Advanced Settings"),
            name="advanced",
            when="own",
        )
    )


class RouteForm(forms.Form):
    """A destination route by hand."""

    use_required_attribute = False

    destination = WantedField(
        label=_("Destination"),
        help_text=_("A network of the data centre, such as 192.168.0.0/16."),
        widget=PlainText(attrs=CODE),
    )


class BindingForm(TiesForm):
    """What a connection is bound to, and the three toggles of 高级配置."""

    use_required_attribute = False

    cen = ChosenField(
        label=_("CEN Instance ID"),
        help_text=_("The connection is bound to this instance's transit router in the region."),
    )
    field_order = ["cen"]

    def __init__(self, *args: Any, cens: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notes: Notes = {}
        nothing = _("Choose a CEN instance") if cens else _("No CEN instance has a transit router here")
        self.offer("cen", [("", str(nothing)), *cens])

    def offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast(ChosenField, self.fields[name]).offer(choices)


class ConnectionForm(BindingForm):
    """What can be chosen of the account's own things is given by the caller."""

    client_token = forms.CharField(widget=PlainHidden, required=False)
    name = forms.CharField(
        label=pgettext_lazy("IPsec connection", "Name"),
        required=False,
        widget=PlainText,
        help_text=_("1 to 100 characters, not starting with http:// or https://."),
    )
    region = ChosenField(
        label=_("Region"),
        help_text=_("The region of the transit router; the connection is created there."),
    )
    resource_group = ChosenField(
        label=pgettext_lazy("filter", "Resource Group"),
        required=False,
        help_text=_("Filters the CEN instances; none chosen shows those of all groups."),
    )
    network_type = _radio(
        NETWORK_TYPES,
        NetworkType.PUBLIC,
        label=_("Gateway Type"),
        help_text=_(
            "Public: over the Internet. Private: encrypts the traffic of a private line. "
            "It cannot be changed later."
        ),
    )
    binding = _radio(
        IPsecConnection.Binding.choices,
        IPsecConnection.Binding.OWN,
        label=_("Bind CEN"),
        help_text=_(
            "Cross Account: created unbound; another account can bind it once you have authorised it. "
            "Until then it can be bound to transit routers of this account only."
        ),
    )
    routing_mode = _radio(
        ROUTING_MODES,
        RoutingMode.DESTINATION,
        label=_("Routing Mode"),
        help_text=_(
            "Destination Routing Mode forwards by destination address, Protected Data Flows by source and "
            "destination address."
        ),
    )
    local_networks = NetworksField(
        label=_("Local Network"),
        help_text=_(
            "Networks of the cloud that the data centre reaches, the same as the device has as remote. "
            "Several need ikev2 on both tunnels."
        ),
    )
    remote_networks = NetworksField(
        label=_("Remote Network"),
        help_text=_(
            "Networks of the data centre, the same as the device has as local. Each becomes a destination "
            "route, published to the transit router's associated route table. Several need ikev2 on both "
            "tunnels."
        ),
    )
    effect_immediately = _radio(
        YES_NO,
        "yes",
        label=_("Effective Immediately"),
        help_text=_("Yes: negotiation starts once it is saved. No: it starts when traffic comes in."),
    )
    bgp_enabled = forms.BooleanField(
        label=_("Enable BGP"),
        required=False,
        widget=PlainSwitch,
        help_text=_("Needs a device that speaks BGP and customer gateways registered with an AS number."),
    )
    local_asn = WantedField(
        label=_("Local ASN"),
        initial=str(DEFAULT_LOCAL_ASN),
        help_text=_("1 to 4294967295, the same for both tunnels; a private AS number is advised."),
        widget=PlainText(attrs=CODE),
    )

    basic = helper(
        Group(
            "name",
            "region",
            "resource_group",
            "network_type",
            "binding",
            Group("cen", TransitRouterFacts(), name="cen", when="own"),
            "routing_mode",
            Group("local_networks", "remote_networks", name="networks", when="policy"),
            "effect_immediately",
            title=_("IPsec Settings"),
            name="basic",
        )
    )
    tunnel_head = helper(
        Group("bgp_enabled", Group("local_asn", name="asn", when="bgp"), name="tunnels"),
    )
    editable = helper(
        Group(
            "name",
            "routing_mode",
            Group("local_networks", "remote_networks", name="networks", when="policy"),
            "effect_immediately",
            title=_("IPsec Settings"),
            name="basic",
        )
    )
    field_order = [
        "client_token",
        "name",
        "region",
        "resource_group",
        "network_type",
        "binding",
        "cen",
    ]

    def __init__(self, *args: Any, groups: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.weak: dict[str, list[int]] = {}
        """What is said of weak algorithms, and of which tunnels."""
        self.offer("region", regions.choices())
        self.offer("resource_group", [("", str(_("All resource groups"))), *groups])
        for name in ("region", "resource_group"):
            # Consumed: the answer brings what is said of the form too, so it need not ask for that.
            asks = {"hx-post": "?part=region", "hx-trigger": "change consume", "hx-swap": "none"}
            self.fields[name].widget.attrs.update(asks)

    def clean_local_asn(self) -> int | None:
        """The number; None where none was typed. What is hidden is not read."""
        text = self.cleaned_data["local_asn"]
        if not self.cleaned_data.get("bgp_enabled") or not text:
            return None
        try:
            return parse_asn(text)
        except ValueError:
            wrong = errors(check_asn_text(text, "local_asn"))
            raise forms.ValidationError([message(finding) for finding in wrong]) from None


ConnectionForm.base_fields = SharedFields(ConnectionForm.base_fields)

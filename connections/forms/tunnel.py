"""One tunnel, twice: 隧道1 and 隧道2 are the same form."""

from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, cast

from crispy_forms.helper import FormHelper
from django import forms
from django.utils.safestring import SafeString
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from connections.forms.fields import (
    ChosenField,
    PlainPassword,
    PlainSelect,
    PlainSwitch,
    PlainText,
    SharedFields,
    WantedField,
)
from connections.forms.layout import Folded, Group, Suggestion, helper
from connections.forms.notes import Notes
from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from ipsec.spec import ChildSpec, IkeSpec
from wording.forms import CODE

IKE = IkeSpec()
CHILD = ChildSpec()
IKE_FIELDS = (
    "ike_version", "ike_mode", "ike_encryption", "ike_integrity", "ike_dh_group", "ike_lifetime",
    "local_id", "remote_id",
)  # fmt: skip
CHILD_FIELDS = ("child_encryption", "child_integrity", "child_pfs", "child_lifetime", "dpd", "nat_traversal")
PSK_SYMBOLS = "~`!@#$%^&*()_-+={}[]\\|;:',.&lt;&gt;/?"
"""As the console lists them, for HTML. The double quote, which only the API's text names, is taken too."""


def plain(members: Iterable[StrEnum]) -> list[tuple[str, str]]:
    """The console shows algorithm names as they are, in both languages."""
    return [(member.value, "aes (aes128)" if member == "aes" else member.value) for member in members]


def _choice(
    label: Any, members: Iterable[StrEnum], initial: StrEnum, help_text: Any = ""
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=plain(members),
        initial=initial.value,
        help_text=help_text,
        widget=PlainSelect,
    )


def _lifetime(initial: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=_("SA Life Cycle (seconds)"),
        initial=initial,
        help_text=_("0 to 86400. Each end keeps its own timer; with 0 this end's never runs out."),
        widget=PlainText(attrs={**CODE, "inputmode": "numeric"}),
        error_messages={
            "invalid": _("Type whole seconds, such as 86400."),
            "required": _("Type whole seconds, such as 86400."),
        },
    )


class TunnelForm(forms.Form):
    """`index` is 1 or 2. `psk_kept`: a key typed before is kept, and counts while the field is blank.

    `psk_made`: it was generated just now. `psk_shown` holds it where its owner has asked to see it.
    """

    customer_gateway = ChosenField(label=_("Customer Gateway"), help_text=_("Your device at the other end."))
    psk = forms.CharField(
        label=_("Pre-Shared Key"),
        required=False,
        strip=False,
        widget=PlainPassword(attrs={**CODE, "autocomplete": "new-password"}),
        help_text=format_lazy(
            _(
                "1 to 100 characters: digits, letters and {symbols}, no spaces. "
                "Left blank, 16 random characters are made. The device needs the same key."
            ),
            symbols=PSK_SYMBOLS,
        ),
    )
    psk_clear = forms.BooleanField(required=False, widget=PlainSwitch)
    ike_version = _choice(
        _("Version"),
        IkeVersion,
        IKE.version,
        _("ikev2 negotiates more simply and is better with several networks."),
    )
    ike_mode = _choice(
        _("Negotiation Mode"),
        IkeMode,
        IKE.mode,
        _("Has an effect with ikev1 only: main is safer, aggressive is quicker and succeeds more often."),
    )
    ike_encryption = _choice(
        pgettext_lazy("field", "Encryption Algorithm"),
        Encryption,
        IKE.encryption,
        _("des and 3des are not advised."),
    )
    ike_integrity = _choice(
        pgettext_lazy("field", "Authentication Algorithm"),
        Integrity,
        IKE.integrity,
        _("A device that asks for a PRF takes the same value."),
    )
    ike_dh_group = _choice(_("DH Group"), DhGroup, IKE.dh_group)
    ike_lifetime = _lifetime(IKE.lifetime)
    local_id = forms.CharField(
        label="LocalId",
        required=False,
        help_text=_(
            "An IP address or domain name without spaces, what the device has as its peer's. "
            "Left blank: the tunnel's gateway IP address."
        ),
        widget=PlainText(attrs=CODE),
    )
    remote_id = forms.CharField(
        label="RemoteId",
        required=False,
        help_text=_(
            "What the device calls itself: an IP address or domain name without spaces. "
            "Left blank: the customer gateway's IP address."
        ),
        widget=PlainText(attrs=CODE),
    )
    child_encryption = _choice(
        pgettext_lazy("field", "Encryption Algorithm"),
        Encryption,
        CHILD.encryption,
        _("des and 3des are not advised."),
    )
    child_integrity = _choice(pgettext_lazy("field", "Authentication Algorithm"), Integrity, CHILD.integrity)
    child_pfs = _choice(
        _("DH Group"),
        Pfs,
        CHILD.pfs,
        _("Any group turns PFS on, and the device must use it too; disabled is for devices without PFS."),
    )
    child_lifetime = _lifetime(CHILD.lifetime)
    dpd = forms.BooleanField(
        label="DPD",
        required=False,
        initial=True,
        widget=PlainSwitch,
        help_text=_("A device that is silent for 30 s counts as dead; the tunnel is then negotiated anew."),
    )
    nat_traversal = forms.BooleanField(
        label=_("NAT Traversal"),
        required=False,
        initial=True,
        widget=PlainSwitch,
        help_text=_("Finds NAT devices on the path and passes them on UDP 4500."),
    )
    tunnel_cidr = WantedField(
        label=_("Tunnel CIDR Block"),
        help_text=_("A /30 in 169.254.0.0/16, such as 169.254.10.0/30; another one for each tunnel."),
        widget=PlainText(attrs=CODE),
    )
    local_bgp_ip = forms.CharField(
        label=_("Local BGP IP address"),
        required=False,
        help_text=_("An address of the block. Left blank: its first host."),
        widget=PlainText(attrs=CODE),
    )

    ike = helper(Folded(*IKE_FIELDS, title=_("Encryption Configuration: IKE Configurations"), name="ike"))
    child = helper(
        Folded(*CHILD_FIELDS, title=_("Encryption Configuration: IPsec Configurations"), name="child")
    )
    bgp = helper(
        Group(
            "tunnel_cidr",
            Suggestion(),
            "local_bgp_ip",
            title=_("BGP Configuration"),
            name="bgp",
            when="bgp",
        )
    )

    def __init__(self, *args: Any, index: int, gateways: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.index = index
        self.psk_kept = False
        self.psk_made = False
        self.psk_shown = ""
        self.psk_unreadable = False
        self.notes: Notes = {}
        field = cast(ChosenField, self.fields["customer_gateway"])
        nothing = _("Choose a customer gateway") if gateways else _("No customer gateways in this region")
        field.offer([("", str(nothing)), *gateways])

    @property
    def number(self) -> str:
        """The index for templates to join with text."""
        return str(self.index)

    @property
    def title(self) -> str:
        return tunnel_title(self.index)

    @property
    def sections(self) -> tuple[FormHelper, ...]:
        return self.ike, self.child, self.bgp

    @property
    def folded_values(self) -> list[tuple[str, SafeString]]:
        """The DOM id of each folded section, with what its title line shows."""
        groups = [group for section in self.sections for group in section.layout.fields]
        return [(group.dom_id(self), group.values(self)) for group in groups if isinstance(group, Folded)]

    def readable(self, name: str) -> str:
        """A field's value in a folded section's title line; empty where it is left to its default."""
        value, field = self[name].value(), self.fields[name]
        if isinstance(field, forms.BooleanField):
            switch = _("On") if value else _("Off")
            return f"{field.label} {switch}"
        if isinstance(field, forms.IntegerField):
            return f"{value} s"
        return str(value or "")


TunnelForm.base_fields = SharedFields(TunnelForm.base_fields)


def tunnel_title(index: int) -> str:
    return str(_("Tunnel %(index)s") % {"index": index})


if TYPE_CHECKING:
    _TunnelForms = forms.BaseFormSet[TunnelForm]
else:
    _TunnelForms = forms.BaseFormSet


PREFIX: Final = "tunnels"


def posted_name(index: int, name: str) -> str:
    """Of a tunnel's field; `index` is 1 or 2."""
    return f"{PREFIX}-{index - 1}-{name}"


class Numbered(_TunnelForms):
    @classmethod
    def get_default_prefix(cls) -> str:
        return PREFIX

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        return {**super().get_form_kwargs(index), "index": (index or 0) + 1}


TunnelFormSet = forms.formset_factory(
    TunnelForm, formset=Numbered, extra=0, min_num=2, max_num=2, absolute_max=2
)
"""Exactly two tunnels, never one, never three; the caller binds it with `formset_counts`."""


def formset_counts() -> dict[str, str]:
    """The management form's values: how many tunnels there are is not the browser's to say."""
    return {f"{PREFIX}-TOTAL_FORMS": "2", f"{PREFIX}-INITIAL_FORMS": "0"}

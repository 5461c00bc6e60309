"""The form of a peer device. What is left blank mirrors, and the placeholder shows what that is."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs
from ipsec.findings import Finding
from ipsec.negotiation import Endpoint
from ipsec.rules import Code, parse_asn
from tunnels.devices.settings import COLUMNS, DeviceSettings, Secrets, as_rows
from wording.forms import CODE, SEPARATORS
from wording.message import message

Text = str | Promise
MOST_PROPOSALS: Final = 10
SLOWEST_MS: Final = 10_000
SMALLEST_MTU: Final = 576
LARGEST_MTU: Final = 9000
_IN_PROPOSAL: Final = re.compile(r"[\s,;/，；、-]+")
_ALIASES: Final = MappingProxyType({"aes128": "aes"})
"""The console writes `aes (aes128)`."""

Kind = tuple[Text, type[StrEnum]]
_IKE_KINDS: Final[tuple[Kind, ...]] = (
    (pgettext_lazy("field", "Encryption Algorithm"), Encryption),
    (pgettext_lazy("field", "Authentication Algorithm"), Integrity),
    (_("DH Group"), DhGroup),
)
_CHILD_KINDS: Final[tuple[Kind, ...]] = (*_IKE_KINDS[:2], (_("DH Group (PFS)"), Pfs))


class ProposalsField(forms.CharField):
    """One proposal a line: aes256 sha256 group14. Cleans to rows of three values, or None where blank."""

    def __init__(self, kinds: tuple[Kind, ...], **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={**CODE, "rows": 3})
        super().__init__(required=False, widget=widget, **kwargs)
        self.kinds = kinds

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else _lines(value)

    def clean(self, value: Any) -> Any:
        lines = [line for line in str(super().clean(value)).lower().splitlines() if line.strip()]
        if len(lines) > MOST_PROPOSALS:
            raise ValidationError(_("At most %(max)s proposals."), params={"max": MOST_PROPOSALS})
        return tuple(self._proposal(number, line) for number, line in enumerate(lines, 1)) or None

    def _proposal(self, number: int, line: str) -> tuple[str, ...]:
        words = [_ALIASES.get(word, word) for word in _IN_PROPOSAL.split(line.strip())]
        if len(words) != len(self.kinds):
            raise ValidationError(
                _("Line %(number)s: type three values, such as %(example)s."),
                params={"number": number, "example": "aes256 sha256 group14"},
            )
        for word, (label, members) in zip(words, self.kinds, strict=True):
            _check_member(number, word, label, members)
        return tuple(words)


def _check_member(number: int, word: str, label: Text, members: type[StrEnum]) -> None:
    known = [member.value for member in members]
    if word not in known:
        raise ValidationError(
            _('Line %(number)s, %(label)s: "%(word)s" is none of %(known)s.'),
            params={"number": number, "label": label, "word": word[:40], "known": ", ".join(known)},
        )


def _lines(proposals: Iterable[Iterable[str]]) -> str:
    return "\n".join(" ".join(proposal) for proposal in proposals)


class NetworksField(forms.CharField):
    """Networks one a line, or separated by commas or blanks. Cleans to a tuple, or None where blank."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={**CODE, "rows": 3})
        super().__init__(required=False, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) or value is None else "\n".join(value)

    def clean(self, value: Any) -> Any:
        return tuple(network for network in SEPARATORS.split(str(super().clean(value))) if network) or None


class AsnField(forms.CharField):
    """In one number or two parts, as the console takes it."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return parse_asn(text) if text else None
        except ValueError as error:
            raise ValidationError(message(Finding("", Code.ASN_MALFORMED))) from error


def _text(label: Any, help_text: Any = "", **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, help_text=help_text, widget=forms.TextInput(attrs=CODE), **kwargs
    )


def _asn(label: Any) -> AsnField:
    return AsnField(label=label, required=False, widget=forms.TextInput(attrs=CODE))


def _number(label: Any, help_text: Any = "", **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=kwargs.pop("required", False),
        help_text=help_text,
        widget=forms.TextInput(attrs={**CODE, "inputmode": "numeric"}),
        error_messages={"invalid": _("Type a whole number."), "required": _("Type a whole number.")},
        **kwargs,
    )


def _key(label: Any) -> forms.CharField:
    """Goes one way: never drawn again, never trimmed."""
    return forms.CharField(
        label=label,
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={**CODE, "autocomplete": "new-password"}),
    )


def _flag(label: Any, help_text: Any = "") -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, help_text=help_text)


_MIRRORS: Final = _("As generated")
_PROPOSALS_HELP: Final = _(
    "One proposal a line, the best first: encryption, authentication, DH group. Blank: as generated."
)
_NETWORKS_HELP: Final = _("One network a line. Blank: as generated.")


def _choice(label: Any, choices: Iterable[tuple[str, Text]], help_text: Any = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, required=False, choices=[("", _MIRRORS), *choices], help_text=help_text
    )


def _switch(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        required=False,
        choices=[("", _MIRRORS), ("True", _("On")), ("False", _("Off"))],
        coerce=lambda value: value == "True",
        empty_value=None,
    )


def _members(members: type[StrEnum]) -> list[tuple[str, Text]]:
    return [(member.value, member.value) for member in members]


class DeviceForm(forms.Form):
    """`own` are the keys that the device has of its own: blank keeps them, and they can be cleared."""

    local_id = _text(_("Own identifier"), _("What the device calls itself; RemoteId must be the same."))
    remote_id = _text(
        _("Peer identifier"), _("What the device expects of the cloud; LocalId must be the same.")
    )
    psk = _key(_("Pre-Shared Key"))
    psk_clear = _flag(_("Clear: take the tunnel's key"))
    ike_version = _choice(_("Version"), [*_members(IkeVersion), ("any", _("either"))])
    ike_mode = _choice(_("Negotiation Mode"), _members(IkeMode), _("Has an effect with ikev1 only."))
    ike_proposals = ProposalsField(_IKE_KINDS, label=_("Proposals"), help_text=_PROPOSALS_HELP)
    ike_lifetime = _number(_("SA Life Cycle (seconds)"))
    child_proposals = ProposalsField(_CHILD_KINDS, label=_("Proposals"), help_text=_PROPOSALS_HELP)
    child_lifetime = _number(_("SA Life Cycle (seconds)"))
    dpd = _switch("DPD")
    nat_traversal = _switch(_("NAT Traversal"))
    local_networks = NetworksField(label=_("Own networks"), help_text=_NETWORKS_HELP)
    remote_networks = NetworksField(label=_("Networks of the cloud"), help_text=_NETWORKS_HELP)
    behind_nat = _flag(_("Behind a NAT"))
    nat_forwards_500 = _flag(_("The NAT forwards UDP 500 to the device"))
    nat_forwards_4500 = _flag(_("The NAT forwards UDP 4500 to the device"))
    udp500_open = _flag(_("UDP 500 passes"))
    udp4500_open = _flag(_("UDP 4500 passes"))
    esp_open = _flag(_("ESP (IP protocol 50) passes"), _("Off: the tunnel comes up and carries no data."))
    path_mtu = _number(
        _("Largest packet on the path"), required=True, min_value=SMALLEST_MTU, max_value=LARGEST_MTU
    )
    latency_ms = _number(_("Latency, one way"), required=True, min_value=0, max_value=SLOWEST_MS)
    loss_percent = _number(
        _("Packet loss"), _("At 100 nothing comes through."), required=True, min_value=0, max_value=100
    )
    bgp_asn = _asn(_("AS number of the device"))
    bgp_address = _text(_("BGP IP address of the device"))
    bgp_peer_asn = _asn(_("AS number that it expects of the cloud"))
    bgp_peer_address = _text(_("BGP IP address that it expects of the cloud"))
    bgp_auth_key = _key(_("BGP authentication key"))
    bgp_auth_key_clear = _flag(_("Clear: take the customer gateway's key"))
    advertised_networks = NetworksField(
        label=_("Networks that the device advertises"), help_text=_("One network a line. Blank: none.")
    )
    configured = _flag(_("Set up"), _("Off: it answers as a peer that does not know this gateway."))
    powered_on = _flag(_("Powered on"))
    initiates = _flag(_("Begins by itself"), _("Off: it only responds."))
    strict_selectors = _flag(
        _("Strict about networks"), _("Some devices refuse a network that others narrow.")
    )
    strict_lifetimes = _flag(
        _("Strict about the life cycle"),
        _("Some devices refuse a life cycle longer than their own; ikev1 only."),
    )

    GROUPS: Final[tuple[tuple[Text, tuple[str, ...]], ...]] = (
        (_("Identity"), ("local_id", "remote_id", "psk", "psk_clear")),
        (
            _("Encryption Configuration: IKE Configurations"),
            ("ike_version", "ike_mode", "ike_proposals", "ike_lifetime"),
        ),
        (
            _("Encryption Configuration: IPsec Configurations"),
            ("child_proposals", "child_lifetime", "dpd", "nat_traversal"),
        ),
        (_("Networks"), ("local_networks", "remote_networks")),
        (
            _("Path to the device"),
            (
                "behind_nat",
                "nat_forwards_500",
                "nat_forwards_4500",
                "udp500_open",
                "udp4500_open",
                "esp_open",
                "path_mtu",
                "latency_ms",
                "loss_percent",
            ),
        ),
        (
            _("BGP Configuration"),
            (
                "bgp_asn",
                "bgp_address",
                "bgp_peer_asn",
                "bgp_peer_address",
                "bgp_auth_key",
                "bgp_auth_key_clear",
                "advertised_networks",
            ),
        ),
        (
            _("Behaviour"),
            ("configured", "powered_on", "initiates", "strict_selectors", "strict_lifetimes"),
        ),
    )

    def __init__(self, *args: Any, mirror: Endpoint, own: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, text in _placeholders(mirror).items():
            self.fields[name].widget.attrs["placeholder"] = text
        for name in ("psk", "bgp_auth_key"):
            self._explain_key(name, kept=name in own)

    def _explain_key(self, name: str, *, kept: bool) -> None:
        kept_text = _("A key of the device's own is kept. Type another one to replace it.")
        self.fields[name].help_text = kept_text if kept else _("Blank: the same as the cloud's.")
        if not kept:
            del self.fields[f"{name}_clear"]

    def groups(self) -> list[tuple[Text, list[forms.BoundField]]]:
        return [
            (title, [self[name] for name in names if name in self.fields]) for title, names in self.GROUPS
        ]

    def settings(self) -> DeviceSettings:
        """What a valid form says; the keys are in `secrets`."""
        values = {name: self.cleaned_data[name] for name in COLUMNS}
        for name in ("bgp_address", "bgp_peer_address"):
            values[name] = values[name] or None
        values["advertised_networks"] = values["advertised_networks"] or ()
        return DeviceSettings(**values)

    def secrets(self) -> Secrets:
        return Secrets(**{name: self._secret(name) for name in ("psk", "bgp_auth_key")})

    def _secret(self, name: str) -> str | None:
        if self.cleaned_data[name]:
            return str(self.cleaned_data[name])
        return "" if self.cleaned_data.get(f"{name}_clear") else None


def _placeholders(mirror: Endpoint) -> Mapping[str, str]:
    """What the blank fields stand for."""
    speaker = mirror.bgp
    return {
        "local_id": mirror.local_id or "",
        "remote_id": mirror.remote_id or "",
        "ike_proposals": _lines(as_rows(mirror.ike_proposals)),
        "ike_lifetime": str(mirror.ike_lifetime),
        "child_proposals": _lines(as_rows(mirror.esp_proposals)),
        "child_lifetime": str(mirror.child_lifetime),
        "local_networks": "\n".join(mirror.local_networks),
        "remote_networks": "\n".join(mirror.remote_networks),
        "bgp_asn": str(speaker.asn) if speaker else "",
        "bgp_address": speaker.address if speaker else "",
        "bgp_peer_asn": str(speaker.peer_asn or "") if speaker else "",
        "bgp_peer_address": speaker.peer_address if speaker else "",
    }


def initial(settings: DeviceSettings) -> dict[str, Any]:
    values = {name: getattr(settings, name) for name in COLUMNS}
    return {name: value if value is not None else "" for name, value in values.items()}

"""What devices call the fields of a tunnel: words of their command lines, the same in any language."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise

from connections.forms.tunnel import TunnelForm

DEVICES: Final = ("Cisco IOS XE", "FortiGate", "Junos SRX", "PAN-OS", "Huawei")
TERMS: Final = MappingProxyType(
    {
        "psk": (
            "pre-shared-key",
            "psksecret",
            "pre-shared-key ascii-text",
            "pre-shared-key key",
            "pre-shared-key",
        ),
        "ike_version": (
            "crypto isakmp / crypto ikev2",
            "ike-version 1 / 2",
            "version v1-only / v2-only",
            "protocol version ikev1 / ikev2",
            "undo version 1 / 2",
        ),
        "ike_mode": (
            "initiate mode aggressive",
            "mode main / aggressive",
            "mode main / aggressive",
            "exchange-mode main / aggressive",
            "exchange-mode aggressive",
        ),
        "ike_integrity": (
            "integrity + prf; v1: hash",
            "proposal aes256-sha256",
            "authentication-algorithm",
            "hash",
            "integrity-algorithm + prf",
        ),
        "ike_dh_group": ("group 14", "dhgrp 14", "dh-group group14", "dh-group group14", "dh group14"),
        "ike_lifetime": ("lifetime", "keylife", "lifetime-seconds", "lifetime seconds", "sa duration"),
        "local_id": (
            "match identity remote",
            "peertype one + peerid",
            "remote-identity",
            "peer-id",
            "remote-id",
        ),
        "remote_id": (
            "identity local",
            "localid + localid-type",
            "local-identity",
            "local-id",
            "local-id-type",
        ),
        "child_pfs": (
            "set pfs group14",
            "pfs enable + dhgrp",
            "perfect-forward-secrecy keys group14",
            "dh-group group14 / no-pfs",
            "pfs dh-group14",
        ),
        "child_lifetime": (
            "set security-association lifetime seconds",
            "keylifeseconds",
            "lifetime-seconds",
            "lifetime seconds",
            "sa duration time-based",
        ),
        "dpd": (
            "dpd 30 3 periodic",
            "dpd on-idle",
            "dead-peer-detection",
            "dpd enable yes",
            "dpd type periodic",
        ),
        "nat_traversal": (
            "nat-transparency udp-encapsulation",
            "nattraversal",
            "no-nat-traversal (off)",
            "nat-traversal enable",
            "nat traversal",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Row:
    phase: str
    """IKE or IPsec, where both have a field of that name."""
    label: "str | Promise"
    terms: tuple[tuple[str, str], ...]
    """(device, its word)."""


PHASES: Final = MappingProxyType({"ike": "IKE", "child": "IPsec"})
ROWS: Final = tuple(
    Row(
        PHASES.get(name.partition("_")[0], ""),
        TunnelForm.base_fields[name].label or "",
        tuple(zip(DEVICES, words, strict=True)),
    )
    for name, words in TERMS.items()
)

"""The words of peer configurations: devices, findings of `peerconfigs.findings`, and the sheet."""

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ipsec.findings import Finding
from peerconfigs.findings import Code
from peerconfigs.sheet.labels import ENGLISH

VENDOR_LABELS: Final[Mapping[str, "str | Promise"]] = {
    "console": _("JSON of the console"),
    "strongswan": "strongSwan",
    "sheet": _("Peer sheet"),
}

TEXTS: Final[Mapping[Code, "str | Promise"]] = {
    Code.UNBOUND: _(
        "Tunnel %(tunnel)s has no gateway address yet: bind the connection to a transit router "
        "and wait until it is attached."
    ),
    Code.NOT_TWO_TUNNELS: _("A peer configuration needs both tunnels: complete tunnel 1 and tunnel 2."),
    Code.NO_CUSTOMER_GATEWAY: _("Tunnel %(tunnel)s has no customer gateway: choose one."),
    Code.VALUE_UNREADABLE: _('"%(value)s" cannot be written into a configuration: correct it first.'),
    Code.BGP_INCOMPLETE: _(
        "BGP of tunnel %(tunnel)s is not complete: it needs both AS numbers, a tunnel CIDR block, "
        "and a BGP address inside it."
    ),
    Code.PSK_UNKNOWN: _(
        "The pre-shared key of tunnel %(tunnel)s is not known here: download the file without keys, "
        "or set the key anew."
    ),
    Code.WAN_INTERFACE_INVALID: _(
        '"%(value)s" is not a name of a Linux network interface: type one such as eth0.'
    ),
    Code.NOBODY_STARTS: _(
        "Neither end opens the tunnels at once: the cloud waits for traffic and the device only answers. "
        "Let the device initiate, or turn on Effective Immediately."
    ),
    Code.CLOUD_NETWORKS_MISSING: _(
        "The connection does not say which networks lie behind the cloud: "
        "fill them in where the file leaves room, as routes into the tunnels."
    ),
    Code.DPD_NOT_SAID: _(
        "This format has no place for DPD, which is off on tunnel %(tunnel)s: "
        "turn it off on the device by hand."
    ),
    Code.NAT_TRAVERSAL_NOT_SAID: _(
        "This format has no place for NAT traversal, which is off on tunnel %(tunnel)s: "
        "turn it off on the device by hand."
    ),
    Code.BGP_KEY_NOT_SAID: _(
        "This format has no place for the BGP authentication key of tunnel %(tunnel)s: "
        "type it on the device by hand."
    ),
    Code.NAT_TRAVERSAL_FORCED: _(
        "strongSwan cannot turn NAT traversal off, as tunnel %(tunnel)s has it. "
        "The tunnel comes up all the same; if a NAT lies in between, strongSwan will use UDP 4500."
    ),
    Code.SECRETS_AMBIGUOUS: _(
        "strongSwan finds a key by the two identities, and those of one tunnel (such as %(local_id)s and "
        "%(remote_id)s) also fit the other tunnel, which has another key. "
        "Give the tunnels different LocalIds, or one key."
    ),
    Code.IDENTITY_UNWRITABLE: _(
        'strongSwan would read the identity "%(value)s" of tunnel %(tunnel)s as a pattern, or not at all: '
        "use an IP address or a domain name."
    ),
    Code.TUNNELS_INDISTINCT: _(
        "Both tunnels end on %(address)s at the cloud, so the device cannot tell them apart."
    ),
    Code.IKEV1_SEVERAL_NETWORKS: _(
        "IKEv1 carries one local and one remote network: use ikev2 on tunnel %(tunnel)s, "
        "or leave one network on each side."
    ),
    Code.NO_STATIC_FAILOVER: _(
        "Static routes do not notice when a tunnel fails: traffic stays on it until something on the device "
        "withdraws the route. BGP does that by itself."
    ),
    Code.AGGRESSIVE_HOST_WIDE: _(
        "Aggressive mode with a pre-shared key must be allowed for all connections of the host. "
        "It shows a hash of the key to listeners: use main mode or ikev2 if you can."
    ),
    Code.FILE_UNREADABLE: _("Reading stopped at line %(line)s: the text there is not valid."),
    Code.FILE_FOREIGN: _("This is not a configuration of this kind of device."),
    Code.ALGORITHM_UNKNOWN: _(
        'Tunnel %(tunnel)s of the device offers "%(value)s", for which the console has no setting.'
    ),
    Code.SETTING_UNREADABLE: _('Tunnel %(tunnel)s of the device: "%(value)s" could not be read.'),
}


def message(finding: Finding) -> str:
    """The finding's text in the language active now. `ValueError` for a code that is not of `peerconfigs`."""
    return str(TEXTS[Code(finding.code)]) % finding.params


def sheet_labels() -> dict[str, str]:
    """The sheet's words in the language active now, for `Options.labels`."""
    return {key: gettext(text) for key, text in ENGLISH.items()}

"""Buttons of creation and edit pages: each changes what was typed, saves nothing. `verb:subject:position`."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from django.http import QueryDict

from accounts.access import ConsoleRequest
from connections import kept_keys
from connections.forms.tunnel import CHILD_FIELDS, IKE_FIELDS, posted_name
from connections.queries import used_tunnel_cidrs
from ipsec import psk
from ipsec.addresses import suggest_tunnel_cidr

NETWORK_LISTS: Final = ("local_networks", "remote_networks")
COPIED: Final = ("customer_gateway", *IKE_FIELDS, *CHILD_FIELDS)
"""Not what must differ between the tunnels: tunnel CIDR block and BGP address. Nor the key."""
STRONG: Final = MappingProxyType(
    {
        "ike_encryption": "aes256",
        "ike_integrity": "sha256",
        "ike_dh_group": "group14",
        "child_encryption": "aes256",
        "child_integrity": "sha256",
        "child_pfs": "group14",
    }
)
TUNNELS: Final = ("1", "2")

Change = Callable[[ConsoleRequest, QueryDict, str], None]


def change(request: ConsoleRequest, data: QueryDict, action: str) -> None:
    """Change `data` as the button says; an unknown button changes nothing."""
    verb, _colon, rest = action.partition(":")
    if verb in CHANGES:
        CHANGES[verb](request, data, rest)


def _add_row(_request: ConsoleRequest, data: QueryDict, name: str) -> None:
    if name in NETWORK_LISTS:
        data.setlist(name, [*data.getlist(name), ""])


def _drop_row(_request: ConsoleRequest, data: QueryDict, rest: str) -> None:
    name, _colon, position = rest.partition(":")
    if name in NETWORK_LISTS:
        rows = enumerate(data.getlist(name))
        data.setlist(name, [row for number, row in rows if str(number) != position])


def _copy(_request: ConsoleRequest, data: QueryDict, _rest: str) -> None:
    """Tunnel 1 to tunnel 2. A switch that is off is not posted, so it is off in the copy too."""
    for name in COPIED:
        data.setlist(posted_name(2, name), data.getlist(posted_name(1, name)))


def _strong(_request: ConsoleRequest, data: QueryDict, _rest: str) -> None:
    for index in (1, 2):
        for name, value in STRONG.items():
            data[posted_name(index, name)] = value


def _suggest(request: ConsoleRequest, data: QueryDict, index: str) -> None:
    """A block that no tunnel of the account has, nor the other one on this page; none where all are taken."""
    if index not in TUNNELS:
        return
    own, others = (1, 2) if index == "1" else (2, 1)
    other = data.get(posted_name(others, "tunnel_cidr"), "")
    used = used_tunnel_cidrs(request.actor.account)
    try:
        data[posted_name(own, "tunnel_cidr")] = suggest_tunnel_cidr({*used, str(other).strip()})
    except LookupError:
        return


def _generate(request: ConsoleRequest, data: QueryDict, index: str) -> None:
    """The new key goes where keys are kept, encrypted; the field is emptied, so that the kept one counts."""
    if index not in TUNNELS:
        return
    token = str(data["client_token"])
    first, second = kept_keys.kept(request, token)
    made = psk.generate()
    kept_keys.keep(request, token, (made, second) if index == "1" else (first, made))
    data[posted_name(int(index), "psk")] = ""
    data.pop(posted_name(int(index), "psk_clear"), None)


CHANGES: Final[Mapping[str, Change]] = MappingProxyType(
    {
        "add": _add_row,
        "drop": _drop_row,
        "copy": _copy,
        "strong": _strong,
        "suggest": _suggest,
        "generate": _generate,
    }
)

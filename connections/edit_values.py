"""What is configured, as a browser would post it: where an edit page begins, and what it is compared with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from accounts.encryption import SecretUnreadable, decrypt, encrypt
from connections.forms.editing import BGP_FIELDS, EditedTunnelForm
from connections.forms.tunnel import posted_name
from connections.models import IPsecConnection
from connections.services.snapshot import BGP, CONNECTION, TUNNEL, Snapshot, of_tunnel

Posted = dict[str, list[str]]
INDEXES: Final = (1, 2)
OF_CREATION_ONLY: Final = ("auto_publish_route", "associate", "propagate", "resource_group", "cen")


@dataclass(frozen=True, slots=True)
class Scope:
    """What one page edits: the connection (`index` 0) or one of its tunnels."""

    index: int = 0

    @property
    def columns(self) -> list[str]:
        if self.index:
            return [of_tunnel(self.index, name) for name in TUNNEL]
        return [*CONNECTION, *(of_tunnel(index, name) for index in INDEXES for name in BGP)]

    @property
    def names(self) -> list[str]:
        """Of the fields, as they are posted."""
        if self.index:
            return [posted_name(self.index, name) for name in EditedTunnelForm.base_fields]
        return [*CONNECTION, *(posted_name(index, name) for index in INDEXES for name in BGP_FIELDS)]


def as_posted(values: Snapshot, kept_bgp: Mapping[str, Mapping[str, str]], scope: Scope) -> Posted:
    """The fields of `values`, with what tunnels had before BGP was switched off where it is off.

    Switched on for the connection, it is on for both tunnels, as at creation, until one of them is off.
    """
    posted: Posted = {name: _texts(name, values[name]) for name in CONNECTION if name in values}
    for index in INDEXES:
        own = {name: values[key] for name in TUNNEL if (key := of_tunnel(index, name)) in values}
        if not own:
            continue
        bgp_on = bool(own["tunnel_cidr"]) or (not scope.index and not values["bgp_enabled"])
        if not own["tunnel_cidr"]:
            own |= kept_bgp.get(str(index), {})
        texts = {name: _texts(name, value) for name, value in own.items()} | {"bgp_on": _switch(bgp_on)}
        posted |= {posted_name(index, name): found for name, found in texts.items()}
    return posted


def _texts(name: str, value: Any) -> list[str]:
    if name == "effect_immediately":
        return ["yes" if value else "no"]
    if name == "psk":
        return [""]
    if isinstance(value, bool):
        return _switch(value)
    if isinstance(value, list):
        return [*value] or [""]
    return ["" if value is None else str(value)]


def _switch(value: bool) -> list[str]:
    return ["on"] if value else []


def never_edited(connection: IPsecConnection, token: str) -> Posted:
    """What the creation page's form asks for and no edit changes."""
    return {
        "client_token": [token],
        "region": [connection.region],
        "network_type": [connection.network_type],
        "binding": [connection.binding],
        **{name: [""] for name in OF_CREATION_ONLY},
    }


# What a page has shown goes along with it, so that the next request knows what its editor saw


def seal(connection: IPsecConnection, values: Snapshot) -> str:
    """Encrypted: marks of keys are in it."""
    return encrypt(json.dumps({"of": connection.public_id, "values": values}))


def unseal(connection: IPsecConnection, sealed: str) -> Snapshot | None:
    """None for what is none, or of another connection: then nobody knows what was seen."""
    try:
        found = json.loads(decrypt(sealed))
    except (SecretUnreadable, ValueError):
        return None
    return found["values"] if found["of"] == connection.public_id else None

"""A tunnel that takes over what its device has: which of the console's fields can, and what the rules say."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ipsec.findings import Finding
from ipsec.negotiation import Endpoint
from ipsec.rules import Surroundings, check_connection, check_psk, errors
from ipsec.spec import ConnectionSpec
from tunnels.devices.ends import Ends
from tunnels.models import Tunnel
from tunnels.spec import connection_spec, tunnel_spec

Columns = dict[str, Any]


def _proposal(held: str, prefix: str, *names: str) -> Callable[[Endpoint], Columns]:
    """Of several proposals the device's first."""

    def columns(peer: Endpoint) -> Columns:
        proposal = getattr(peer, held)[0]
        return {f"{prefix}_{name}": getattr(proposal, name).value for name in names}

    return columns


def _ike(*names: str) -> Callable[[Endpoint], Columns]:
    return _proposal("ike_proposals", "ike", *names)


def _child(*names: str) -> Callable[[Endpoint], Columns]:
    return _proposal("esp_proposals", "child", *names)


TAKES: Final[Mapping[str, Callable[[Endpoint], Columns]]] = MappingProxyType(
    {
        "ike.version": lambda peer: {"ike_version": peer.begins_with.value},
        "ike.mode": lambda peer: {"ike_mode": peer.ike_mode.value},
        "ike": _ike("encryption", "integrity", "dh_group"),
        "ike.encryption": _ike("encryption"),
        "ike.integrity": _ike("integrity"),
        "ike.dh_group": _ike("dh_group"),
        "ike.lifetime": lambda peer: {"ike_lifetime": peer.ike_lifetime},
        "ike.psk": lambda peer: {"psk": peer.psk},
        "ike.local_id": lambda peer: {"local_id": peer.remote_id},
        "ike.remote_id": lambda peer: {"remote_id": peer.local_id},
        "child": _child("encryption", "integrity", "pfs"),
        "child.encryption": _child("encryption"),
        "child.integrity": _child("integrity"),
        "child.pfs": _child("pfs"),
        "child.lifetime": lambda peer: {"child_lifetime": peer.child_lifetime},
        "dpd": lambda peer: {"dpd": peer.dpd},
        "nat_traversal": lambda peer: {"nat_traversal": peer.nat_traversal},
        "bgp.local_ip": lambda peer: {"local_bgp_ip": peer.bgp.peer_address if peer.bgp else None},
    }
)
"""Columns of the tunnel that would make its value the device's. What is not in here is no tunnel's own."""

_CONNECTIONS: Final = _("Both tunnels share it: it is the connection's.")
ELSEWHERE: Final[Mapping[str, "str | Promise"]] = MappingProxyType(
    {
        "local_networks": _CONNECTIONS,
        "remote_networks": _CONNECTIONS,
        "bgp.local_asn": _CONNECTIONS,
        "bgp.asn": _("It is the customer gateway's and never changes."),
        "bgp.auth_key": _("It is the customer gateway's."),
        "bgp.peer_address": _("It follows from the tunnel CIDR block."),
        "bgp": _("BGP needs a customer gateway with an AS number."),
    }
)
"""Why a tunnel cannot take over the other values."""


def would_take(ends: Ends, attribute: str) -> Columns:
    """`KeyError` for what no field of a tunnel can take."""
    return TAKES[attribute](ends.peer)


def configured(tunnel: Tunnel) -> ConnectionSpec:
    """The connection with both tunnels, as the rules look at it."""
    return connection_spec(tunnel.connection, with_secrets=False)


def check_taking(ends: Ends, attribute: str, now: ConnectionSpec) -> list[Finding]:
    """What the rules of the creation page have against it, unless they have it against the tunnel already."""
    columns = would_take(ends, attribute)
    if "psk" in columns:
        return check_psk(columns["psk"] or "", "ike.psk")
    changed = copy(ends.tunnel)
    for name, value in columns.items():
        setattr(changed, name, value)
    taken = tunnel_spec(changed, with_secrets=False)
    tunnels = tuple(taken if one.index == taken.index else one for one in now.tunnels)
    known = _broken(now)
    return [finding for finding in _broken(replace(now, tunnels=tunnels)) if finding not in known]


def _broken(spec: ConnectionSpec) -> list[Finding]:
    """The connection exists, and nothing in `TAKES` can clash with another one."""
    return errors(check_connection(spec, Surroundings(creating=False)))

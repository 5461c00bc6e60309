"""Pairs of ends as JSON objects, one a line, and their outcomes: the format of the measured tables.

`cloud` and `peer` hold ike_version, ike_mode, ike_enc, ike_auth, ike_dh, esp_enc, esp_auth, pfs,
ike_lifetime, esp_lifetime (seconds), psk, local_id, remote_id (null = unset), dpd, nat_t, route_mode,
local_subnets and remote_subnets; instead of single algorithms `ike_proposals` and `esp_proposals` in order of
preference. Then `initiator`, and optionally `rekey` [[who, child|ike], …], `topology` and an end's `address`.
Other keys are passed over.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from ipaddress import AddressValueError, IPv4Address
from typing import TypeVar

from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs, RoutingMode
from ipsec.negotiation.selectors import block
from ipsec.scenario import (
    ANY_VERSION,
    TOPOLOGIES,
    ChildProposal,
    Endpoint,
    ForcedRekey,
    IkeProposal,
    Scenario,
)
from ipsec.spec import ANY_NETWORK
from ipsec.transcript import Side, Transcript

CLOUD_ADDRESS = "203.0.113.10"
PEER_ADDRESS = "198.51.100.10"
_PREFIX = re.compile(r"\d{1,2}", re.ASCII)

Member = TypeVar("Member", bound=StrEnum)
Row = Mapping[str, object]


class PairError(ValueError):
    """A line that can't be answered: `field` is the path of what is wrong, "" for the line itself."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


@cache
def _members(enumeration: type[Member]) -> Mapping[str, Member]:
    return {member.value: member for member in enumeration}


@dataclass(frozen=True, slots=True)
class Reader:
    """Takes typed values out of one JSON object; `path` is where the object is."""

    row: Row
    path: str = ""

    def where(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def bad(self, key: str, message: str) -> PairError:
        return PairError(self.where(key), message)

    def value(self, key: str) -> object:
        if key not in self.row:
            raise self.bad(key, "is missing")
        return self.row[key]

    def text(self, key: str) -> str:
        value = self.value(key)
        if not isinstance(value, str):
            raise self.bad(key, "must be a string")
        return value

    def name(self, key: str) -> str | int:
        value = self.value(key)
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise self.bad(key, "must be a string or a whole number")
        return value

    def text_or_none(self, key: str) -> str | None:
        return None if self.value(key) is None else self.text(key)

    def flag(self, key: str) -> bool:
        value = self.value(key)
        if not isinstance(value, bool):
            raise self.bad(key, "must be true or false")
        return value

    def seconds(self, key: str) -> int:
        value = self.value(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise self.bad(key, "must be a number of seconds, 0 or more")
        return value

    def member(self, key: str, enumeration: type[Member]) -> Member:
        return self.as_member(key, self.value(key), enumeration)

    def as_member(self, key: str, value: object, enumeration: type[Member]) -> Member:
        members: Mapping[str, Member] = _members(enumeration)
        if isinstance(value, str) and value in members:
            return members[value]
        raise self.bad(key, f"must be one of {', '.join(members)}")

    def items(self, key: str) -> list[object]:
        value = self.value(key)
        if not isinstance(value, list):
            raise self.bad(key, "must be a list")
        return value

    def networks(self, key: str) -> tuple[str, ...]:
        return tuple(self._network(f"{key}.{n}", item) for n, item in enumerate(self.items(key)))

    def some_networks(self, key: str) -> tuple[str, ...]:
        if not self.items(key):
            raise self.bad(key, "must hold at least one network")
        return self.networks(key)

    def _network(self, key: str, item: object) -> str:
        if not isinstance(item, str):
            raise self.bad(key, "must be a string")
        try:
            block(item)
        except ValueError:
            raise self.bad(key, "must be an IPv4 network") from None
        if not _PREFIX.fullmatch(item.rpartition("/")[2]) and "/" in item:
            raise self.bad(key, "must be written address/prefix")
        return item

    def within(self, key: str) -> "Reader":
        value = self.value(key)
        if not isinstance(value, dict):
            raise self.bad(key, "must be an object")
        return Reader(value, self.where(key))


def scenario(row: object) -> Scenario:
    """The question a line asks. Raises PairError."""
    if not isinstance(row, dict):
        raise PairError("", "must be an object")
    pair = Reader(row)
    pair.name("id")
    cloud, peer = pair.within("cloud"), pair.within("peer")
    cloud_address = _address(cloud, CLOUD_ADDRESS)
    peer_address = _address(peer, PEER_ADDRESS)
    topology = pair.text("topology") if row.get("topology") is not None else "none"
    if topology not in TOPOLOGIES:
        raise pair.bad("topology", f"must be one of {', '.join(TOPOLOGIES)}")
    return Scenario(
        cloud=_endpoint(cloud, cloud_address, peer_address, _version(cloud)),
        peer=_endpoint(peer, peer_address, cloud_address, _peer_versions(peer)),
        path=TOPOLOGIES[topology],
        initiator=pair.member("initiator", Side),
        rekeys=_rekeys(pair) if row.get("rekey") is not None else (),
    )


def _address(end: Reader, default: str) -> str:
    if end.row.get("address") is None:
        return default
    try:
        return str(IPv4Address(end.text("address")))
    except AddressValueError:
        raise end.bad("address", "must be an IPv4 address") from None


def _version(end: Reader) -> tuple[IkeVersion, ...]:
    return (end.member("ike_version", IkeVersion),)


def _peer_versions(end: Reader) -> tuple[IkeVersion, ...]:
    return ANY_VERSION if end.value("ike_version") == "any" else _version(end)


def _endpoint(end: Reader, address: str, other: str, versions: tuple[IkeVersion, ...]) -> Endpoint:
    routed = end.member("route_mode", RoutingMode) is RoutingMode.DESTINATION
    listed = end.networks if routed else end.some_networks
    local, remote = listed("local_subnets"), listed("remote_subnets")
    return Endpoint(
        address=address,
        remote_address=other,
        ike_versions=versions,
        ike_mode=end.member("ike_mode", IkeMode),
        ike_proposals=_ike_proposals(end),
        psk=end.text("psk"),
        local_id=end.text_or_none("local_id"),
        remote_id=end.text_or_none("remote_id"),
        esp_proposals=_esp_proposals(end),
        local_networks=(ANY_NETWORK,) if routed else local,
        remote_networks=(ANY_NETWORK,) if routed else remote,
        dpd=end.flag("dpd"),
        nat_traversal=end.flag("nat_t"),
        ike_lifetime=end.seconds("ike_lifetime"),
        child_lifetime=end.seconds("esp_lifetime"),
    )


def _ike_proposals(end: Reader) -> tuple[IkeProposal, ...]:
    if "ike_proposals" not in end.row:
        single = end.member("ike_enc", Encryption), end.member("ike_auth", Integrity)
        return (IkeProposal(*single, end.member("ike_dh", DhGroup)),)
    return tuple(
        IkeProposal(
            end.as_member(key, encryption, Encryption),
            end.as_member(key, integrity, Integrity),
            end.as_member(key, group, DhGroup),
        )
        for key, (encryption, integrity, group) in _triples(end, "ike_proposals")
    )


def _esp_proposals(end: Reader) -> tuple[ChildProposal, ...]:
    if "esp_proposals" not in end.row:
        single = end.member("esp_enc", Encryption), end.member("esp_auth", Integrity)
        return (ChildProposal(*single, end.member("pfs", Pfs)),)
    return tuple(
        ChildProposal(
            end.as_member(key, encryption, Encryption),
            end.as_member(key, integrity, Integrity),
            end.as_member(key, group, Pfs),
        )
        for key, (encryption, integrity, group) in _triples(end, "esp_proposals")
    )


def _triples(end: Reader, key: str) -> list[tuple[str, list[object]]]:
    items = end.items(key)
    if not items:
        raise end.bad(key, "must hold at least one proposal")
    triples = []
    for number, item in enumerate(items):
        if not isinstance(item, list) or len(item) != 3:
            raise end.bad(f"{key}.{number}", "must be [encryption, authentication, group]")
        triples.append((f"{key}.{number}", item))
    return triples


def _rekeys(pair: Reader) -> tuple[ForcedRekey, ...]:
    return tuple(_rekey(pair, f"rekey.{n}", item) for n, item in enumerate(pair.items("rekey")))


def _rekey(pair: Reader, key: str, item: object) -> ForcedRekey:
    if not isinstance(item, list) or len(item) != 2:
        raise pair.bad(key, "must be [cloud|peer, child|ike]")
    by, what = item
    if what not in ("child", "ike"):
        raise pair.bad(key, "must ask for child or ike")
    return ForcedRekey(pair.as_member(key, by, Side), what)


def answer(pair_id: object, told: Transcript) -> dict[str, object]:
    """A transcript in the tables' own words."""
    up = told.child_established
    return {
        "id": pair_id,
        "outcome": {
            "ike_established": told.ike_established,
            "child_established": up,
            "selected_ike_proposal": told.ike_proposal,
            "selected_esp_proposal": told.child_proposal,
            "negotiated_ts_local": list(told.local_ts) if up else None,
            "negotiated_ts_remote": list(told.remote_ts) if up else None,
            "initiator_error": told.initiator_error,
            "failed_at": told.failed_at,
            "rekey": [{"by": each.by.value, "what": each.what, "ok": each.ok} for each in told.rekeys],
        },
        "cause": told.refusal.cause if told.refusal else None,
    }

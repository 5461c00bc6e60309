"""Two ends of a tunnel, value by value: what is the same, what differs, and what a difference comes to.

What a difference comes to is negotiated, not looked up: every other value is made the same, and the two ends
are brought together once from either side.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from typing import Any, Final

from ipsec.bgp import BgpSpeaker
from ipsec.causes import CauseId
from ipsec.negotiation import Endpoint, Path, Scenario, verdict
from ipsec.negotiation.proposals import listed
from ipsec.transcript import Refusal, Side, Transcript

STAND_IN: Final = "192.0.2.1"
"""For a gateway address that is not handed out yet (RFC 5737): it changes no verdict."""
OPEN_PATH: Final = Path()


class Effect(StrEnum):
    """What a value does to the tunnel, the least first."""

    SAME = "same"
    HARMLESS = "harmless"
    NARROWED = "narrowed"
    """The tunnel comes up and carries less than the cloud asks for."""
    AT_REKEY = "at-rekey"
    NO_DATA = "no-data"
    BGP_DOWN = "bgp-down"
    FATAL = "fatal"
    """No child SA comes up."""
    UNKNOWN = "unknown"
    """One end's value is not known here."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One value of both ends. `attribute` is its path in the spec, as in `Refusal.attribute`.

    `ours` is the cloud's, `theirs` the peer's, as console text; both are empty for keys. `refusal` is what
    the difference alone leads to, `begun_by` who must begin for that; `agreed` the networks that are left.
    """

    attribute: str
    ours: str = ""
    theirs: str = ""
    effect: Effect = Effect.SAME
    refusal: Refusal | None = None
    begun_by: tuple[Side, ...] = ()
    agreed: str = ""

    @property
    def differs(self) -> bool:
        return self.effect not in (Effect.SAME, Effect.UNKNOWN)


Read = Callable[[Endpoint], Any]
Mend = Callable[[Endpoint, Endpoint], Endpoint]
"""(cloud, peer) to the peer whose value is the cloud's."""


@dataclass(frozen=True, slots=True)
class Value:
    """Something that both ends have, each in its own place."""

    attribute: str
    ours: Read
    theirs: Read
    mend: Mend
    text: Callable[[Any], str] = str
    secret: bool = False


def compare(cloud: Endpoint, peer: Endpoint, path: Path = OPEN_PATH) -> tuple[Compared, ...]:
    """Every value of the two ends, in the order of the console's form.

    Of the path only the NAT counts; whether ports are open, the device is on, set up or told to begin is not
    a matter of values. Raises ValueError for a network that is none.
    """
    judge = _Judge(cloud, peer, path)
    return tuple(_compared(value, cloud, peer, judge) for value in values_of(cloud, peer))


def mended(cloud: Endpoint, peer: Endpoint, attribute: str) -> Endpoint:
    """The peer with the cloud's value. `KeyError` for what is no value of these two ends."""
    values = {value.attribute: value for value in values_of(cloud, peer)}
    return values[attribute].mend(cloud, peer)


def _compared(value: Value, cloud: Endpoint, peer: Endpoint, judge: "_Judge") -> Compared:
    ours, theirs = value.ours(cloud), value.theirs(peer)
    shown = ("", "") if value.secret else (value.text(ours), value.text(theirs))
    if value.secret and None in (ours, theirs):
        return Compared(value.attribute, effect=Effect.UNKNOWN)
    same = ours == theirs if value.secret else shown[0] == shown[1]
    return Compared(value.attribute, *shown) if same else judge.judged(value, *shown)


# What there is to compare


def values_of(cloud: Endpoint, peer: Endpoint) -> tuple[Value, ...]:
    """A list of several proposals has no single algorithm, so there the lists are one value."""
    return (
        *_PHASE_1,
        *_ike(cloud, peer),
        *_KEY_AND_IDS,
        *_NETWORKS,
        *_child(cloud, peer),
        *_bgp(cloud, peer),
    )


def _place(
    attribute: str,
    cloud_has: str,
    peer_has: str = "",
    text: Callable[[Any], str] = str,
    *,
    secret: bool = False,
) -> Value:
    """A value that the two ends have as `cloud_has` and `peer_has`, which may be called the same."""
    theirs = peer_has or cloud_has

    def mend(cloud: Endpoint, peer: Endpoint) -> Endpoint:
        return replace(peer, **{theirs: getattr(cloud, cloud_has)})

    return Value(
        attribute,
        lambda cloud: getattr(cloud, cloud_has),
        lambda peer: getattr(peer, theirs),
        mend,
        text,
        secret,
    )


def _optional(held: object) -> str:
    return "" if held is None else str(held)


def _switch(held: bool) -> str:
    return "true" if held else "false"


_PHASE_1: Final = (
    _place("gateway_address", "address", "remote_address"),
    _place("peer.address", "remote_address", "address"),
    _place("ike.version", "ike_versions", text=", ".join),
    _place("ike.mode", "ike_mode"),
)
_KEY_AND_IDS: Final = (
    _place("ike.lifetime", "ike_lifetime"),
    _place("ike.psk", "psk", secret=True),
    _place("ike.local_id", "local_id", "remote_id", _optional),
    _place("ike.remote_id", "remote_id", "local_id", _optional),
)
_NETWORKS: Final = (
    _place("local_networks", "local_networks", "remote_networks", ", ".join),
    _place("remote_networks", "remote_networks", "local_networks", ", ".join),
)
_CHILD_REST: Final = (
    _place("child.lifetime", "child_lifetime"),
    _place("dpd", "dpd", text=_switch),
    _place("nat_traversal", "nat_traversal", text=_switch),
)


def _ike(cloud: Endpoint, peer: Endpoint) -> Iterator[Value]:
    yield from _proposals("ike", "ike_proposals", ("encryption", "integrity", "dh_group"), cloud, peer)


def _child(cloud: Endpoint, peer: Endpoint) -> Iterator[Value]:
    yield from _proposals("child", "esp_proposals", ("encryption", "integrity", "pfs"), cloud, peer)
    yield from _CHILD_REST


def _proposals(
    section: str, held: str, fields: tuple[str, ...], cloud: Endpoint, peer: Endpoint
) -> Iterator[Value]:
    if len(getattr(cloud, held)) == len(getattr(peer, held)) == 1:
        for name in fields:
            yield _algorithm(f"{section}.{name}", held, name)
    else:
        yield _place(section, held, text=partial(listed, fields=len(fields)))


def _algorithm(attribute: str, held: str, name: str) -> Value:
    def read(end: Endpoint) -> Any:
        return getattr(getattr(end, held)[0], name)

    def mend(cloud: Endpoint, peer: Endpoint) -> Endpoint:
        changed: Any = getattr(peer, held)[0]._replace(**{name: read(cloud)})
        proposals: Any = (changed,)
        return replace(peer, **{held: proposals})

    return Value(attribute, read, read, mend)


def _bgp(cloud: Endpoint, peer: Endpoint) -> Iterator[Value]:
    if cloud.bgp and peer.bgp:
        yield from _SESSION
    elif cloud.bgp or peer.bgp:
        yield Value("bgp", _speaks, _speaks, _mend_bgp)


def _speaks(end: Endpoint) -> str:
    return "on" if end.bgp else "off"


def _mend_bgp(cloud: Endpoint, peer: Endpoint) -> Endpoint:
    """A gateway that expects no particular AS number would take any, its own as well."""
    ours = cloud.bgp
    if ours is None:
        return replace(peer, bgp=None)
    asn = ours.peer_asn or ours.asn
    return replace(peer, bgp=BgpSpeaker(asn, ours.peer_address, ours.address, ours.asn, ours.auth_key))


def _of_session(attribute: str, cloud_has: str, peer_has: str = "", *, secret: bool = False) -> Value:
    theirs = peer_has or cloud_has

    def mend(cloud: Endpoint, peer: Endpoint) -> Endpoint:
        return replace(peer, bgp=_speaker(peer, **{theirs: getattr(cloud.bgp, cloud_has)}))

    return Value(
        attribute,
        lambda cloud: getattr(cloud.bgp, cloud_has),
        lambda peer: getattr(peer.bgp, theirs),
        mend,
        _optional,
        secret,
    )


def _speaker(peer: Endpoint, **changes: Any) -> BgpSpeaker | None:
    return replace(peer.bgp, **changes) if peer.bgp else None


_SESSION: Final = (
    _of_session("bgp.local_asn", "asn", "peer_asn"),
    _of_session("bgp.asn", "peer_asn", "asn"),
    _of_session("bgp.local_ip", "address", "peer_address"),
    _of_session("bgp.peer_address", "peer_address", "address"),
    _of_session("bgp.auth_key", "auth_key", secret=True),
)


# What a difference comes to


class _Judge:
    """Brings the ends together with a single difference left, and tells what it adds to none at all."""

    def __init__(self, cloud: Endpoint, peer: Endpoint, path: Path) -> None:
        values = values_of(cloud, peer)
        self.cloud, self.peer = _awake(cloud, peer)
        self.mends = {value.attribute: value.mend for value in values}
        self.path = Path(behind_nat=path.behind_nat, forwards_500=True, forwards_4500=True)
        self.agreeing = {side: self._told(side, "") for side in Side}

    def _told(self, side: Side, spared: str) -> Transcript:
        peer = self.peer
        for attribute, mend in self.mends.items():
            if attribute != spared:
                peer = mend(self.cloud, peer)
        return verdict(Scenario(self.cloud, peer, self.path, side))

    def judged(self, value: Value, ours: str, theirs: str) -> Compared:
        found = [(side, _added(self._told(side, value.attribute), self.agreeing[side])) for side in Side]
        worst = max((effect for _side, (effect, *_rest) in found), key=[*Effect].index)
        sides = tuple(side for side, (effect, *_rest) in found if effect is worst)
        _effect, refusal, agreed = next(each for _side, each in found if each[0] is worst)
        return Compared(value.attribute, ours, theirs, worst, refusal, sides, agreed)


def _awake(cloud: Endpoint, peer: Endpoint) -> tuple[Endpoint, Endpoint]:
    """Both ends set up, on and ready to begin, the gateway at an address."""
    ready: dict[str, Any] = {"powered_on": True, "configured": True, "responds_only": False}
    return replace(cloud, address=cloud.address or STAND_IN, **ready), replace(peer, **ready)


Added = tuple[Effect, Refusal | None, str]
_LATER: Final = {CauseId.PFS.value: Effect.AT_REKEY, CauseId.NAT_TRAVERSAL.value: Effect.NO_DATA}


def _added(told: Transcript, agreeing: Transcript) -> Added:
    """What goes wrong here and does not where all values agree."""
    if not told.child_established:
        return Effect.FATAL, told.refusal, ""
    known = (agreeing.refusal, *agreeing.further)
    for refusal in (told.refusal, *told.further):
        if refusal and refusal not in known:
            return Effect.BGP_DOWN, refusal, ""
    for refusal in told.later:
        if refusal not in agreeing.later:
            return _LATER[refusal.cause], refusal, ""
    for left, asked in ((told.local_ts, agreeing.local_ts), (told.remote_ts, agreeing.remote_ts)):
        if left != asked:
            return Effect.NARROWED, None, ", ".join(left)
    return Effect.HARMLESS, None, ""

"""What an edit does to a running tunnel: said before it is saved, and done by `tunnels.services.edited`."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from tunnels.models import NegotiationRun, Tunnel

ALL: Final = "all"
TOUCHES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("child_encryption", "child_integrity", "child_pfs", "child_lifetime"), "child-anew"),
        **dict.fromkeys(("routing_mode", "local_networks", "remote_networks"), "child-anew"),
        **dict.fromkeys(("tunnel_cidr", "local_bgp_ip", "local_asn", "bgp_enabled", "auth_key"), "bgp-anew"),
        "ike_lifetime": "ike",
        **dict.fromkeys(("dpd", "name", "effect_immediately"), ""),
    }
)
"""What of a tunnel that is up an edited value touches, by column; all others touch the IKE SA."""


class Impact(StrEnum):
    """What becomes of one tunnel."""

    NOTHING = "nothing"
    REKEY_IKE = "rekey-ike"
    CHILD_ANEW = "child-anew"
    BGP_BEGINS = "bgp-begins"
    BGP_ENDS = "bgp-ends"
    BGP_ANEW = "bgp-anew"
    RENEGOTIATES = "renegotiates"
    """With an interruption: its SAs are closed first."""
    BEGINS = "begins"
    """It is not up, so nothing is interrupted."""
    AWAITS_TRAFFIC = "awaits-traffic"
    """Its SAs are closed, and nothing begins before traffic comes in."""
    STILL_WAITS = "still-waits"
    """It is not up, and nothing begins before traffic comes in."""
    ONCE_IN_SERVICE = "once-in-service"
    ONCE_BOUND = "once-bound"


_WISHES: Final[Mapping[str, Impact]] = MappingProxyType(
    {"ike": Impact.REKEY_IKE, "child-anew": Impact.CHILD_ANEW, "bgp-anew": Impact.BGP_ANEW}
)


def touched(fields: Iterable[str]) -> set[str]:
    """What these columns of tunnel or connection touch: wishes of `ipsec.lifecycle.Life.asked`, or `ALL`."""
    return {TOUCHES.get(name, ALL) for name in fields} - {""}


def in_order(wishes: Iterable[str]) -> list[str]:
    """As they are carried out: what lies below first, for it takes what stands on it along."""
    return sorted(wishes, key=[*_WISHES].index)


def begins_now(fields: Iterable[str], run: NegotiationRun, *, immediately: bool) -> bool:
    """Whether a tunnel that has waited for traffic need not wait any longer."""
    return "effect_immediately" in fields and run.waiting_for_traffic and immediately


def impact(
    tunnel: Tunnel, run: NegotiationRun, fields: Iterable[str], *, immediately: bool, bgp: bool
) -> tuple[Impact, ...]:
    """What an edit of these columns does to the tunnel as it is now, in the order it happens in.

    `immediately` is 立即生效 as it will be, `bgp` whether the tunnel will have BGP.
    """
    changed = [*fields]
    wishes = touched(changed)
    if not wishes and not begins_now(changed, run, immediately=immediately):
        return (Impact.NOTHING,)
    if not tunnel.gateway_address:
        return (Impact.ONCE_BOUND,)
    if run.out_of_service:
        return (Impact.ONCE_IN_SERVICE,)
    if run.life is not None and ALL not in wishes:
        found = (_WISHES[wish] for wish in in_order(wishes))
        return tuple(_of_bgp(tunnel, bgp=bgp) if one is Impact.BGP_ANEW else one for one in found)
    if not immediately and not tunnel.peer_device.begins:
        return (Impact.AWAITS_TRAFFIC if run.life is not None else Impact.STILL_WAITS,)
    return (Impact.RENEGOTIATES if run.life is not None else Impact.BEGINS,)


def _of_bgp(tunnel: Tunnel, *, bgp: bool) -> Impact:
    if not bgp:
        return Impact.BGP_ENDS
    return Impact.BGP_ANEW if tunnel.tunnel_cidr else Impact.BGP_BEGINS

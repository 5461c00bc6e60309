"""Where a tunnel stands after each step: the console's state words as a fold over what happens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from ipsec.causes import CauseId
from ipsec.happenings import Happening, LifeKind
from ipsec.transcript import Phase, StepKind
from tunnels.models import BgpStatus, NegotiationRun, Status
from tunnels.transcripts import encode

KEY_UNREADABLE: Final = "SecretUnreadable"
"""Not of `ipsec.causes`: no setting of either end raises it, only the console's own keys do."""

NOBODY_BEGINS: Final = frozenset({CauseId.TUNNEL_NOT_BOUND.value, CauseId.NOT_TRIGGERED.value})
"""Nothing failed: there was no negotiation."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a page says about a tunnel. `cause` and `refusal` are of the last verdict, empty once it is up."""

    status: str = Status.NOT_NEGOTIATED.value
    bgp_status: str = BgpStatus.NONE.value
    negotiating: bool = False
    cause: str = ""
    refusal: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, run: NegotiationRun) -> "Standing":
        return cls(run.status, run.bgp_status, run.negotiating, run.cause, run.refusal)

    def columns(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "bgp_status": self.bgp_status,
            "negotiating": self.negotiating,
            "cause": self.cause,
            "refusal": self.refusal,
        }

    def begun(self) -> "Standing":
        """An attempt begins: until it comes to something, what the last one came to stays."""
        return replace(self, negotiating=True, cause="" if self.cause == KEY_UNREADABLE else self.cause)


def standing_after(standing: Standing, happened: Happening) -> Standing:
    change = _CHANGES.get(happened.kind)
    return change(standing, happened) if change else standing


def needs_retry(standing: Standing) -> bool:
    """After a failed phase 1 or 2. A BGP session that is down leaves the SAs as they are."""
    failed = standing.status in (Status.IKE_DOWN, Status.CHILD_DOWN)
    return failed and standing.cause not in NOBODY_BEGINS


def _ike_up(standing: Standing, _happened: Happening) -> Standing:
    return replace(standing, status=Status.IKE_UP.value, cause="", refusal=None)


def _ike_down(standing: Standing, happened: Happening) -> Standing:
    """The BGP session has gone with the tunnel's interface."""
    return replace(_because(standing, happened), status=Status.IKE_DOWN.value, bgp_status=_bgp_off(standing))


def _child_up(standing: Standing, _happened: Happening) -> Standing:
    return replace(standing, status=Status.CHILD_UP.value, negotiating=False, cause="", refusal=None)


def _child_down(standing: Standing, happened: Happening) -> Standing:
    return replace(_because(standing, happened), status=Status.CHILD_DOWN.value)


def _bgp_up(standing: Standing, _happened: Happening) -> Standing:
    up = replace(standing, bgp_status=BgpStatus.UP.value)
    return replace(up, cause="", refusal=None) if standing.status == Status.CHILD_UP else up


def _bgp_down(standing: Standing, happened: Happening) -> Standing:
    """Where phase 2 is down as well, that is what stands in the way."""
    down = replace(standing, bgp_status=_bgp_off(standing))
    return _because(down, happened) if standing.status == Status.CHILD_UP else down


def _bgp_off(standing: Standing) -> str:
    return BgpStatus.DOWN.value if standing.bgp_status else BgpStatus.NONE.value


def _because(standing: Standing, happened: Happening) -> Standing:
    refusal = happened.refusal
    return replace(standing, cause=refusal.cause if refusal else "", refusal=encode(refusal))


def _refused(standing: Standing, happened: Happening) -> Standing:
    refused = replace(_because(standing, happened), negotiating=False)
    if refused.cause in NOBODY_BEGINS or happened.phase is Phase.BGP:
        return refused
    status = Status.CHILD_DOWN if happened.phase is Phase.CHILD else Status.IKE_DOWN
    return replace(refused, status=status.value)


_CHANGES: Final[Mapping[str, Callable[[Standing, Happening], Standing]]] = MappingProxyType(
    {
        StepKind.IKE_UP: _ike_up,
        StepKind.IKE_DOWN: _ike_down,
        StepKind.CHILD_UP: _child_up,
        StepKind.BGP_UP: _bgp_up,
        StepKind.REFUSED: _refused,
        LifeKind.CHILD_DOWN: _child_down,
        LifeKind.BGP_DOWN: _bgp_down,
    }
)

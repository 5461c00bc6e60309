"""What the rules must know of the world around one connection."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ipsec.findings import Finding
from ipsec.spec import ConnectionSpec

ENTERPRISE: Final = "Enterprise"
ACTIVE: Final = "Active"


@dataclass(frozen=True, slots=True)
class TransitRouterFacts:
    """The transit router of the chosen CEN in the connection's region, in the CEN API's words."""

    transit_router_id: str
    edition: str = ENTERPRISE
    status: str = ACTIVE
    cidr_blocks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Everything outside the spec that a rule looks at; the defaults know of nothing.

    `transit_router` None: not known here, nothing is said about it. `cidrs_on_gateway` and
    `cidrs_on_transit_router` hold the canonical tunnel CIDR blocks of *other* connections, the first by
    customer gateway id. `bind_now` is own-account binding at this write; it and `cross_account` decide
    whether the transit router must be fit to take the connection. `creating` False allows a tunnel without
    BGP beside one with it, since after creation each tunnel can be enabled alone.
    """

    cross_account: bool = False
    transit_router: TransitRouterFacts | None = None
    cidrs_on_gateway: Mapping[str, frozenset[str]] = field(default_factory=dict)
    cidrs_on_transit_router: frozenset[str] = frozenset()
    bind_now: bool = True
    creating: bool = True

    @property
    def binding_to(self) -> TransitRouterFacts | None:
        """The transit router this write attaches the connection to, if any."""
        return self.transit_router if self.bind_now and not self.cross_account else None


NO_SURROUNDINGS: Final = Surroundings()

Rule = Callable[[ConnectionSpec, Surroundings], Iterable[Finding]]
"""One rule: all it has to say about a spec. Never raises, whatever text and numbers the spec holds."""

"""Forced rekeys of SAs that two charons have up between them."""

from collections.abc import Callable

from vici.exception import CommandException

from ipsec.negotiation import ForcedRekey
from lab.associations import Child, IkeSa, established, listed
from lab.ends import End
from lab.patience import within

_SECONDS = 3
"""So long for a rekey. A daemon ignores a request where its last one for that SA was refused."""


def rekey(asking: End, other: End, forced: ForcedRekey, refused: Callable[[], bool]) -> bool:
    """Whether the newest SA of its kind is replaced, at both ends. IKEv1 keeps the one before for a while."""
    within(_SECONDS, lambda: _mirrored(asking, other) and _mirrored(other, asking))
    within(_SECONDS, lambda: _settled(asking) and _settled(other))
    before = _newest(asking, forced.what)
    try:
        asking.vici.rekey({f"{forced.what}-id": str(before)})
    except CommandException:
        return False

    def passed() -> bool:
        return _newest(asking, forced.what) > before and _mirrored(asking, other)

    return within(_SECONDS, lambda: passed() or refused()) and passed()


def _newest(end: End, what: str) -> int:
    """The daemon's own number of the SA in use; a rekeyed one has a higher one. 0 in between."""
    in_use = _in_use(end)
    if in_use is None:
        return 0
    sa, child = in_use
    return sa.number if what == "ike" else child.number


def _in_use(end: End) -> tuple[IkeSa, Child] | None:
    """The newest child of the newest SA that has one."""
    carrying = [sa for sa in established(listed(end.vici)).values() if sa.carrying]
    if not carrying:
        return None
    sa = max(carrying, key=lambda each: each.number)
    return sa, max(sa.carrying, key=lambda each: each.number)


def _settled(end: End) -> bool:
    return all(sa.settled for sa in listed(end.vici))


def _mirrored(one: End, other: End) -> bool:
    """What is in use at one end is up at the other."""
    in_use = _in_use(one)
    if in_use is None:
        return False
    sa, child = in_use
    mirror = established(listed(other.vici)).get(sa.spis)
    return mirror is not None and child.spi_out in {each.spi_in for each in mirror.carrying}

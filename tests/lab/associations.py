"""The SAs a charon has, as vici lists them, and when two charons have come to rest."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_REKEYED = ("REKEYED", "DELETED")
"""Old child SAs that only wait for late packets."""


@dataclass(frozen=True, slots=True)
class Child:
    number: int
    state: str
    local_ts: tuple[str, ...]
    remote_ts: tuple[str, ...]
    spi_in: str
    spi_out: str


@dataclass(frozen=True, slots=True)
class IkeSa:
    """`spis` is the same at both ends."""

    name: str
    version: int
    number: int
    state: str
    spis: tuple[str, str]
    children: tuple[Child, ...]

    @property
    def established(self) -> bool:
        """IKEv1 leaves an SA whose re-authentication was refused in REKEYING; it is as good as before."""
        return self.state in ("ESTABLISHED", "REKEYING")

    @property
    def installed(self) -> tuple[Child, ...]:
        return tuple(child for child in self.children if child.state == "INSTALLED")

    @property
    def carrying(self) -> tuple[Child, ...]:
        """The children that data goes through."""
        return tuple(child for child in self.children if child.state in ("INSTALLED", "REKEYING"))

    @property
    def quiet(self) -> bool:
        """Nothing is on its way. A responder may wait long in CONNECTING for an initiator that has left."""
        return all(child.state in ("INSTALLED", *_REKEYED) for child in self.children)

    @property
    def settled(self) -> bool:
        """The delete after a rekey is through; before, IKEv2 answers TEMPORARY_FAILURE. IKEv1 keeps it."""
        return self.version == 1 or all(child.state in ("INSTALLED", "DELETED") for child in self.children)


def listed(vici: Any) -> list[IkeSa]:
    return [_ike_sa(name, sa) for message in list(vici.list_sas()) for name, sa in message.items()]


def _ike_sa(name: str, sa: Mapping[str, Any]) -> IkeSa:
    return IkeSa(
        name=name,
        version=int(sa["version"]),
        number=int(sa["uniqueid"]),
        state=sa["state"].decode(),
        spis=(sa["initiator-spi"].decode(), sa["responder-spi"].decode()),
        children=tuple(_child(child) for child in sa["child-sas"].values()),
    )


def _child(child: Mapping[str, Any]) -> Child:
    return Child(
        number=int(child["uniqueid"]),
        state=child["state"].decode(),
        local_ts=_texts(child, "local-ts"),
        remote_ts=_texts(child, "remote-ts"),
        spi_in=child.get("spi-in", b"").decode(),
        spi_out=child.get("spi-out", b"").decode(),
    )


def _texts(child: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(sorted(item.decode() for item in child.get(key, [])))


def established(sas: list[IkeSa]) -> dict[tuple[str, str], IkeSa]:
    return {sa.spis: sa for sa in sas if sa.established}


def at_rest(initiator: list[IkeSa], responder: list[IkeSa]) -> bool:
    """Both ends agree on what is up, and the initiator tries nothing any more."""
    ours, theirs = established(initiator), established(responder)
    if len(ours) != len(initiator) or ours.keys() != theirs.keys():
        return False
    return all(
        sa.quiet and theirs[spis].quiet and len(sa.installed) == len(theirs[spis].installed)
        for spis, sa in ours.items()
    )

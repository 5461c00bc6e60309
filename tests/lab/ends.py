"""Two charons joined by a cable, for pair after pair: the cloud's end and the peer's."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ipsec.negotiation import Path as Way
from ipsec.negotiation import Scenario
from ipsec.transcript import Side
from lab.connections import inside_addresses, outside_addresses
from lab.daemon import Charon, charon, give_addresses, join, namespace, run
from lab.journal import Journal
from lab.routers import LAN, Router, router

# Retransmits after 0.4 s and 0.8 s, given up at 1.2 s. The mark keeps IKE's own packets out of the tunnels.
CONF = """
charon {
    threads = 32
    retransmit_base = 1
    retransmit_tries = 2
    retransmit_timeout = 0.4
    dos_protection = no
    i_dont_care_about_security_and_use_aggressive_mode_psk = yes
    plugins {
        socket-default {
            fwmark = 0x42
        }
        kernel-netlink {
            fwmark = !0x42
        }
    }
}
"""
NEEDS = ("charon", "libipsec", "ip", "nft", "root", "tun")
_PATIENCE = 20
"""Seconds after which a daemon that doesn't answer counts as dead."""


@dataclass(frozen=True, slots=True)
class End:
    daemon: Charon
    vici: Any
    journal: Journal


Ends = dict[Side, End]


@contextmanager
def two_ends(scenarios: Sequence[Scenario], way: Way) -> Iterator[tuple[Ends, Router | None]]:
    """Both daemons, with every address that `scenarios` need, and the router where the way has a NAT."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vpnlab-")))
        names = {side: stack.enter_context(namespace(side.value)) for side in Side}
        cloud, peer = names[Side.CLOUD], names[Side.PEER]
        outside = {side: outside_addresses(scenarios, side) for side in Side}
        between = None
        if way.behind_nat:
            between = stack.enter_context(router(way, cloud, peer, outside[Side.PEER]))
        else:
            join(cloud, peer)
        _route(names, outside, between)
        for side, name in names.items():
            give_addresses(name, "lo", [f"{address}/32" for address in inside_addresses(scenarios, side)])
        yield {side: stack.enter_context(_end(names[side], side, folder)) for side in Side}, between


@contextmanager
def _end(name: str, side: Side, folder: Path) -> Iterator[End]:
    (folder / side.value).mkdir()
    with charon(name, folder / side.value, CONF) as daemon, daemon.session(_PATIENCE) as vici:
        yield End(daemon, vici, Journal(daemon.log_path))


def _route(names: dict[Side, str], outside: dict[Side, list[str]], between: Router | None) -> None:
    """Each end has its own addresses and a way to the other's; the router has a way to the cloud's."""
    cloud, peer = Side.CLOUD, Side.PEER
    give_addresses(names[cloud], "wan", [f"{address}/32" for address in outside[cloud]])
    _way(names[cloud], outside[peer], outside[cloud][0])
    if between is None:
        give_addresses(names[peer], "wan", [f"{address}/32" for address in outside[peer]])
        _way(names[peer], outside[cloud], outside[peer][0])
    else:
        _way(between.name, outside[cloud], outside[peer][0])
        for address in outside[cloud]:
            run("ip", "-n", names[peer], "route", "add", address, "via", LAN)


def _way(name: str, others: Sequence[str], own: str) -> None:
    for other in others:
        run("ip", "-n", name, "route", "add", other, "dev", "wan", "src", own)

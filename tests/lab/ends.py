"""Two charons joined by a cable, for pair after pair: the cloud's end and the peer's."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ipsec.negotiation import Scenario
from ipsec.transcript import Side
from lab.connections import inside_addresses, outside_addresses
from lab.daemon import Charon, charon, give_addresses, join, namespace, run
from lab.journal import Journal

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
NEEDS = ("charon", "libipsec", "ip", "root", "tun")
_PATIENCE = 20
"""Seconds after which a daemon that doesn't answer counts as dead."""


@dataclass(frozen=True, slots=True)
class End:
    daemon: Charon
    vici: Any
    journal: Journal


Ends = dict[Side, End]


@contextmanager
def two_ends(scenarios: Sequence[Scenario]) -> Iterator[Ends]:
    """Both daemons, with every address that one of `scenarios` may need."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vpnlab-")))
        names = {side: stack.enter_context(namespace(side.value)) for side in Side}
        join(names[Side.CLOUD], names[Side.PEER])
        yield {side: stack.enter_context(_end(names[side], side, folder, scenarios)) for side in Side}


@contextmanager
def _end(name: str, side: Side, folder: Path, scenarios: Sequence[Scenario]) -> Iterator[End]:
    _place(name, side, scenarios)
    (folder / side.value).mkdir()
    with charon(name, folder / side.value, CONF) as daemon, daemon.session(_PATIENCE) as vici:
        yield End(daemon, vici, Journal(daemon.log_path))


def _place(name: str, side: Side, scenarios: Sequence[Scenario]) -> None:
    own = outside_addresses(scenarios, side)
    give_addresses(name, "wan", [f"{address}/32" for address in own])
    give_addresses(name, "lo", [f"{address}/32" for address in inside_addresses(scenarios, side)])
    for other in outside_addresses(scenarios, side.other):
        run("ip", "-n", name, "route", "add", other, "dev", "wan", "src", own[0])

"""A router before the peer that hides it: real NAT, by nftables, in a namespace of its own."""

import ctypes
import socket
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from ipsec.scenario import Path
from lab.daemon import give_addresses, join, namespace, run

Made = TypeVar("Made")

LAN = "172.20.0.1"
_RULES = """
table ip lab {{
    chain outwards {{
        type nat hook postrouting priority srcnat;
        oifname "wan" masquerade
    }}
    chain inwards {{
        type nat hook prerouting priority dstnat;
        {forwarded}
    }}
    chain through {{
        type filter hook forward priority filter;
        {blocked}
    }}
}}
"""
_NEW_NETWORK = 0x40000000
_FORGET_ALL = struct.pack("=IHHII BBH", 20, (1 << 8) | 2, 0x1 | 0x4, 1, 0, socket.AF_INET, 0, 0)
"""A request to connection tracking (NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE) that names no connection."""
_NETFILTER = 12


@dataclass(frozen=True, slots=True)
class Router:
    name: str
    tracking: socket.socket

    def forget(self) -> None:
        """What went out before lets nothing back in any more."""
        self.tracking.send(_FORGET_ALL)
        self.tracking.recv(4096)


@contextmanager
def router(path: Path, cloud: str, peer: str, outside: list[str]) -> Iterator[Router]:
    """Between two namespaces, with the peer's addresses `outside` on the cloud's side."""
    with namespace("router") as name:
        join(cloud, name)
        run("ip", "-n", name, "link", "set", "wan", "down")
        _join_lan(name, peer)
        run("ip", "-n", name, "link", "set", "wan", "up")
        give_addresses(name, "wan", [f"{address}/32" for address in outside])
        give_addresses(name, "lan", [f"{LAN}/24"])
        give_addresses(peer, "wan", [f"{path.inside_address}/24"])
        run("ip", "netns", "exec", name, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        run("ip", "netns", "exec", name, "nft", "-f", "-", stdin=_rules(path))
        with _inside(name, lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETFILTER)) as tracking:
            tracking.settimeout(5)
            yield Router(name, tracking)


def _join_lan(name: str, peer: str) -> None:
    run("ip", "link", "add", "lan", "netns", name, "type", "veth", "peer", "name", "wan", "netns", peer)
    run("ip", "-n", name, "link", "set", "lan", "up")
    run("ip", "-n", peer, "link", "set", "wan", "up")


def _rules(path: Path) -> str:
    ports = [port for port, passed in ((500, path.forwards_500), (4500, path.forwards_4500)) if passed]
    listed = ", ".join(map(str, ports))
    forwarded = f'iifname "wan" udp dport {{ {listed} }} dnat to {path.inside_address}' if ports else ""
    blocked = "" if path.udp4500_open else "udp dport 4500 drop; udp sport 4500 drop"
    return _RULES.format(forwarded=forwarded, blocked=blocked)


def _inside(name: str, make: Callable[[], Made]) -> Made:
    """What is made by a thread that has entered the namespace; a socket stays in it."""

    def work() -> Made:
        with open(f"/run/netns/{name}", "rb") as entrance:
            if ctypes.CDLL(None, use_errno=True).setns(entrance.fileno(), _NEW_NETWORK):
                raise OSError(ctypes.get_errno(), f"cannot enter {name}")
        return make()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()

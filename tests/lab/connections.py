"""An end of a pair as a connection and a key that a charon loads, and the addresses both ends need for it."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network

from ipsec.algorithms import IkeMode, IkeVersion
from ipsec.negotiation import ChildProposal, Endpoint, IkeProposal, Scenario
from ipsec.spec import ChildSpec, IkeSpec
from ipsec.transcript import Side
from peerconfigs.strongswan.keywords import esp_words, ike_words

CHILD = "net"
_REKEYED_AT = 0.9
"""Of a lifetime; there is no randomness in it."""


def connection(end: Endpoint, own_address: str = "") -> dict[str, object]:
    """What vici's load-conn takes. A device of both versions knows IKEv1's main mode only.

    `own_address` is what the end's interface has where a NAT hides it.
    """
    versions = {IkeVersion.IKEV1: "1", IkeVersion.IKEV2: "2"}
    several = len(end.ike_versions) > 1
    return {
        "version": "0" if several else versions[end.ike_versions[0]],
        "aggressive": _yes(end.mode is IkeMode.AGGRESSIVE and end.ike_versions == (IkeVersion.IKEV1,)),
        "mobike": "no",
        "keyingtries": "1",
        "dpd_delay": "30s" if end.dpd else "0s",
        "local_addrs": [own_address or end.address],
        "remote_addrs": [end.remote_address],
        "proposals": [_ike_words(each) for each in end.ike_proposals],
        "rekey_time": f"{end.ike_lifetime * _REKEYED_AT:.0f}s",
        "over_time": f"{end.ike_lifetime * (1 - _REKEYED_AT):.0f}s",
        "rand_time": "0s",
        "local": _identity(end.local_id),
        "remote": _identity(end.remote_id),
        "children": {CHILD: _child(end)},
    }


def _child(end: Endpoint) -> dict[str, object]:
    return {
        "local_ts": list(end.local_networks),
        "remote_ts": list(end.remote_networks),
        "esp_proposals": [_esp_words(each) for each in end.esp_proposals],
        "life_time": f"{end.child_lifetime}s",
        "rekey_time": f"{end.child_lifetime * _REKEYED_AT:.0f}s",
        "rand_time": "0s",
    }


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"


def _identity(identity: str | None) -> dict[str, str]:
    return {"auth": "psk"} if identity is None else {"auth": "psk", "id": identity}


def _ike_words(proposal: IkeProposal) -> str:
    encryption, integrity, dh_group = proposal
    return ike_words(IkeSpec(encryption=encryption, integrity=integrity, dh_group=dh_group))


def _esp_words(proposal: ChildProposal) -> str:
    encryption, integrity, pfs = proposal
    return esp_words(ChildSpec(encryption=encryption, integrity=integrity, pfs=pfs))


def outside_addresses(scenarios: Iterable[Scenario], side: Side) -> list[str]:
    return sorted({scenario.end(side).address for scenario in scenarios})


def inside_addresses(scenarios: Iterable[Scenario], side: Side) -> list[str]:
    """One of each network that a child could have behind `side`, but where an outside address will do."""
    wanted = {network for scenario in scenarios for network in _agreeable(scenario, side)}
    return sorted({str(_host(network)) for network in wanted if network.prefixlen > 0})


def _agreeable(scenario: Scenario, side: Side) -> Iterator[IPv4Network]:
    for own in _parsed(scenario.end(side).local_networks):
        for other in _parsed(scenario.end(side.other).remote_networks):
            if own.overlaps(other):
                yield max(own, other, key=lambda network: network.prefixlen)


def _parsed(networks: tuple[str, ...]) -> list[IPv4Network]:
    return [IPv4Network(network, strict=False) for network in networks]


def _host(network: IPv4Network) -> object:
    return network[1] if network.num_addresses > 1 else network[0]

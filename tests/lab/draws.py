"""Random pairs of ends, in the format of `ipsec.negotiation.pairs`: alike but for up to three values.

Half of them vary as those of the measured table `random` do. The other half reaches further, as the table
`mismatch` does: identities of every kind and patterns for them, several proposals on either side, networks
that nest, keys that nearly agree, a device of both versions, rekeys of both SAs.
"""

import string
from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Network
from random import Random
from typing import TypeAlias

from ipsec.algorithms import DhGroup, Encryption, IkeMode, IkeVersion, Integrity, Pfs, RoutingMode
from ipsec.negotiation import TOPOLOGIES, Path

Row: TypeAlias = dict[str, object]
Change: TypeAlias = Callable[[Random, Row], object]

VERSIONS, MODES, ROUTING = list(IkeVersion), list(IkeMode), list(RoutingMode)
CIPHERS, HASHES, GROUPS, PFS = list(Encryption), list(Integrity), list(DhGroup), list(Pfs)
WHO, SAS = ["cloud", "peer"], ["child", "ike"]
INSIDE = Path().inside_address
NATS = [name for name, path in TOPOLOGIES.items() if path.behind_nat]
NATS.sort(key=lambda name: not TOPOLOGIES[name].udp4500_open or "500only" in name)
KEY_CHARACTERS = string.ascii_letters + string.digits + string.punctuation.replace('"', "")
MIRRORED = {
    "local_id": "remote_id",
    "remote_id": "local_id",
    "local_subnets": "remote_subnets",
    "remote_subnets": "local_subnets",
}


def draw(seed: int, count: int, *, nat: bool = False) -> Iterator[Row]:
    """`count` pairs; the same for the same seed, and the first ones the same whatever `count` is."""
    for number in range(count):
        rng = Random(f"{seed}/{number}")  # noqa: S311 - nothing is to be guessed
        row = pair(rng, f"s{seed}-{number}")
        yield _behind_nat(rng, row) if nat else row


def pair(rng: Random, name: str) -> Row:
    wide = rng.random() < 0.5
    cloud = _cloud(rng)
    if wide:
        _widen(rng, cloud)
    peer = {MIRRORED.get(key, key): value for key, value in cloud.items()}
    changes = WIDE if wide else PLAIN
    how_many = rng.choices(range(4), weights=(15, 44, 26, 15))[0]
    differs = rng.sample(list(changes), how_many)
    for key in differs:
        peer[key] = changes[key](rng, peer)
    return {
        "id": name,
        "cloud": cloud,
        "peer": peer,
        "initiator": rng.choice(WHO),
        "differs": differs,
        "rekey": _rekeys(rng, wide=wide),
    }


def _rekeys(rng: Random, *, wide: bool) -> list[list[str]]:
    """The IKE SA comes last: what follows a refused re-authentication of IKEv1 is a story over time."""
    if not wide:
        return [[rng.choice(WHO), "child"]]
    first = [[rng.choice(WHO), "child"]] if rng.random() < 0.5 else []
    return [*first, [rng.choice(WHO), rng.choice(SAS)]]


def _behind_nat(rng: Random, row: Row) -> Row:
    """The same pair with a router between, and the identities that people give to what is behind one.

    IKEv1's aggressive mode takes itself for established where UDP 4500 is blocked, and tries for ever.
    """
    cloud, peer = row["cloud"], row["peer"]
    assert isinstance(cloud, dict)
    assert isinstance(peer, dict)
    cloud["nat_t"] = peer["nat_t"] = True
    cloud["remote_id"] = rng.choice([cloud["remote_id"], None, INSIDE, "198.51.100.10"])
    peer["local_id"] = rng.choice([cloud["remote_id"], cloud["remote_id"], None, INSIDE, "198.51.100.10"])
    endless = "ikev1" in (cloud["ike_version"], peer["ike_version"]) and "aggressive" in (
        cloud["ike_mode"],
        peer["ike_mode"],
    )
    return {**row, "topology": rng.choice(NATS[:2] if endless else NATS)}


# The end that the other is a mirror of


def _cloud(rng: Random) -> Row:
    version = rng.choice(VERSIONS)
    ids = [("203.0.113.10", "198.51.100.10"), ("cloud.example.com", "peer.example.com")]
    ids.append((ids[1][0], ids[0][1]))
    local_id, remote_id = rng.choices(ids, weights=(69, 23, 8))[0]
    return {
        "ike_version": version,
        "ike_mode": rng.choice(MODES),
        "ike_enc": rng.choice(CIPHERS),
        "ike_auth": rng.choice(HASHES),
        "ike_dh": rng.choice(GROUPS),
        "ike_lifetime": _lifetime(rng),
        "psk": _key(rng),
        "esp_enc": rng.choice(CIPHERS),
        "esp_auth": rng.choice(HASHES),
        "pfs": rng.choice(PFS),
        "esp_lifetime": _lifetime(rng),
        "dpd": rng.random() < 0.7,
        "nat_t": rng.random() < 0.7,
        "route_mode": rng.choice(ROUTING),
        "local_id": local_id,
        "remote_id": remote_id,
        "local_subnets": _networks(rng, "10.1", version),
        "remote_subnets": _networks(rng, "192.168", version),
    }


def _networks(rng: Random, prefix: str, version: IkeVersion) -> list[str]:
    """The console takes several only under IKEv2."""
    count = 1 if version is IkeVersion.IKEV1 else rng.choices((1, 2, 3), weights=(6, 2, 2))[0]
    return [f"{prefix}.{third}.0/24" for third in rng.sample(range(1, 255), count)]


def _lifetime(rng: Random) -> int:
    return rng.choice([3600, 28800, 86400, rng.randint(60, 86400)])


def _key(rng: Random) -> str:
    return "".join(rng.choices(KEY_CHARACTERS, k=rng.randint(1, 100)))


def _widen(rng: Random, cloud: Row) -> None:
    if rng.random() < 0.3:
        cloud["local_id"] = rng.choice(["cloud-1", "CLOUD.Example.com", "gate@example.com", "192.0.2.7"])
    if rng.random() < 0.3:
        cloud["remote_id"] = rng.choice(["branch-1", "Peer.EXAMPLE.com", "box@example.com", "192.0.2.8"])
    if rng.random() < 0.15:
        cloud["ike_proposals"] = _among_others(rng, _ike_proposal(cloud), GROUPS)
    if rng.random() < 0.15:
        cloud["esp_proposals"] = _among_others(rng, _esp_proposal(cloud), PFS)
    if rng.random() < 0.2:
        cloud["local_subnets"] = _networks(rng, "10.1", IkeVersion.IKEV2)


def _ike_proposal(end: Row) -> list[object]:
    return [end["ike_enc"], end["ike_auth"], end["ike_dh"]]


def _esp_proposal(end: Row) -> list[object]:
    return [end["esp_enc"], end["esp_auth"], end["pfs"]]


def _among_others(rng: Random, own: list[object], groups: list[DhGroup] | list[Pfs]) -> list[list[object]]:
    """`own` somewhere in a list; the others may differ in nothing but the group."""
    listed = [own]
    for _ in range(rng.randint(1, 2)):
        first = own[:2] if rng.random() < 0.4 else [rng.choice(CIPHERS), rng.choice(HASHES)]
        other = [*first, rng.choice(groups)]
        if other not in listed:
            listed.insert(rng.randint(0, len(listed)), other)
    return listed


# What the other end has otherwise


def _another(key: str, values: list[object]) -> Change:
    return lambda rng, end: rng.choice([value for value in values if value != end[key]])


def _networks_apart(key: str) -> Change:
    """Narrower, wider, everything, something else, or one more."""

    def change(rng: Random, end: Row) -> object:
        held = _texts(end[key])
        first = IPv4Network(held[0])
        variants = [
            [str(first.supernet(new_prefix=16))],
            [str(next(first.subnets()))],
            ["0.0.0.0/0"],
            ["172.30.0.0/24"],
            [*held, "172.30.1.0/24"],
        ]
        return rng.choice(variants)

    return change


def _networks_wide(key: str) -> Change:
    """Also single hosts, parts, another order, and several narrower ones."""

    def change(rng: Random, end: Row) -> object:
        held = _texts(end[key])
        last = IPv4Network(held[-1])
        halves = [str(half) for half in last.subnets()]
        variants = [
            [f"{last[9]}/32"],
            [str(last.supernet(new_prefix=8))],
            [str(last)],
            held[::-1],
            halves[::-1],
            [*held, str(last.supernet(new_prefix=20))],
            ["172.30.0.0/24", halves[1], str(last[1]) + "/32"],
            ["172.30.0.0/24", *held],
        ]
        return rng.choice(variants) if rng.random() < 0.7 else _networks_apart(key)(rng, end)

    return change


def _texts(value: object) -> list[str]:
    assert isinstance(value, list)
    return value


def _key_nearly(rng: Random, end: Row) -> object:
    key = str(end["psk"])
    return rng.choice([key.swapcase() + "-", key[:-1] or "x", key + "x", key + " ", key[:1] + "y", _key(rng)])


def _other_id(rng: Random, _end: Row) -> object:
    return rng.choice(["198.51.100.77", "other.example.com"])


def _local_id_wide(rng: Random, end: Row) -> object:
    held = str(end["local_id"])
    return rng.choice([None, held.swapcase(), held + ".", "@" + held, end["remote_id"], _other_id(rng, end)])


def _remote_id_wide(rng: Random, end: Row) -> object:
    held = str(end["remote_id"])
    variants = [None, "%any", "*.example.com", "*@example.com", held.upper(), held + "."]
    return rng.choice([*variants, end["local_id"], _other_id(rng, end)])


def _ike_proposals(rng: Random, end: Row) -> object:
    listed = _among_others(rng, _ike_proposal(end), GROUPS)
    return listed if rng.random() < 0.8 else [each for each in listed if each != _ike_proposal(end)] or listed


def _esp_proposals(rng: Random, end: Row) -> object:
    listed = _among_others(rng, _esp_proposal(end), PFS)
    return listed if rng.random() < 0.8 else [each for each in listed if each != _esp_proposal(end)] or listed


PLAIN: Mapping[str, Change] = {
    "ike_version": _another("ike_version", [*VERSIONS]),
    "ike_mode": _another("ike_mode", [*MODES]),
    "ike_enc": _another("ike_enc", [*CIPHERS]),
    "ike_auth": _another("ike_auth", [*HASHES]),
    "ike_dh": _another("ike_dh", [*GROUPS]),
    "ike_lifetime": lambda rng, _end: rng.randint(60, 86400),
    "psk": lambda rng, _end: _key(rng),
    "esp_enc": _another("esp_enc", [*CIPHERS]),
    "esp_auth": _another("esp_auth", [*HASHES]),
    "pfs": _another("pfs", [*PFS]),
    "esp_lifetime": lambda rng, _end: rng.randint(60, 86400),
    "dpd": lambda _rng, end: not end["dpd"],
    "nat_t": lambda _rng, end: not end["nat_t"],
    "route_mode": _another("route_mode", [*ROUTING]),
    "local_id": _other_id,
    "remote_id": _other_id,
    "local_subnets": _networks_apart("local_subnets"),
    "remote_subnets": _networks_apart("remote_subnets"),
}
WIDE: Mapping[str, Change] = {
    **PLAIN,
    "ike_version": _another("ike_version", [*VERSIONS, "any", "any"]),
    "ike_lifetime": lambda rng, _end: rng.choice([0, 60, 600, 86399]),
    "esp_lifetime": lambda rng, _end: rng.choice([0, 60, 600, 86399]),
    "psk": _key_nearly,
    "local_id": _local_id_wide,
    "remote_id": _remote_id_wide,
    "local_subnets": _networks_wide("local_subnets"),
    "remote_subnets": _networks_wide("remote_subnets"),
    "ike_proposals": _ike_proposals,
    "esp_proposals": _esp_proposals,
}

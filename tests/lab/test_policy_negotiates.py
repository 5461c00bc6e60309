"""The file in one charon against the cloud's side in another: both tunnels come up."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from ipsec.algorithms import IkeMode, IkeVersion
from ipsec.spec import ConnectionSpec, TunnelSpec
from lab.daemon import Charon, charon, give_addresses, join, namespace, run, wait_for
from lab.examples import EXAMPLES, ikev1_main_policy, ikev2_policy
from peerconfigs.document import Options
from peerconfigs.registry import render
from peerconfigs.strongswan.keywords import esp_words, ike_words

pytestmark = pytest.mark.daemon

AGGRESSIVE = "charon {\n    i_dont_care_about_security_and_use_aggressive_mode_psk = yes\n}\n"


def with_one_cloud_identity() -> ConnectionSpec:
    """Two keys between one name of the cloud and two names of the device: the keys must not be mixed up."""
    spec = ikev2_policy()
    return replace(
        spec,
        tunnels=tuple(
            replace(t, ike=replace(t.ike, local_id="cloud.example.com", remote_id=f"dc-{t.index}"))
            for t in spec.tunnels
        ),
    )


def with_one_pair_of_identities() -> ConnectionSpec:
    """Neither tunnel may be taken for a restart of the other."""
    spec = ikev2_policy()
    return replace(
        spec,
        tunnels=tuple(
            replace(t, ike=replace(t.ike, local_id="cloud", remote_id="dc", psk="one key"))
            for t in spec.tunnels
        ),
    )


def aggressive() -> ConnectionSpec:
    spec = ikev1_main_policy()
    names = {1: ("cloud.example.com", "dc-1"), 2: ("cloud.example.com", "dc-2")}
    return replace(
        spec,
        tunnels=tuple(
            replace(
                t,
                ike=replace(
                    t.ike, mode=IkeMode.AGGRESSIVE, local_id=names[t.index][0], remote_id=names[t.index][1]
                ),
            )
            for t in spec.tunnels
        ),
    )


CASES = {
    "ikev2, 2 x 3 networks": EXAMPLES["ikev2-policy"],
    "ikev2, one identity of the cloud": with_one_cloud_identity,
    "ikev2, one pair of identities": with_one_pair_of_identities,
    "ikev1 main, 1 x 1": EXAMPLES["ikev1-main-policy"],
    "ikev1 aggressive, names": aggressive,
}


@pytest.mark.parametrize("example", CASES.values(), ids=CASES.keys())
def test_both_tunnels_come_up(tmp_path: Path, example: Callable[[], ConnectionSpec]) -> None:
    spec = example()
    with two_ends(tmp_path, spec) as (cloud, peer):
        for tunnel in spec.tunnels:
            _open_from_the_cloud(cloud, spec, tunnel)
        # The initiator is done a moment before the responder has its last message.
        wait_for(lambda: len(list(_tunnels(peer))) == 2, "two tunnels at the peer")
        found = {tunnel.name: tunnel for tunnel in _tunnels(peer)}
    assert sorted(found) == ["vco-example-t1", "vco-example-t2"]
    for tunnel in spec.tunnels:
        seen = found[f"vco-example-t{tunnel.index}"]
        assert seen.remote_host == tunnel.gateway_address
        assert seen.states == ("ESTABLISHED", "INSTALLED")
        assert seen.local_ts == set(spec.remote_networks)
        assert seen.remote_ts == set(spec.local_networks)


def test_a_key_that_differs_is_refused(tmp_path: Path) -> None:
    """So that the tunnels above are known to come up because of the keys in the file."""
    spec = ikev2_policy()
    first = replace(spec.tunnels[0], ike=replace(spec.tunnels[0].ike, psk="another"))
    with two_ends(tmp_path, spec) as (cloud, peer):
        with pytest.raises(Exception, match="establishing CHILD_SA"):
            _open_from_the_cloud(cloud, spec, first)
        assert list(_tunnels(peer)) == []


@contextmanager
def two_ends(folder: Path, spec: ConnectionSpec) -> Iterator[tuple[Charon, Charon]]:
    """Both daemons, the peer's loaded from the rendered files."""
    conf, daemon_conf, _script = render("strongswan", spec, Options(with_secrets=True)).files
    for end in ("cloud", "peer"):
        (folder / end).mkdir()
    (folder / "peer" / "swanctl.conf").write_text(conf.text)
    gateways = [tunnel.gateway_address or "" for tunnel in spec.tunnels]
    customers = sorted({tunnel.peer.address for tunnel in spec.tunnels if tunnel.peer})
    with namespace("cloud") as cloud_ns, namespace("peer") as peer_ns:
        join(cloud_ns, peer_ns)
        _place(cloud_ns, gateways, customers, spec.local_networks)
        _place(peer_ns, customers, gateways, spec.remote_networks)
        with (
            charon(cloud_ns, folder / "cloud", AGGRESSIVE) as cloud,
            charon(peer_ns, folder / "peer", daemon_conf.text) as peer,
        ):
            assert "successfully loaded 2" in peer.load_file(folder / "peer" / "swanctl.conf")
            yield cloud, peer


def _place(name: str, own: list[str], others: list[str], networks: tuple[str, ...]) -> None:
    give_addresses(name, "wan", [f"{address}/32" for address in own])
    give_addresses(name, "lo", [f"{IPv4Network(network)[1]}/32" for network in networks])
    for other in others:
        run("ip", "-n", name, "route", "add", other, "dev", "wan", "src", own[0])


def _open_from_the_cloud(cloud: Charon, spec: ConnectionSpec, tunnel: TunnelSpec) -> None:
    name = f"cloud-{tunnel.index}"
    local_id, remote_id = _identities(tunnel)
    with cloud.session() as vici:
        vici.load_shared({"type": "ike", "data": tunnel.ike.psk, "owners": [local_id, remote_id]})
        vici.load_conn({name: _cloud_connection(spec, tunnel)})
        for _line in vici.initiate({"ike": name, "child": "net", "timeout": "10000"}):
            pass


def _identities(tunnel: TunnelSpec) -> tuple[str, str]:
    assert tunnel.peer
    assert tunnel.gateway_address
    return tunnel.ike.local_id or tunnel.gateway_address, tunnel.ike.remote_id or tunnel.peer.address


def _cloud_connection(spec: ConnectionSpec, tunnel: TunnelSpec) -> dict[str, object]:
    local_id, remote_id = _identities(tunnel)
    assert tunnel.peer
    return {
        "version": "2" if tunnel.ike.version is IkeVersion.IKEV2 else "1",
        "aggressive": "yes" if tunnel.ike.mode is IkeMode.AGGRESSIVE else "no",
        "local_addrs": [tunnel.gateway_address],
        "remote_addrs": [tunnel.peer.address],
        "proposals": [ike_words(tunnel.ike)],
        "local": {"auth": "psk", "id": local_id},
        "remote": {"auth": "psk", "id": remote_id},
        "children": {
            "net": {
                "local_ts": list(spec.local_networks),
                "remote_ts": list(spec.remote_networks),
                "esp_proposals": [esp_words(tunnel.child)],
            }
        },
    }


@dataclass(frozen=True, slots=True)
class SeenTunnel:
    name: str
    remote_host: str
    states: tuple[str, str]
    local_ts: set[str]
    remote_ts: set[str]


def _tunnels(daemon: Charon) -> Iterator[SeenTunnel]:
    """The IKE SAs of a daemon, each with its child."""
    with daemon.session() as vici:
        for message in list(vici.list_sas()):
            for name, sa in message.items():
                for child in sa["child-sas"].values():
                    yield SeenTunnel(
                        name,
                        sa["remote-host"].decode(),
                        (sa["state"].decode(), child["state"].decode()),
                        {network.decode() for network in child["local-ts"]},
                        {network.decode() for network in child["remote-ts"]},
                    )

"""The script beside swanctl.conf, run by a real shell with stand-ins for the commands it calls."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from lab.examples import EXAMPLES, connection, ikev2_destination_bgp, ikev2_policy

from ipsec.spec import ConnectionSpec
from peerconfigs.document import Options
from peerconfigs.registry import render


@pytest.fixture
def commands(tmp_path: Path) -> Path:
    """Stand-ins that write down how they were called; questions are answered with no."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("ip", "sysctl", "iptables"):
        stand_in = folder / name
        stand_in.write_text(
            f'#!/bin/sh\necho "{name} $*" >> "{tmp_path}/called"\n'
            'case "$*" in "link show"*|*" -C "*) exit 1;; esac\n'
        )
        stand_in.chmod(0o755)
    return folder


def run(spec: ConnectionSpec, commands: Path, change: Callable[[str], str] = str) -> list[str]:
    """What the script calls, in order."""
    script = change(render("strongswan", spec, Options(with_secrets=False)).files[2].text)
    subprocess.run(["/bin/sh", "-eu", "-c", script], env={"PATH": str(commands)}, check=True, timeout=10)
    return (commands.parent / "called").read_text().splitlines()


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_it_runs_to_its_end(commands: Path, example: Callable[[], ConnectionSpec]) -> None:
    called = run(example(), commands)
    assert called[0] == "sysctl -q -w net.ipv4.ip_forward=1"
    assert "ip link add vpn-cb00710a type xfrm dev eth0 if_id 0xcb00710a" in called
    assert "ip link add vpn-cb00710b type xfrm dev eth0 if_id 0xcb00710b" in called
    assert "ip link set dev vpn-cb00710b mtu 1400 up" in called
    clamp = "FORWARD -o vpn-cb00710a -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1360"
    assert f"iptables -t mangle -A {clamp}" in called


def test_with_bgp_the_tunnel_addresses_are_set_and_no_routes(commands: Path) -> None:
    called = run(ikev2_destination_bgp(), commands)
    assert "ip address replace 169.254.10.2/30 dev vpn-cb00710a" in called
    assert "ip address replace 169.254.20.1/30 dev vpn-cb00710b" in called
    assert not [line for line in called if line.startswith("ip route")]


def test_in_policy_mode_every_cloud_network_is_routed_into_both_tunnels(commands: Path) -> None:
    called = run(ikev2_policy(), commands)
    assert [line for line in called if line.startswith("ip route")] == [
        "ip route replace 10.1.0.0/16 dev vpn-cb00710a metric 100",
        "ip route replace 10.2.0.0/16 dev vpn-cb00710a metric 100",
        "ip route replace 10.1.0.0/16 dev vpn-cb00710b metric 200",
        "ip route replace 10.2.0.0/16 dev vpn-cb00710b metric 200",
    ]


def test_in_destination_mode_the_networks_that_were_filled_in_are_routed(commands: Path) -> None:
    def fill_in(text: str) -> str:
        assert text.count('CLOUD_NETWORKS=""') == 1
        return text.replace('CLOUD_NETWORKS=""', 'CLOUD_NETWORKS="10.1.0.0/16 10.2.0.0/16"')

    routes = [line for line in run(connection(), commands, fill_in) if line.startswith("ip route")]
    assert len(routes) == 4
    assert routes[0] == "ip route replace 10.1.0.0/16 dev vpn-cb00710a metric 100"


def test_no_route_is_set_before_one_is_filled_in(commands: Path) -> None:
    assert not [line for line in run(connection(), commands) if line.startswith("ip route")]


def test_each_tunnel_of_every_connection_has_its_own_interface(commands: Path) -> None:
    moved = tuple(
        replace(built, gateway_address=f"203.0.113.{200 + built.index}") for built in connection().tunnels
    )
    first = run(connection(), commands)
    both = run(replace(connection(), tunnels=moved), commands)
    added = {line for line in both if line.startswith("ip link add")}
    assert first
    assert len(added) == 4

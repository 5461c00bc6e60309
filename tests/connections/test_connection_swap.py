"""Which tunnel is which: what is typed for one is never shown, written or negotiated for the other.

Two connections whose tunnels have each other's values. Everything that the console tells of tunnel 1 of the
one is what it tells of tunnel 2 of the other.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from connection_cast import Form, cast_of, created, filled, page_of, play, submit, token
from django.test import Client
from page_reader import Element, by_id, read

from accounts.actor import Actor
from connections.models import IPsecConnection
from peerconfigs.document import Options
from peerconfigs.registry import render
from tunnels.models import PeerDevice, Tunnel
from tunnels.spec import connection_spec

pytestmark = pytest.mark.django_db

ONE = {
    "psk": "key-of-one",
    "ike_version": "ikev1",
    "ike_mode": "aggressive",
    "ike_encryption": "aes192",
    "ike_integrity": "sha512",
    "ike_dh_group": "group14",
    "ike_lifetime": "28800",
    "local_id": "cloud-one.example",
    "remote_id": "edge-one.example",
    "child_encryption": "aes256",
    "child_integrity": "sha384",
    "child_pfs": "group5",
    "child_lifetime": "3600",
    "dpd": None,
    "tunnel_cidr": "169.254.31.0/30",
    "local_bgp_ip": "169.254.31.2",
}
OTHER = {
    "psk": "key-of-the-other",
    "ike_encryption": "3des",
    "ike_integrity": "md5",
    "ike_dh_group": "group1",
    "ike_lifetime": "86399",
    "local_id": "cloud-two.example",
    "remote_id": "192.0.2.77",
    "child_encryption": "des",
    "child_integrity": "sha1",
    "child_pfs": "disabled",
    "child_lifetime": "86398",
    "tunnel_cidr": "169.254.62.0/30",
}


@dataclass(frozen=True)
class Side:
    """A connection, and the browser of the account that has it."""

    browser: Client
    connection: IPsecConnection

    def tunnel(self, index: int) -> Tunnel:
        return self.connection.tunnels.get(index=index)

    def page(self, url: str) -> Element:
        return read(self.browser.get(url).content.decode())


Tell = Callable[[Side, Tunnel], Any]
Swapped = Callable[[Tell], None]


@pytest.fixture
def swapped(ana: Actor, sam: Actor, client_of: Any) -> Swapped:
    """One connection as typed and, in an account with the same devices, one with the tunnels swapped."""
    sides = [_side(ana, client_of, ONE, OTHER), _side(sam, client_of, OTHER, ONE)]
    play()

    def both_ways(tell: Tell) -> None:
        """What `tell` says of a tunnel goes with its values, and is not the same for both."""
        told = [[tell(side, side.tunnel(index)) for index in (1, 2)] for side in sides]
        assert told[0] == told[1][::-1]
        assert told[0][0] != told[0][1]

    return both_ways


def _side(actor: Actor, client_of: Any, first: dict[str, Any], second: dict[str, Any]) -> Side:
    cast, browser = cast_of(actor), client_of(actor)
    form = filled(cast).bgp().tunnel(1, **first).tunnel(2, **second)
    for index, values in ((1, first), (2, second)):
        device = cast.devices[0 if values is ONE else 1]
        form = form.tunnel(index, customer_gateway=device.public_id)
    connection = created(browser, form)
    # The one device has another group than the file says: its tunnel fails in phase 1.
    spoilt = PeerDevice.objects.filter(tunnel__customer_gateway=cast.devices[0])
    spoilt.update(ike_proposals=[["aes192", "sha512", "group2"]])
    return Side(browser, connection)


def told_of(tunnel: Tunnel, text: str) -> str:
    """Without what belongs to the place and not to the values: ids, numbers, gateway address, zone, times."""
    text = re.sub(rf"(Tunnel |-t){tunnel.index}", r"\1N", text)
    for own, word in (
        (tunnel.public_id, "TUNNEL"),
        (tunnel.connection.public_id, "CONNECTION"),
        (tunnel.customer_gateway.public_id, "DEVICE"),
        (tunnel.gateway_address or "", "GATEWAY"),
        (tunnel.zone, "ZONE"),
    ):
        text = text.replace(own, word)
    text = re.sub(r"(vpn-|0x)[0-9a-f]{8}\b", r"\1ID", text)
    return re.sub(r"\d{4}-\d\d-\d\d[ T][\d:+]*( UTC)?", "TIME", text)


def test_every_cell_of_the_tunnel_tab(swapped: Swapped) -> None:
    def tell(side: Side, tunnel: Tunnel) -> list[str]:
        row = by_id(side.page(page_of(side.connection)), f"row-{tunnel.public_id}")
        return [told_of(tunnel, cell.text) for cell in row.walk() if cell.tag == "td"]

    swapped(tell)


def test_the_lines_of_the_list(swapped: Swapped) -> None:
    def tell(side: Side, tunnel: Tunnel) -> list[str]:
        cells = [element for element in side.page("/connections/").walk() if element.tag == "td"]
        lines = [
            [line for line in cell.walk() if line.tag == "div"][tunnel.index] for cell in (cells[2], cells[3])
        ]
        return [told_of(tunnel, line.text) for line in lines]

    swapped(tell)


def test_every_fact_of_the_tunnel_page(swapped: Swapped) -> None:
    def tell(side: Side, tunnel: Tunnel) -> list[tuple[str, str]]:
        page = side.page(f"/tunnels/{tunnel.public_id}/")
        named = [element for element in page.walk() if element.tag in ("dt", "dd")]
        return [(element.tag, told_of(tunnel, element.text)) for element in named]

    swapped(tell)


def test_the_state_that_negotiation_came_to(swapped: Swapped) -> None:
    def tell(_side: Side, tunnel: Tunnel) -> tuple[Any, ...]:
        run = tunnel.run
        return run.status, run.bgp_status, run.cause, run.negotiating, run.failures > 0

    swapped(tell)


def test_the_block_of_the_consoles_file(swapped: Swapped) -> None:
    def tell(_side: Side, tunnel: Tunnel) -> str:
        (file,) = written("console", tunnel)
        config = json.loads(file)["VpnConnectionConfig"]
        tunnels = config["TunnelsConfig"]["TunnelConfig"]
        mine = next(one for one in tunnels if one["TunnelId"] == tunnel.public_id)
        bgp = config["BgpConfigs"]["BgpConfig"][tunnel.index - 1]
        return told_of(tunnel, json.dumps([mine, bgp]))

    swapped(tell)


def test_the_blocks_of_strongswans_files(swapped: Swapped) -> None:
    def tell(_side: Side, tunnel: Tunnel) -> list[str]:
        conf, _daemon, script = written("strongswan", tunnel)
        name = f"{tunnel.connection.public_id}-t{tunnel.index}"
        found = re.findall(rf"^    (?:ike-)?{name} \{{.*?^    \}}", conf, re.DOTALL | re.MULTILINE)
        found += sections(script, f"# Tunnel {tunnel.index},", "# Tunnel")
        assert len(found) == 3  # connection, secret, devices and routes
        return [told_of(tunnel, block).strip() for block in found]

    swapped(tell)


def test_the_section_of_the_sheet(swapped: Swapped) -> None:
    def tell(_side: Side, tunnel: Tunnel) -> str:
        (sheet,) = written("sheet", tunnel)
        (section,) = sections(sheet, f"## Tunnel {tunnel.index}", "## ")
        return told_of(tunnel, section).strip()

    swapped(tell)


def written(vendor: str, tunnel: Tunnel) -> list[str]:
    spec = connection_spec(tunnel.connection, with_secrets=True)
    return [file.text for file in render(vendor, spec, Options(with_secrets=True)).files]


def sections(text: str, begin: str, following: str) -> list[str]:
    """From each line that begins with `begin` up to one that begins with `following`."""
    return re.findall(rf"^{begin}.*?(?=^{following}|\Z)", text, re.DOTALL | re.MULTILINE)


def test_what_is_wrong_with_one_is_said_of_that_one(client: Client, form: Form) -> None:
    wrong = {"psk": "a b", "ike_lifetime": "x", "remote_id": "a b", "tunnel_cidr": "x", "local_bgp_ip": "x"}
    first, second = (
        submit(client, form.bgp().set(client_token=token()).tunnel(index, **wrong)).context["findings"]
        for index in (1, 2)
    )
    assert len(first) == 5
    assert [(error.label.replace("1", "2", 1), error.message) for error in first] == [
        (error.label, error.message) for error in second
    ]
    assert {error.anchor.replace("tunnels-0", "tunnels-1") for error in first} == {
        error.anchor for error in second
    }

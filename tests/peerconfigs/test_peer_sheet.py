"""The sheet: every value, in the reader's words, and verbatim where it must be typed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab.examples import EXAMPLES, connection, ikev2_destination_bgp, ikev2_policy, tunnel
from markdown_it import MarkdownIt
from peer_strategies import BRISK, THOROUGH, VISIBLE, connections

from ipsec.algorithms import IkeVersion
from ipsec.spec import ConnectionSpec
from peerconfigs.document import Options
from peerconfigs.registry import render
from peerconfigs.sheet import ENGLISH, SheetRow, sections
from peerconfigs.sheet.markdown import code_span
from peerconfigs.view import flip

WITH_SECRETS = Options(with_secrets=True)


def rows(spec: ConnectionSpec, heading: str, options: Options = WITH_SECRETS) -> dict[str, SheetRow]:
    """Rows of the first section with that label, by label."""
    found = next(section for section in sections(flip(spec), options) if section.label == heading)
    return {row.label: row for row in found.rows}


@BRISK
@given(spec=connections(), initiates=st.booleans(), with_secrets=st.booleans())
def test_every_word_on_it_has_a_text(spec: ConnectionSpec, initiates: bool, with_secrets: bool) -> None:
    for section in sections(flip(spec), Options(with_secrets=with_secrets, initiates=initiates)):
        assert section.label in ENGLISH
        assert section.rows
        for row in section.rows:
            assert row.label in ENGLISH
            assert not row.word or row.word in ENGLISH


def test_no_text_is_left_unused() -> None:
    used = {"sheet"}
    for example in EXAMPLES.values():
        for effective in (True, False):
            for options in (
                WITH_SECRETS,
                Options(with_secrets=False),
                Options(with_secrets=False, initiates=True),
            ):
                spec = replace(example(), effect_immediately=effective)
                for section in sections(flip(spec), options):
                    used.add(section.label)
                    used.update(row.label for row in section.rows)
                    used.update(row.word for row in section.rows)
    assert set(ENGLISH) - used == {"network_type.private"}


def test_it_holds_what_a_device_is_asked_for() -> None:
    told = rows(ikev2_destination_bgp(), "section.tunnel")
    assert {label: row.value for label, row in told.items() if row.value} == {
        "tunnel_id": "tun-example1",
        "remote_address": "203.0.113.10",
        "local_address": "198.51.100.20",
        "remote_id": "203.0.113.10",
        "local_id": "198.51.100.20",
        "psk": 'Rk9#qT!v2$Lx{7}w"\\',
        "ike.version": "2",
        "ike.encryption": "AES-256-CBC",
        "ike.integrity": "HMAC-SHA-256",
        "ike.dh_group": "14 (MODP 2048)",
        "ike.lifetime": "86400",
        "child.encryption": "AES-256-CBC",
        "child.integrity": "HMAC-SHA-256, 128 bit",
        "child.pfs": "14 (MODP 2048)",
        "child.lifetime": "86400",
        "local_selectors": "0.0.0.0/0",
        "remote_selectors": "0.0.0.0/0",
        "mtu": "1400",
        "mss": "1360",
        "largest": "1438 / 1398",
        "largest.nat": "1422 / 1382",
        "bgp.cidr": "169.254.10.0/30",
        "bgp.local_ip": "169.254.10.2/30",
        "bgp.remote_ip": "169.254.10.1",
        "bgp.local_asn": "65010",
        "bgp.remote_asn": "45104",
        "bgp.timers": "10 / 30",
        "bgp.auth_key": "bgp|key`1",
    }
    assert [label for label, row in told.items() if row.secret] == ["psk", "bgp.auth_key"]


def test_only_ikev2_is_warned_of_the_late_pfs() -> None:
    v1 = replace(tunnel(1), ike=replace(tunnel(1).ike, version=IkeVersion.IKEV1))
    assert rows(connection(), "section.tunnel")["child.pfs"].word == "child.pfs.rekey"
    told = rows(connection(v1, tunnel(2)), "section.tunnel")
    assert told["child.pfs"].word == ""
    assert told["ike.mode"].word == "ike.mode.main"


def test_the_firewall_is_opened_for_both_gateways() -> None:
    section = next(s for s in sections(flip(ikev2_policy()), WITH_SECRETS) if s.label == "section.firewall")
    assert [row.value for row in section.rows] == [
        f"{what}, 198.51.100.20 ↔ 203.0.113.{end}"
        for end in (10, 11)
        for what in ("UDP 500", "UDP 4500", "IP 50")
    ]


def test_policy_mode_lists_a_route_for_each_cloud_network() -> None:
    section = next(s for s in sections(flip(ikev2_policy()), WITH_SECRETS) if s.tunnel == 2)
    assert [row.value for row in section.rows if row.label == "routes"] == ["10.1.0.0/16", "10.2.0.0/16"]


def test_what_is_open_depends_on_what_is_known() -> None:
    bare = Options(with_secrets=False)
    assert list(rows(ikev2_destination_bgp(), "section.fill_in", bare)) == [
        "fill_in.wan",
        "fill_in.psk",
        "fill_in.bgp_key",
        "fill_in.own_networks",
        "fill_in.announce",
    ]
    assert list(rows(ikev2_policy(), "section.fill_in")) == ["fill_in.wan", "fill_in.watch"]
    assert "fill_in.cloud_networks" in rows(connection(), "section.fill_in")


def test_labels_come_from_the_caller_and_else_are_english() -> None:
    labels = {"sheet": "对端配置单", "psk": "预共享密钥"}
    text = render("sheet", connection(), Options(with_secrets=False, labels=labels)).files[0].text
    assert text.startswith("# 对端配置单\n")
    assert "- **预共享密钥**: not on this sheet" in text


@THOROUGH
@given(key=st.text(VISIBLE, min_size=1, max_size=100))
def test_a_value_is_shown_to_the_letter(key: str) -> None:
    (paragraph,) = [
        token for token in MarkdownIt("commonmark").parse(f"- **x**: {code_span(key)}") if token.children
    ]
    assert [part.content for part in paragraph.children or () if part.type == "code_inline"] == [key]


@pytest.mark.parametrize("text", ["a\n# b", "`` ` ``", "`", "\u2028x"])
def test_a_value_stays_in_its_line(text: str) -> None:
    assert len(code_span(text).splitlines()) == 1

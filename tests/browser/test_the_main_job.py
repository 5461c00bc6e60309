"""From the list to two tunnels that are up and a file in hand, in both languages."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from wizard import expect_both_up, fill_basics, fill_networks, open_wizard, save, tunnel, turn_on_bgp
from words import BOTH, ZH, Words

NewPage = Callable[..., Page]
Picture = Callable[[Page, str], None]
LANGUAGES = pytest.mark.parametrize("words", BOTH, ids=["zh", "en"])
GATEWAYS = ("dc-edge-1", "dc-edge-2")
OTHER_GATEWAYS = ("dc-edge-3", "dc-edge-4")
"""A tunnel CIDR block is on one device once."""
CIDRS = ("169.254.10.0/30", "169.254.20.0/30")


def download(page: Page, words: Words, device: str, folder: Path) -> Path:
    tab = page.get_by_role("link", name=device, exact=True)
    tab.click()
    expect(tab).to_have_attribute("aria-current", "page")
    with page.expect_download() as waiting:
        page.get_by_role("button", name=words.download, exact=True).click()
    target = folder / waiting.value.suggested_filename
    waiting.value.save_as(target)
    return target


@LANGUAGES
def test_destination_routing_with_bgp(
    new_page: NewPage, picture: Picture, words: Words, tmp_path: Path
) -> None:
    page = new_page(words)
    open_wizard(page, words)
    picture(page, f"create-empty-{words.locale}")
    gateways = GATEWAYS if words is ZH else OTHER_GATEWAYS
    fill_basics(page, words, f"bgp-{words.locale}", "headquarters-cen", gateways)
    turn_on_bgp(page, words, CIDRS)
    picture(page, f"create-bgp-{words.locale}")
    save(page, words)
    expect_both_up(page, words)
    picture(page, f"detail-bgp-{words.locale}")

    page.get_by_role("link", name=words.generate, exact=True).first.click()
    dialog = page.get_by_role("dialog", name=words.dialog)
    expect(dialog).to_be_visible()
    picture(page, f"dialog-{words.locale}")
    expect(dialog.locator("pre")).to_contain_text("****************")
    dialog.get_by_role("button", name=words.show_keys, exact=True).click()
    expect(dialog.locator("pre")).not_to_contain_text("****************")
    config = json.loads(dialog.locator("pre").inner_text())["VpnConnectionConfig"]
    assert [one["TunnelCidr"] for one in config["BgpConfigs"]["BgpConfig"]] == [*CIDRS]
    assert [one["LocalAsn"] for one in config["BgpConfigs"]["BgpConfig"]] == ["65530", "65530"]

    saved = download(page, words, "strongSwan", tmp_path)
    assert saved.stat().st_size > 1000


@LANGUAGES
def test_protected_data_flows(new_page: NewPage, picture: Picture, words: Words, tmp_path: Path) -> None:
    page = new_page(words)
    open_wizard(page, words)
    fill_basics(page, words, f"policy-{words.locale}", "headquarters-cen", GATEWAYS)
    page.get_by_label(words.policy, exact=True).check()
    fill_networks(page, words, words.local_network, ("10.20.0.0/16", "10.21.0.0/16"))
    fill_networks(page, words, words.remote_network, ("172.16.1.0/24", "172.16.2.0/24", "172.16.3.0/24"))
    picture(page, f"create-policy-{words.locale}")
    save(page, words)
    expect_both_up(page, words)
    page.get_by_role("link", name=words.routes, exact=True).click()
    for network in ("172.16.1.0/24", "172.16.2.0/24", "172.16.3.0/24"):
        expect(page.get_by_role("cell", name=network, exact=True)).to_be_visible()
    picture(page, f"routes-{words.locale}")
    page.get_by_role("link", name=words.generate, exact=True).first.click()
    saved = download(page, words, "strongSwan", tmp_path)
    assert saved.stat().st_size > 1000


@LANGUAGES
def test_a_tunnel_has_its_page_and_shows_its_key_once_asked(
    new_page: NewPage, picture: Picture, words: Words
) -> None:
    page = new_page(words, timezone_id="Asia/Shanghai")
    page.goto("/connections/?region=eu-central-1")
    page.get_by_role("link", name="vco-").first.click()
    failed = page.get_by_text(words.phase_2_failed, exact=True)
    expect(failed.first).to_be_visible(timeout=60_000)
    picture(page, f"detail-failing-{words.locale}")
    cell = page.get_by_role("row").nth(1).get_by_role("cell").nth(2)
    cell.get_by_role("button", name=words.reveal).click()
    expect(cell).to_contain_text(re.compile(r"[0-9A-Za-z]{16}"))
    page.get_by_role("link", name=words.tunnels[1], exact=True).click()
    expect(page.get_by_text("3des").first).to_be_visible()
    expect(page.locator("#tunnel-live time").first).to_have_attribute("title", re.compile(r" CST$"))
    picture(page, f"tunnel-failing-{words.locale}")


@LANGUAGES
def test_a_refused_form_says_all_and_keeps_all(new_page: NewPage, picture: Picture, words: Words) -> None:
    page = new_page(words)
    open_wizard(page, words)
    page.get_by_label(words.name, exact=True).fill("kept-name")
    tunnel(page, words, 1).get_by_label(words.psk, exact=True).fill("typed-secret-1")
    save(page, words)
    alert = page.get_by_role("alert")
    expect(alert).to_be_visible()
    expect(alert.get_by_role("listitem")).to_have_count(3)
    picture(page, f"create-refused-{words.locale}")
    expect(page.get_by_label(words.name, exact=True)).to_have_value("kept-name")
    assert "typed-secret-1" not in page.content()
    alert.get_by_role("link", name=words.cen).click()
    expect(page.get_by_label(words.cen, exact=True)).to_be_focused()

"""The creation page by its accessible names alone, as a person with a keyboard or a screen reader uses it."""

import re

from playwright.sync_api import Locator, Page, expect
from words import Words

HANGZHOU = "cn-hangzhou"


def open_wizard(page: Page, words: Words, region: str = HANGZHOU) -> None:
    page.goto(f"/connections/?region={region}")
    page.get_by_role("link", name=words.bind_cen, exact=True).first.click()
    expect(page.get_by_label(words.name, exact=True)).to_be_visible()


def open_empty_wizard(page: Page, words: Words) -> None:
    """With no draft offered: what an earlier visit left is discarded first, as the page asks."""
    open_wizard(page, words)
    discard = page.get_by_role("button", name=words.discard, exact=True)
    if discard.count():
        discard.click()
        expect(discard).to_have_count(0)
        open_wizard(page, words)


def tunnel(page: Page, words: Words, index: int) -> Locator:
    return page.get_by_role("group", name=words.tunnels[index - 1], exact=True)


def choose(control: Locator, text: str) -> None:
    """Choose the option that holds `text`."""
    value = control.locator("option", has_text=text).first.get_attribute("value")
    control.select_option(value=value)


def fill_basics(page: Page, words: Words, name: str, cen: str, gateways: tuple[str, str]) -> None:
    page.get_by_label(words.name, exact=True).fill(name)
    choose(page.get_by_label(words.cen, exact=True), cen)
    for index, gateway in enumerate(gateways, start=1):
        choose(tunnel(page, words, index).get_by_label(words.customer_gateway, exact=True), gateway)


def turn_on_bgp(page: Page, words: Words, cidrs: tuple[str, str]) -> None:
    page.get_by_label(words.enable_bgp, exact=True).check()
    expect(page.get_by_label(words.local_asn, exact=True)).to_have_value("45104")
    for index, cidr in enumerate(cidrs, start=1):
        group = tunnel(page, words, index).get_by_role("group", name=words.bgp, exact=True)
        group.get_by_label(words.tunnel_cidr, exact=True).fill(cidr)


def fill_networks(page: Page, words: Words, label: str, networks: tuple[str, ...]) -> None:
    for number, network in enumerate(networks, start=1):
        if number > 1:
            page.get_by_role("button", name=re.compile(rf"^{re.escape(words.add_row)}\s*{label}$")).click()
        name = label if number == 1 else f"{label} {number}"
        page.get_by_label(name, exact=True).fill(network)


def save(page: Page, words: Words) -> None:
    page.get_by_role("button", name=words.ok, exact=True).click()


def expect_both_up(page: Page, words: Words) -> None:
    expect(page.get_by_text(words.phase_2_up, exact=True)).to_have_count(2, timeout=60_000)

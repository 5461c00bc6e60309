"""The whole creation page by posting alone, and by the keyboard alone."""

from collections.abc import Callable

import pytest
from creation_words import creation
from playwright.sync_api import Page, expect
from wizard import choose, open_wizard, save, tunnel
from words import BOTH, ZH, Words

NewPage = Callable[..., Page]
LANGUAGES = pytest.mark.parametrize("words", BOTH, ids=["zh", "en"])
MOST_TABS = 150


@LANGUAGES
def test_a_bgp_connection_is_created_without_javascript(new_page: NewPage, words: Words) -> None:
    page, own = new_page(words, java_script_enabled=False), creation(words)
    open_wizard(page, words)
    page.get_by_label(words.name, exact=True).fill(f"plain-{words.locale}")
    choose(page.get_by_label(words.cen, exact=True), "headquarters-cen")
    choose(tunnel(page, words, 1).get_by_label(words.customer_gateway, exact=True), "dc-edge-1")
    tunnel(page, words, 2).get_by_role("button", name=own.create_gateway, exact=True).click()
    form = page.get_by_role("group", name=own.create_gateway, exact=True)
    form.get_by_label(own.address, exact=True).fill(f"203.0.113.{81 if words is ZH else 82}")
    form.get_by_label(own.asn, exact=True).fill("65081")
    form.get_by_role("button", name=own.create_and_choose, exact=True).click()
    page.get_by_label(words.enable_bgp, exact=True).check()
    for index in (1, 2):
        group = tunnel(page, words, index)
        group.get_by_role("button", name=own.suggest, exact=True).click()
        group.get_by_role("button", name=own.generate, exact=True).click()
        expect(group.get_by_label(words.tunnel_cidr, exact=True)).not_to_have_value("")
    page.get_by_role("button", name=own.strong, exact=True).click()
    expect(page.get_by_label(words.name, exact=True)).to_have_value(f"plain-{words.locale}")
    save(page, words)
    page.wait_for_url("**/connections/vco-*/")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"plain-{words.locale}")


@LANGUAGES
def test_a_bgp_connection_is_created_by_the_keyboard(new_page: NewPage, words: Words) -> None:
    page = new_page(words)
    keys = page.keyboard

    def tab_to(selector: str) -> None:
        for _press in range(MOST_TABS):
            keys.press("Tab")
            if page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
        pytest.fail(f"Tab never comes to {selector}")

    page.goto("/connections/?region=cn-hangzhou")
    tab_to("main a.btn-primary")
    keys.press("Enter")
    page.wait_for_url("**/connections/new/**")
    tab_to("#id_name")
    keys.type(f"keys-{words.locale}")
    tab_to("#id_cen")
    keys.type("head")
    tab_to("#id_bgp_enabled")
    keys.press("Space")
    for index, gateway in ((0, "dc-edge-1"), (1, "dc-edge-2")):
        tab_to(f"#id_tunnels-{index}-customer_gateway")
        keys.type(gateway)
        tab_to(f"#do-suggest-{index + 1}")
        keys.press("Enter")
        expect(page.locator(f"#id_tunnels-{index}-tunnel_cidr")).not_to_have_value("")
        expect(page.locator(f"#do-suggest-{index + 1}")).to_be_focused()
    tab_to(".confirm-bar .btn-primary")
    keys.press("Enter")
    page.wait_for_url("**/connections/vco-*/")


@LANGUAGES
def test_escape_closes_the_dialog_and_gives_the_focus_back(new_page: NewPage, words: Words) -> None:
    page, own = new_page(words), creation(words)
    open_wizard(page, words)
    opener = tunnel(page, words, 1).get_by_role("button", name=own.create_gateway, exact=True)
    opener.press("Enter")
    dialog = page.get_by_role("dialog", name=own.create_gateway)
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()

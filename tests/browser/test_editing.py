"""A tunnel's configuration edited in the browser: what the page says beforehand is what then happens."""

import re
from collections.abc import Callable

import pytest
from edit_words import EditWords, editing
from playwright.sync_api import Locator, Page, expect
from wizard import expect_both_up, fill_basics, open_empty_wizard, save
from words import BOTH, ZH, Words

NewPage = Callable[..., Page]
Picture = Callable[[Page, str], None]
LANGUAGES = pytest.mark.parametrize("words", BOTH, ids=["zh", "en"])
GATEWAYS = ("dc-edge-1", "dc-edge-2")


def create(page: Page, words: Words, name: str) -> str:
    open_empty_wizard(page, words)
    fill_basics(page, words, name, "headquarters-cen", GATEWAYS)
    save(page, words)
    expect_both_up(page, words)
    return page.url


def row(page: Page, index: int) -> Locator:
    return page.locator(".tunnel-table tbody tr").nth(index - 1)


def open_tunnel(page: Page, own: EditWords, index: int) -> None:
    row(page, index).get_by_role("link", name=re.compile(f"^{own.edit}")).click()
    page.wait_for_url(f"**/tunnels/{index}/edit/")


def unfold(page: Page) -> None:
    for summary in page.locator(".folded summary").all():
        summary.click()


def expect_effects(page: Page, first: str, second: str) -> None:
    expect(page.locator("#future-1 .effect")).to_have_text(re.compile(re.escape(first)))
    expect(page.locator("#future-2 .effect")).to_have_text(re.compile(re.escape(second)))


def save_and_settle(page: Page, words: Words, own: EditWords) -> None:
    """Saved, applied by the worker, and both tunnels up, all seen on the page that stays open."""
    save(page, words)
    page.wait_for_url("**/connections/vco-*/")
    expect(page.get_by_text(own.applied, exact=True)).to_be_visible()
    for index in (1, 2):
        expect(row(page, index).get_by_text(own.normal, exact=True)).to_be_visible()
    expect_both_up(page, words)


@LANGUAGES
def test_each_edit_does_what_the_page_has_said(new_page: NewPage, picture: Picture, words: Words) -> None:
    page, own = new_page(words), editing(words)
    create(page, words, f"edited-{words.locale}")

    since = row(page, 1).locator("time").inner_text()
    open_tunnel(page, own, 1)
    unfold(page)
    page.get_by_label("DPD", exact=True).uncheck()
    expect(page.locator(".differences")).to_contain_text("DPD")
    expect_effects(page, own.nothing, own.nothing)
    save_and_settle(page, words, own)
    assert row(page, 1).locator("time").inner_text() == since

    open_tunnel(page, own, 1)
    unfold(page)
    page.locator("[name=tunnels-0-child_pfs]").select_option("group14")
    expect_effects(page, own.phase_2_anew, own.nothing)
    picture(page, f"edit-pfs-{words.locale}")
    save_and_settle(page, words, own)

    open_tunnel(page, own, 1)
    page.get_by_label(words.psk, exact=True).fill(f"another-key-{words.locale}")
    page.keyboard.press("Tab")
    expect_effects(page, own.renegotiation, own.nothing)
    expect(page.locator("#future-1")).to_contain_text(own.changed_too)
    picture(page, f"edit-psk-{words.locale}")
    save_and_settle(page, words, own)

    open_tunnel(page, own, 2)
    page.get_by_label(own.bgp_on, exact=True).check()
    block = f"169.254.{130 if words is ZH else 135}.0/30"
    page.get_by_label(words.tunnel_cidr, exact=True).fill(block)
    page.keyboard.press("Tab")
    expect_effects(page, own.nothing, own.bgp_begins)
    picture(page, f"edit-bgp-{words.locale}")
    save_and_settle(page, words, own)
    expect(row(page, 2)).to_contain_text(block)
    expect(row(page, 1)).not_to_contain_text("169.254.")


@LANGUAGES
def test_an_edit_without_javascript(new_page: NewPage, words: Words) -> None:
    url = create(new_page(words), words, f"plain-edit-{words.locale}")
    page, own = new_page(words, java_script_enabled=False), editing(words)
    page.goto(f"{url}tunnels/1/edit/")
    unfold(page)
    page.locator("[name=tunnels-0-child_pfs]").select_option("group14")
    page.get_by_role("button", name=own.preview, exact=True).click()
    expect_effects(page, own.phase_2_anew, own.nothing)
    save(page, words)
    page.wait_for_url("**/connections/vco-*/")
    expect(page.get_by_text(own.applied, exact=True)).to_be_visible()


@LANGUAGES
def test_the_second_of_two_editors_and_the_rotation_of_a_key(
    new_page: NewPage, picture: Picture, words: Words
) -> None:
    page, own = new_page(words), editing(words)
    url = create(page, words, f"two-editors-{words.locale}")
    other = new_page(words)
    other.goto(f"{url}tunnels/1/edit/")

    page.goto(f"{url}tunnels/1/rotate-key/")
    page.get_by_role("button", name=own.new_key, exact=True).click()
    expect(page.locator("#new-key")).to_be_visible()
    picture(page, f"rotate-{words.locale}")
    page.get_by_role("button", name=own.use_key, exact=True).click()
    page.wait_for_url("**/tunnels/tun-*/")

    other.locator("[name=tunnels-0-customer_gateway]").select_option(index=2)
    save(other, words)
    expect(other.get_by_role("heading", name=own.meanwhile, exact=True)).to_be_visible()
    picture(other, f"two-editors-{words.locale}")
    expect(other.locator("#meanwhile tbody tr")).to_have_count(1)

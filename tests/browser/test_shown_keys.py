"""A key that is shown covers itself after half a minute, in the table and in the file, in both languages."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from words import BOTH, Words

NewPage = Callable[..., Page]
Picture = Callable[[Page, str], None]
ALMOST, OVER = 29_000, 2_000
SETTLED = 200
"""Milliseconds in which htmx has seen what came, so that the half minute has begun."""
CONNECTION = "dc-to-hangzhou"  # the demo's


@pytest.mark.parametrize("words", BOTH, ids=["zh", "en"])
def test_it_covers_itself(words: Words, new_page: NewPage, picture: Picture) -> None:
    page = new_page(words)
    page.clock.install()
    page.goto("/connections/?region=cn-hangzhou")
    page.locator("tr", has_text=CONNECTION).locator("a[id^=open-vco]").click()

    slot = page.locator(".key-slot").first
    slot.get_by_role("button", name=words.reveal).click()
    expect(slot.locator(".expires")).to_be_visible()
    picture(page, f"key-shown-{words.locale}")
    page.clock.run_for(SETTLED)
    page.clock.fast_forward(ALMOST)
    expect(slot.locator(".expires")).to_be_visible()
    page.clock.fast_forward(OVER)
    expect(slot.get_by_role("button", name=words.reveal)).to_be_visible()

    page.locator("[hx-get*='peer-configuration'], a[href*='peer-configuration']").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=words.show_keys).click()
    expect(dialog.locator("pre.expires").first).to_be_visible()
    picture(page, f"file-with-keys-{words.locale}")
    page.clock.run_for(SETTLED)
    page.clock.fast_forward(ALMOST + OVER)
    expect(dialog.get_by_role("button", name=words.show_keys)).to_be_visible()
    expect(dialog.locator("pre.expires")).to_have_count(0)


def test_where_the_server_is_away_the_style_sheet_covers_it(new_page: NewPage) -> None:
    """The animation is asked for, not waited for: it ends hidden after half a minute, motion or no motion."""
    page = new_page(BOTH[1], reduced_motion="reduce")
    page.goto("/connections/?region=cn-hangzhou")
    page.locator("tr", has_text=CONNECTION).locator("a[id^=open-vco]").click()
    page.locator(".key-slot").first.get_by_role("button", name=BOTH[1].reveal).click()
    shown = page.locator(".key-slot .expires").first
    expect(shown).to_be_visible()
    page.route("**/key/", lambda route: route.abort())

    shown.evaluate("element => element.getAnimations().forEach(one => { one.currentTime = 30002 })")
    expect(shown).to_be_hidden()

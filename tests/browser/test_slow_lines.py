"""Who clicks twice on a slow line, or has names of any length, gets what one click gets."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from words import BOTH, Words

NewPage = Callable[..., Page]
LANGUAGES = pytest.mark.parametrize("words", BOTH, ids=["zh", "en"])
LONGEST = "W" * 100


def open_first_connection(page: Page) -> str:
    page.goto("/connections/?where=all")
    page.locator("a[id^=open-vco]").first.click()
    page.wait_for_url("**/connections/vco-*/")
    return page.url


def slow_down(page: Page, milliseconds: int) -> None:
    wire = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": milliseconds, "downloadThroughput": -1, "uploadThroughput": -1}
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", slow)


@LANGUAGES
def test_a_second_click_asks_for_nothing_twice(new_page: NewPage, words: Words) -> None:
    """The new key is used once: nobody reads that it is gone, and makes a third one."""
    page = new_page(words)
    open_first_connection(page)
    page.locator(".tunnel-table a[href*='/tunnels/tun-']").first.click()
    page.wait_for_url("**/tunnels/tun-*/")
    page.locator("a[href*='rotate-key']").click()
    page.locator("button[value=generate]").click()
    use = page.locator("button[value=use]")
    expect(use).to_be_visible()
    slow_down(page, 700)
    use.evaluate("button => { button.click(); setTimeout(() => button.click(), 300); }")
    page.wait_for_url(re.compile(r"/tunnels/tun-\w+/$"))
    expect(page.locator(".notice-success")).to_be_visible()


@LANGUAGES
@pytest.mark.parametrize("width", [1280, 390])
def test_the_longest_name_breaks_no_page(new_page: NewPage, words: Words, width: int) -> None:
    page = new_page(words, width=width)
    connection = open_first_connection(page)
    page.goto(f"{connection}edit/")
    page.locator("[name=name]").fill(LONGEST)
    page.locator(".confirm-bar button.btn-primary").click()
    page.wait_for_url(connection)
    tunnel = page.locator(".tunnel-table a[href*='/tunnels/tun-']").first.get_attribute("href")
    assert tunnel is not None
    paths = ("edit/", "routes/", "unbind/", "tunnels/1/edit/", "tunnels/1/rotate-key/")
    pages = [connection, *(f"{connection}{path}" for path in paths)]
    pages += [f"{tunnel}{path}" for path in ("", "device/", "device/edit/", "events/")]
    for one in pages:
        page.goto(one)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, one


@LANGUAGES
def test_the_language_keeps_the_search_that_was_typed(new_page: NewPage, words: Words) -> None:
    page = new_page(words)
    page.goto("/connections/")
    page.locator("#q").press_sequentially("edge")
    page.wait_for_url("**/connections/?*q=edge*")
    page.locator(".topbar-end summary").first.click()
    page.locator("button[name=language][value=en]").click()
    expect(page.locator("#q")).to_have_value("edge")


@LANGUAGES
def test_the_address_of_a_button_is_explained(new_page: NewPage, words: Words) -> None:
    page = new_page(words)
    answer = page.goto(f"{open_first_connection(page)}routes/add/")
    assert answer is not None
    assert answer.status == 405
    expect(page.locator("h1")).to_be_visible()

"""The start page, the list's search and filters, and filters that are kept: in both languages, by hand."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from words import EN, ZH, Words

NewPage = Callable[..., Page]
Picture = Callable[[Page, str], None]
BROKEN, FINE = "branch-frankfurt", "dc-to-hangzhou"


@dataclass(frozen=True)
class Fleet:
    """What stands on these pages."""

    words: Words
    overview: str
    search: str
    status: str
    one_up: str
    apply: str
    name: str
    save: str
    saved: str
    delete: str
    more: str
    cause: str
    where: str
    everywhere: str
    clear: str


LANGUAGES = pytest.mark.parametrize(
    "own",
    [
        Fleet(
            ZH, "概览", "搜索", "连接状态", "仅一条隧道可用，没有冗余", "应用", "筛选名称", "保存筛选",
            "筛选已保存。", "删除筛选", "更多筛选", "原因", "范围", "全部地域", "清除筛选",
        ),
        Fleet(
            EN, "Overview", "Search", "Connection Status", "One tunnel is up: no redundancy", "Apply",
            "Name of the filter", "Save the filter", "The filter is saved.", "Delete the filter",
            "More filters", "Cause", "Where", "All regions", "Clear the filter",
        ),
    ],
    ids=["zh", "en"],
)  # fmt: skip


@LANGUAGES
def test_from_what_is_broken_to_its_tunnel(new_page: NewPage, picture: Picture, own: Fleet) -> None:
    page = new_page(own.words)
    expect(page.get_by_role("heading", level=1)).to_have_text(own.overview)
    expect(page.get_by_role("link", name=own.overview, exact=True)).to_have_attribute("aria-current", "page")
    row = page.locator(".broken-table tbody tr").filter(has_text=BROKEN).first
    expect(row).to_be_visible(timeout=30_000)
    picture(page, f"start-{own.words.locale}")
    row.get_by_role("link").nth(1).click()
    page.wait_for_url("**/tunnels/tun-*/")


@LANGUAGES
def test_a_search_is_narrowed_saved_applied_and_deleted(
    new_page: NewPage, picture: Picture, own: Fleet
) -> None:
    page = new_page(own.words)
    page.goto("/connections/?region=cn-hangzhou")
    expect(page.get_by_role("link", name="vco-").first).to_be_visible()
    page.get_by_label(own.search, exact=True).fill("branch")
    page.get_by_label(own.where, exact=True).select_option(label=own.everywhere)
    page.get_by_label(own.status, exact=True).select_option(label=own.one_up)
    page.get_by_role("button", name=own.apply, exact=True).click()
    expect(page.locator("#connection-rows tr")).to_have_count(1)
    expect(page.locator("#connection-rows")).to_contain_text(BROKEN)
    page.get_by_text(own.more, exact=True).click()
    expect(page.get_by_label(own.cause, exact=True)).to_be_visible()
    picture(page, f"list-filtered-{own.words.locale}")

    name = f"mine {own.words.locale}"
    page.get_by_label(own.name, exact=True).fill(name)
    page.get_by_label(own.search, exact=True).fill("branch-")
    expect(page.locator(".save-filter [name=query]")).to_have_value(re.compile(r"q=branch-(&|$)"))
    expect(page.get_by_label(own.name, exact=True)).to_have_value(name)
    page.get_by_role("button", name=own.save, exact=True).click()
    expect(page.get_by_text(own.saved)).to_be_visible()
    page.goto("/connections/")
    page.get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_label(own.search, exact=True)).to_have_value("branch-")
    expect(page.locator("#connection-rows tr")).to_have_count(1)
    page.get_by_role("button", name=f"{own.delete} {name}").or_(
        page.get_by_role("button", name=f"{own.delete}{name}")
    ).click()
    expect(page.get_by_role("link", name=name, exact=True)).to_have_count(0)


@LANGUAGES
def test_an_address_finds_what_it_lies_in(new_page: NewPage, own: Fleet) -> None:
    page = new_page(own.words)
    page.locator("#q").fill("198.18.0.1")
    page.locator("#q").press("Enter")
    page.wait_for_url("**/connections/?*q=198.18.0.1")
    expect(page.locator("#connection-rows tr").filter(has_text="dc-to-hangzhou")).to_have_count(1)
    expect(page.locator("#connection-rows tr").filter(has_text="branch-frankfurt")).to_have_count(0)


@pytest.mark.parametrize("words", [EN], ids=["en"])
def test_an_open_list_says_its_age_and_when_nobody_answers(new_page: NewPage, words: Words) -> None:
    page = new_page(words)
    page.goto("/connections/?region=cn-hangzhou")
    focused = page.locator("#connection-rows a").first
    focused.focus()
    says_its_age(page, "**/connections/rows/**")
    expect(focused).to_be_focused()


@pytest.mark.parametrize("words", [EN], ids=["en"])
def test_so_do_the_pages_of_a_tunnel_and_its_device(new_page: NewPage, words: Words) -> None:
    page = new_page(words)
    page.goto("/connections/?region=cn-hangzhou")
    page.locator("#connection-rows").get_by_role("link", name="Tunnel 1").first.click()
    page.wait_for_url("**/tunnels/tun-*/")
    says_its_age(page, "**/live/**")
    page.goto(f"{page.url}device/")
    says_its_age(page, "**/device/state/**")


@pytest.mark.parametrize("words", [EN], ids=["en"])
def test_open_pages_follow_what_another_operator_does(new_page: NewPage, words: Words) -> None:
    """Of the tunnel: its buttons, under the focus of who is there; of the list: what fits, and how much."""
    listed, open_page, other = (new_page(words) for _ in range(3))
    listed.goto(f"/connections/?region=cn-hangzhou&state=up&q={FINE}")
    rows, count = listed.locator("#connection-rows tr"), listed.locator("#count")
    expect(rows).to_have_count(1, timeout=60_000)
    address = listed.get_by_role("link", name="Tunnel 1").first.get_attribute("href") or ""
    for page in (open_page, other):
        page.goto(address)
    typed = open_page.locator("#id_destination")
    typed.fill("192.0.2.77")
    open_page.get_by_role("button", name="Take out of service").focus()

    other.get_by_role("button", name="Take out of service").click()
    back = open_page.get_by_role("button", name="Put back into service")
    expect(back).to_be_visible(timeout=60_000)
    expect(back).to_be_focused()
    expect(typed).to_have_value("192.0.2.77")
    expect(open_page.get_by_role("button", name="Rekey phase 1")).to_have_count(0)
    expect(listed.get_by_text("Nothing matches")).to_be_visible(timeout=60_000)
    expect(count).to_have_text("")

    link = open_page.locator("#all-events")
    link.focus()
    other.get_by_role("button", name="Put back into service").click()
    expect(open_page.get_by_role("button", name="Rekey phase 1")).to_be_visible(timeout=60_000)
    expect(link).to_be_focused()
    expect(typed).to_have_value("192.0.2.77")
    expect(rows).to_have_count(1, timeout=60_000)
    expect(count).to_have_text("1 connection")

    open_page.get_by_role("button", name="Rekey phase 1").focus()
    other.get_by_role("button", name="Take out of service").click()
    expect(open_page.get_by_role("button", name="Rekey phase 1")).to_have_count(0, timeout=60_000)
    expect(open_page.locator("#edit-tunnel")).to_be_focused()
    other.get_by_role("button", name="Put back into service").click()


def says_its_age(page: Page, asked: str) -> None:
    """And that nobody answers, until somebody does."""
    expect(page.locator("#pulse time")).to_contain_text("s ago")
    page.route(asked, lambda route: route.abort())
    expect(page.get_by_text("The console does not answer")).to_be_visible(timeout=30_000)
    page.unroute(asked)
    expect(page.get_by_text("The console does not answer")).to_be_hidden(timeout=30_000)


@LANGUAGES
def test_the_list_follows_what_is_typed_and_the_caret_stays(new_page: NewPage, own: Fleet) -> None:
    page = new_page(own.words)
    page.goto("/connections/?region=cn-hangzhou")
    search, rows = page.get_by_label(own.search, exact=True), page.locator("#connection-rows tr")
    expect(rows.filter(has_text=FINE)).to_have_count(1)
    search.press_sequentially("no such thing")
    expect(rows).to_have_count(0)
    expect(search).to_be_focused()
    expect(page.get_by_role("link", name=own.clear).first).to_be_visible()
    search.fill("")
    search.press_sequentially("dc-to")
    expect(rows.filter(has_text=FINE)).to_have_count(1)
    expect(search).to_have_value("dc-to")
    page.wait_for_url("**/connections/?q=dc-to")
    page.get_by_label(own.where, exact=True).select_option(label=own.everywhere)
    page.wait_for_url("**/connections/?q=dc-to&where=all")

    rows.filter(has_text=FINE).get_by_role("link").first.click()
    page.wait_for_url("**/connections/vco-*/")
    page.go_back()
    expect(search).to_have_value("dc-to")
    expect(rows.filter(has_text=FINE)).to_have_count(1)

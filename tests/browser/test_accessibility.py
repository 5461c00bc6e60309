"""axe finds nothing wrong with any page of the product, in both themes."""

import re
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from creation_words import creation
from playwright.sync_api import Page, expect
from wizard import open_wizard, save, tunnel
from words import EN, ZH, Words

NewPage = Callable[..., Page]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
ID = re.compile(r"\b[a-z]+-[0-9a-z]{20}\b")
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
  one => `${one.id}: ${one.nodes.slice(0, 3).map(node => node.target.join(" ")).join(" | ")}`)"""
FEWEST_KINDS = 20


def violations(page: Page) -> list[str]:
    """Of the page as it stands, in both themes."""
    page.evaluate(AXE)
    found: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        told: Any = page.evaluate(RUN)
        found += [f"{scheme} {one}" for one in told]
    return found


def kinds(page: Page) -> dict[str, str]:
    """Every kind of page that links lead to, with one address of it."""
    known: dict[str, str] = {}
    waiting = ["/connections/?region=cn-hangzhou"]
    while waiting:
        path = waiting.pop(0)
        kind = ID.sub("ID", path.partition("?")[0].partition("#")[0])
        if kind in known or "/download/" in kind:
            continue
        known[kind] = path
        response = page.request.get(path)
        if response.ok and "text/html" in response.headers.get("content-type", ""):
            waiting += re.findall(r'href="(/[^"]*)"', response.text().replace("&amp;", "&"))
            continue
        del known[kind]
    return known


@pytest.mark.parametrize("words", [EN], ids=["en"])
def test_axe_finds_nothing_on_any_page(new_page: NewPage, words: Words) -> None:
    page = new_page(words)
    addresses = kinds(page)
    assert len(addresses) >= FEWEST_KINDS, [*addresses]
    found = {}
    for kind, path in addresses.items():
        page.goto(path)
        if told := violations(page):
            found[kind] = told
    assert found == {}


def test_axe_finds_nothing_on_the_page_that_signs_in(new_page: NewPage) -> None:
    page = new_page(EN, user="")
    page.goto("/signin/")
    assert violations(page) == []


@pytest.mark.parametrize("words", [ZH, EN], ids=["zh", "en"])
def test_axe_finds_nothing_on_the_creation_page_in_use(new_page: NewPage, words: Words) -> None:
    page, own = new_page(words), creation(words)
    open_wizard(page, words)
    page.get_by_label(words.enable_bgp, exact=True).check()
    page.get_by_label(words.policy, exact=True).check()
    first = tunnel(page, words, 1)
    first.get_by_role("button", name=own.generate, exact=True).click()
    first.get_by_role("button", name=own.show, exact=True).click()
    expect(first.locator(".copyable")).to_be_visible()
    for summary in page.locator(".folded summary").all():
        summary.click()
    assert violations(page) == []
    first.get_by_role("button", name=own.create_gateway, exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    save(page, words)
    expect(page.get_by_role("alert")).to_be_focused()
    assert violations(page) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


def test_axe_finds_nothing_with_high_contrast(new_page: NewPage) -> None:
    page = new_page(EN, contrast="more")
    open_wizard(page, EN)
    save(page, EN)
    expect(page.get_by_role("alert")).to_be_focused()
    assert violations(page) == []

"""What is typed into the creation page survives leaving it, and a second page is told of a newer draft."""

from collections.abc import Callable

import pytest
from creation_words import creation
from playwright.sync_api import Page, expect
from wizard import HANGZHOU, choose, open_empty_wizard, open_wizard, save, tunnel
from words import BOTH, Words

NewPage = Callable[..., Page]
LANGUAGES = pytest.mark.parametrize("words", BOTH, ids=["zh", "en"])
SHORTLY = 10_000


@LANGUAGES
def test_a_draft_is_kept_offered_continued_and_gone_once_saved(new_page: NewPage, words: Words) -> None:
    page, own = new_page(words), creation(words)
    open_empty_wizard(page, words)
    page.get_by_label(words.name, exact=True).fill(f"draft-{words.locale}")
    choose(page.get_by_label(words.cen, exact=True), "headquarters-cen")
    tunnel(page, words, 1).get_by_label(words.psk, exact=True).fill("typed-secret-1")
    expect(page.get_by_text(own.draft_kept)).to_be_visible(timeout=SHORTLY)
    page.wait_for_timeout(2500)  # the last change is kept too

    open_wizard(page, words)
    expect(page.get_by_label(words.name, exact=True)).to_have_value("")
    second = page.context.new_page()
    second.goto(f"/connections/new/?region={HANGZHOU}")
    page.get_by_role("link", name=own.continue_draft).click()
    expect(page.get_by_label(words.name, exact=True)).to_have_value(f"draft-{words.locale}")
    assert "typed-secret-1" not in page.content()

    second.get_by_label(words.name, exact=True).fill("another page")
    expect(second.get_by_text(own.other_page)).to_be_visible(timeout=SHORTLY)

    for index, gateway in enumerate(("dc-edge-1", "dc-edge-2"), start=1):
        choose(tunnel(page, words, index).get_by_label(words.customer_gateway, exact=True), gateway)
    save(page, words)
    page.wait_for_url("**/connections/vco-*/")
    open_wizard(page, words)
    expect(page.get_by_role("link", name=own.continue_draft)).to_have_count(0)


@LANGUAGES
def test_back_and_forward_lose_nothing(new_page: NewPage, words: Words) -> None:
    page = new_page(words)
    open_wizard(page, words)
    page.get_by_label(words.name, exact=True).fill("back again")
    page.get_by_label(words.enable_bgp, exact=True).check()
    page.get_by_role("link", name=words.cancel, exact=True).click()
    page.wait_for_url("**/connections/")
    page.go_back()
    expect(page.get_by_label(words.name, exact=True)).to_have_value("back again")
    expect(page.get_by_label(words.enable_bgp, exact=True)).to_be_checked()
    page.go_forward()
    page.go_back()
    expect(page.get_by_label(words.name, exact=True)).to_have_value("back again")

"""Leaving a field is enough to be told, where it belongs, and to see it drawn; nothing typed moves."""

import re
from collections.abc import Callable

import pytest
from creation_words import creation
from playwright.sync_api import Locator, Page, expect
from wizard import choose, fill_basics, open_wizard, save, tunnel
from words import BOTH, Words

NewPage = Callable[..., Page]
LANGUAGES = pytest.mark.parametrize("words", BOTH, ids=["zh", "en"])
GATEWAYS = ("dc-edge-1", "dc-edge-2")
WIDTHS = (1280, 390)


def field(page: Page, words: Words, index: int, label: str) -> Locator:
    return tunnel(page, words, index).get_by_label(label, exact=True)


def said(control: Locator) -> Locator:
    """What stands in a field's message slot, found as assistive technology finds it."""
    ids = (control.get_attribute("aria-describedby") or "").split()
    return control.page.locator(f"#{ids[-1]}")


@LANGUAGES
def test_what_is_wrong_is_said_as_a_field_is_left(new_page: NewPage, words: Words) -> None:
    page, own = new_page(words), creation(words)
    complaints: list[str] = []
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    open_wizard(page, words)
    page.get_by_label(words.enable_bgp, exact=True).check()
    first, second = (field(page, words, index, words.tunnel_cidr) for index in (1, 2))
    first.fill("169.254.90.0/30")
    second.fill("169.254.90.0/30")
    second.press("Tab")
    for block in (first, second):
        expect(said(block)).to_contain_text(own.same_block)
        expect(block).to_have_value("169.254.90.0/30")
        expect(block).to_have_attribute("aria-invalid", "true")

    # Told of both while the caret is in a third field, which stays as it is.
    name = page.get_by_label(words.name, exact=True)
    name.press_sequentially("half typ")
    name.press("ArrowLeft")
    second.evaluate("field => { field.value = '169.254.91.0/30'; }")
    second.dispatch_event("change")
    expect(said(first)).to_be_empty()
    expect(first).not_to_have_attribute("aria-invalid", "true")
    expect(name).to_be_focused()
    assert name.evaluate("field => [field.value, field.selectionStart]") == ["half typ", 7]

    # Several networks and ikev1: said at the version, in a section that is folded, and listed with a link.
    page.get_by_label(words.policy, exact=True).check()
    page.get_by_label(words.local_network, exact=True).fill("10.30.0.0/16, 10.31.0.0/16")
    page.get_by_label(words.remote_network, exact=True).fill("10.30.1.0/24")
    group = tunnel(page, words, 2).get_by_role("group", name=words.ike, exact=True)
    group.locator("summary").click()
    version = group.get_by_label(words.version, exact=True)
    version.select_option("ikev1")
    expect(said(version)).to_contain_text(own.needs_ikev2)
    expect(said(page.get_by_label(words.remote_network, exact=True))).to_contain_text(own.overlap)
    group.locator("summary").click()
    expect(version).to_be_hidden()
    panel = page.get_by_role("complementary", name=own.panel)
    panel.get_by_role("link", name=re.compile(words.version)).click()
    expect(version).to_be_focused()
    assert [
        text for text in complaints if "htmx:sendAbort" not in text and "htmx:afterRequest" not in text
    ] == []


@LANGUAGES
def test_what_is_chosen_is_drawn_and_put_into_calls(new_page: NewPage, words: Words) -> None:
    page, own = new_page(words), creation(words)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_wizard(page, words)
    drawing = page.get_by_role("img", name=own.topology)
    fill_basics(page, words, "drawn", "headquarters-cen", ("dc-edge-1", "dc-edge-1"))
    panel = page.get_by_role("complementary", name=own.panel)
    expect(panel).to_contain_text(own.one_device)
    expect(drawing).to_contain_text("0.0.0.0/0")
    choose(field(page, words, 2, words.customer_gateway), "dc-edge-2")
    expect(panel).not_to_contain_text(own.one_device)
    expect(drawing.locator("desc")).to_have_text(own.tunnel_drawn)
    expect(drawing).to_contain_text("203.0.113.12")
    page.get_by_label(words.policy, exact=True).check()
    page.get_by_label(words.local_network, exact=True).fill("10.40.0.0/16")
    page.get_by_label(words.remote_network, exact=True).fill("172.30.1.0/24")
    page.get_by_label(words.remote_network, exact=True).press("Tab")
    expect(drawing).to_contain_text("172.30.1.0/24")
    expect(panel).to_contain_text(own.will_come_up)
    panel.get_by_text(own.calls).click()
    panel.get_by_role("button", name=own.copy_commands, exact=True).click()
    copied = page.evaluate("() => navigator.clipboard.readText()")
    assert "aliyun vpc CreateVpnAttachment" in copied
    assert "--RemoteSubnet 172.30.1.0/24" in copied
    assert "EnableTransitRouterRouteTablePropagation" in copied


@LANGUAGES
def test_no_state_is_wider_than_a_phone_and_all_of_them_print(new_page: NewPage, words: Words) -> None:
    page, own = new_page(words, width=390, reduced_motion="reduce"), creation(words)

    def fits(state: str) -> None:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            wide = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
            assert wide <= 0, f"{state} is {wide} px too wide at {width}"
        page.set_viewport_size({"width": 390, "height": 900})

    open_wizard(page, words)
    fits("the empty page")
    page.get_by_label(words.enable_bgp, exact=True).check()
    page.get_by_label(words.policy, exact=True).check()
    page.get_by_label(words.local_network, exact=True).fill("10.1.0.0/16 10.2.0.0/16 10.3.0.0/16 10.4.0.0/16")
    for summary in page.locator(".folded summary, .fold summary, .panel-calls summary").all():
        summary.click()
    fits("with everything unfolded")
    page.get_by_label(words.private, exact=True).check()
    page.get_by_label(words.cross, exact=True).check()
    expect(page.get_by_label(words.cen, exact=True)).to_be_hidden()
    expect(page.get_by_role("group", name=words.advanced, exact=True)).to_be_hidden()
    tunnel(page, words, 1).get_by_role("button", name=own.create_gateway, exact=True).click()
    expect(page.get_by_role("dialog", name=own.create_gateway)).to_be_visible()
    fits("the dialog")
    page.keyboard.press("Escape")
    save(page, words)
    expect(page.get_by_role("alert")).to_be_focused()
    fits("a refused form")
    moving = "() => document.getAnimations().filter(one => one.playState === 'running').length"
    assert page.evaluate(moving) == 0

    page.emulate_media(media="print")
    for gone in (".topbar", ".sidenav", ".confirm-bar"):
        expect(page.locator(gone)).to_be_hidden()
    expect(page.get_by_role("img", name=own.topology)).to_be_visible()
    expect(page.get_by_label(words.name, exact=True)).to_be_visible()


@LANGUAGES
def test_theme_and_language_are_changed_in_the_top_bar(new_page: NewPage, words: Words) -> None:
    page, own = new_page(words), creation(words)
    open_wizard(page, words)
    dark = page.get_by_role("banner").get_by_role("button", name=own.dark, exact=True)
    page.get_by_role("banner").locator("summary", has_text=own.theme).click()
    dark.click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert "/connections/new/" in page.url
    page.get_by_role("banner").locator("summary", has_text=own.language).click()
    page.get_by_role("banner").get_by_role("button", name=own.other_language, exact=True).click()
    other = next(one for one in BOTH if one is not words)
    expect(page.get_by_label(other.cen, exact=True)).to_be_visible()
    assert page.locator("html").get_attribute("lang") == (
        "en" if other.locale.startswith("en") else "zh-hans"
    )
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")

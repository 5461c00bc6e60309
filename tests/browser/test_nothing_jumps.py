"""No field of the creation page moves when something is said of one: it stands where the help stood."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from wizard import choose, open_empty_wizard, tunnel
from words import BOTH, Words

NewPage = Callable[..., Page]
Boxes = dict[str, tuple[float, float, float, float]]
LANGUAGES = pytest.mark.parametrize("words", BOTH, ids=["zh", "en"])
WIDTHS = pytest.mark.parametrize("width", [1280, 390])
BOXES = """() => Object.fromEntries([...document.querySelectorAll(".wizard :is(input, select, textarea)")]
  .filter(one => one.checkVisibility() && one.type !== "hidden")
  .map(one => [one.id || one.name, one.getBoundingClientRect()])
  .map(([id, box]) => [id, [box.x, box.y + scrollY, box.width, box.height].map(Math.round)]))"""
ROOM = "slot => Math.round(slot.parentElement.getBoundingClientRect().height)"
"""What the help and the message share: as high as the higher of the two."""


def field(page: Page, words: Words, group: str, label: str) -> Locator:
    return tunnel(page, words, 1).get_by_role("group", name=group, exact=True).get_by_label(label, exact=True)


def wrong_values(page: Page, words: Words) -> Iterator[tuple[Locator, str, str]]:
    """A field, what is wrong or weak in it, and what is right."""
    yield page.get_by_label(words.name, exact=True), "http://name", "name"
    yield page.get_by_label(words.local_asn, exact=True), "0", "45104"
    yield page.get_by_label(words.local_asn, exact=True), "13335", "65001"  # a warning
    yield field(page, words, words.ike, words.lifetime), "86401", "86400"
    yield field(page, words, words.ike, "LocalId"), "no id", ""
    yield field(page, words, words.ike, "RemoteId"), "no id", ""
    yield field(page, words, words.ipsec, words.lifetime), "-1", "3600"
    yield field(page, words, words.bgp, words.tunnel_cidr), "10.0.0.0/30", "169.254.10.0/30"
    yield field(page, words, words.bgp, words.local_bgp_ip), "169.254.11.1", "169.254.10.1"
    yield tunnel(page, words, 1).get_by_label(words.psk, exact=True), "a", ""


def boxes(page: Page) -> Boxes:
    found: Boxes = page.evaluate(BOXES)
    return found


def slot_of(page: Page, control: Locator) -> Locator:
    return page.locator(f"[id='msg-{control.get_attribute('id')}']")


def leave(control: Locator, value: str) -> None:
    control.fill(value)
    control.blur()


@pytest.fixture
def unfolded(new_page: NewPage, words: Words, width: int) -> Page:
    """Everything there is to fill in, in sight."""
    page = new_page(words, width=width)
    open_empty_wizard(page, words)
    page.get_by_label(words.enable_bgp, exact=True).check()
    for summary in page.locator(".folded summary").all():
        summary.click()
    page.wait_for_load_state("networkidle")
    return page


@WIDTHS
@LANGUAGES
def test_no_field_moves_when_a_message_comes_and_goes(unfolded: Page, words: Words, width: int) -> None:
    page, longer = unfolded, {}
    for control, wrong, right in wrong_values(page, words):
        before, slot = boxes(page), slot_of(page, control)
        room = slot.evaluate(ROOM)
        leave(control, wrong)
        expect(slot.locator(".finding").first).to_be_visible()
        lacking = slot.evaluate(ROOM) - room
        moved = [box[1] - before[one][1] for one, box in boxes(page).items() if box != before[one]]
        assert all(abs(by - lacking) <= 1 for by in moved), "what is below moves by what does not fit"
        if lacking:
            longer[slot.inner_text()] = lacking
        leave(control, right)
        expect(slot.locator(".finding")).to_have_count(0)
        assert boxes(page) == before
    assert len(longer) <= (1 if width > 800 else 2), f"more lines than there is room for: {longer}"


@WIDTHS
@LANGUAGES
def test_no_field_moves_when_something_is_said_of_both_tunnels(
    unfolded: Page, words: Words, width: int
) -> None:
    page, before = unfolded, boxes(unfolded)
    for index in (1, 2):
        gateway = tunnel(page, words, index).get_by_label(words.customer_gateway, exact=True)
        choose(gateway, "dc-edge-1")
    said = page.locator("#msg-tunnels")
    expect(said.locator(".finding")).to_have_count(2)
    after = boxes(page)
    lower = [one for one, box in after.items() if box != before[one]]
    assert not [one for one in lower if one.startswith("id_tunnels-")], "the tunnels stay where they are"
    assert width < 800 or not lower


@LANGUAGES
def test_the_help_is_still_read_out_with_the_message(new_page: NewPage, words: Words) -> None:
    page = new_page(words)
    open_empty_wizard(page, words)
    name = page.get_by_label(words.name, exact=True)
    help_text = page.locator("#help-id_name").inner_text()
    expect(name).to_have_accessible_description(help_text)
    leave(name, "http://name")
    slot = slot_of(page, name)
    expect(slot.locator(".finding")).to_be_visible()
    expect(page.locator("#help-id_name")).to_be_hidden()
    expect(name).to_have_accessible_description(f"{help_text} {slot.inner_text().strip()}")

"""What the creation page does for the person who fills it in, in both languages."""

import re
from collections.abc import Callable
from functools import partial

import pytest
from creation_words import creation
from playwright.sync_api import Locator, Page, expect
from wizard import choose, open_wizard, save, tunnel
from words import BOTH, ZH, Words

NewPage = Callable[..., Page]
Picture = Callable[[Page, str], None]
LANGUAGES = pytest.mark.parametrize("words", BOTH, ids=["zh", "en"])
MOST_INTERACTIONS = 12
SLOW = 2000
"""Milliseconds that each request takes on a bad line."""


def button(page: Page, words: Words, index: int, name: str) -> Locator:
    return tunnel(page, words, index).get_by_role("button", name=name, exact=True)


def field(page: Page, words: Words, index: int, label: str) -> Locator:
    return tunnel(page, words, index).get_by_label(label, exact=True)


def slow_down(page: Page, milliseconds: int = SLOW) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    conditions = {"offline": False, "latency": milliseconds, "downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", conditions)


@LANGUAGES
def test_from_the_list_to_a_saved_dual_tunnel_bgp_connection_in_few_steps(
    new_page: NewPage, words: Words, capsys: pytest.CaptureFixture[str]
) -> None:
    page, own, steps = new_page(words), creation(words), 0

    def step(action: Callable[[], object]) -> None:
        nonlocal steps
        action()
        steps += 1

    page.goto("/connections/?region=cn-hangzhou")
    step(page.get_by_role("link", name=words.bind_cen, exact=True).first.click)
    step(lambda: page.get_by_label(words.name, exact=True).fill(f"few-{words.locale}"))
    step(lambda: choose(page.get_by_label(words.cen, exact=True), "headquarters-cen"))
    for index, gateway in enumerate(("dc-edge-1", "dc-edge-2"), start=1):
        step(partial(choose, field(page, words, index, words.customer_gateway), gateway))
    step(page.get_by_label(words.enable_bgp, exact=True).check)
    for index in (1, 2):
        step(button(page, words, index, own.suggest).click)
        expect(field(page, words, index, words.tunnel_cidr)).not_to_have_value("")
    expect(page.get_by_text(own.will_come_up)).to_be_visible()
    step(lambda: save(page, words))
    page.wait_for_url("**/connections/vco-*/")
    with capsys.disabled():
        print(f"\ninteractions from the list to a saved BGP connection: {steps} ({words.locale})")  # noqa: T201
    assert steps <= MOST_INTERACTIONS


@LANGUAGES
def test_a_key_is_made_judged_and_shown_only_when_asked_for(
    new_page: NewPage, picture: Picture, words: Words
) -> None:
    page, own = new_page(words), creation(words)
    open_wizard(page, words)
    button(page, words, 1, own.generate).click()
    expect(tunnel(page, words, 1).get_by_text(own.strong_key)).to_be_visible()
    expect(page.locator("code, .copyable")).to_have_count(0)
    button(page, words, 1, own.show).click()
    shown = tunnel(page, words, 1).locator(".copyable")
    expect(shown).to_have_text(re.compile(r"^[0-9A-Za-z]{16}$"))
    picture(page, f"create-key-{words.locale}")


@LANGUAGES
def test_tunnel_2_is_copied_and_a_strong_suite_chosen(new_page: NewPage, words: Words) -> None:
    page, own = new_page(words), creation(words)
    open_wizard(page, words)
    choose(field(page, words, 1, words.customer_gateway), "dc-edge-1")
    page.get_by_role("button", name=own.copy, exact=True).click()
    chosen = field(page, words, 1, words.customer_gateway).input_value()
    expect(field(page, words, 2, words.customer_gateway)).to_have_value(chosen)
    expect(page.get_by_text(own.weak)).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.get_by_role("button", name=own.strong, exact=True).click()
    expect(page.get_by_text(own.weak)).to_have_count(0)
    for name in (words.ike, words.ipsec):
        group = tunnel(page, words, 2).get_by_role("group", name=name, exact=True)
        expect(group.get_by_text("aes256", exact=True).first).to_be_visible()


@LANGUAGES
def test_a_customer_gateway_is_created_without_leaving(
    new_page: NewPage, picture: Picture, words: Words
) -> None:
    page, own = new_page(words), creation(words)
    last = 71 if words is ZH else 72
    open_wizard(page, words)
    page.get_by_label(words.name, exact=True).fill("not lost")
    field(page, words, 2, words.psk).fill("typed-secret-2")
    button(page, words, 2, own.create_gateway).click()
    dialog = page.get_by_role("dialog", name=own.create_gateway)
    dialog.get_by_label(own.address, exact=True).fill("10.300.1.1")
    dialog.get_by_role("button", name=own.create_and_choose).click()
    expect(dialog.locator(".finding-error")).to_have_count(1)
    picture(page, f"create-gateway-{words.locale}")
    dialog.get_by_label(own.address, exact=True).fill(f"203.0.113.{last}")
    dialog.get_by_label(own.asn, exact=True).fill("65071")
    dialog.get_by_role("button", name=own.create_and_choose).click()
    expect(dialog).to_have_count(0)
    chosen = field(page, words, 2, words.customer_gateway)
    expect(chosen.locator("option:checked")).to_contain_text(f"203.0.113.{last}")
    expect(chosen).to_be_focused()
    expect(field(page, words, 1, words.customer_gateway)).to_have_value("")
    expect(page.get_by_label(words.name, exact=True)).to_have_value("not lost")
    expect(field(page, words, 2, words.psk)).to_have_value("typed-secret-2")


@LANGUAGES
def test_several_networks_are_pasted_at_once(new_page: NewPage, words: Words) -> None:
    page = new_page(words)
    open_wizard(page, words)
    page.get_by_label(words.name, exact=True).fill(f"paste-{words.locale}")
    choose(page.get_by_label(words.cen, exact=True), "headquarters-cen")
    for index, gateway in enumerate(("dc-edge-1", "dc-edge-2"), start=1):
        choose(field(page, words, index, words.customer_gateway), gateway)
    page.get_by_label(words.policy, exact=True).check()
    page.get_by_label(words.local_network, exact=True).fill("10.30.0.0/16, 10.31.0.0/16")
    page.get_by_label(words.remote_network, exact=True).fill("172.20.1.0/24 172.20.2.0/24")
    save(page, words)
    page.wait_for_url("**/connections/vco-*/")
    expect(page.get_by_text("10.30.0.0/16, 10.31.0.0/16", exact=True)).to_be_visible()


@LANGUAGES
def test_on_a_slow_line_nothing_typed_is_overwritten_and_nothing_saved_twice(
    new_page: NewPage, words: Words
) -> None:
    page, own = new_page(words), creation(words)
    name = f"slow-{words.locale}"
    open_wizard(page, words)
    page.get_by_label(words.enable_bgp, exact=True).check()
    slow_down(page)
    page.get_by_label(words.name, exact=True).fill(name)
    button(page, words, 1, own.suggest).click()
    button(page, words, 2, own.suggest).click()
    second = field(page, words, 2, words.tunnel_cidr)
    second.press_sequentially("169.254.77.0/30", delay=30)
    expect(field(page, words, 1, words.tunnel_cidr)).not_to_have_value("", timeout=15_000)
    page.wait_for_timeout(2 * SLOW + 500)
    expect(second).to_have_value("169.254.77.0/30")
    expect(second).to_be_focused()
    assert second.evaluate("field => field.selectionStart") == len("169.254.77.0/30")

    choose(page.get_by_label(words.cen, exact=True), "headquarters-cen")
    for index, gateway in enumerate(("dc-edge-1", "dc-edge-2"), start=1):
        choose(field(page, words, index, words.customer_gateway), gateway)
    if words is ZH:
        second.fill("169.254.78.0/30")
    ok = page.get_by_role("button", name=words.ok, exact=True)
    ok.dblclick()
    page.wait_for_url("**/connections/vco-*/", timeout=60_000)
    slow_down(page, 0)
    page.goto(f"/connections/?q={name}")
    expect(page.get_by_role("link", name="vco-")).to_have_count(1)

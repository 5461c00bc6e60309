"""Every classic fault, clicked and repaired in both languages, plays to its cause before one's eyes."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from wizard import expect_both_up, fill_basics, fill_networks, open_wizard, save, tunnel, turn_on_bgp
from words import BOTH, ZH, Words

NewPage = Callable[..., Page]
Picture = Callable[[Page, str], None]
LANGUAGES = pytest.mark.parametrize("words", BOTH, ids=["zh", "en"])
GATEWAYS = ("dc-edge-1", "dc-edge-2")
OF_IKEV1 = ("ike-lifetime", "ike-mode", "networks", "pfs")
OF_LARGE_PACKETS = ("mtu",)
SOON = 20_000


def bgp_connection(page: Page, words: Words, name: str, third: int) -> None:
    """ikev2, destination routing, BGP on both tunnels; its page is open."""
    open_wizard(page, words)
    fill_basics(page, words, name, "headquarters-cen", GATEWAYS)
    turn_on_bgp(page, words, (f"169.254.{third}.0/30", f"169.254.{third}.4/30"))
    save(page, words)
    expect_both_up(page, words)


def ikev1_connection(page: Page, words: Words, name: str) -> None:
    """ikev1 main mode, one network on each side; its page is open."""
    open_wizard(page, words)
    fill_basics(page, words, name, "headquarters-cen", GATEWAYS)
    page.get_by_label(words.policy, exact=True).check()
    fill_networks(page, words, words.local_network, ("10.20.0.0/16",))
    fill_networks(page, words, words.remote_network, ("172.16.1.0/24",))
    for index in (1, 2):
        group = tunnel(page, words, index).get_by_role("group", name=words.ike, exact=True)
        group.locator("summary").click()
        group.get_by_label(words.version, exact=True).select_option("ikev1")
    save(page, words)
    expect_both_up(page, words)


def to_device(page: Page, words: Words, index: int, speed: str = "") -> str:
    """From the connection's page to the device of one of its tunnels: its address. What shows only when a
    daemon gives up waiting (165 s of IKE, 63 s of TCP) is not waited for where the clock runs fast."""
    page.get_by_role("link", name=words.tunnels[index - 1], exact=True).click()
    if speed:
        page.get_by_role("button", name=speed, exact=True).click()
    page.get_by_role("link", name=words.both_ends, exact=True).click()
    expect(page.get_by_text(words.sound, exact=True)).to_be_visible()
    return page.url


def break_device(page: Page, words: Words, fault: str) -> None:
    title, _cause = words.faults[fault]
    page.get_by_role("button", name=f"{words.break_device} {title}", exact=True).click()
    expect(page.get_by_role("button", name=f"{words.repair} {title}", exact=True)).to_be_visible()


def expect_cause(page: Page, words: Words, fault: str) -> None:
    expect(page.locator("#device-state")).to_contain_text(words.faults[fault][1], timeout=SOON)


def expect_why_on_the_tunnels_page(page: Page, words: Words, fault: str) -> None:
    """And back to the device."""
    page.get_by_role("link", name=words.tunnels[0], exact=True).click()
    expect(page.locator("#why-no-data")).to_contain_text(words.faults[fault][1], timeout=SOON)
    page.get_by_role("link", name=words.both_ends, exact=True).click()


def repair(page: Page, words: Words, fault: str) -> None:
    title, _cause = words.faults[fault]
    page.get_by_role("button", name=f"{words.repair} {title}", exact=True).click()
    expect(page.get_by_text(words.sound, exact=True)).to_be_visible()
    expect(page.locator("#device-state")).to_contain_text(words.phase_2_up, timeout=SOON)


@LANGUAGES
def test_faults_of_an_ikev2_tunnel_with_bgp(new_page: NewPage, picture: Picture, words: Words) -> None:
    page = new_page(words)
    bgp_connection(page, words, f"faults-{words.locale}", 130 if words is ZH else 131)
    to_device(page, words, 1, words.a_minute_a_second)
    picture(page, f"device-sound-{words.locale}")
    for fault in (name for name in words.faults if name not in OF_IKEV1):
        break_device(page, words, fault)
        if fault in OF_LARGE_PACKETS:
            expect_why_on_the_tunnels_page(page, words, fault)
        else:
            expect_cause(page, words, fault)
        picture(page, f"fault-{fault}-{words.locale}")
        repair(page, words, fault)


@LANGUAGES
def test_pfs_under_ikev2_fails_at_the_rekey(new_page: NewPage, picture: Picture, words: Words) -> None:
    page = new_page(words)
    bgp_connection(page, words, f"pfs-{words.locale}", 132 if words is ZH else 133)
    to_device(page, words, 1)
    break_device(page, words, "pfs")
    expect(page.get_by_text(words.with_a_flaw, exact=True)).to_have_count(2)
    expect(page.locator("#device-state")).to_contain_text(words.phase_2_up, timeout=SOON)
    picture(page, f"fault-pfs-{words.locale}")
    page.get_by_role("link", name=words.tunnels[0], exact=True).click()
    page.get_by_role("button", name=words.a_day_a_second, exact=True).click()
    page.get_by_role("link", name=words.both_ends, exact=True).click()
    expect_cause(page, words, "pfs")
    expect(page.locator("#device-state")).to_contain_text(words.phase_2_failed)
    repair(page, words, "pfs")


@LANGUAGES
def test_faults_that_only_ikev1_has(new_page: NewPage, picture: Picture, words: Words) -> None:
    page = new_page(words)
    ikev1_connection(page, words, f"faults-ikev1-{words.locale}")
    to_device(page, words, 1)
    for fault in OF_IKEV1:
        break_device(page, words, fault)
        expect_cause(page, words, fault)
        picture(page, f"fault-ikev1-{fault}-{words.locale}")
        repair(page, words, fault)


@LANGUAGES
def test_either_end_gives_in_by_a_click(new_page: NewPage, picture: Picture, words: Words) -> None:
    page = new_page(words)
    bgp_connection(page, words, f"values-{words.locale}", 134 if words is ZH else 135)
    for index, button in ((1, words.set_device), (2, words.set_ours)):
        connection = page.url
        to_device(page, words, index)
        break_device(page, words, "child-encryption")
        row = page.get_by_role("row", name=re.compile(words.differs_fatally))
        expect(row).to_contain_text(words.faults["child-encryption"][1])
        expect(page.get_by_text(words.will_not_come_up, exact=True)).to_have_count(2)
        picture(page, f"device-differs-{words.locale}")
        row.get_by_role("button", name=f"{button} {words.encryption}", exact=True).click()
        expect(page.get_by_text(words.sound, exact=True)).to_be_visible()
        expect(page.locator("#device-state")).to_contain_text(words.phase_2_up, timeout=SOON)
        page.goto(connection)


@LANGUAGES
def test_the_devices_form_works_without_a_script(new_page: NewPage, picture: Picture, words: Words) -> None:
    page = new_page(words, java_script_enabled=False)
    bgp = 136 if words is ZH else 137
    made = new_page(words)
    bgp_connection(made, words, f"form-{words.locale}", bgp)
    page.goto(to_device(made, words, 1) + "edit/")
    proposals = page.get_by_role("group", name=words.ike, exact=True).locator("textarea")
    proposals.fill("aes257 sha1 group2")
    page.get_by_role("button", name=words.ok, exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("aes257")
    picture(page, f"device-form-refused-{words.locale}")
    proposals.fill("aes192 sha1 group2\naes256 md5 group5")
    page.get_by_role("button", name=words.ok, exact=True).click()
    expect(page.get_by_text("aes192-sha1-group2, aes256-md5-group5").first).to_be_visible()
    picture(page, f"device-two-proposals-{words.locale}")

import re
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsec import addresses

BANNED = [
    "169.254.0.0/30",
    "169.254.1.0/30",
    "169.254.2.0/30",
    "169.254.3.0/30",
    "169.254.4.0/30",
    "169.254.5.0/30",
    "169.254.6.0/30",
    "169.254.169.252/30",
]
ALL_TUNNEL_CIDRS = [str(block) for block in IPv4Network("169.254.0.0/16").subnets(new_prefix=30)]


@pytest.mark.parametrize(
    "text", ["0.0.0.0/0", "10.0.0.0/8", "192.168.1.128/25", "169.254.10.0/30", "1.2.3.4/32"]
)
def test_a_canonical_network_is_read(text: str) -> None:
    assert str(addresses.parse_network(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "10.0.0.0/255.0.0.0",
        "10.0.0/8",
        "010.0.0.0/8",
        " 10.0.0.0/8",
        "10.0.0.0/8\n",
        "10.0.0.0 /8",
        "10.0.0.0/8/8",
        "256.0.0.0/8",
        "2001:db8::/32",
        "1٠.0.0.0/8",
        "10.0.0.0/８",
        "10.0.0.0/" + "9" * 5000,
        "ten/8",
    ],
)
def test_anything_else_is_no_network(text: str) -> None:
    with pytest.raises(ValueError):
        addresses.parse_network(text)


def test_host_bits_come_with_the_network_that_was_meant() -> None:
    with pytest.raises(addresses.HostBitsError) as refused:
        addresses.parse_network("10.1.2.3/16")
    assert refused.value.network == IPv4Network("10.1.0.0/16")


@pytest.mark.parametrize(
    "text", ["", "10.0.0.1/32", "10.0.0", "010.0.0.1", "10.0.0.١", "1.2.3.4 ", "::1", "256.1.1.1"]
)
def test_what_is_no_ipv4_address_is_neither_public_nor_private(text: str) -> None:
    assert not addresses.is_ipv4(text)
    assert not addresses.is_public(text)
    assert not addresses.is_private(text)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("9.255.255.255", True),
        ("10.0.0.0", False),
        ("10.255.255.255", False),
        ("11.0.0.0", True),
        ("100.63.255.255", True),
        ("100.64.0.0", False),
        ("100.127.255.255", False),
        ("100.128.0.0", True),
        ("127.0.0.1", False),
        ("169.253.255.255", True),
        ("169.254.0.0", False),
        ("169.255.0.0", True),
        ("172.15.255.255", True),
        ("172.16.0.0", False),
        ("172.31.255.255", False),
        ("172.32.0.0", True),
        ("192.167.255.255", True),
        ("192.168.0.0", False),
        ("192.169.0.0", True),
        ("203.0.113.7", True),
        ("223.255.255.255", True),
        ("224.0.0.0", False),
        ("255.255.255.255", False),
        ("0.255.255.255", False),
        ("1.0.0.0", True),
    ],
)
def test_public_is_what_a_device_on_the_internet_can_have(address: str, public: bool) -> None:
    assert addresses.is_public(address) is public


def test_a_private_address_is_one_of_rfc_1918() -> None:
    assert [address for address in ("10.0.0.1", "172.20.0.1", "192.168.9.9") if addresses.is_private(address)]
    assert not addresses.is_private("100.64.0.1")
    assert not addresses.is_private("203.0.113.1")


@pytest.mark.parametrize(
    "name", ["branch-1", "example.aliyun.com", "a", "vpn_1.corp", "example.com.", "1a", "x" * 63]
)
def test_host_names_bare_or_full_are_fqdns(name: str) -> None:
    assert addresses.is_fqdn(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "10.0.0.1",
        "10.0.0",
        "1234",
        ".",
        "a b",
        "-a",
        "a-",
        "a..b",
        ".a",
        "a@b.c",
        "*.a",
        "中文",
        "a\n",
        "x" * 64,
    ],
)
def test_addresses_and_other_text_are_no_fqdns(name: str) -> None:
    assert not addresses.is_fqdn(name)


def test_overlaps_inside_a_list_name_both_positions() -> None:
    networks = ["10.0.0.0/8", "192.168.0.0/16", "junk", "10.1.0.0/16", "10.0.0.0/8"]
    assert [*addresses.overlaps_inside(networks)] == [(0, 3), (0, 4), (3, 4)]


def test_neighbours_do_not_overlap() -> None:
    assert not [*addresses.overlaps_inside(["10.0.0.0/9", "10.128.0.0/9"])]


def test_overlaps_across_are_ordered_by_the_remote_position() -> None:
    local, remote = ["10.0.0.0/8", "172.16.0.0/12"], ["172.16.5.0/24", "192.168.0.0/24", "10.9.0.0/16"]
    assert [*addresses.overlaps_across(local, remote)] == [(1, 0), (0, 2)]


def test_the_default_local_address_is_the_first_host_and_the_peer_has_the_other() -> None:
    assert addresses.tunnel_hosts("169.254.10.0/30") == ("169.254.10.1", "169.254.10.2")
    assert addresses.default_local_bgp_ip("169.254.10.0/30") == "169.254.10.1"
    assert addresses.peer_bgp_ip("169.254.10.0/30", "") == "169.254.10.2"
    assert addresses.peer_bgp_ip("169.254.10.0/30", "169.254.10.1") == "169.254.10.2"
    assert addresses.peer_bgp_ip("169.254.10.0/30", "169.254.10.2") == "169.254.10.1"


@pytest.mark.parametrize("local", ["169.254.10.0", "169.254.10.3", "169.254.11.1", "nonsense"])
def test_there_is_no_peer_to_an_address_that_is_no_host(local: str) -> None:
    with pytest.raises(ValueError):
        addresses.peer_bgp_ip("169.254.10.0/30", local)


@pytest.mark.parametrize("cidr", ["169.254.10.0/29", "169.254.10.0/31", "169.254.10.1/30", ""])
def test_only_a_30_has_tunnel_hosts(cidr: str) -> None:
    with pytest.raises(ValueError):
        addresses.tunnel_hosts(cidr)


def test_the_banned_blocks_are_the_eight_of_the_console() -> None:
    assert sorted(addresses.BANNED_TUNNEL_CIDRS) == sorted(BANNED)


def test_suggestions_begin_at_169_254_10_0() -> None:
    assert addresses.suggest_tunnel_cidr(()) == "169.254.10.0/30"
    assert addresses.suggest_tunnel_cidr(["169.254.10.0/30", "169.254.10.4/30"]) == "169.254.10.8/30"


def test_suggestions_wrap_round_and_skip_the_banned_blocks() -> None:
    from_ten_on = {
        block for block in ALL_TUNNEL_CIDRS if IPv4Network(block) >= IPv4Network("169.254.10.0/30")
    }
    assert addresses.suggest_tunnel_cidr(from_ten_on) == "169.254.0.4/30"


def test_the_last_free_block_is_found_and_then_none() -> None:
    free = "169.254.255.252/30"
    assert addresses.suggest_tunnel_cidr({*ALL_TUNNEL_CIDRS} - {free}) == free
    with pytest.raises(LookupError):
        addresses.suggest_tunnel_cidr(ALL_TUNNEL_CIDRS)
    assert addresses.suggest_tunnel_cidr({*ALL_TUNNEL_CIDRS} - {free, *BANNED}) == free


def test_one_route_is_made_per_remote_network() -> None:
    networks = ["192.168.0.0/16", "10.0.0.0/8", "192.168.0.0/16", "nonsense"]
    assert addresses.destination_routes(networks) == ("192.168.0.0/16", "10.0.0.0/8")


@pytest.mark.parametrize(
    "banned", ["0.0.0.0/0", "100.64.0.0/10", "100.64.0.0/24", "100.0.0.0/8", "64.0.0.0/2"]
)
def test_no_route_is_made_to_the_shared_range_or_what_holds_it(banned: str) -> None:
    assert addresses.destination_routes([banned]) == ()


@pytest.mark.parametrize("allowed", ["100.0.0.0/10", "100.128.0.0/9", "0.0.0.0/2"])
def test_neighbours_of_the_shared_range_are_routed(allowed: str) -> None:
    assert addresses.destination_routes([allowed]) == (allowed,)


def test_selectors_hold_a_packet_whose_both_ends_they_name() -> None:
    local, remote = ["10.0.0.0/8", "169.254.10.1/32"], ["169.254.10.2/32"]
    assert addresses.selectors_hold(local, remote, "169.254.10.1", "169.254.10.2")
    assert not addresses.selectors_hold(local, remote, "169.254.10.2", "169.254.10.1")
    assert not addresses.selectors_hold(["10.0.0.0/8"], remote, "169.254.10.1", "169.254.10.2")


@given(st.text())
def test_parsing_any_text_gives_its_canonical_form_or_a_value_error(text: str) -> None:
    try:
        network = addresses.parse_network(text)
    except ValueError:
        return
    assert str(network) == text


@given(st.from_regex(re.compile(r"[0-9./]{1,20}", re.ASCII), fullmatch=True))
def test_digits_and_dots_never_read_as_a_name(text: str) -> None:
    assert not addresses.is_fqdn(text)
    assert addresses.is_ipv4(text) is (text.count(".") == 3 and _same_address(text))


def _same_address(text: str) -> bool:
    octets = text.split(".")
    return all(octet.isdigit() and str(int(octet)) == octet and int(octet) < 256 for octet in octets)


@given(st.sampled_from(ALL_TUNNEL_CIDRS))
def test_hosts_of_every_tunnel_block_are_its_two_middle_addresses(cidr: str) -> None:
    start = IPv4Address(cidr.split("/", maxsplit=1)[0])
    assert addresses.tunnel_hosts(cidr) == (str(start + 1), str(start + 2))

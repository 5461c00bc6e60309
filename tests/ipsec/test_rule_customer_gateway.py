"""What a customer gateway can be registered with."""

from dataclasses import replace

import pytest

from ipsec.findings import Severity
from ipsec.rules import (
    Code,
    CustomerGatewaySpec,
    check_auth_key,
    check_customer_gateway,
    check_gateway_address,
)

SPEC = CustomerGatewaySpec("Berlin", "Router in rack 7", "203.0.113.10", 65001, "s3cret")


def said(spec: CustomerGatewaySpec) -> list[tuple[str, str]]:
    return [(finding.field, finding.code) for finding in check_customer_gateway(spec)]


def test_a_sound_gateway_leaves_nothing_to_say() -> None:
    assert said(SPEC) == []


def test_only_the_address_is_required() -> None:
    assert said(CustomerGatewaySpec(address="10.0.0.1")) == []
    assert said(CustomerGatewaySpec()) == [("address", Code.ADDRESS_MALFORMED)]


def test_findings_come_in_the_order_of_the_form() -> None:
    spec = CustomerGatewaySpec("http://a", "http://b", "junk", 45104, "a b")
    assert said(spec) == [
        ("name", Code.TEXT_IS_LINK),
        ("address", Code.ADDRESS_MALFORMED),
        ("asn", Code.ASN_RESERVED),
        ("auth_key", Code.AUTH_KEY_CHARACTER),
        ("description", Code.TEXT_IS_LINK),
    ]


@pytest.mark.parametrize(("length", "expected"), [(100, []), (101, [("description", Code.TEXT_TOO_LONG)])])
def test_a_description_has_at_most_100_characters(length: int, expected: list[tuple[str, str]]) -> None:
    assert said(replace(SPEC, description="x" * length)) == expected


@pytest.mark.parametrize(
    "address",
    [
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.0",
        "127.255.255.255",
        "169.254.0.0",
        "169.254.255.255",
        "224.0.0.0",
        "239.255.255.255",
        "240.0.0.0",
        "255.0.0.0",
        "255.255.255.255",
        "0.255.255.255",
    ],
)
def test_an_address_where_no_device_can_be_is_refused(address: str) -> None:
    assert said(replace(SPEC, address=address)) == [("address", Code.ADDRESS_FORBIDDEN)]
    assert [finding.code for finding in check_gateway_address(address)] == [Code.ADDRESS_FORBIDDEN]


@pytest.mark.parametrize(
    "address",
    [
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.255.0.0",
        "223.255.255.255",
        "10.0.0.1",
    ],
)
def test_their_neighbours_pass(address: str) -> None:
    assert said(replace(SPEC, address=address)) == []
    assert check_gateway_address(address) == []


@pytest.mark.parametrize(
    "address", ["", "203.0.113", "203.0.113.010", "203.0.113.1/32", "::1", "203.0.113.٣", " 203.0.113.1"]
)
def test_text_that_is_no_address_is_refused(address: str) -> None:
    assert said(replace(SPEC, address=address)) == [("address", Code.ADDRESS_MALFORMED)]
    (finding,) = check_gateway_address(address)
    assert (finding.field, finding.code) == ("gateway_address", Code.ADDRESS_MALFORMED)


def test_the_clouds_own_addresses_cannot_be_registered() -> None:
    spec = replace(SPEC, reserved_networks=("junk", "198.51.100.0/24", "203.0.113.0/28"))
    (finding,) = check_customer_gateway(spec)
    assert (finding.code, finding.params["network"]) == (Code.ADDRESS_IN_CLOUD_POOL, "203.0.113.0/28")
    assert said(replace(spec, address="203.0.113.16")) == []


def test_an_address_is_registered_once() -> None:
    spec = replace(SPEC, registered_addresses=frozenset({"203.0.113.10"}))
    assert said(spec) == [("address", Code.ADDRESS_REGISTERED)]
    assert said(replace(spec, address="203.0.113.11")) == []


@pytest.mark.parametrize(
    ("asn", "code"),
    [
        (0, Code.ASN_OUT_OF_RANGE),
        (4294967296, Code.ASN_OUT_OF_RANGE),
        (45104, Code.ASN_RESERVED),
    ],
)
def test_some_as_numbers_are_refused(asn: int, code: Code) -> None:
    assert said(replace(SPEC, asn=asn)) == [("asn", code)]


@pytest.mark.parametrize("asn", [1, 45103, 45105, 4294967295])
def test_public_as_numbers_are_accepted_with_advice(asn: int) -> None:
    (finding,) = check_customer_gateway(replace(SPEC, asn=asn))
    assert (finding.code, finding.severity) == (Code.ASN_NOT_PRIVATE, Severity.ADVICE)


@pytest.mark.parametrize(
    ("key", "codes"),
    [
        ("", []),
        ("!", []),
        ("~" * 64, []),
        ("a" * 65, [Code.AUTH_KEY_TOO_LONG]),
        ("a b", [Code.AUTH_KEY_CHARACTER]),
        ("a?b", [Code.AUTH_KEY_CHARACTER]),
        ("密钥", [Code.AUTH_KEY_CHARACTER]),
        ("a\x7f", [Code.AUTH_KEY_CHARACTER]),
        ("?" * 65, [Code.AUTH_KEY_TOO_LONG, Code.AUTH_KEY_CHARACTER]),
    ],
)
def test_an_auth_key_is_64_ascii_characters_at_most(key: str, codes: list[Code]) -> None:
    assert [finding.code for finding in check_auth_key(key)] == codes


def test_the_first_wrong_character_of_an_auth_key_is_counted_from_1() -> None:
    (finding,) = check_auth_key("ab?d e")
    assert (finding.field, finding.params) == ("auth_key", {"position": 3})


def test_an_auth_key_needs_an_as_number_and_none_needs_none() -> None:
    assert said(replace(SPEC, asn=None)) == [("auth_key", Code.AUTH_KEY_WITHOUT_ASN)]
    assert said(replace(SPEC, asn=None, auth_key="")) == []


def test_the_auth_key_is_told_by_nobody() -> None:
    spec = replace(SPEC, auth_key="hidden?key")
    assert "hidden" not in repr(spec)
    assert "hidden" not in repr(check_customer_gateway(spec))

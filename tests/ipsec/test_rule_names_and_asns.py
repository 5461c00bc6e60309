import pytest

from ipsec.findings import Finding, Severity
from ipsec.rules import Code, check_asn, check_asn_text, check_connection, check_name, parse_asn
from ipsec.spec import ConnectionSpec


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


@pytest.mark.parametrize(
    "name", ["", "a", "a" * 100, "云" * 100, "http:/ /", "see http://x", "with space", "x\u200dy"]
)
def test_names_of_up_to_100_characters_pass(name: str) -> None:
    assert check_name(name, "name") == []


def test_a_name_of_101_characters_is_too_long() -> None:
    (finding,) = check_name("a" * 101, "name")
    assert (finding.field, finding.code, finding.params) == ("name", Code.TEXT_TOO_LONG, {"max": 100})


@pytest.mark.parametrize("name", ["http://", "https://x", "HTTP://x", "hTTps://x"])
def test_a_name_may_not_be_a_link(name: str) -> None:
    assert codes(check_name(name, "description")) == [Code.TEXT_IS_LINK]


@pytest.mark.parametrize("name", ["a\nb", "a\x00", "\t", "a\x7f", "a\x85b", "a\u2028b", "\ud800"])
def test_a_name_stays_on_one_line(name: str) -> None:
    assert codes(check_name(name, "name")) == [Code.TEXT_CONTROL_CHARACTER]


def test_the_connection_name_follows_the_rule_of_names() -> None:
    findings = check_connection(ConnectionSpec(name="https://" + "x" * 100))
    assert [finding.code for finding in findings if finding.field == "name"] == [
        Code.TEXT_TOO_LONG,
        Code.TEXT_IS_LINK,
    ]


@pytest.mark.parametrize(
    ("text", "asn"),
    [
        ("4200000000", 4200000000),
        ("65001", 65001),
        ("123.456", 8061384),
        ("0.1", 1),
        ("65535.65535", 4294967295),
    ],
)
def test_an_as_number_is_read_in_one_or_two_segments(text: str, asn: int) -> None:
    assert parse_asn(text) == asn


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "1.",
        ".1",
        "1.2.3",
        "65536.1",
        "1.65536",
        "-1",
        "+1",
        " 1",
        "1e3",
        "AS1",
        "１",
        "٣",
        "1_0",
        "9" * 5000,
    ],
)
def test_other_text_is_no_as_number(text: str) -> None:
    with pytest.raises(ValueError):
        parse_asn(text)
    assert codes(check_asn_text(text, "local_asn")) == [Code.ASN_MALFORMED]


@pytest.mark.parametrize("asn", [-1, 0, 4294967296, pytest.param(10**6000, id="huge")])
def test_an_as_number_out_of_range_is_an_error(asn: int) -> None:
    (finding,) = check_asn(asn, "asn")
    assert (finding.code, finding.severity) == (Code.ASN_OUT_OF_RANGE, Severity.ERROR)
    assert finding.params == {"min": 1, "max": 4294967295}


@pytest.mark.parametrize("asn", [1, 64511, 65535, 4199999999, 4294967295])
def test_a_public_as_number_is_allowed_with_advice(asn: int) -> None:
    (finding,) = check_asn(asn, "asn")
    assert (finding.code, finding.severity) == (Code.ASN_NOT_PRIVATE, Severity.ADVICE)


@pytest.mark.parametrize("asn", [64512, 65534, 4200000000, 4294967294, 45104])
def test_private_as_numbers_and_the_default_pass(asn: int) -> None:
    assert check_asn(asn, "asn") == []


def test_a_typed_as_number_is_held_to_the_range_as_well() -> None:
    assert check_asn_text("65001", "asn") == []
    assert codes(check_asn_text("4294967296", "asn")) == [Code.ASN_OUT_OF_RANGE]

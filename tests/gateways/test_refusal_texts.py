"""Every refusal has words: each code that a service raises, each quota, each parameter."""

import re
from pathlib import Path

import pytest

from accounts.models import QuotaName
from ipsec.findings import Finding
from ipsec.rules import Code
from wording import findings, peerconfigs, refusals
from wording.message import message

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "transit", "gateways", "tunnels", "connections")
RAISED = re.compile(r'(?:refuse|Finding)\(\s*f?"[^"]*",\s*"([a-z_]+)"')
PARAMETER = re.compile(r"%\((\w+)\)s")


def raised_codes() -> set[str]:
    sources = [path for app in APPS for path in (ROOT / app).rglob("*.py")]
    return {code for path in sources for code in RAISED.findall(path.read_text(encoding="utf-8"))}


def test_every_code_that_is_raised_has_a_text() -> None:
    codes = raised_codes()
    assert "gateway_in_use" in codes  # the search finds what it is meant to find
    assert {code for code in codes if code not in refusals.TEXTS and code not in findings.TEXTS} == set()


def test_no_code_has_two_texts() -> None:
    assert not {*refusals.TEXTS} & {str(code) for code in (*findings.TEXTS, *peerconfigs.TEXTS)}


@pytest.mark.parametrize("code", refusals.TEXTS)
def test_a_text_is_filled_by_its_parameters(code: str) -> None:
    names = PARAMETER.findall(str(refusals.TEXTS[code]))
    said = message(Finding("", code, params={name: f"value of {name}" for name in names}))
    assert all(f"value of {name}" in said for name in names)
    assert "%" not in said


def test_quotas_are_called_the_same_everywhere() -> None:
    assert {quota.value: str(quota.label) for quota in QuotaName} == {
        name: str(label) for name, label in refusals.QUOTAS.items()
    }


def test_a_full_quota_says_which_and_how_much() -> None:
    said = message(Finding("", "quota_full", params={"name": "connections_per_region", "limit": 100}))
    assert "IPsec connections per region, at most 100" in said


def test_texts_of_the_rules_are_found_too() -> None:
    finding = Finding("address", Code.ADDRESS_REGISTERED, params={"address": "203.0.113.10"})
    assert message(finding) == findings.message(finding)


def test_a_code_without_a_text_is_an_error() -> None:
    with pytest.raises(LookupError):
        message(Finding("", "nobody_wrote_this"))

"""Every cause can be read: what it is called, what it means, and what to do about it."""

import re
from types import SimpleNamespace

import pytest
from django.utils import translation

from ipsec.causes import CauseId
from ipsec.transcript import Phase, Refusal
from wording import causes

PLACEHOLDER = re.compile(r"%\(|%s|\{")
LANGUAGES = ("en", "zh-hans")


def refusal(cause: str, attribute: str = "", ours: str = "", theirs: str = "") -> Refusal:
    return Refusal(cause, Phase.IKE, "IKE_AUTH request", attribute, ours, theirs)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cause", CauseId)
def test_every_cause_has_a_name_a_meaning_and_a_remedy(cause: CauseId, language: str) -> None:
    with translation.override(language):
        texts = [causes.title(cause), causes.meaning(cause), causes.remedy(cause)]
    assert all(texts)
    assert not [text for text in texts if PLACEHOLDER.search(text)]
    assert len(set(texts)) == 3


def test_no_two_causes_are_called_the_same() -> None:
    assert len({causes.title(cause) for cause in CauseId}) == len(CauseId)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("cause", "attribute"), causes.REMEDIES)
def test_every_remedy_of_a_value_fills_in_both_readings(
    cause: CauseId, attribute: str, language: str
) -> None:
    with translation.override(language):
        told = causes.remedy(refusal(cause, attribute, "our-reading", "their-reading"))
        raw = str(causes.REMEDIES[cause, attribute])
    assert not PLACEHOLDER.search(told)
    assert ("our-reading" in told) is ("%(ours)s" in raw)
    assert ("their-reading" in told) is ("%(theirs)s" in raw)


def test_a_value_with_percent_signs_is_only_a_value() -> None:
    told = causes.remedy(refusal(CauseId.PEER_ID, "ike.remote_id", "100%", "%(ours)s"))
    assert "100%" in told
    assert "%(ours)s" in told


def test_a_value_that_is_not_there_is_said_in_words() -> None:
    with translation.override("en"):
        told = causes.remedy(refusal(CauseId.ALGORITHM, "ike", "aes-sha1-group2", ""))
    assert "nothing on the device" in told


def test_an_attribute_without_words_of_its_own_has_the_causes_remedy() -> None:
    assert causes.remedy(refusal(CauseId.PSK, "ike.psk")) == causes.remedy(CauseId.PSK)


def test_anything_with_the_four_fields_will_do() -> None:
    stored = SimpleNamespace(cause="PfsMismatch", attribute="child.pfs", ours="group2", theirs="disabled")
    assert "group2" in causes.remedy(stored)
    assert causes.meaning(stored) == causes.meaning("PfsMismatch")


def test_what_is_no_cause_has_no_words() -> None:
    with pytest.raises(ValueError, match="Gremlins"):
        causes.title("Gremlins")

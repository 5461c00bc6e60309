import random
import string
from collections.abc import Sequence
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsec import psk
from ipsec.psk import PskStrength

Option = TypeVar("Option")


def seeded(seed: int) -> psk.Choice:
    return random.Random(seed).choice  # noqa: S311 - repeatable on purpose


def test_the_alphabet_is_printable_ascii_without_the_space() -> None:
    assert sorted(psk.ALPHABET) == [chr(code) for code in range(0x21, 0x7F)]
    assert {'"', "'", "\\", "?"} < psk.ALPHABET


@given(st.integers())
def test_a_generated_key_has_16_letters_and_digits_of_each_kind(seed: int) -> None:
    key = psk.generate(seeded(seed))
    assert len(key) == 16
    assert set(key) <= set(string.ascii_letters + string.digits)
    for kind in (string.ascii_lowercase, string.ascii_uppercase, string.digits):
        assert set(key) & set(kind)


def test_generation_is_random_by_default_and_repeats_with_a_seed() -> None:
    assert len({psk.generate() for _ in range(50)}) == 50
    assert psk.generate(seeded(7)) == psk.generate(seeded(7))


def test_a_choice_that_never_varies_still_comes_to_an_end() -> None:
    def first(options: Sequence[Option], /) -> Option:
        return options[0]

    assert len(psk.generate(first)) == 16


def test_the_kinds_that_are_sure_to_be_there_stand_anywhere() -> None:
    """Else the first character would always be a lower-case letter."""
    firsts = {psk.generate(seeded(seed))[0] for seed in range(300)}
    assert firsts & set(string.digits)
    assert firsts & set(string.ascii_uppercase)
    assert firsts & set(string.ascii_lowercase)


@pytest.mark.parametrize(
    ("key", "position"), [("abc", None), ("", None), (" a", 1), ("ab c", 3), ("abé", 3), ("a\x7f", 2)]
)
def test_the_first_character_that_may_not_be_there_is_located(key: str, position: int | None) -> None:
    assert psk.first_bad_position(key) == position


@pytest.mark.parametrize(
    "key", ["", "a", "123456", "password", "a" * 100, "abcdefghijklmnop", "12345678901234567890"]
)
def test_short_and_monotonous_keys_are_weak(key: str) -> None:
    assert psk.strength(key) is PskStrength.WEAK


def test_length_and_variety_make_a_key_stronger() -> None:
    assert psk.strength("tr9Kp2xWq4") is PskStrength.FAIR
    assert psk.strength("tr9Kp2xWq4Lm7Zv1") is PskStrength.STRONG


@given(st.integers())
def test_a_generated_key_is_strong(seed: int) -> None:
    assert psk.strength(psk.generate(seeded(seed))) is PskStrength.STRONG


def test_the_first_draw_is_not_always_strong_enough() -> None:
    """Else the test above would not need a second one."""
    assert not all(psk.strength(psk._draw(seeded(seed))) is PskStrength.STRONG for seed in range(500))


@given(st.text())
def test_any_text_has_a_strength(text: str) -> None:
    assert psk.strength(text) in PskStrength

"""The account as a picture: what is drawn where, of an overview made up here."""

import re
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from connections.fleet.models import Level
from connections.overview import Overview, Router
from connections.picture import MOST_CENS, MOST_REGIONS, STEP, Picture, picture

REGIONS = ("cn-hangzhou", "cn-shanghai", "cn-beijing", "eu-central-1", "us-west-1")
BEND = re.compile(r"M170 (\d+)C.* 250 (\d+)$")


def drawn(reached: list[str], numbers: dict[str, int] | None = None) -> Picture:
    """Of CEN instances that reach a region each, and regions with so many connections."""
    levels = {region: {int(Level.UP): number} for region, number in (numbers or {}).items()}
    routers = [Router(f"cen-{n}", f"cloud {n}", region, {}) for n, region in enumerate(reached)]
    return picture(Overview({}, levels, [], False, routers, 0))


def from_cens(shown: Picture) -> list[tuple[int, int]]:
    """Where lines begin at a CEN instance and end at a region."""
    bends = [BEND.fullmatch(link.path) for link in shown.links]
    return [(int(bend[1]), int(bend[2])) for bend in bends if bend]


@given(
    reached=st.lists(st.sampled_from(REGIONS), min_size=1, max_size=MOST_CENS),
    numbers=st.dictionaries(st.sampled_from(REGIONS), st.integers(0, 9)),
)
def test_what_reaches_a_region_each_crosses_nothing(reached: list[str], numbers: dict[str, int]) -> None:
    lines = from_cens(drawn(reached, numbers))
    assert len(lines) == len(reached)
    assert not [
        (one, other) for one, other in combinations(lines, 2) if (one[0] - other[0]) * (one[1] - other[1]) < 0
    ]


def test_the_region_with_the_most_connections_comes_first() -> None:
    shown = drawn(["cn-hangzhou", "cn-shanghai"], {"cn-shanghai": 3, "cn-hangzhou": 1})
    assert [box.number for box in shown.regions] == [3, 1]
    assert [box.name for box in shown.cens] == ["cloud 1", "cloud 0"]


def test_what_is_too_much_shares_the_last_box() -> None:
    shown = drawn(["cn-hangzhou"] * (MOST_CENS + 3))
    assert [box.further for box in shown.cens] == [0] * MOST_CENS + [3]
    assert shown.height == (MOST_CENS + 1) * STEP
    assert len(shown.regions) == 1 <= MOST_REGIONS

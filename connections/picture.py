"""The account as a picture: CEN instances, the regions they reach, and the data centre. Much of it is drawn
together, so that it is as readable for a thousand connections as for two."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

from accounts.regions import name_of
from connections.fleet.models import Level
from connections.looks import health_look
from connections.overview import Overview, Router, worst
from connections.preview.topology import shortened

MOST_CENS: Final = 6
MOST_REGIONS: Final = 8
STEP: Final = 64
BAR: Final = 168
"""Width of the bar that shows how a region's connections divide."""
FIT: Final = 22
"""Characters of a name that fit into a box."""
ORDER: Final = (
    Level.UP, Level.NEGOTIATING, Level.DEGRADED, Level.IMPAIRED, Level.DOWN, Level.DRAINED, Level.IDLE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar."""

    role: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Box:
    """`further` counts what a last box stands for together; the others have a name."""

    y: float
    name: str = ""
    further: int = 0
    number: int = 0
    parts: Sequence[Part] = ()


@dataclass(frozen=True, slots=True)
class Link:
    role: str
    path: str


@dataclass(frozen=True, slots=True)
class Picture:
    height: int
    middle: float
    cens: Sequence[Box]
    regions: Sequence[Box]
    links: Sequence[Link]


def picture(seen: Overview) -> Picture:
    regions = _regions(seen)
    cens = _cens(seen.routers, regions)
    rows = max(min(len(cens), MOST_CENS + 1), min(len(regions), MOST_REGIONS + 1), 1)
    height = rows * STEP
    cen_at = _places([key for key, _name in cens], MOST_CENS, height)
    region_at = _places(regions, MOST_REGIONS, height)
    return Picture(
        height=height,
        middle=height / 2,
        cens=_cen_boxes(cens, cen_at),
        regions=_region_boxes(regions, seen.regions, region_at),
        links=[*_to_regions(seen.routers, cen_at, region_at), *_to_devices(seen, region_at, height / 2)],
    )


def _regions(seen: Overview) -> list[str]:
    """With the most connections first."""
    known = {*seen.regions, *(router.region for router in seen.routers)}
    return sorted(known, key=lambda region: (-sum(seen.regions.get(region, {}).values()), region))


def _cens(routers: Iterable[Router], regions: Sequence[str]) -> list[tuple[str, str]]:
    """Each about as high as the regions that it reaches, so that few lines cross."""
    place = {region: number for number, region in enumerate(regions)}
    reached: dict[tuple[str, str], list[int]] = {}
    for router in routers:
        reached.setdefault((router.cen_id, router.cen_name), []).append(place[router.region])
    return sorted(reached, key=lambda cen: fmean(reached[cen]))


def _places(keys: Sequence[str], most: int, height: int) -> dict[str, float]:
    """The middle of each one's box; what is too much shares the last."""
    shown = min(len(keys), most + 1)
    step = height / shown if shown else 0
    return {key: step * (min(number, most) + 0.5) for number, key in enumerate(keys)}


def _cen_boxes(cens: Sequence[tuple[str, str]], at: Mapping[str, float]) -> list[Box]:
    boxes = [Box(at[key], name=shortened(name, FIT)) for key, name in cens[:MOST_CENS]]
    rest = cens[MOST_CENS:]
    return [*boxes, Box(at[rest[0][0]], further=len(rest))] if rest else boxes


def _region_boxes(
    regions: Sequence[str], levels: Mapping[str, Mapping[int, int]], at: Mapping[str, float]
) -> list[Box]:
    boxes = [_region_box(at[region], region, levels.get(region, {})) for region in regions[:MOST_REGIONS]]
    rest = regions[MOST_REGIONS:]
    if not rest:
        return boxes
    together: dict[int, int] = {}
    for region in rest:
        for level, number in levels.get(region, {}).items():
            together[level] = together.get(level, 0) + number
    last = _region_box(at[rest[0]], "", together)
    return [*boxes, Box(last.y, further=len(rest), number=last.number, parts=last.parts)]


def _region_box(y: float, region: str, levels: Mapping[int, int]) -> Box:
    return Box(y, name=shortened(name_of(region), FIT), number=sum(levels.values()), parts=bar(levels))


def bar(levels: Mapping[int, int]) -> list[Part]:
    """How the levels divide; whatever there is at all can be seen."""
    total, x, parts = sum(levels.values()), 0.0, []
    there = [level for level in ORDER if levels.get(level)]
    spare = BAR - 3 * len(there)
    for level in there:
        width = 3 + spare * levels[level] / total
        parts.append(Part(health_look(level).role, round(x, 1), round(width, 1)))
        x += width
    return parts


def _to_regions(
    routers: Iterable[Router], cen_at: Mapping[str, float], region_at: Mapping[str, float]
) -> Iterable[Link]:
    drawn: dict[tuple[float, float], Level | None] = {}
    for router in routers:
        ends = cen_at[router.cen_id], region_at[router.region]
        drawn[ends] = _worse(drawn.get(ends), worst(router.levels))
    for (left, right), level in drawn.items():
        yield Link(_role(level), f"M170 {left:.0f}C210 {left:.0f} 210 {right:.0f} 250 {right:.0f}")


def _to_devices(seen: Overview, region_at: Mapping[str, float], middle: float) -> Iterable[Link]:
    drawn: dict[float, Level | None] = {}
    for region, levels in seen.regions.items():
        if sum(levels.values()):
            drawn[region_at[region]] = _worse(drawn.get(region_at[region]), worst(levels))
    for y, level in drawn.items():
        yield Link(_role(level), f"M450 {y:.0f}C490 {y:.0f} 490 {middle:.0f} 530 {middle:.0f}")


def _worse(one: Level | None, other: Level | None) -> Level | None:
    return worst({level: 1 for level in (one, other) if level is not None})


def _role(level: Level | None) -> str:
    return health_look(level).role if level is not None else "quiet"

"""Pages of long lists, newest first, by the key of the last row seen: as quick at the end as at the start."""

from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.db.models import Model, QuerySet

PAGE_SIZE: Final = 20
CURSOR: Final = "public_id"
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """`older` and `newer` are the public ids that the neighbouring pages go on from; empty where none is."""

    rows: list[Row]
    older: str = ""
    newer: str = ""


def page_of(
    rows: "QuerySet[Row, Row]", *, after: str = "", before: str = "", size: int = PAGE_SIZE
) -> Page[Row]:
    """The page of rows older than `after`, or of those newer than `before`, else the first one.

    A cursor that is not among the rows (any more) is as good as none.
    """
    if before and (anchor := _key(rows, before)):
        return _newer_than(rows, anchor, size)
    anchor = _key(rows, after) if after else None
    older = rows.filter(pk__lt=anchor) if anchor else rows
    found = list(older.order_by("-pk")[: size + 1])
    if anchor and not found:  # deleted since the link was drawn
        return page_of(rows, size=size)
    return _page(found[:size], more_older=len(found) > size, more_newer=bool(anchor))


def _newer_than(rows: "QuerySet[Row, Row]", anchor: Any, size: int) -> Page[Row]:
    found = list(rows.filter(pk__gt=anchor).order_by("pk")[: size + 1])
    if not found:
        return page_of(rows, size=size)
    return _page(found[:size][::-1], more_older=True, more_newer=len(found) > size)


def _key(rows: "QuerySet[Row, Row]", cursor: str) -> Any:
    return rows.filter(**{CURSOR: cursor}).values_list("pk", flat=True).first()


def _page(rows: list[Row], *, more_older: bool, more_newer: bool) -> Page[Row]:
    if not rows:
        return Page(rows)
    return Page(
        rows,
        older=getattr(rows[-1], CURSOR) if more_older else "",
        newer=getattr(rows[0], CURSOR) if more_newer else "",
    )

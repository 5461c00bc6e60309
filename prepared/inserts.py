"""New rows, written by a statement that is kept: Django's way from models to an INSERT takes longer."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, TypeVar

from django.db import connection
from django.db.models import Field, Model
from django.db.transaction import mark_for_rollback_on_error

M = TypeVar("M", bound=Model)
MOST: Final = 64
"""Statements that a process keeps: one for each model and number of rows."""


def insert(rows: Iterable[M]) -> list[M]:
    """Write new rows of one model and give them their keys: few, since each number of rows has a statement of
    its own. As with `bulk_create`, no `save` and no signal has a part in it.

    Their fields hold values and no expressions, and what they relate to is written already. What the database
    computes is read when somebody asks for it. ValueError for a row that has got the key that it would get.
    """
    written = [*rows]
    if not written:
        return written
    model = type(written[0])
    if model._meta.auto_field and any(row.pk is not None for row in written):
        raise ValueError("a new row has no key yet")
    with mark_for_rollback_on_error(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(_statement(model, len(written)), tuple(_values(model, written)))
        for row, (key,) in zip(written, cursor.fetchall(), strict=True):
            row.pk = key
            row._state.adding, row._state.db = False, connection.alias
    return written


@lru_cache(maxsize=MOST)
def _statement(model: type[Model], rows: int) -> str:
    quoted = connection.ops.quote_name
    table, key = quoted(model._meta.db_table), quoted(str(model._meta.pk.column))
    columns = [quoted(str(field.column)) for field in _fields(model)]
    row = f"({', '.join(['%s'] * len(columns))})"
    values = ", ".join([row] * rows)
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values} RETURNING {key}"  # noqa: S608 - quoted names


@lru_cache(maxsize=MOST)
def _fields(model: type[Model]) -> Sequence["Field[Any, Any]"]:
    """But for what the database makes: the key, and what it computes."""
    fields, key = model._meta.local_concrete_fields, model._meta.auto_field
    return [field for field in fields if field is not key and not field.generated]


def _values(model: type[M], rows: Sequence[M]) -> Iterator[Any]:
    for row in rows:
        for field in _fields(model):
            yield field.get_db_prep_save(field.pre_save(row, add=True), connection)

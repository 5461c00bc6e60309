"""A function that builds a queryset, asked as a statement that is kept.

    @prepared
    def _memberships(user: int) -> QuerySet[Membership]:
        return Membership.objects.filter(user=user).select_related("account").order_by("pk")

    rows = _memberships(7)      # a list; the function is run once, not for each user

What Django does from a queryset to its SQL takes longer than a small query itself. It depends on the shape of
the query alone: here it is done at the first call, and later ones fill in their values.
"""

import json
import re
from collections.abc import Callable, Iterator
from copy import copy
from functools import lru_cache, wraps
from inspect import signature
from ipaddress import IPv4Address
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Expression,
    Field,
    GenericIPAddressField,
    QuerySet,
    TextField,
)
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

P = ParamSpec("P")
Row = TypeVar("Row")
Sql = tuple[str, tuple[Any, ...]]
MOST: Final = 256
"""Statements that a process keeps: one for each function and shape."""
FIELDS: Final["dict[type, type[Field[Any, Any]]]"] = {
    bool: BooleanField, int: BigIntegerField, str: TextField, IPv4Address: GenericIPAddressField,
}  # fmt: skip
ARRAYS: Final[dict[type, str]] = {int: "bigint[]", str: "text[]", IPv4Address: "inet[]"}

_IN_ARRAY: Final = re.compile(r"IN \(SELECT unnest\((%s::\w+\[\])\)\)")
"""What becomes of `__in` and a list on PostgreSQL: the members of an array are found by an index; those of a
subquery beside an OR are not."""


class Kind(NamedTuple):
    """Of a value: its type, or a list and the type of what is in it, None where nothing is."""

    of: type | None
    many: bool = False


def prepared(build: Callable[P, QuerySet[Any, Row]]) -> Callable[P, list[Row]]:
    """The rows of the queryset that `build` makes of its arguments.

    Positional ones are values that the statement is asked with: int, str, bool or IPv4Address, and for `__in`
    lists of them. Those by name are part of its shape, and each has a statement of its own. `build` must not
    look at a value, nor at anything else that changes, the time or the visitor.
    """

    by_name = {name for name, one in signature(build).parameters.items() if one.kind is one.KEYWORD_ONLY}

    @wraps(build)
    def ask(*values: P.args, **shape: P.kwargs) -> list[Row]:
        if not by_name.issuperset(shape):
            raise TypeError("a value that is said by name would make a statement for each")
        kinds = tuple(map(_kind, values))
        rows: list[Row] = _statement(build, kinds, tuple(shape.items())).rows(values)
        return rows

    return ask


def _kind(value: object) -> Kind:
    many = isinstance(value, list)
    types = set(map(type, value)) if isinstance(value, list) else {type(value)}
    if len(types) > 1 or not types.issubset(ARRAYS if many else FIELDS):
        raise TypeError(f"a prepared query is not asked with {value!r}")
    return Kind(next(iter(types), None), many)


class Slot(Expression):
    """Where a value goes."""

    def __init__(self, number: int, kind: Kind) -> None:
        super().__init__(None if kind.of is None else FIELDS[kind.of]())
        self.number, self.kind = number, kind

    def as_sql(self, _compiler: SQLCompiler, _connection: BaseDatabaseWrapper) -> Sql:
        return "%s", (self,)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        if not self.kind.many:
            return self.as_sql(compiler, connection)
        return f"(SELECT unnest(%s::{ARRAYS[self.kind.of or int]}))", (self,)

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> Sql:
        if not self.kind.many:
            return self.as_sql(compiler, connection)
        return "(SELECT value FROM json_each(%s))", (self,)

    def filled(self, values: tuple[object, ...], vendor: str) -> object:
        """What the database's driver takes: SQLite's knows neither lists nor addresses."""
        value = values[self.number]
        if vendor != "sqlite":
            return value
        if self.kind.many:
            return json.dumps(value, default=str)
        return str(value) if self.kind.of is IPv4Address else value


class Statement(NamedTuple):
    """A queryset that is never asked itself, and what its compiler made of it."""

    queryset: QuerySet[Any, Any]
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]

    def rows(self, values: tuple[object, ...]) -> list[Any]:
        if not self.sql:
            return []
        compiler = self._compiler_for(values)
        asked = self.queryset.all()
        asked.query.get_compiler = lambda *_args, **_kwargs: compiler  # type: ignore[method-assign]
        return list(asked)

    def _compiler_for(self, values: tuple[object, ...]) -> SQLCompiler:
        """A copy that knows its SQL already, for this thread's connection."""
        compiler = copy(self.compiler)
        compiler.connection = connections[self.queryset.db]
        self._refuse_to_lock_in_vain(compiler.connection)
        sql: Sql = self.sql, tuple(self._filled(values, compiler.connection.vendor))
        compiler.as_sql = lambda *_args, **_kwargs: sql  # type: ignore[method-assign]
        return compiler

    def _refuse_to_lock_in_vain(self, connection: BaseDatabaseWrapper) -> None:
        """As Django does where it makes the SQL."""
        locks = self.queryset.query.select_for_update and connection.features.has_select_for_update
        if locks and connection.get_autocommit():
            raise TransactionManagementError("rows are locked until a transaction ends, and there is none")

    def _filled(self, values: tuple[object, ...], vendor: str) -> Iterator[object]:
        for param in self.params:
            yield param.filled(values, vendor) if isinstance(param, Slot) else param


@lru_cache(maxsize=MOST)
def _statement(
    build: Callable[..., QuerySet[Any, Any]], kinds: tuple[Kind, ...], shape: tuple[tuple[str, Any], ...]
) -> Statement:
    queryset = build(*map(_place, range(len(kinds)), kinds), **dict(shape))
    compiler = queryset.query.get_compiler(using=queryset.db)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:  # an empty list, and nothing else to find
        sql, params = "", ()
    compiler.connection = None  # the one that happened to be first would never be closed
    return Statement(queryset, compiler, _IN_ARRAY.sub(r"= ANY(\1)", sql), params)


def _place(number: int, kind: Kind) -> Slot | list[Any]:
    """Django itself knows best what becomes of an empty list."""
    return [] if kind.many and kind.of is None else Slot(number, kind)

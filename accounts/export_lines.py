"""Rows as lines of a file, one at a time, however many there are."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

Row = Mapping[str, Any]

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""Spreadsheets run what begins with these."""
BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it, spreadsheets take Chinese for something else."""


class _Line:
    """What csv writes to: hands back each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line


def csv_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """With a head line; CRLF as RFC 4180 has it."""
    line: Callable[[Iterable[str]], str] = csv.writer(_Line()).writerow
    yield BYTE_ORDER_MARK + line(columns)
    for row in rows:
        yield line(_cell(row[name]) for name in columns)


def _cell(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else _text(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def json_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """One JSON object a line."""
    for row in rows:
        yield json.dumps({name: row[name] for name in columns}, ensure_ascii=False) + "\n"

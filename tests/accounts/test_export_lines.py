"""Rows as lines of a file."""

import pytest

from accounts.export_lines import csv_lines, json_lines

COLUMNS = ("name", "count", "detail")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_runs_nothing(start: str) -> None:
    _head, line = csv_lines(COLUMNS, [{"name": f"{start}1", "count": 1, "detail": {}}])
    assert line.lstrip('"').startswith(f"'{start}1")


def test_nought_is_written_and_nothing_is_empty() -> None:
    row = {"name": None, "count": 0, "detail": {"名": "杭州"}}
    head, line = csv_lines(COLUMNS, [row])
    assert head == "\ufeffname,count,detail\r\n"
    assert line == ',0,"{""名"": ""杭州""}"\r\n'


def test_an_object_has_the_columns_in_their_order() -> None:
    row = {"detail": {}, "count": 2, "name": "杭州", "secret": "x"}
    assert [*json_lines(COLUMNS, [row])] == ['{"name": "杭州", "count": 2, "detail": {}}\n']

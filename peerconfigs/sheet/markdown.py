"""The sheet as CommonMark: lists, because a table would need its bars escaped even inside code."""

import re
from collections.abc import Mapping

from peerconfigs.sheet.content import SheetRow, SheetSection

Labels = Mapping[str, str]


def to_markdown(sheet: tuple[SheetSection, ...], labels: Labels) -> str:
    lines = [f"# {labels['sheet']}"]
    for section in sheet:
        lines += ["", f"## {_heading(section, labels)}", ""]
        lines += [_row(row, labels) for row in section.rows]
    return "\n".join(lines) + "\n"


def _heading(section: SheetSection, labels: Labels) -> str:
    heading = labels[section.label]
    return f"{heading} {section.tunnel}" if section.tunnel else heading


def _row(row: SheetRow, labels: Labels) -> str:
    parts = [code_span(row.value)] if row.value else []
    parts += [labels[row.word]] if row.word else []
    text = f"**{labels[row.label]}**"
    return f"- {text}: {', '.join(parts)}" if parts else f"- {text}"


def code_span(text: str) -> str:
    """`text` verbatim and on one line, in a fence longer than any run of backticks in it."""
    visible = "".join(character if character.isprintable() else "_" for character in text)
    fence = "`" * (max(map(len, re.findall("`+", visible)), default=0) + 1)
    padding = " " if visible.startswith(("`", " ")) or visible.endswith(("`", " ")) else ""
    return f"{fence}{padding}{visible}{padding}{fence}"

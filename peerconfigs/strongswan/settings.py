"""strongSwan's settings grammar: sections in braces, `key = value` to the end of the line, `#` comments.

The tokens are those of the daemon's own lexer. Includes and section references are refused: what they name
is not in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "\n": ""}
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_NAME = re.compile(r'[^#{}:,="\s]+')
_BARE = re.compile(r'[^#{}"\s]+')
_GAP = re.compile(r"[ \t\r]*")


class SettingsError(Exception):
    """The text breaks the grammar at `line`, counted from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass(frozen=True, slots=True)
class Section:
    """Repeated sections merge and a later value replaces an earlier one, as the daemon has it."""

    values: dict[str, str] = field(default_factory=dict, repr=False)
    sections: dict[str, "Section"] = field(default_factory=dict)

    def section(self, name: str) -> "Section":
        """The section of that name, empty where there is none."""
        return self.sections.get(name, Section())

    def starting_with(self, prefix: str) -> Iterator["Section"]:
        return (section for name, section in self.sections.items() if name.startswith(prefix))


def read(text: str) -> Section:
    """The whole text as one section; `SettingsError` where it is none."""
    return _Reader(text).whole()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def whole(self) -> Section:
        root = Section()
        self.body(root)
        if self.at < len(self.text):
            raise self.error()
        return root

    def body(self, into: Section) -> None:
        while name := self.skip_and_match(_NAME):
            self.skip(_BLANK)
            self.entry(into, name)
        self.skip(_BLANK)

    def entry(self, into: Section, name: str) -> None:
        mark = self.take()
        if mark == "=":
            into.values[name] = self.value()
        elif mark == "{":
            self.body(into.sections.setdefault(name, Section()))
            if self.take() != "}":
                raise self.error()
        else:
            raise self.error()

    def value(self) -> str:
        parts: list[str] = []
        while True:
            self.skip(_GAP)
            if self.peek() == '"':
                parts.append(self.quoted())
            elif bare := _BARE.match(self.text, self.at):
                self.at = bare.end()
                parts.append(bare.group())
            else:
                return " ".join(parts)

    def quoted(self) -> str:
        self.take()
        characters: list[str] = []
        while (character := self.take()) != '"':
            if not character:
                raise self.error()
            characters.append(self.escaped() if character == "\\" else character)
        return "".join(characters)

    def escaped(self) -> str:
        character = self.take()
        return _ESCAPES.get(character, character)

    def skip_and_match(self, pattern: re.Pattern[str]) -> str:
        self.skip(_BLANK)
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at
        return found.group() if found else ""

    def skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self) -> str:
        character = self.peek()
        self.at += 1
        return character

    def error(self) -> SettingsError:
        return SettingsError(self.text.count("\n", 0, self.at) + 1)

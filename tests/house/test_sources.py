"""The house keeps its measures: sizes, no leftovers."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

ROOT: Path = settings.BASE_DIR
PACKAGES = (
    "vpnconsole", "connections", "tunnels", "gateways", "transit", "accounts", "wording", "prepared",
    "peerconfigs", "ipsec",
)  # fmt: skip
NOT_OURS = {".git", ".venv", "var", "node_modules", "__pycache__"}
TEXT = {".py", ".html", ".css", ".js", ".md", ".toml", ".txt", ".yml", ".yaml", ".po", ".sh", ".service", ""}
LEFTOVERS = {
    "an unfinished thought": re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X)\b"),
    "a path of somebody's machine": re.compile(r"(?<![\w.~-])/(?:work|tmp|home|root)/[a-z]"),
    "a silenced type": re.compile(r"#\s*type:\s*ignore(?!\[)"),
    "a switched-off test": re.compile(r"@pytest\.mark\.(?:skip|xfail)"),
}


def modules() -> list[Path]:
    found = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py")]
    return [path for path in found if "migrations" not in path.parts]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def texts() -> Iterator[Path]:
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part != ".ci" for part in parts[:-1])
        if path.is_file() and not hidden and not NOT_OURS & set(parts) and path.suffix in TEXT:
            yield path


def test_no_file_is_longer_than_400_lines() -> None:
    files = [*modules(), *(ROOT / "bench").glob("*.py")]
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in files}

    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_no_function_is_longer_than_50_lines_and_nine_in_ten_have_at_most_25() -> None:
    lengths = dict(entry for path in modules() for entry in functions(path))
    ordered = sorted(lengths.values())

    assert {name: length for name, length in lengths.items() if length > 50} == {}
    assert ordered[len(ordered) * 9 // 10] <= 25
    assert ordered[len(ordered) // 2] <= 8


def test_no_module_is_called_after_nothing() -> None:
    assert [path.name for path in modules() if path.stem in {"utils", "helpers", "manager", "misc"}] == []


@pytest.mark.parametrize("what", LEFTOVERS)
def test_nothing_was_left_lying_about(what: str) -> None:
    pattern = LEFTOVERS[what]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]

    assert found == []

"""The catalogue of the audit trail is closed: each action of the code has a word, each word an action."""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from accounts.audit_targets import PAGES
from accounts.audit_words import ACTIONS, AREAS, DETAILS, action_word, area_of, detail_word

ROOT: Path = settings.BASE_DIR
APPS = ("accounts", "gateways", "transit", "tunnels", "connections", "openapi", "vpnconsole")


def calls(names: set[str]) -> Iterator[tuple[Path, ast.Call]]:
    for path in (path for app in APPS for path in (ROOT / app).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield path, node


def actions_in_code() -> set[str]:
    """What `audit` is called with; where that is a name, the texts of an action's shape in the same file."""
    found: set[str] = set()
    for path, call in calls({"audit"}):
        given = call.args[1]
        if isinstance(given, ast.Constant):
            found.add(str(given.value))
        elif isinstance(given, ast.JoinedStr):
            prefix = str(ast.literal_eval(given.values[0]))
            found |= {one for one in ACTIONS if one.startswith(prefix)} or {prefix}
        else:
            found |= _shaped_like_actions(path)
    return found


def _shaped_like_actions(path: Path) -> set[str]:
    texts = {
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {text for text in texts if area_of(text) in AREAS and text.count(".") == 1 and " " not in text}


def test_each_action_has_a_word_and_each_word_an_action() -> None:
    assert actions_in_code() == set(ACTIONS)


def test_each_key_of_a_detail_that_is_written_out_has_a_word() -> None:
    keys = {keyword.arg for _path, call in calls({"audit"}) for keyword in call.keywords if keyword.arg}

    assert keys - {"changes"} <= set(DETAILS)


def test_each_action_belongs_to_an_area_of_the_filter() -> None:
    assert {area_of(action) for action in ACTIONS} == set(AREAS)


def test_a_word_is_told_in_both_languages_and_no_two_are_alike() -> None:
    for language in ("en", "zh-hans"):
        with translation.override(language):
            words = [action_word(action) for action in ACTIONS]
            assert len(set(words)) == len(words)
            assert all(detail_word(key) for key in DETAILS)
    assert action_word("never.heard") == "never.heard"


def test_targets_are_found_by_the_prefixes_that_the_models_give() -> None:
    for prefix, shown in PAGES.items():
        model = apps.get_model(shown.model)
        assert model._meta.get_field("public_id").get_default().startswith(f"{prefix}-")
        assert reverse(shown.url_name, args=["x"])

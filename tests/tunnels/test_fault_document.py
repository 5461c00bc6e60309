"""docs/causes.md is what the catalogue says now, in both languages."""

from pathlib import Path
from typing import Any

from django.core.management import call_command

from ipsec.causes import CauseId
from tunnels.devices.faults import FAULTS
from vpnconsole.management.commands.write_causes import document, path

AGAIN = "the catalogue has changed: run manage.py write_causes"


def test_the_document_is_current() -> None:
    assert path().read_text(encoding="utf-8") == document(), AGAIN


def test_it_tells_of_every_cause_and_every_fault_once_in_each_language() -> None:
    text = document()
    for cause in CauseId:
        assert text.count(f"(`{cause}`)\n") == 2
    for fault in FAULTS:
        assert text.count(f"(`{fault.id}`): ") == 2


def test_nothing_in_it_is_left_to_be_filled_in() -> None:
    assert "%(" not in document()


def test_the_command_writes_it(settings: Any, tmp_path: Path, capsys: Any) -> None:
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    call_command("write_causes")
    assert (tmp_path / "docs" / "causes.md").read_text(encoding="utf-8") == document()
    assert "causes.md" in capsys.readouterr().out

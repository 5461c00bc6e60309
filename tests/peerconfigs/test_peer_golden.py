"""Every file of every vendor for four connections, compared with what was reviewed by hand.

Where a change is meant, run once with PEERCONFIGS_GOLDEN=write, read the difference in git, and commit it
together with the change. A run that writes fails, so that none in CI can pass by writing.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from lab.examples import EXAMPLES

from ipsec.spec import ConnectionSpec
from peerconfigs.document import Options
from peerconfigs.registry import VENDORS, render

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("vendor_id", VENDORS)
@pytest.mark.parametrize(("name", "example"), EXAMPLES.items(), ids=EXAMPLES.keys())
def test_files_are_as_reviewed(vendor_id: str, name: str, example: Callable[[], ConnectionSpec]) -> None:
    initiates = name == "ikev1-aggressive-destination"
    document = render(vendor_id, example(), Options(with_secrets=True, initiates=initiates))
    folder = GOLDEN / vendor_id / name
    if os.environ.get("PEERCONFIGS_GOLDEN") == "write":
        _write(folder, {file.name: file.text for file in document.files})
    reviewed = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert {file.name: file.text for file in document.files} == reviewed


def _write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.iterdir():
        stale.unlink()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    pytest.fail(f"written: {folder}; read the difference, then run again without PEERCONFIGS_GOLDEN")


@pytest.mark.parametrize("vendor_id", VENDORS)
def test_no_reviewed_files_are_left_over(vendor_id: str) -> None:
    assert {folder.name for folder in (GOLDEN / vendor_id).iterdir()} == set(EXAMPLES)


@pytest.mark.parametrize("vendor_id", VENDORS)
@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
def test_lines_are_clean(vendor_id: str, example: Callable[[], ConnectionSpec]) -> None:
    for file in render(vendor_id, example(), Options(with_secrets=False)).files:
        assert file.text.endswith("\n")
        assert not file.text.endswith("\n\n")
        assert not [line for line in file.text.split("\n") if line != line.rstrip() or "\t" in line]


@pytest.mark.parametrize("vendor_id", VENDORS)
def test_the_main_file_is_what_the_registry_announces(vendor_id: str) -> None:
    vendor = VENDORS[vendor_id]
    main = render(vendor_id, EXAMPLES["ikev2-policy"](), Options(with_secrets=False)).files[0]
    assert main.name == f"vco-example{vendor.filename_suffix}"
    assert main.media_type == vendor.media_type

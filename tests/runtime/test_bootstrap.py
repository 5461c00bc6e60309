"""`make run` with a Python that will not do says so and what to do, before it changes anything."""

import subprocess
from pathlib import Path

from processes import ROOT, environment

OLD = """\
#!/bin/sh
case "$1" in
  -V) echo Python 3.9.2 ;;
  *) exit 1 ;;
esac
"""
WITHOUT_VENV = """\
#!/bin/sh
case "$2" in
  *ensurepip*) exit 1 ;;
  *print*) echo 3.12 ;;
esac
"""


def bootstrap(tmp_path: Path, python: str) -> subprocess.CompletedProcess[str]:
    """What bootstrapping answers when the one Python there is, is this script."""
    fake = tmp_path / "python3"
    fake.write_text(python)
    fake.chmod(0o755)
    return subprocess.run(
        (ROOT / "bin" / "bootstrap", tmp_path / "venv", "requirements.txt"),
        env=environment(PYTHON=str(fake)),
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_old_python_is_named(tmp_path: Path) -> None:
    answer = bootstrap(tmp_path, OLD)
    assert answer.returncode != 0
    assert "needs Python 3.11 or newer; here: Python 3.9.2." in answer.stderr
    assert "make run PYTHON=" in answer.stderr
    assert not (tmp_path / "venv").exists()


def test_a_missing_python_is_named(tmp_path: Path) -> None:
    answer = bootstrap(tmp_path, "#!/nowhere/at/all\n")
    assert answer.returncode != 0
    assert "does not run" in answer.stderr


def test_a_python_without_venv_is_named_with_the_package_to_install(tmp_path: Path) -> None:
    answer = bootstrap(tmp_path, WITHOUT_VENV)
    assert answer.returncode != 0
    assert "sudo apt-get install python3.12-venv" in answer.stderr
    assert not (tmp_path / "venv").exists()


def test_a_makefile_without_python_ends_there(tmp_path: Path) -> None:
    (tmp_path / "python3").write_text(OLD)
    (tmp_path / "python3").chmod(0o755)
    answer = subprocess.run(
        ("make", "run", f"PYTHON={tmp_path}/python3", f"VENV={tmp_path}/venv", f"VAR_DIR={tmp_path}/var"),
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode != 0
    assert "needs Python 3.11 or newer" in answer.stderr
    assert not (tmp_path / "var").exists()

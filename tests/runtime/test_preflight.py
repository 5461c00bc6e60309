"""Before anything starts, what is in the way is named together with the way out."""

import os
import socket
from pathlib import Path

import pytest

from vpnconsole.runtime.preflight import Place, StartError, claim, listen, place_from, sign


def test_the_defaults_are_port_8000_of_this_machine_only() -> None:
    place = place_from({})
    assert (place.address, place.var_dir.name) == ("http://127.0.0.1:8000", "var")


def test_the_environment_names_another_place(tmp_path: Path) -> None:
    place = place_from({"HOST": "::1", "PORT": "9000", "VAR_DIR": str(tmp_path)})
    assert place == Place(tmp_path, "::1", 9000)
    assert place.address == "http://[::1]:9000"


def test_an_address_of_all_interfaces_is_shown_as_one_that_a_browser_takes() -> None:
    assert place_from({"HOST": "0.0.0.0"}).address == "http://127.0.0.1:8000"  # noqa: S104 - shown only


@pytest.mark.parametrize("port", ["http", "-1", "65536", "8000 "])
def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(StartError, match=f"PORT='{port}' is not a port number"):
        place_from({"PORT": port})


def test_a_taken_port_is_named_with_one_to_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StartError, match=f"Port {port} on 127.0.0.1 is taken.*make run PORT={port + 1}"):
            listen(Place(Path(), "127.0.0.1", port))


def test_a_host_that_is_not_here_is_named() -> None:
    with pytest.raises(StartError, match=r"HOST=192\.0\.2\.1 is not an address of this machine"):
        listen(Place(Path(), "192.0.2.1", 0))


def test_a_second_instance_is_told_who_is_there(tmp_path: Path) -> None:
    with claim(tmp_path) as lock:
        sign(lock, Place(tmp_path, "127.0.0.1", 8000))
        with pytest.raises(StartError, match=f"process {os.getpid()}, http://127.0.0.1:8000"):
            claim(tmp_path)


def test_an_instance_that_has_ended_leaves_its_place_free(tmp_path: Path) -> None:
    with claim(tmp_path) as lock:
        sign(lock, Place(tmp_path, "127.0.0.1", 8000))
    with claim(tmp_path):
        pass


def test_data_lies_where_only_its_owner_looks(tmp_path: Path) -> None:
    with claim(tmp_path / "new"):
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match=f"VAR_DIR={tmp_path}/file/var cannot be used: Not a directory"):
        claim(tmp_path / "file" / "var")

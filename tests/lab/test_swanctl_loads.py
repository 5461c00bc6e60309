"""A real charon loads what is written for strongSwan, whole."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ipsec.spec import ConnectionSpec
from lab.daemon import charon, namespace
from lab.examples import EXAMPLES
from peerconfigs.document import Options
from peerconfigs.registry import render

pytestmark = pytest.mark.daemon


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES.keys())
@pytest.mark.parametrize("initiates", [False, True], ids=["answers", "initiates"])
def test_both_connections_and_both_keys_load(
    tmp_path: Path, example: Callable[[], ConnectionSpec], initiates: bool
) -> None:
    conf, daemon_conf, _script = render(
        "strongswan", example(), Options(with_secrets=True, initiates=initiates)
    ).files
    (tmp_path / "swanctl.conf").write_text(conf.text)
    with namespace("peer") as peer, charon(peer, tmp_path, daemon_conf.text) as daemon:
        said = daemon.load_file(tmp_path / "swanctl.conf").splitlines()
    assert "successfully loaded 2 connections, 0 unloaded" in said
    for index in (1, 2):
        assert f"loaded connection 'vco-example-t{index}'" in said
        assert f"loaded ike secret 'ike-vco-example-t{index}'" in said
    assert not [line for line in said if "failed" in line or "ignored" in line]


def test_without_keys_the_file_loads_no_key(tmp_path: Path) -> None:
    conf = render("strongswan", EXAMPLES["ikev2-policy"](), Options(with_secrets=False)).files[0]
    (tmp_path / "swanctl.conf").write_text(conf.text)
    with namespace("peer") as peer, charon(peer, tmp_path) as daemon:
        said = daemon.load_file(tmp_path / "swanctl.conf").splitlines()
    for index in (1, 2):
        assert f"missing secret in 'ike-vco-example-t{index}', ignored" in said
    assert not [line for line in said if line.startswith("loaded ike secret")]

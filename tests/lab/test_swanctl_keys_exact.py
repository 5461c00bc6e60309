"""What swanctl makes of the file's keys and identities, byte for byte, told by a recording stand-in."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.daemon import Message, load_file, recorder
from lab.examples import connection, tunnel
from peerconfigs.document import Options
from peerconfigs.registry import render

pytestmark = pytest.mark.daemon(needs=("swanctl",))

VISIBLE = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
KEYS = st.one_of(
    st.text(VISIBLE, min_size=1, max_size=100),
    st.builds(
        "{}{}".format,
        st.sampled_from(["0x", "0s", "0X", "0S", '"', "#", "\\"]),
        st.text(VISIBLE, max_size=98),
    ),
)
NAMES = st.text(VISIBLE, min_size=1, max_size=100).filter(lambda text: not text.startswith("*"))


@settings(max_examples=60, deadline=None)
@given(keys=st.tuples(KEYS, KEYS))
def test_keys_arrive_as_they_were_set(keys: tuple[str, str]) -> None:
    heard = _load(keys, ("one.example.com", "two.example.com"))
    assert [message["data"] for message in heard["load-shared"]] == [key.encode() for key in keys]


@settings(max_examples=60, deadline=None)
@given(name=NAMES)
def test_identities_arrive_as_they_were_set(name: str) -> None:
    heard = _load(("k1", "k2"), (name, "two.example.com"))
    (arrived,) = [message["vco-example-t1"] for message in heard["load-conn"] if "vco-example-t1" in message]
    assert isinstance(arrived, dict)
    said = arrived["local"]["id"].decode()
    hexed = said.removeprefix("fqdn:#") if said.startswith("fqdn:#") else None
    assert name == (bytes.fromhex(hexed).decode() if hexed else said.removeprefix("fqdn:"))
    assert heard["load-shared"][0]["owners"] == [said.encode(), b"203.0.113.10"]


def _load(keys: tuple[str, str], names: tuple[str, str]) -> dict[str, list[Message]]:
    tunnels = [
        replace(built, ike=replace(built.ike, psk=key, remote_id=name))
        for built, key, name in zip((tunnel(1), tunnel(2)), keys, names, strict=True)
    ]
    conf = render("strongswan", connection(*tunnels), Options(with_secrets=True)).files[0]
    with tempfile.TemporaryDirectory() as folder, recorder(Path(folder) / "vici") as heard:
        path = Path(folder) / "swanctl.conf"
        path.write_text(conf.text)
        said = load_file(path, Path(folder) / "vici")
        assert "successfully loaded 2 connections" in said
    return {command: heard.said(command) for command in ("load-shared", "load-conn")}

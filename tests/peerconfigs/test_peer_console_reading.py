"""Reading the console's JSON as the API answers it, and refusing what is none."""

import json
from pathlib import Path

import pytest
from lab.examples import EXAMPLES, ikev2_destination_bgp

from peerconfigs.console import connection_config
from peerconfigs.document import Options, ParseRefused
from peerconfigs.registry import parse, render
from peerconfigs.view import flip

SHAPE = json.loads((Path(__file__).parent / "console_shape.json").read_text(encoding="utf-8"))


def written() -> dict[str, object]:
    text = render("console", ikev2_destination_bgp(), Options(with_secrets=True)).files[0].text
    config: dict[str, object] = json.loads(text)["VpnConnectionConfig"]
    return config


def test_keys_nesting_and_types_are_the_apis() -> None:
    assert _shape(written()) == SHAPE


def test_without_bgp_there_is_no_bgp_part() -> None:
    config = connection_config(flip(EXAMPLES["ikev2-policy"]()), with_secrets=False)
    assert set(config) == {"LocalSubnet", "RemoteSubnet", "TunnelsConfig"}
    assert config["LocalSubnet"] == "192.168.1.0/24,192.168.2.0/24,172.16.0.0/12"


def test_the_apis_envelope_and_its_absence_read_alike() -> None:
    bare = parse("console", json.dumps(written()))
    answer = {"RequestId": "5F0E3C52-0000-4000-8000-000000000000", "VpnConnectionConfig": written()}
    assert parse("console", json.dumps(answer)) == bare
    assert len(bare.tunnels) == 2


def test_numbers_may_be_text() -> None:
    text = json.dumps(written())
    assert parse("console", text.replace(": 86400", ': "86400"')) == parse("console", text)


BROKEN = {
    "no JSON": ('{\n"a": }', "peer_config_file_unreadable", 2),
    "a list": ("[]", "peer_config_file_foreign", None),
    "nothing in it": ("{}", "peer_config_file_foreign", None),
    "no object": ('{"VpnConnectionConfig": 5}', "peer_config_file_foreign", None),
    "deep": ("[" * 100_000, "peer_config_file_foreign", None),
}


@pytest.mark.parametrize(("text", "code", "line"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_none_is_refused(text: str, code: str, line: int | None) -> None:
    with pytest.raises(ParseRefused) as refusal:
        parse("console", text)
    (finding,) = refusal.value.findings
    assert (finding.code, finding.params.get("line")) == (code, line)


@pytest.mark.parametrize(
    ("word", "other"), [('"aes256"', '"aes512"'), ("86400", "true"), ("86400", '"a day"')]
)
def test_a_word_the_api_does_not_have_is_refused(word: str, other: str) -> None:
    text = json.dumps(written())
    assert word in text
    with pytest.raises(ParseRefused):
        parse("console", text.replace(word, other))


def _shape(value: object) -> object:
    """Keys in order and types; a list by its first item."""
    if isinstance(value, dict):
        return {key: _shape(item) for key, item in value.items()}
    if isinstance(value, list):
        assert all(_shape(item) == _shape(value[0]) for item in value)
        return [_shape(value[0])]
    return type(value).__name__

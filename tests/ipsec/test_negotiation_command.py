"""`python -m ipsec.negotiation`: one answer a line, whatever comes in."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipsec.negotiation.__main__ import main

ROOT = Path(__file__).parents[2]
END = {
    "ike_version": "ikev2",
    "ike_mode": "main",
    "ike_enc": "aes",
    "ike_auth": "sha1",
    "ike_dh": "group2",
    "ike_lifetime": 86400,
    "psk": "Rolling-Stones/1969",
    "esp_enc": "aes",
    "esp_auth": "sha1",
    "pfs": "group2",
    "esp_lifetime": 86400,
    "dpd": True,
    "nat_t": True,
    "route_mode": "policy",
    "local_id": None,
    "remote_id": None,
    "local_subnets": ["10.1.0.0/16"],
    "remote_subnets": ["10.1.0.0/16"],
}
Row = dict[str, Any]


def pair(**changes: Any) -> Row:
    return {"id": "one", "cloud": dict(END), "peer": dict(END), "initiator": "cloud", **changes}


def with_peer(**changes: Any) -> Row:
    return pair(peer={**END, **changes})


def without(key: str) -> Row:
    return pair(peer={name: value for name, value in END.items() if name != key})


def answers(*lines: str | bytes | Row) -> tuple[int, list[Row]]:
    given_lines = [
        line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode()
        for line in lines
    ]
    output = io.StringIO()
    status = main(given_lines, output)
    return status, [json.loads(line) for line in output.getvalue().splitlines()]


def test_a_good_pair_has_the_whole_outcome() -> None:
    status, [told] = answers(pair(rekey=[["peer", "child"]], note="passed over"))
    assert status == 0
    assert told == {
        "id": "one",
        "outcome": {
            "ike_established": True,
            "child_established": True,
            "selected_ike_proposal": "IKE:AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024",
            "selected_esp_proposal": "ESP:AES_CBC_128/HMAC_SHA1_96/NO_EXT_SEQ",
            "negotiated_ts_local": ["10.1.0.0/16"],
            "negotiated_ts_remote": ["10.1.0.0/16"],
            "initiator_error": None,
            "failed_at": None,
            "rekey": [{"by": "peer", "what": "child", "ok": True}],
        },
        "cause": None,
    }


def test_a_refused_pair_names_its_cause_and_no_key() -> None:
    status, [told] = answers(with_peer(psk="Beatles-1966"))
    assert status == 0
    assert told["cause"] == "PreSharedKeyMismatch"
    assert "Beatles" not in json.dumps(told)


BAD: list[tuple[str | bytes | Row, object, str]] = [
    ("{", None, ""),
    ("[]", None, ""),
    ("17", None, ""),
    (b'{"id": "\xff"}', None, ""),
    ("[" * 100_000, None, ""),
    ({"cloud": END}, None, "id"),
    ("", None, ""),
    ("  ", None, ""),
    ("1" * 5000, None, ""),
    (pair(id=None), None, "id"),
    (pair(id=True), True, "id"),
    (pair(id=["one"]), ["one"], "id"),
    ({"id": "one", "cloud": END, "initiator": "cloud"}, "one", "peer"),
    (pair(cloud=[]), "one", "cloud"),
    (pair(initiator="both"), "one", "initiator"),
    (pair(topology="wireless"), "one", "topology"),
    (pair(rekey="child"), "one", "rekey"),
    (pair(rekey=[["peer"]]), "one", "rekey.0"),
    (pair(rekey=[["peer", "child"], ["peer", "esp"]]), "one", "rekey.1"),
    (pair(rekey=[["router", "child"]]), "one", "rekey.0"),
    (pair(cloud={**END, "ike_version": "any"}), "one", "cloud.ike_version"),
    (with_peer(ike_version="ikev3"), "one", "peer.ike_version"),
    (with_peer(ike_enc="blowfish"), "one", "peer.ike_enc"),
    (with_peer(ike_enc=["aes"]), "one", "peer.ike_enc"),
    (with_peer(pfs="group15"), "one", "peer.pfs"),
    (with_peer(psk=123456), "one", "peer.psk"),
    (with_peer(psk=None), "one", "peer.psk"),
    (with_peer(dpd="true"), "one", "peer.dpd"),
    (with_peer(nat_t=1), "one", "peer.nat_t"),
    (with_peer(ike_lifetime="86400"), "one", "peer.ike_lifetime"),
    (with_peer(ike_lifetime=True), "one", "peer.ike_lifetime"),
    (with_peer(esp_lifetime=-1), "one", "peer.esp_lifetime"),
    (with_peer(local_id=5), "one", "peer.local_id"),
    (with_peer(address="198.51.100"), "one", "peer.address"),
    (with_peer(local_subnets="10.0.0.0/8"), "one", "peer.local_subnets"),
    (with_peer(local_subnets=["10.0.0.0/8", "10.0.0.0/33"]), "one", "peer.local_subnets.1"),
    (with_peer(remote_subnets=[10]), "one", "peer.remote_subnets.0"),
    (with_peer(local_subnets=[]), "one", "peer.local_subnets"),
    (with_peer(local_subnets=["10.0.0.0/255.0.0.0"]), "one", "peer.local_subnets.0"),
    (with_peer(local_subnets=["10.0.0.0/"]), "one", "peer.local_subnets.0"),
    (pair(rekey=[["peer", {}]]), "one", "rekey.0"),
    (with_peer(ike_proposals=[]), "one", "peer.ike_proposals"),
    (with_peer(ike_proposals=[["aes", "sha1"]]), "one", "peer.ike_proposals.0"),
    (with_peer(esp_proposals=[["aes", "sha1", "group2"], ["aes"] * 3]), "one", "peer.esp_proposals.1"),
    *((without(key), "one", f"peer.{key}") for key in END),
]


@pytest.mark.parametrize(("line", "pair_id", "field"), BAD)
def test_a_bad_line_says_which_field_and_the_others_are_answered(
    line: str | bytes | Row, pair_id: object, field: str
) -> None:
    status, told = answers(pair(id="before"), line, pair(id="after"))
    assert status == 1
    assert [each["id"] for each in told] == ["before", pair_id, "after"]
    assert told[1]["error"]["field"] == field
    assert told[1]["error"]["message"]
    assert set(told[1]) == {"id", "error"}
    assert all("outcome" in each for each in (told[0], told[2]))


def test_proposals_may_stand_in_for_single_algorithms() -> None:
    peer = {key: value for key, value in END.items() if key not in ("ike_enc", "ike_auth", "ike_dh")}
    row = pair(peer={**peer, "ike_proposals": [["des", "md5", "group1"], ["aes", "sha1", "group2"]]})
    status, [told] = answers(row)
    assert status == 0
    assert told["outcome"]["child_established"]


def test_a_pair_may_be_numbered() -> None:
    status, [told] = answers(pair(id=7))
    assert (status, told["id"]) == (0, 7)


def test_a_destination_routed_end_needs_no_networks() -> None:
    end = {**END, "route_mode": "destination", "local_subnets": [], "remote_subnets": []}
    status, [told] = answers(pair(cloud=end, peer=end))
    assert status == 0
    assert told["outcome"]["negotiated_ts_local"] == ["0.0.0.0/0"]


def test_a_reader_that_leaves_sees_no_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "ipsec.negotiation"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    ) as running:
        assert running.stdin
        assert running.stdout
        assert running.stderr
        running.stdout.close()
        running.stdin.write((json.dumps(pair()) + "\n").encode())
        running.stdin.close()
        assert running.stderr.read() == b""
        assert running.wait() == 1


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(END)),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
        max_leaves=4,
    ),
)
def test_whatever_a_value_is_there_is_exactly_one_answer(key: str, value: object) -> None:
    status, told = answers(with_peer(**{key: value}))
    assert len(told) == 1
    assert ("error" in told[0]) is (status == 1)


def test_it_runs_as_a_command(tmp_path: Path) -> None:
    run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run
    done = run(
        [sys.executable, "-m", "ipsec.negotiation"],
        input=json.dumps(pair()) + "\n{\n",
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [sorted(each) for each in told] == [["cause", "id", "outcome"], ["error", "id"]]
    assert done.stderr == ""

"""Every finding and every device has words, and the words have the values they speak of."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from lab.examples import EXAMPLES, connection, ikev1_aggressive_destination, ikev2_destination_bgp, tunnel

from ipsec.algorithms import RoutingMode
from ipsec.findings import Finding
from ipsec.spec import BgpSpec, ConnectionSpec
from peerconfigs.document import Options, ParseRefused, RenderRefused
from peerconfigs.findings import Code
from peerconfigs.registry import VENDORS, check, parse, render
from peerconfigs.sheet import ENGLISH
from wording.peerconfigs import TEXTS, VENDOR_LABELS, message, sheet_labels

ONE_PAIR = replace(tunnel(1).ike, local_id="*", remote_id="dc")
TROUBLED = (
    replace(connection(), tunnels=()),
    connection(replace(tunnel(1), gateway_address=None, peer=None), tunnel(2)),
    connection(replace(tunnel(1), gateway_address="x"), tunnel(2)),
    replace(connection(replace(tunnel(1), bgp=BgpSpec()), tunnel(2)), bgp_enabled=True),
    connection(
        *(replace(tunnel(i), ike=replace(ONE_PAIR, psk=None), gateway_address="1.2.3.4") for i in (1, 2))
    ),
    replace(
        ikev1_aggressive_destination(),
        routing_mode=RoutingMode.POLICY,
        local_networks=("10.0.0.0/24", "10.0.1.0/24"),
        remote_networks=("10.0.2.0/24",),
    ),
    ikev2_destination_bgp(),
    connection(),
)
TEXTS_TO_READ = {
    "console": ("{", "{}"),
    "strongswan": (
        "}",
        "connections { a { proposals = aes128gcm16\n dpd_delay = soon\n } }",
    ),
}  # fmt: skip


def everything_said() -> Iterator[Finding]:
    """Findings of one troubled connection after the other, and of texts that cannot be read."""
    for vendor_id in VENDORS:
        for spec in TROUBLED:
            yield from check(vendor_id, spec)
        for example in EXAMPLES.values():
            yield from _refusal(vendor_id, replace(example(), effect_immediately=False))
        unknown = (replace(built, ike=replace(built.ike, psk=None)) for built in connection().tunnels)
        yield from _refusal(vendor_id, connection(*unknown))
    for vendor_id, texts in TEXTS_TO_READ.items():
        for text in texts:
            yield from _reading(vendor_id, text)


def _refusal(vendor_id: str, spec: ConnectionSpec) -> tuple[Finding, ...]:
    with pytest.raises(RenderRefused) as refusal:
        render(vendor_id, spec, Options(with_secrets=True, wan_interface="no name"))
    return refusal.value.findings


def _reading(vendor_id: str, text: str) -> tuple[Finding, ...]:
    try:
        return parse(vendor_id, text).findings
    except ParseRefused as refusal:
        return refusal.findings


def test_every_code_is_said_somewhere_and_its_text_finds_its_values() -> None:
    said = list(everything_said())
    assert {finding.code for finding in said} == set(Code)
    for finding in said:
        text = message(finding)
        assert "%" not in text
        assert text[-1] in ".。"


def test_no_text_is_missing_or_left_over() -> None:
    assert set(TEXTS) == set(Code)


def test_a_finding_speaks_of_its_own_tunnel() -> None:
    said = message(Finding("tunnels.2.ike.psk", Code.PSK_UNKNOWN.value, params={"tunnel": 2}))
    assert said.startswith("The pre-shared key of tunnel 2 is not known here")


def test_a_code_of_somebody_else_is_refused() -> None:
    with pytest.raises(ValueError, match="psk_too_long"):
        message(Finding("name", "psk_too_long"))


def test_every_device_has_a_label() -> None:
    assert {key: str(label) for key, label in VENDOR_LABELS.items()} == {
        vendor.id: vendor.label for vendor in VENDORS.values()
    }


def test_the_sheet_is_translated_key_by_key() -> None:
    assert sheet_labels() == ENGLISH

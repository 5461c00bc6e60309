"""Keys stand in the files that were asked for with keys, and nowhere else."""

import base64
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab.examples import connection, ikev2_destination_bgp, tunnel
from peer_strategies import BRISK, VISIBLE

from ipsec.spec import ConnectionSpec, PeerSpec
from peerconfigs.document import Options, RenderRefused
from peerconfigs.registry import VENDORS, parse, render
from peerconfigs.view import flip

PSK, BGP_KEY = "marker-of-the-psk", "marker-of-the-bgp-key"


def with_markers() -> ConnectionSpec:
    spec = ikev2_destination_bgp()
    marked = (
        replace(
            t,
            ike=replace(t.ike, psk=PSK),
            peer=PeerSpec(address="198.51.100.20", asn=65010, auth_key=BGP_KEY),
        )
        for t in spec.tunnels
    )
    return replace(spec, tunnels=tuple(marked))


@pytest.mark.parametrize("vendor_id", VENDORS)
def test_without_keys_no_file_holds_one(vendor_id: str) -> None:
    document = render(vendor_id, with_markers(), Options(with_secrets=False))
    for file in document.files:
        assert PSK not in file.text
        assert base64.b64encode(PSK.encode()).decode() not in file.text
        assert BGP_KEY not in file.text


@pytest.mark.parametrize("vendor_id", VENDORS)
def test_without_keys_the_rest_can_be_written_of_a_connection_whose_keys_are_unknown(vendor_id: str) -> None:
    unknown = [replace(tunnel(index), ike=replace(tunnel(index).ike, psk=None)) for index in (1, 2)]
    known = render(vendor_id, connection(), Options(with_secrets=False))
    assert render(vendor_id, connection(*unknown), Options(with_secrets=False)) == known
    with pytest.raises(RenderRefused) as refusal:
        render(vendor_id, connection(*unknown), Options(with_secrets=True))
    found = [(finding.code, finding.field) for finding in refusal.value.findings]
    assert ("peer_config_psk_unknown", "tunnels.1.ike.psk") in found
    assert ("peer_config_psk_unknown", "tunnels.2.ike.psk") in found


@pytest.mark.parametrize("vendor_id", VENDORS)
def test_a_missing_key_is_announced(vendor_id: str) -> None:
    text = render(vendor_id, connection(), Options(with_secrets=False)).files[0].text
    announced = {
        "console": '"Psk": "****************"',
        "strongswan": "# secret = <pre-shared key of tunnel {}>",
        "sheet": "- **Pre-shared key**: not on this sheet",
    }[vendor_id]
    if "{}" in announced:
        assert [text.count(announced.format(index)) for index in (1, 2)] == [1, 1]
    else:
        assert text.count(announced) == 2


@pytest.mark.parametrize("vendor_id", VENDORS)
def test_nothing_shows_a_key_when_printed(vendor_id: str) -> None:
    document = render(vendor_id, with_markers(), Options(with_secrets=True))
    assert PSK not in repr(document) + repr(flip(with_markers()))
    assert BGP_KEY not in repr(document) + repr(flip(with_markers()))
    assert base64.b64encode(PSK.encode()).decode() not in repr(document)
    if VENDORS[vendor_id].reads:
        assert PSK not in repr(parse(vendor_id, document.files[0].text))


@BRISK
@given(key=st.text(VISIBLE, min_size=1, max_size=100))
def test_strongswan_gets_every_key_in_base64(key: str) -> None:
    spec = connection(*(replace(tunnel(i), ike=replace(tunnel(i).ike, psk=key)) for i in (1, 2)))
    text = render("strongswan", spec, Options(with_secrets=True)).files[0].text
    written = [line.split(" = ")[1] for line in text.splitlines() if line.strip().startswith("secret =")]
    assert [base64.b64decode(value.removeprefix("0s")).decode() for value in written] == [key, key]

"""Swapping the two tunnels swaps their parts of every file, and changes nothing else."""

from dataclasses import replace

import pytest
from lab.examples import ikev2_destination_bgp

from ipsec.algorithms import Encryption, Integrity, Pfs
from ipsec.spec import ConnectionSpec
from peerconfigs.document import Options
from peerconfigs.registry import VENDORS, render

# What names a tunnel by its number, and the other number in its place.
NUMBERED = ("vco-example-t{}", "Tunnel {}", "metric {}00")


def unlike() -> ConnectionSpec:
    """Two tunnels that differ wherever they can."""
    spec = ikev2_destination_bgp()
    first, second = spec.tunnels
    second = replace(
        second,
        ike=replace(second.ike, encryption=Encryption.AES128, integrity=Integrity.SHA1, lifetime=3600),
        child=replace(second.child, encryption=Encryption.TRIPLE_DES, pfs=Pfs.DISABLED, lifetime=0),
        dpd=False,
        nat_traversal=False,
        peer=replace(second.peer, address="198.51.100.21") if second.peer else None,
    )
    return replace(spec, tunnels=(first, second))


def swapped(spec: ConnectionSpec) -> ConnectionSpec:
    first, second = spec.tunnels
    return replace(spec, tunnels=(replace(second, index=1), replace(first, index=2)))


@pytest.mark.parametrize("vendor_id", VENDORS)
@pytest.mark.parametrize("bgp", [True, False], ids=["bgp", "static"])
def test_swapped_tunnels_give_swapped_files(vendor_id: str, bgp: bool) -> None:
    spec = replace(unlike(), bgp_enabled=bgp)
    options = Options(with_secrets=True)
    before = render(vendor_id, spec, options).files
    after = render(vendor_id, swapped(spec), options).files
    assert before != after
    for one, other in zip(before, after, strict=True):
        assert sorted(_renumbered(one.text).splitlines()) == sorted(other.text.splitlines())
        assert one.text.splitlines()[0] == other.text.splitlines()[0]


def _renumbered(text: str) -> str:
    for form in NUMBERED:
        text = text.replace(form.format(1), "\0").replace(form.format(2), form.format(1))
        text = text.replace("\0", form.format(2))
    return text

"""Text that people type cannot act on a configuration file, a shell, or a file system."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lab.examples import connection
from peer_strategies import BRISK, names

from peerconfigs.document import Options, RenderRefused
from peerconfigs.neutralise import FALLBACK_STEM, comment_text, stem
from peerconfigs.registry import VENDORS, render


@BRISK
@given(text=st.text())
def test_a_comment_stays_one_line_without_structure(text: str) -> None:
    written = comment_text(text)
    assert written.isprintable()
    assert not set(written) & set("{}#\\\"'`$")
    assert len(written.splitlines()) <= 1


def test_a_comment_keeps_what_is_harmless() -> None:
    assert comment_text("杭州 → VPC (生产)") == "杭州 → VPC (生产)"
    assert comment_text("a\n} secrets {#") == "a__ secrets __"
    assert comment_text("\u202eevil\u2028") == "_evil_"


@BRISK
@given(text=st.text())
def test_a_file_name_is_plain(text: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}", stem(text))


def test_a_file_name_comes_from_the_first_that_leaves_one() -> None:
    assert stem("", "../../etc/passwd") == "etc-passwd"
    assert stem("vco-1", "name") == "vco-1"
    assert stem("杭州") == FALLBACK_STEM


@pytest.mark.parametrize("vendor_id", VENDORS)
@BRISK
@given(name=names)
def test_a_name_changes_nothing_but_where_it_stands(vendor_id: str, name: str) -> None:
    options = Options(with_secrets=True)
    plain = render(vendor_id, replace(connection(), name="plain"), options).files
    named = render(vendor_id, replace(connection(), name=name), options).files
    for one, other in zip(plain, named, strict=True):
        assert one.name == other.name
        ours, theirs = one.text.split("\n"), other.text.split("\n")
        assert len(ours) == len(theirs)
        assert all("plain" in line for line, changed in zip(ours, theirs, strict=True) if line != changed)


@pytest.mark.parametrize(
    "interface", ["", "eth0; reboot", "$(id)", "eth0\nip link del eth0", "-h", "a" * 16, "eth 0", "ｅth0"]
)
def test_an_interface_name_that_is_none_is_refused(interface: str) -> None:
    with pytest.raises(RenderRefused) as refusal:
        render("strongswan", connection(), Options(with_secrets=False, wan_interface=interface))
    assert "peer_config_wan_interface_invalid" in [finding.code for finding in refusal.value.findings]


def test_an_interface_name_goes_into_the_script() -> None:
    script = render("strongswan", connection(), Options(with_secrets=False, wan_interface="bond0.100")).files[
        2
    ]
    assert script.text.count(" type xfrm dev bond0.100 if_id ") == 2

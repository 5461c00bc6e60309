"""Lifetimes end when the cloud's do; a dead peer is noticed after about the console's thirty seconds."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lab.examples import connection, ikev1_main_policy, tunnel
from peer_strategies import BRISK

from ipsec.algorithms import IkeVersion
from peerconfigs.document import Options
from peerconfigs.registry import render
from peerconfigs.strongswan.timing import dead_after, lifetime


@BRISK
@given(seconds=st.integers(1, 86400))
@example(seconds=1)
@example(seconds=2)
@example(seconds=9)
def test_an_sa_is_rekeyed_before_its_hard_end(seconds: int) -> None:
    span = lifetime(seconds)
    assert span.hard == seconds
    assert 0 < span.rekey - span.spread <= span.rekey <= span.hard
    assert span.rekey + span.over == seconds


def test_a_lifetime_of_zero_never_ends() -> None:
    span = lifetime(0)
    assert (span.rekey, span.over, span.hard, span.spread) == (0, 0, 0, 0)


@pytest.mark.parametrize("version", IkeVersion)
def test_a_dead_peer_is_noticed_in_about_thirty_seconds(version: IkeVersion) -> None:
    assert 29 <= dead_after(version) <= 31


def test_retransmission_is_set_for_ikev2_with_dpd_only() -> None:
    def snippet(*dpd: bool) -> str:
        tunnels = (replace(tunnel(index), dpd=on) for index, on in enumerate(dpd, start=1))
        return render("strongswan", connection(*tunnels), Options(with_secrets=False)).files[1].text

    assert "retransmit_tries" in snippet(True, False)
    assert "retransmit_tries" in snippet(False, True)
    assert "retransmit" not in snippet(False, False)
    v1 = render("strongswan", ikev1_main_policy(), Options(with_secrets=False))
    assert "retransmit" not in v1.files[1].text
    assert v1.files[0].text.count("dpd_timeout = 30s") == 2


def test_without_dpd_nothing_is_asked_or_done() -> None:
    silent = connection(*(replace(tunnel(index), dpd=False) for index in (1, 2)))
    text = render("strongswan", silent, Options(with_secrets=False, initiates=True)).files[0].text
    assert text.count("dpd_delay = 0s") == 2
    assert "dpd_action" not in text
    assert "counts as dead" not in text

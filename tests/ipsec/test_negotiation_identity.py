"""What an IKE peer reads an identity as, and whom it accepts; each row was tried on a real strongSwan."""

import pytest

from ipsec.negotiation.identity import accepts, is_wildcard


@pytest.mark.parametrize(
    ("expected", "presented"),
    [
        (None, "anybody"),
        ("", "anybody"),
        ("%any", "203.0.113.10"),
        ("*", "peer.example.com"),
        ("203.0.113.10", "203.0.113.10"),
        ("peer.example.com", "PEER.Example.com"),
        ("@peer.example.com", "peer.example.com"),
        ("@@box@example.com", "box@example.com"),
        ("*.example.com", "peer.example.com"),
        ("*.example.com", "a.b.example.com"),
        ("*@example.com", "box@EXAMPLE.com"),
        ("*.example.com", "*.example.com"),
        ("branch:1", "branch:1"),
        ("CN=box", "CN=box"),
    ],
)
def test_accepted(expected: str | None, presented: str) -> None:
    assert accepts(expected, presented)


@pytest.mark.parametrize(
    ("expected", "presented"),
    [
        ("203.0.113.10", "203.0.113.11"),
        ("203.0.113.10", "@203.0.113.10"),
        ("peer.example.com", "peer.example.com."),
        ("*.example.com", "example.com"),
        ("*peer.example.com", "peer.example.com"),
        ("*.example.com", "box@peer.example.com"),
        ("peer.*.com", "peer.example.com"),
        ("branch:1", "BRANCH:1"),
    ],
)
def test_refused(expected: str, presented: str) -> None:
    assert not accepts(expected, presented)


@pytest.mark.parametrize("identity", [None, "", "%any", "*", "*.example.com", "peer.*.com"])
def test_what_stands_for_several_cannot_be_asked_for(identity: str | None) -> None:
    assert is_wildcard(identity)

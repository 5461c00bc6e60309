"""Pages come compressed; what holds a secret does not."""

import gzip
from typing import Any

import pytest
from django.urls import reverse
from doors import PSK, estate_of

pytestmark = pytest.mark.django_db
ASKED = {"Accept-Encoding": "gzip"}


def test_a_page_comes_compressed_to_who_takes_it(ana: Any, client_of: Any) -> None:
    client, page = client_of(ana), reverse("connections:list")
    plain, packed = client.get(page), client.get(page, headers=ASKED)
    assert "Content-Encoding" not in plain
    assert packed["Content-Encoding"] == "gzip"
    assert len(packed.content) < len(plain.content) / 2
    assert b"</html>" in gzip.decompress(packed.content)


def test_a_shown_key_comes_as_it_is(acme: Any, ana: Any, client_of: Any) -> None:
    tunnel = estate_of(acme, 1).tunnel
    answer = client_of(ana).post(reverse("tunnels:reveal", args=[tunnel.public_id]), headers=ASKED)
    assert PSK.encode() in answer.content
    assert "Content-Encoding" not in answer


def test_the_same_page_has_not_the_same_length_twice(ana: Any, client_of: Any) -> None:
    """Django's own padding: a length tells nothing of a token in the page."""
    client, page = client_of(ana), reverse("connections:list")
    assert len({len(client.get(page, headers=ASKED).content) for _time in range(12)}) > 1

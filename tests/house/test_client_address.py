"""Whose address a request counts as."""

import pytest
from django.conf import LazySettings
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from vpnconsole.middleware import client_address


def counted_as(forwarded: str) -> str:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    request = RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded)
    client_address(view)(request)
    return seen[0]


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("203.0.113.9, 198.51.100.7", "198.51.100.7"),
        ("198.51.100.7:55000", "198.51.100.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:db8::7]:55000", "2001:db8::7"),
        ("unknown", "10.0.0.1"),
        ("198.51.100.7, _hidden", "10.0.0.1"),
        ("", "10.0.0.1"),
    ],
)
def test_behind_a_proxy_the_last_forwarded_address_counts(
    settings: LazySettings, forwarded: str, address: str
) -> None:
    settings.BEHIND_PROXY = True
    assert counted_as(forwarded) == address


def test_without_a_proxy_nobody_can_claim_an_address(settings: LazySettings) -> None:
    settings.BEHIND_PROXY = False
    assert counted_as("198.51.100.7") == "10.0.0.1"

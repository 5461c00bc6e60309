"""The console's addresses, and three that go wrong."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import path

from vpnconsole.urls import *  # noqa: F403 - the handlers belong to it
from vpnconsole.urls import urlpatterns as real


def suspicious(_request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("a reason that is not for strangers")


def denied(_request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("a reason that is not for strangers")


def broken(_request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("a reason that is not for strangers")


urlpatterns = [*real, path("suspicious", suspicious), path("denied", denied), path("broken", broken)]

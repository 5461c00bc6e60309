"""What every request is given first: its id, the address that it really came from, the zone of its times."""

import re
import time
import uuid
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final, cast
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone

from vpnconsole import errors, logs, metrics

GetResponse = Callable[[HttpRequest], HttpResponse]
LONGEST_ZONE: Final = 64
NUL: Final = "\0"
WITH_PORT: Final = re.compile(r"\[(?P<v6>[^]]*)\](:\d+)?|(?P<v4>[\d.]+):\d+")


def request_id(get_response: GetResponse) -> GetResponse:
    """Every answer, audit row, log line and task of one request carries the same id; and it is counted."""

    def middleware(request: HttpRequest) -> HttpResponse:
        begun, own = time.perf_counter(), str(uuid.uuid4()).upper()
        request.META["REQUEST_ID"] = own
        with logs.scope(logs.Scope(request_id=own, request=request)):
            response = get_response(request)
        response.headers["X-Request-Id"] = own
        metrics.count_request(request, response.status_code, time.perf_counter() - begun)
        return response

    return middleware


def client_address(get_response: GetResponse) -> GetResponse:
    """Behind a proxy REMOTE_ADDR is the proxy's; the last address it forwards is the one it saw itself."""

    def middleware(request: HttpRequest) -> HttpResponse:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
        if seen := _address(forwarded.rpartition(",")[2].strip()):
            request.META["REMOTE_ADDR"] = seen
        return get_response(request)

    return middleware


def _address(text: str) -> str:
    """Some proxies add a port. What is no address counts as none."""
    found = WITH_PORT.fullmatch(text)
    try:
        return str(ip_address(found["v6"] or found["v4"] if found else text))
    except ValueError:
        return ""


def without_nul(get_response: GetResponse) -> GetResponse:
    """PostgreSQL takes no NUL in a text, and nothing here has one in its address, its query or a cookie."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.path_info = request.path_info.replace(NUL, "")
        request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", "")
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if NUL not in value}
        return get_response(request)

    return middleware


def body_limit(get_response: GetResponse) -> GetResponse:
    """A body that says it is too long is not read. Django itself counts fields only, no uploaded file."""

    def middleware(request: HttpRequest) -> HttpResponse:
        said = request.META.get("CONTENT_LENGTH") or "0"
        if said.isdecimal() and int(said) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            return errors.too_large(request)
        return get_response(request)

    return middleware


def time_zone(get_response: GetResponse) -> GetResponse:
    """Times are shown and read in the visitor's zone, which the browser tells by the cookie `timezone`."""

    def middleware(request: HttpRequest) -> HttpResponse:
        wanted = request.COOKIES.get("timezone", "")
        known = zone_named(wanted) if len(wanted) <= LONGEST_ZONE else None
        with timezone.override(known or timezone.get_default_timezone()):
            return get_response(request)

    return middleware


def explain_not_allowed(get_response: GetResponse) -> GetResponse:
    """Who opens the address of a button, by a reload or a change of the language, is told so."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        opened = request.method == "GET" and not getattr(request, "htmx", False)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or not opened:
            return response
        page = errors.not_allowed(request)
        page["Allow"] = response["Allow"]
        return page

    return middleware


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def zone_named(name: str) -> ZoneInfo | None:
    """Looked up among the names that exist, so that no cookie names a file."""
    return ZoneInfo(name) if name in _zones() else None


def compress(get_response: GetResponse) -> GetResponse:
    """By gzip, but for what nobody may keep: an answer that holds a secret tells nothing by its length."""
    gzip = GZipMiddleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if "no-store" in response.get("Cache-Control", ""):
            return response
        return cast(HttpResponse, gzip.process_response(request, response))

    return middleware

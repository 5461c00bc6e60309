"""What every request is given first: its id, and the address that it really came from."""

import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


def request_id(get_response: GetResponse) -> GetResponse:
    """Every answer and audit row of one request carries the same id."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.META["REQUEST_ID"] = str(uuid.uuid4()).upper()
        response = get_response(request)
        response.headers["X-Request-Id"] = request.META["REQUEST_ID"]
        return response

    return middleware


def client_address(get_response: GetResponse) -> GetResponse:
    """Behind a proxy REMOTE_ADDR is the proxy's; the last address it forwards is the one it saw itself."""

    def middleware(request: HttpRequest) -> HttpResponse:
        forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
        if seen := forwarded.rpartition(",")[2].strip():
            request.META["REMOTE_ADDR"] = seen
        return get_response(request)

    return middleware

"""The WSGI application: Django, and before it the bodies that come in chunks.

A request with `Transfer-Encoding: chunked` has no length, and Django reads a request without a length as an
empty one. gunicorn decodes the chunks and says so by `wsgi.input_terminated`; here they are read to their
end, and the request goes on with its length known.
"""

import errno
import io
import os
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, StartResponse, WSGIApplication

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")


def accept_chunked(application: "WSGIApplication", limit: int | None) -> "WSGIApplication":
    """`application`, given whole bodies where they come in chunks.

    More than `limit` bytes answer 413 (None: no limit), chunks that cannot be read 400.
    """

    def whole(environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        if not _is_chunked(environ):
            return application(environ, start_response)
        try:
            body = _read(environ["wsgi.input"], limit)
        except OSError:  # gunicorn's errors of chunks are among them
            return _unreadable(start_response)
        if body is None:
            return _refuse(
                start_response, "413 Content Too Large", b"The body of this request is too large.\n"
            )
        del environ["HTTP_TRANSFER_ENCODING"]
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = io.BytesIO(body)
        return application(environ, start_response)

    return whole


def _is_chunked(environ: dict[str, Any]) -> bool:
    codings = environ.get("HTTP_TRANSFER_ENCODING", "").lower().split(",")
    return bool(environ.get("wsgi.input_terminated")) and codings[-1].strip() == "chunked"


def _read(stream: "InputStream", limit: int | None) -> bytes | None:
    """The whole stream, or None if it is longer than `limit` bytes."""
    body = stream.read(-1 if limit is None else limit + 1)
    return None if limit is not None and len(body) > limit else body


def _refuse(start_response: "StartResponse", status: str, text: bytes) -> list[bytes]:
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]


def _unreadable(start_response: "StartResponse") -> Iterator[bytes]:
    """Answers, then breaks the connection: where the next request on it would begin, nobody knows."""
    yield from _refuse(
        start_response, "400 Bad Request", b"The chunks of this request's body are malformed.\n"
    )
    raise ConnectionResetError(errno.ECONNRESET, "malformed chunks")


application = accept_chunked(get_wsgi_application(), settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
import_module(settings.ROOT_URLCONF)  # now, for all processes forked later, and not at a first request

"""Error pages, in both languages, for people; each names the request so that a log line can be found."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.access import enter, to_sign_in


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """In the frame, with its navigation where somebody is signed in."""
    if request.user.is_authenticated and not hasattr(request, "actor"):
        enter(request)
    return render(request, "errors/error.html", _context(request, status, title, text), status=status)


def _context(request: HttpRequest, status: int, title: str, text: str) -> dict[str, Any]:
    return {"status": status, "title": title, "text": text, "request_id": request.META.get("REQUEST_ID")}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    title, text = _("This request cannot be read"), _("Go back and send the form again.")
    return _alone(request, 400, title, text)


def too_large(request: HttpRequest) -> HttpResponse:
    text = _("At most %(size)s are taken at once. Nothing was done.") % {
        "size": filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    }
    return _alone(request, 413, _("This is too large"), text)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        403,
        _("Your role does not allow this"),
        _("Ask an administrator of the account for the right."),
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(
        request,
        404,
        _("There is no such page here"),
        _("It was deleted, or it belongs to another account."),
    )


def not_allowed(request: HttpRequest) -> HttpResponse:
    return _page(
        request,
        405,
        _("This address is no page"),
        _("It only takes what a form sends. Go back and open the page with the form anew."),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return _alone(
        request,
        500,
        _("Something went wrong on our side"),
        _("Nothing was half-written. Try again in a moment."),
    )


def csrf_failure(request: Any, reason: str = "") -> HttpResponse:
    """htmx throws error pages away, so where the session ran out it is led to the sign-in at once."""
    if request.htmx and not request.user.is_authenticated:
        return to_sign_in(request)
    return _page(
        request,
        403,
        _("This form has grown too old"),
        _("Your session has changed since the form was opened. Open the page again and send it once more."),
    )


def _alone(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    """Without frame: what is broken may be the database or the session that the frame needs."""
    context = _context(request, status, title, text) | {"theme": request.COOKIES.get("theme", "auto")}
    return HttpResponse(render_to_string("errors/alone.html", context), status=status)

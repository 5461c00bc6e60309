"""The frame's own small actions."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from vpnconsole.context import THEMES

YEAR = 365 * 86400


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Back to the page that asked, as Django's `set_language`: the form says which only where it must."""
    wanted = request.POST.get("next") or request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    response = redirect(wanted if safe else reverse("home"))
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        response.set_cookie(
            "theme", theme, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
        )
    return response

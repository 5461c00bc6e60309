"""The dialog IPsec连接配置, and the downloads. Nothing of it is ever cached."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import ConsoleRequest, member
from accounts.encryption import SecretUnreadable
from accounts.models import Role
from accounts.showing import briefly
from accounts.throttles import Throttle, held_up
from connections import peer_files, queries
from connections.models import IPsecConnection
from peerconfigs.document import RenderRefused
from peerconfigs.registry import VENDORS, Vendor
from wording.message import message


class _Unwritten(Exception):  # noqa: N818 - an answer, not a malfunction
    """There is no file; `reasons` say why."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(*reasons)
        self.reasons = reasons


@never_cache
@require_safe
@member()
def dialog(request: ConsoleRequest, connection_id: str, vendor: str = "console") -> HttpResponse:
    return _shown(request, connection_id, vendor, with_secrets=False)


@never_cache
@require_POST
@member(Role.OPERATOR, throttle=Throttle.REVEAL)
def reveal(request: ConsoleRequest, connection_id: str, vendor: str) -> HttpResponse:
    """The same with the keys, for half a minute; by POST, audited."""
    return _shown(request, connection_id, vendor, with_secrets=True)


@never_cache
@require_POST
@member(throttle=Throttle.DOWNLOAD)
def download(request: ConsoleRequest, connection_id: str, vendor: str) -> HttpResponse:
    """The files; with the keys where they are asked for by who may see them, with placeholders otherwise."""
    connection, chosen = _named(request, connection_id, vendor)
    with_secrets = request.POST.get("secrets") == "1" and request.actor.may(Role.OPERATOR)
    if with_secrets and (answer := held_up(request, Throttle.REVEAL, request.user.pk)):
        return answer
    try:
        written = _written(request, connection, chosen, with_secrets, "download")
    except _Unwritten as refused:
        return _refusal(request, connection, chosen, refused)
    name, media_type, content = peer_files.one_file(connection, chosen, written.document)
    response = HttpResponse(content, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


def _named(request: ConsoleRequest, connection_id: str, vendor: str) -> tuple[IPsecConnection, Vendor]:
    if vendor not in VENDORS:
        raise Http404
    return queries.connection_for(request.actor.account, connection_id), VENDORS[vendor]


def _written(
    request: ConsoleRequest, connection: IPsecConnection, vendor: Vendor, with_secrets: bool, action: str
) -> peer_files.Written:
    """Device text is given whole or not at all: raises `_Unwritten`."""
    try:
        return peer_files.write(
            actor=request.actor,
            connection=connection,
            vendor=vendor,
            with_secrets=with_secrets,
            action=action,
        )
    except RenderRefused as refused:
        raise _Unwritten([message(finding) for finding in refused.findings]) from refused
    except SecretUnreadable as unreadable:
        reason = _("The keys cannot be opened: FIELD_KEYS lacks the key that they were encrypted with.")
        raise _Unwritten([reason]) from unreadable


def _shown(request: ConsoleRequest, connection_id: str, vendor: str, *, with_secrets: bool) -> HttpResponse:
    connection, chosen = _named(request, connection_id, vendor)
    try:
        written = _written(request, connection, chosen, with_secrets, "reveal")
    except _Unwritten as refused:
        return _refusal(request, connection, chosen, refused)
    context = _context(request, connection, chosen) | {
        "files": written.document.files,
        "sheet": written.sheet,
        "notes": [(finding.severity, message(finding)) for finding in written.document.findings],
        "with_secrets": with_secrets,
    }
    response = render(request, _template(request), context)
    if not with_secrets:
        return response
    return briefly(
        request, response, reverse("connections:peer-configuration-of", args=[connection_id, vendor])
    )


def _refusal(
    request: ConsoleRequest, connection: IPsecConnection, vendor: Vendor, refused: _Unwritten
) -> HttpResponse:
    context = _context(request, connection, vendor) | {"refusals": refused.reasons}
    status = HTTPStatus.OK if request.htmx or request.method != "POST" else HTTPStatus.CONFLICT
    return render(request, _template(request), context, status=status)


def _context(request: ConsoleRequest, connection: IPsecConnection, vendor: Vendor) -> dict[str, Any]:
    return {
        "connection": connection,
        "vendor": vendor,
        "vendors": peer_files.labelled_vendors(),
        "may_see_secrets": request.actor.may(Role.OPERATOR),
    }


def _template(request: ConsoleRequest) -> str:
    """A dialog over the page that asked by htmx; a page of its own otherwise."""
    return "connections/_peer_dialog.html" if request.htmx else "connections/peer_configuration.html"

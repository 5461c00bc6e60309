"""轮换预共享密钥: one tunnel's key, one at a time, with the new one in hand before it counts."""

from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.access import ConsoleRequest, form_page, member
from accounts.actor import audit
from accounts.models import Role
from accounts.refusal import Refused
from accounts.throttles import Throttle, held_up
from connections import kept_keys, queries
from connections.draft import TOKEN
from connections.edit_values import INDEXES, seal, unseal
from connections.models import IPsecConnection
from connections.services import rotate_psk
from connections.services.snapshot import key_mark, of_tunnel
from ipsec import psk
from tunnels.configuring import present_key
from tunnels.models import Tunnel
from wording.message import message


@never_cache
@form_page
@member(Role.OPERATOR)
def rotate(request: ConsoleRequest, connection_id: str, index: int) -> HttpResponse:
    """First a new key is made and shown, then it is put in the place of the present one."""
    connection = queries.connection_for(request.actor.account, connection_id)
    if index not in INDEXES:
        raise Http404
    row, other = sorted(connection.tunnels.all(), key=lambda one: one.index != index)
    context = {"connection": connection, "row": row, "other": other, "area": "connections"}
    if request.method != "POST":
        return _page(request, context)
    if request.POST.get("action") == "generate":
        answer = held_up(request, Throttle.REVEAL, request.user.pk)
        return answer or _page(request, context | _made(request, connection, row))
    return _used(request, connection, row, context)


def _made(request: ConsoleRequest, connection: IPsecConnection, row: Tunnel) -> dict[str, Any]:
    """Kept under the page's token, encrypted, until it is used."""
    token, key = uuid4().hex, psk.generate()
    kept_keys.keep(request, token, (key, "") if row.index == 1 else ("", key))
    audit(request.actor, "connection.kept_key_reveal", row.public_id, index=row.index)
    seen = {of_tunnel(row.index, "psk"): key_mark(present_key(row))}
    return {"key": key, "token": token, "seen": seal(connection, seen)}


def _used(
    request: ConsoleRequest, connection: IPsecConnection, row: Tunnel, context: dict[str, Any]
) -> HttpResponse:
    token = request.POST.get("client_token", "")
    key = kept_keys.kept(request, token)[row.index - 1] if TOKEN.fullmatch(token) else ""
    seen = unseal(connection, request.POST.get("seen", ""))
    if not key or not seen:
        said = [_("The new key is not kept any more: generate another one.")]
        return _page(request, context | {"refusals": said}, status=HTTPStatus.CONFLICT)
    try:
        rotate_psk(actor=request.actor, tunnel=row, key=key, seen=seen)
    except Refused as refused:
        said = [message(finding) for finding in refused.findings]
        return _page(request, context | {"refusals": said}, status=HTTPStatus.CONFLICT)
    kept_keys.forget(request, token)
    messages.success(request, _("The new key is set and is being applied."))
    return redirect("tunnels:detail", row.public_id)


def _page(request: ConsoleRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "connections/edit/rotate.html", context, status=status)

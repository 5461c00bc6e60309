"""Filters of the list that a user keeps by a name."""

from typing import Final
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import ConsoleRequest, member
from accounts.refusal import Refused
from connections.fleet.models import SavedFilter
from connections.services.filters import delete_filter, save_filter
from wording.message import message

LONGEST_ASKED: Final = 1000


@require_POST
@member()
def save(request: ConsoleRequest) -> HttpResponse:
    query = request.POST.get("query", "")
    try:
        saved = save_filter(actor=request.actor, name=request.POST.get("name", ""), query=query)
    except Refused as refused:
        for finding in refused.findings:
            messages.error(request, message(finding))
        return redirect(f"{reverse('connections:list')}?{_asked(query)}")
    messages.success(request, _("The filter is saved."))
    return redirect(f"{reverse('connections:list')}?{saved.query}")


def _asked(query: str) -> str:
    """The list's query string as it came, if it is one."""
    try:
        return urlencode(parse_qsl(query[:LONGEST_ASKED], max_num_fields=40))
    except ValueError:
        return ""


@require_POST
@member()
def delete(request: ConsoleRequest, filter_id: str) -> HttpResponse:
    mine = SavedFilter.objects.filter(account=request.actor.account, user=request.user)
    delete_filter(actor=request.actor, saved=get_object_or_404(mine, public_id=filter_id))
    messages.success(request, _("The filter is deleted."))
    return redirect("connections:list")

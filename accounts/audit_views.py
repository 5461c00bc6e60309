"""The audit trail's page and its export: for operators and administrators of the account."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts import audit_export, audit_queries
from accounts.access import ConsoleRequest, member
from accounts.audit_forms import AuditFilterForm, ExportForm
from accounts.models import AuditEvent, Role
from accounts.paging import Page, page_of
from accounts.throttles import Throttle


@require_safe
@never_cache
@member(Role.OPERATOR)
def trail(request: ConsoleRequest) -> HttpResponse:
    form = AuditFilterForm(request.GET)
    if not form.is_valid():
        return _page(request, form, Page([]), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    rows = audit_queries.trail(request.actor.account, form.wanted())
    page = page_of(rows, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    return _page(request, form, page)


@require_POST
@never_cache
@member(Role.OPERATOR, throttle=Throttle.DOWNLOAD)
def export(request: ConsoleRequest) -> Any:
    """A download. By POST: it leaves a row in the trail."""
    form = ExportForm(request.POST)
    if not form.is_valid():
        return _page(request, form, Page([]), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    chosen = form.chosen_format()
    lines = audit_export.export(actor=request.actor, wanted=form.wanted(), format=chosen)
    name = f"audit-{request.actor.account.uid}-{timezone.now():%Y%m%dT%H%M%SZ}.{chosen}"
    return StreamingHttpResponse(
        lines,
        content_type=f"{chosen.media_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _page(
    request: ConsoleRequest, form: AuditFilterForm, page: Page[AuditEvent], *, status: int = 200
) -> HttpResponse:
    account = request.actor.account
    wanted = form.wanted().given() if form.is_valid() else {}
    context = {
        "form": form,
        "page": page,
        "rows": audit_queries.described(account, page.rows),
        "wanted": wanted,
        "actor_names": audit_queries.actor_names(account),
    }
    return render(request, "accounts/audit.html", context, status=status)

"""/livez: the process answers. /readyz: it can do its work."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

logger = logging.getLogger(__name__)


@require_safe
@never_cache
def livez(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def _database_ready() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _broker_ready() -> bool:
    cache.set("readyz", "1", 5)
    return bool(cache.get("readyz") == "1")


def _check(probe: Callable[[], bool]) -> str:
    try:
        return "ok" if probe() else "not ready"
    except Exception as error:  # whatever is wrong with it, it is not ready
        logger.warning("not ready: %s", error)
        return type(error).__name__


@require_safe
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    parts = {"database": _check(_database_ready), "broker": _check(_broker_ready)}
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse(parts | {"version": settings.VERSION}, status=200 if ready else 503)

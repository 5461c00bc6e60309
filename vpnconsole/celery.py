"""The Celery application. Tasks are thin: they load by id and call a service."""

import logging.config
import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vpnconsole.settings")

app = Celery("vpnconsole")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

REQUEST_ID = "request_id"
"""Header of a message: the request that it was sent from."""


@signals.setup_logging.connect
def use_the_consoles_log(**_kwargs: Any) -> None:
    """Worker and beat write lines of the same form as the web processes; Celery leaves logging alone then."""
    from django.conf import settings

    logging.config.dictConfig(settings.LOGGING)


@signals.before_task_publish.connect
def send_request_id(headers: dict[str, Any] | None = None, **_kwargs: Any) -> None:
    from vpnconsole import logs

    request_id = logs.current().request_id
    if headers is not None and request_id:
        headers[REQUEST_ID] = request_id


@signals.task_prerun.connect
def enter_task(task_id: str = "", task: Any = None, **_kwargs: Any) -> None:
    from vpnconsole import logs, stalled

    stalled.IDLENESS.task_begins()
    sent_from = "" if task.request.is_eager else task.request.get(REQUEST_ID, "")
    if not task.request.is_eager:
        logs.enter(logs.Scope(request_id=sent_from or "", task=f"{task.name} {task_id}"))


@signals.task_postrun.connect
def leave_task(task: Any = None, **_kwargs: Any) -> None:
    from vpnconsole import heartbeats, logs, stalled

    stalled.IDLENESS.task_ends()
    if not task.request.is_eager:
        logs.enter(logs.Scope())
        heartbeats.leave(heartbeats.Part.WORKER)


@signals.worker_ready.connect
def watch_the_worker(**_kwargs: Any) -> None:
    from vpnconsole import stalled

    stalled.watch(app)


@signals.beat_init.connect
def begin_beating(**_kwargs: Any) -> None:
    """Only where beat runs: everybody else rings as well."""
    signals.after_task_publish.connect(_beat, weak=False, dispatch_uid="beat's sign of life")


def _beat(**_kwargs: Any) -> None:
    from vpnconsole import heartbeats

    heartbeats.leave(heartbeats.Part.BEAT)

"""The Celery application: tasks of tenancy.jobs only, which refuse to run unsigned."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openinsure.settings")
app = Celery("openinsure", task_cls="openinsure.tenancy.jobs:TenantTask")
app.config_from_object("openinsure.settings.celery")
app.autodiscover_tasks()


def refuse_wrong_ledger(sender: Any, **_: Any) -> None:
    """A worker that would block on the ledger, or post to another one, ends before it begins.

    SystemExit: Celery swallows every other exception of a receiver.
    """
    from openinsure.jobs.ledger_start import refusal  # models: Django is set up by now

    if text := refusal(int(sender.concurrency)):
        raise SystemExit(text)


worker_init.connect(refuse_wrong_ledger)

"""The Celery application: tasks of tenancy.jobs only, which refuse to run unsigned."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openinsure.settings")
app = Celery("openinsure", task_cls="openinsure.tenancy.jobs:TenantTask")
app.config_from_object("openinsure.settings.celery")
app.autodiscover_tasks()

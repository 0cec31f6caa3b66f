"""The Celery application: tasks named by string, signed tenant header (tenancy.jobs), no results."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openinsure.settings")
app = Celery("openinsure")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

"""Demo data as a Django app: one marker table in oi_console."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Label `demo`."""

    name = "openinsure.demo"
    label = "demo"
    default_auto_field = "django.db.models.BigAutoField"

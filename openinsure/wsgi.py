"""WSGI entry point: `granian --interface wsgi openinsure.wsgi:application`."""

import os
import sys

from django.core.wsgi import get_wsgi_application

from openinsure.environment import ConfigurationError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openinsure.settings")
try:
    application = get_wsgi_application()
except ConfigurationError as error:
    sys.exit(f"openinsure: {error}")  # one line that names the variable, before anything starts

# Tasks belong to the application that is loaded; without it they would look for another broker.
import openinsure.celery  # noqa: F401

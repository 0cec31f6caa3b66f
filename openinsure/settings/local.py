"""A developer's machine: real engines under .local/, no TLS."""

from openinsure.settings.base import *  # noqa: F403

SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False

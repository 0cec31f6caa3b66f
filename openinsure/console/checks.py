"""System check openinsure.E006: the content security policy is whole wherever people work.

With DEBUG on it may be relaxed (debug tools inject scripts); such a process serves nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from openinsure.console.middleware import CONTENT_SECURITY_POLICY

MIDDLEWARE = "openinsure.console.middleware.content_security_policy"


def directives(policy: str) -> dict[str, frozenset[str]]:
    """Directive -> sources of a policy."""
    parts = (part.split() for part in policy.split(";"))
    return {words[0]: frozenset(words[1:]) for words in parts if words}


def relaxations(policy: str) -> list[str]:
    """Directives that allow more than the console's own policy, or are missing from it."""
    ours, theirs = directives(CONTENT_SECURITY_POLICY), directives(policy)
    wider = [name for name, sources in theirs.items() if not sources <= _allowed(ours, name)]
    return sorted({*wider, *(ours.keys() - theirs.keys())})


def _allowed(ours: dict[str, frozenset[str]], name: str) -> frozenset[str]:
    return ours.get(name, frozenset()) | {"'none'"}


@register(Tags.security)
def content_security_policy_is_whole(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """E006 for a relaxed policy or a missing middleware with DEBUG off."""
    if settings.DEBUG:
        return []
    problems = []
    if MIDDLEWARE not in settings.MIDDLEWARE:
        problems.append("its middleware is not in MIDDLEWARE")
    wider = relaxations(getattr(settings, "CONTENT_SECURITY_POLICY", CONTENT_SECURITY_POLICY))
    if wider:
        problems.append(f"it is relaxed in {', '.join(wider)}")
    return [
        Error(f"The content security policy is not whole: {problem}.", id="openinsure.E006")
        for problem in problems
    ]

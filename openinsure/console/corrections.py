"""A refused form, offered again: what was typed stands in its fields, beside the rules.

For forms that have no page of their own to be shown on again (a dialog, a button of a list): a
refusal there must lose as little as anywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from openinsure.console import forms
from openinsure.problems import BadForm, Problem

# What the person did not type, and what must never be sent back to a screen.
UNSEEN = frozenset({forms.FIELD, "lock", "lock_version", "list", "query", "list_name", "next"})
SECRET = frozenset({"password", "password_again", "code", "token", "csrfmiddlewaretoken"})
LONG = 80  # characters; then an area instead of a line


@dataclass(frozen=True, slots=True)
class Kept:
    """One field as it was sent."""

    name: str
    value: str
    hidden: bool

    @property
    def long(self) -> bool:
        """Whether it needs more than one line."""
        return len(self.value) > LONG or "\n" in self.value


def kept(request: HttpRequest, problem: Problem) -> tuple[Kept, ...]:
    """The fields of a refused form, in the order in which they came; none for other refusals."""
    if not isinstance(problem, BadForm) or request.method != "POST" or request.FILES:
        return ()
    errors = dict.fromkeys(name for name in problem.errors if name not in request.POST)
    sent = [(name, value) for name, values in request.POST.lists() for value in values]
    return tuple(
        Kept(name, value.replace("\x00", ""), hidden=name in UNSEEN and name not in problem.errors)
        for name, value in [*sent, *((name, "") for name in errors)]
        if name not in SECRET
    )

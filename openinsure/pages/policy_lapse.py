"""Reinstating a policy from any day since its coverage ended: what happened meanwhile is looked at.

Days without cover stay without: a claim with its loss on one of them is not covered by coming
back later. So whoever reinstates with a lapse is told of them and confirms how many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from django.utils import timezone

from openinsure.claims.standing import losses_of
from openinsure.console.dates import format_day
from openinsure.console.offers import Form
from openinsure.console.panels import Panel, load
from openinsure.console.request import ConsoleRequest
from openinsure.pages.policy_forms import GAP_HINT, NOT_COVERED, REINSTATE
from openinsure.policies.reinstating import choices_of
from openinsure.policies.rows import PolicyTerm
from openinsure.problems import BadForm, Unavailable

SHOWN_MAX = 10


def reinstate_form(request: ConsoleRequest, term: PolicyTerm) -> Form:
    """The form as a cancelled term offers it: what the first and the last day charge, and a field
    to confirm claims where there are some.
    """
    days = choices_of(request.scope, term.id, now=timezone.now())
    losses = losses_since(request, term)
    hints = {"reinstate_from": ". ".join((*(words for _, words in days), NOT_COVERED))}
    if losses.state == "unavailable":
        hints["gap_claims"] = "Claims did not answer: only without lapse now."
    elif losses.rows:
        hints["gap_claims"] = f"Since coverage ended: {_words(losses.rows)}. {GAP_HINT}"
    return replace(
        REINSTATE,
        inputs=tuple(
            replace(one, hint=hints.get(one.name, one.hint))
            for one in REINSTATE.inputs
            if one.name != "gap_claims" or one.name in hints
        ),
    )


def losses_since(request: ConsoleRequest, term: PolicyTerm) -> Panel:
    """Days of loss since coverage ended, the first one first; unavailable without oi_claims."""
    ended = term.cancellation_effective
    if ended is None:
        return Panel("empty")
    return load(
        "Claims",
        lambda: losses_of(request.scope, term.id, first=ended, zone=term.timezone),
        keyspace="oi_claims",
    )


def confirm_gap(request: ConsoleRequest, term: PolicyTerm, on: date, typed: str) -> int:
    """How many claims have their loss on days without cover. Raises BadForm unless `typed` says
    so, Unavailable while that is not known.
    """
    ended = term.cancellation_effective
    if ended is None or on <= ended:
        return 0
    losses = losses_since(request, term)
    if losses.state == "unavailable":
        raise Unavailable("Claims did not answer, so a lapse cannot be looked at. Try again soon.")
    gap = [day for day in losses.rows if day < on]
    if gap and typed.strip() != str(len(gap)):
        last = format_day(on - timedelta(days=1))
        span = f"{format_day(ended)} to {last}"
        raise BadForm({"gap_claims": f"must be {len(gap)}: {_words(gap)}, not covered ({span})"})
    return len(gap)


def _words(days: Sequence[date]) -> str:
    """`2 claims, losses on 3 Jul 2026 and 4 Jul 2026`."""
    shown = [format_day(day) for day in days[:SHOWN_MAX]]
    more = f" and {len(days) - SHOWN_MAX} more" if len(days) > SHOWN_MAX else ""
    what = "1 claim, loss" if len(days) == 1 else f"{len(days)} claims, losses"
    return f"{what} on {', '.join(shown)}{more}"

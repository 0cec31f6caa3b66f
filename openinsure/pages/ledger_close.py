"""/ledger/close: the months with their locks, the checklist of one, closing and reopening it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from openinsure.authz.decorators import allow
from openinsure.billing.journal_rows import PeriodRow
from openinsure.billing.ledger_sections import ledger_sections
from openinsure.billing.operations import closing as operations
from openinsure.billing.operations.periods import OPEN
from openinsure.billing.queries import closing, ledger, trial
from openinsure.console import forms, links
from openinsure.console.columns import Column
from openinsure.console.details import ask_detail
from openinsure.console.links import url
from openinsure.console.lists import Ask, ListPage, ask
from openinsure.console.panels import load
from openinsure.console.rendering import Source, render_detail, render_list
from openinsure.console.request import ConsoleRequest
from openinsure.pages.claim_form import REASON, Field
from openinsure.pages.money_form import Audited, Run, Step, serve
from openinsure.pages.settling_acts import actor
from openinsure.problems import Conflict
from openinsure.tenancy.listing import Page

TABLE = "gl_periods"
PERIODS = ListPage(
    name="ledger.close",
    title="Accounting periods",
    noun="period",
    nouns="periods",
    columns=(
        Column(name="code", label="Period", kind="code", sort="descending"),
        Column(name="start_date", label="From", kind="day", narrow=False),
        Column(name="end_date", label="To", kind="day", narrow=False),
        Column(name="status", label="Status", kind="badge"),
        Column(name="closed_at", label="Closed", kind="instant"),
        Column(name="reopened_at", label="Reopened", kind="instant", narrow=False),
    ),
    default_sort="-code",
    href=lambda row: url("ledger.period", row.code),
    empty="A month appears here with its first journal entry.",
)


@require_GET
@allow("ledger.view")
def period_list(request: ConsoleRequest) -> HttpResponse:
    """The organisation's months, newest first."""
    asked = ask(request, PERIODS)

    def read(wanted: Ask) -> Page[PeriodRow]:
        rows = trial.list_periods(request.scope)
        return Page(tuple(rows if wanted.descending else reversed(rows)), None, None, None)

    return render_list(
        request,
        asked,
        Source(read=read),
        template="billing/ledger.html",
        tabs=ledger_sections(request),
        waiting=ledger.outbox_state(request.scope, now=timezone.now()),
    )


@require_GET
@allow("ledger.view")
def period_detail(request: ConsoleRequest, code: str) -> HttpResponse:
    """One month: its lock and its checklist."""
    ask_detail(request, tabs=(), noun="the page of a period")
    found = trial.get_period(request.scope, code)
    checks = load("Checks", partial(closing.list_checks, request.scope, found))
    places = {check.place: links.url(check.place) if links.resolves(check.place) else ""
              for check in checks.rows}  # fmt: skip
    asked_by_me = found.reopen_asked_by_user_id == request.scope.subject
    return render_detail(
        request,
        "billing/period.html",
        row=found,
        panels={"checks": checks},
        places=places,
        waiting=ledger.outbox_state(request.scope, now=timezone.now()),
        acts={
            "close": found.status in OPEN and "period.close" in request.rights,
            "ask": found.status == operations.CLOSED and "period.reopen" in request.rights,
            "reopen": found.status == operations.ASKED
            and not asked_by_me
            and "period.reopen" in request.rights,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@allow("period.close")
def close(request: ConsoleRequest, code: str) -> HttpResponse:
    """Close a month whose checklist holds."""
    found = trial.get_period(request.scope, code)

    def run(sent: Mapping[str, str]) -> Any:
        if found.status in OPEN:
            _must_hold(request, found)
        return operations.close_period(
            request.scope, code, actor_user_id=actor(request), now=timezone.now()
        )

    return _step(request, found, "Close the period", "period.closed", run)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("period.reopen")
def ask_reopen(request: ConsoleRequest, code: str) -> HttpResponse:
    """Ask another person to open the last closed month again."""
    found = trial.get_period(request.scope, code)

    def run(sent: Mapping[str, str]) -> Any:
        return operations.ask_to_reopen(
            request.scope,
            code,
            reason=sent.get("reason", "").strip(),
            actor_user_id=actor(request),
            now=timezone.now(),
        )

    return _step(request, found, "Ask to reopen", "period.reopen_requested", run, REASON)


@require_http_methods(["GET", "HEAD", "POST"])
@allow("period.reopen")
def reopen(request: ConsoleRequest, code: str) -> HttpResponse:
    """Open a month that another person asked for."""
    found = trial.get_period(request.scope, code)

    def run(sent: Mapping[str, str]) -> Any:
        return operations.reopen_period(
            request.scope, code, actor_user_id=actor(request), now=timezone.now()
        )

    return _step(request, found, "Reopen the period", "period.reopened", run)


def _must_hold(request: ConsoleRequest, period: PeriodRow) -> None:
    """Raises Conflict naming each check that stops the close."""
    checks = closing.list_checks(request.scope, period)
    open_ones = [one.told for one in checks if one.stops]
    if open_ones:
        raise Conflict(f"{period.code} stays open. {'; '.join(open_ones)}.")


def _step(
    request: ConsoleRequest, period: PeriodRow, title: str, action: str, run: Run, *fields: Field
) -> HttpResponse:
    """The form of a step; doing it asks for a proof of ten minutes ago at most."""

    def acted(sent: Mapping[str, str]) -> Any:
        forms.once(request, sent)
        return run(sent)

    back = url("ledger.period", period.code)
    step = Step(
        title=title,
        button=title,
        crumb=("Close", url("ledger.close")),
        back=back,
        number=period.code,
        fields=fields,
        facts=(
            ("Period", f"{period.start_date:%Y-%m-%d} to {period.end_date:%Y-%m-%d}"),
            ("Status", period.status.replace("_", " ").capitalize()),
        ),
        kind="danger" if action == "period.reopened" else "primary",
    )
    audited = Audited(action, TABLE, period.id, period.code)
    return serve(request, lambda: step, audited, acted, grave=True)


ONE = "ledger/close/<str:code>"
urlpatterns = [
    path("ledger/close", period_list, name="ledger.close"),
    path(ONE, period_detail, name="ledger.period"),
    path(f"{ONE}/closings", close, name="ledger.close_period"),
    path(f"{ONE}/reopening-requests", ask_reopen, name="ledger.ask_reopen"),
    path(f"{ONE}/reopenings", reopen, name="ledger.reopen_period"),
]

"""/audit/trace: one payment followed to the carrier, with the sums that must agree on the way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from openinsure.authz.decorators import allow, forbid
from openinsure.billing.queries import invoices, payments, tracing
from openinsure.billing.rows import Payment
from openinsure.console.lists import refuse_unknown
from openinsure.console.panels import Panel, load
from openinsure.console.rendering import render_detail, render_page
from openinsure.console.request import ConsoleRequest
from openinsure.problems import BadFilter

NUMBER = re.compile(r"[A-Za-z0-9-]{1,40}")
NEEDED = "billing.view"


@dataclass(frozen=True, slots=True)
class Check:
    """Two figures that must be equal, in cents."""

    name: str
    left: str
    left_cents: int
    right: str
    right_cents: int

    @property
    def holds(self) -> bool:
        """True while they are."""
        return self.left_cents == self.right_cents


@require_safe
@allow("audit.view")
def trace(bare: HttpRequest) -> HttpResponse:
    """A form; with `payment`, that payment's allocations, journal, transfers, bordereau lines."""
    request = cast(ConsoleRequest, bare)
    refuse_unknown(request.GET, {"payment": False, "orgId": False}, "the trace")
    if NEEDED not in request.rights:
        raise forbid(request, NEEDED)
    number = request.GET.get("payment", "").strip()
    if not number:
        return render_page(request, "audit/trace.html", data={"row": None, "panels": {}}, row=None)
    if not NUMBER.fullmatch(number):
        raise BadFilter("payment", rule="must be the number of a payment")
    found = payments.get_payment(request.scope, number)
    panels = _panels(request, found)
    return render_detail(
        request, "audit/trace.html", row=found, panels=panels, checks=_checks(found, panels)
    )


def _panels(request: ConsoleRequest, found: Payment) -> dict[str, Panel]:
    scope = request.scope
    reads: dict[str, Any] = {
        "allocations": partial(invoices.list_allocations, scope, payment_id=found.id),
        "journal": lambda: payments.list_journal(scope, [found.id]),
        "transfers": lambda: payments.list_transfers(scope, [found.id]),
        "bordereau": lambda: tracing.list_bordereau_lines(scope, found.id),
    }
    return {name: load("Billing", read) for name, read in reads.items()}


def _checks(found: Payment, panels: dict[str, Panel]) -> list[Check]:
    """What can be compared of what was read; a panel that is away takes its check with it."""
    checks = []
    allocations, journal = panels["allocations"], panels["journal"]
    if allocations.state == "ok":
        rows = allocations.rows
        applied = sum(row.amount_cents for row in rows)
        legs = sum(row.legs_cents for row in rows)
        expected = 0 if found.reversed_at else found.amount_cents - found.unapplied_cents
        checks.append(Check("Applied", "payment", expected, "allocations", applied))
        checks.append(Check("Split", "allocations", applied, "their legs", legs))
    if journal.state == "ok":
        debits = sum(row.debit_cents for row in journal.rows)
        credits = sum(row.credit_cents for row in journal.rows)
        checks.append(Check("Journal", "debits", debits, "credits", credits))
    return checks

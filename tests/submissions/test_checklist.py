"""The bind checklist: each point fails for its own reason and none passes by being forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from openinsure.submissions.checklist import Licence, bind_checklist
from openinsure.submissions.report_rows import QuoteRow, SubjectivityRow
from tests.submissions.world import PASSING

TODAY = date(2026, 11, 20)
LICENCE = Licence("FL123", date(2027, 6, 30))
QUOTE = QuoteRow(
    id="q", number="QUO-1", version=2, status="accepted", plan="PIF", carrier_id="c",
    program_id="p", producer_id="a", effective=date(2026, 12, 1), expires=date(2027, 12, 1),
    annual_premium_cents=1_234_567, fees_cents=0, taxes_cents=0, total_cents=1_234_567,
    currency="USD", producer_commission_rate=Decimal("0.125"), mga_commission_rate=Decimal("0.1"),
    valid_until=date(2026, 12, 15), rated_at=None, released_at=None, accepted_at=None,
    bound_at=None, bound_policy_id=None, authority_status="passed", authority_detail=PASSING,
    decline_reason=None,
)  # fmt: skip
OPEN = SubjectivityRow("s", "Signed application", date(2026, 12, 1), "open", None, True)


def states(*quotes: QuoteRow, **changes: Any) -> dict[str, str]:
    """Point -> state, with everything in order unless changed."""
    facts: dict[str, Any] = {
        "status": "quoted",
        "state": "FL",
        "licence": LICENCE,
        "today": TODAY,
    } | changes
    return {check.id: check.state for check in bind_checklist(quotes=quotes or (QUOTE,), **facts)}


def compared(rule: str, **changes: Any) -> list[dict[str, Any]]:
    return [entry | changes if entry["rule"] == rule else entry for entry in PASSING]


def test_it_passes_when_all_points_hold() -> None:
    assert set(states().values()) == {"passed"}
    assert len(states()) == 14


@pytest.mark.parametrize(
    ("point", "quote"),
    [
        ("valid", replace(QUOTE, valid_until=date(2026, 11, 19))),
        ("subjectivities", replace(QUOTE, subjectivities=(OPEN,))),
        ("authority.state", replace(QUOTE, authority_detail=compared("state", value="TX"))),
        ("authority.limits", replace(QUOTE, authority_detail=compared("limits", limit=1))),
        ("authority.terms", replace(QUOTE, authority_detail=compared("terms", allowed=[6]))),
    ],
)
def test_it_fails_the_point_that_does_not_hold(point: str, quote: QuoteRow) -> None:
    found = states(quote)
    assert found.pop(point) == "failed"
    assert set(found.values()) == {"passed"}


def test_it_takes_a_limit_that_is_just_reached() -> None:
    exact = compared("premium_per_policy", value=5_000_000)
    over = compared("premium_per_policy", value=5_000_001)
    assert (
        states(replace(QUOTE, authority_detail=exact))["authority.premium_per_policy"] == "passed"
    )
    assert states(replace(QUOTE, authority_detail=over))["authority.premium_per_policy"] == "failed"


@pytest.mark.parametrize("detail", [None, [], {}, [{"rule": "limits"}]])
def test_it_waits_for_what_was_not_compared(detail: Any) -> None:
    found = states(replace(QUOTE, authority_detail=detail, authority_status="passed"))
    assert {found[point] for point in found if point.startswith("authority.")} == {"waiting"}


def test_it_ignores_conditions_for_after_binding() -> None:
    later = replace(OPEN, due=date(2027, 1, 1), before_bind=False)
    assert states(replace(QUOTE, subjectivities=(later,)))["subjectivities"] == "passed"


def test_it_wants_one_accepted_quote_and_a_licensed_producer() -> None:
    assert states(QUOTE, replace(QUOTE, number="QUO-2"))["quote"] == "failed"
    assert states(replace(QUOTE, status="released"))["quote"] == "waiting"
    assert states(licence=None)["license"] == "failed"
    assert states(status="declined")["submission"] == "failed"

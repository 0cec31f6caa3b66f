"""Claim headers: losses inside the terms, figures that satisfy incurred = open + paid - back."""

from __future__ import annotations

from typing import Any

from openinsure.demo.book import Book
from openinsure.demo.clock import days, office_hours
from openinsure.demo.names import CITIES
from openinsure.demo.policies import weighted

STATUSES = (
    ("open", 8),
    ("investigating", 11),
    ("reserved", 14),
    ("in_settlement", 4),
    ("litigated", 3),
    ("settled", 3),
    ("closed", 49),
    ("denied", 8),
)
CAUSES = (
    ("collision", "REAR_END", "Insured unit struck a stopped vehicle from behind"),
    ("collision", "LANE", "Sideswipe while changing lanes"),
    ("collision", "BACKING", "Backed into a loading dock post"),
    ("comprehensive", "HAIL", "Hail damage to hood and sleeper"),
    ("comprehensive", "THEFT", "Unit taken from an unfenced yard overnight"),
    ("liability", "INTERSECT", "Left turn across oncoming traffic, injuries reported"),
    ("liability", "DEBRIS", "Load shift, debris struck a following car"),
    ("cargo", "SPOIL", "Refrigeration failure, load refused by consignee"),
)
FROM_POLICY = (
    "policy_number",
    "insured_id",
    "insured_name",
    "insured_name_norm",
    "program_id",
    "carrier_id",
    "producer_id",
    "line_of_business",
)
PAYING = ("reserved", "in_settlement", "litigated", "settled", "closed")
PAID_NOTHING, RECOVERED = 0.45, 0.12
RESERVED = ("investigating", "reserved", "in_settlement", "litigated")


def claim(book: Book, policy: dict[str, Any]) -> dict[str, Any] | None:
    """One claim on a policy, or None when no day of the term is past yet."""
    rng = book.rng
    end = min(book.today, policy.get("cancellation_effective_date") or policy["expiration_date"])
    term = (end - policy["effective_date"]).days
    if term < 10:
        return None
    loss_day = policy["effective_date"] + days(rng.randint(1, term - 5))
    lost = office_hours(rng, loss_day)
    reported = office_hours(rng, min(book.today - days(1), loss_day + days(rng.randint(0, 12))))
    reported = max(reported, lost)
    loss_type, cause, words = rng.choice(CAUSES)
    status = weighted(rng, STATUSES)
    money = figures(book, status, policy["liability_limit_cents"])
    adjuster = rng.choice(book.adjusters)
    done = status in ("closed", "denied")
    closed = (
        office_hours(rng, min(book.today - days(1), reported.date() + days(60))) if done else None
    )
    return book.basket.add(
        "claims",
        id=book.id(reported),
        claim_number=f"CLM-{book.spec.prefix}-{book.next('claim'):06d}",
        policy_id=policy["id"],
        **{column: policy[column] for column in FROM_POLICY},
        status=status,
        loss_type=loss_type,
        cause_code=cause,
        date_of_loss=lost,
        date_reported=reported,
        loss_state=policy["state"],
        loss_city=rng.choice(CITIES[policy["state"]])[0],
        loss_description=book.named(words),
        severity="large" if money["incurred_cents"] > 10_000_000 else "standard",
        reported_amount_cents=max(money["incurred_cents"], 50_000),
        coverage_determination="denied" if status == "denied" else "covered",
        adjuster_id=adjuster["id"],
        assigned_at=reported,
        litigated=int(status == "litigated"),
        subrogation_flag=int(money["recovered_cents"] > 0),
        policy_limit_cents=policy["liability_limit_cents"],
        currency="USD",
        opened_at=reported,
        closed_at=closed,
        close_reason="completed" if status == "closed" else None,
        created_at=reported,
        updated_at=closed or reported,
        **money,
    )


def figures(book: Book, status: str, limit_cents: int) -> dict[str, int]:
    """Paid median 6,400 dollars, 3 % above 100,000; closed claims hold no reserve. Cents."""
    rng = book.rng
    paid = recovered = reserve = 0
    if status in PAYING and rng.random() > PAID_NOTHING:
        paid = min(limit_cents, round(rng.lognormvariate(13.37, 1.46)))
    closed = paid and status == "closed"
    if closed and (rng.random() < RECOVERED or not book.counters.get("recovered")):
        book.next("recovered")  # the first one surely
        recovered = paid * rng.randint(10, 60) // 100
    if status in RESERVED:
        reserve = round(rng.lognormvariate(13.6, 1.2)) // 10_000 * 10_000 + 100_000
    expense_reserve, expense_paid = reserve // 10, paid // 12
    return {
        "outstanding_indemnity_cents": reserve - expense_reserve,
        "outstanding_expense_cents": expense_reserve,
        "paid_indemnity_cents": paid - expense_paid,
        "paid_expense_cents": expense_paid,
        "recovered_cents": recovered,
        "incurred_cents": reserve + paid - recovered,
    }

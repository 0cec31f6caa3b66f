"""What happened to a policy: events, written premium movements, endorsements, cancellation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openinsure.billing.operations.restating import DUE_DAYS as CHANGE_DUE_DAYS
from openinsure.demo.book import Book
from openinsure.demo.charges import added
from openinsure.demo.clock import at, days, office_hours
from openinsure.demo.risks import driver, vehicle
from openinsure.money.rounding import half_even


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What an endorsement adds to the bill. taxes: cents by component."""

    billed: date
    due: date
    premium_cents: int
    taxes: Mapping[str, int]

    @property
    def tax_cents(self) -> int:
        """Its taxes, cents."""
        return sum(self.taxes.values())


class History:
    """The running history of one policy: numbers events and transactions without gaps."""

    def __init__(self, book: Book, policy: dict[str, Any]) -> None:
        self.book, self.policy = book, policy
        self.seq = self.transactions = self.endorsements = 0
        self.opening_taxes_cents: int = policy["taxes_cents"]
        self.changes: list[Change] = []
        self.tax_back = 0  # by a cancellation, cents
        self.status: str | None = None

    def event(
        self, kind: str, when: datetime, to: str | None, effective: date, **facts: Any
    ) -> None:
        """Append one row of policy_events and move the status and updated_at along."""
        self.seq += 1
        self.book.basket.add(
            "policy_events",
            id=self.book.id(when),
            policy_id=self.policy["id"],
            seq=self.seq,
            event_type=kind,
            from_status=self.status,
            to_status=to or self.status,
            actor_user_id=self.policy["underwriter_user_id"],
            actor_role="underwriter",
            effective_date=effective,
            occurred_at=when,
            payload={"policy_number": self.policy["policy_number"], **facts},
            delivered_at=when,
            created_at=when,
        )
        self.status = to or self.status
        self.policy["updated_at"] = max(self.policy["updated_at"], when)

    def transaction(
        self, kind: str, when: datetime, effective: date, premium_cents: int,
        source: tuple[str, str], fees_cents: int = 0, tax_cents: int = 0,
    ) -> None:  # fmt: skip
        """Append one written premium movement, commissions by the policy's rates."""
        self.transactions += 1
        self.book.basket.add(
            "policy_transactions",
            id=self.book.id(when),
            policy_id=self.policy["id"],
            policy_number=self.policy["policy_number"],
            transaction_no=self.transactions,
            transaction_type=kind,
            source_table=source[0],
            source_id=source[1],
            effective_date=effective,
            process_date=when.date(),
            written_premium_cents=premium_cents,
            fees_cents=fees_cents,
            taxes_cents=tax_cents,
            producer_commission_cents=half_even(premium_cents * 125, 1000),
            mga_commission_cents=half_even(premium_cents * 100, 1000),
            currency="USD",
            status="posted",
            created_by_user_id=self.policy["underwriter_user_id"],
            created_at=when,
        )


def opening(book: Book, policy: dict[str, Any]) -> History:
    """Bound, issued, active: as far as today's date lets the policy be."""
    history = History(book, policy)
    effective = policy["effective_date"]
    first = "NEW" if policy["term_number"] == 1 else "RENEWAL"
    history.event("policy.bound", policy["bound_at"], "bound", effective)
    history.transaction(
        first,
        policy["bound_at"],
        effective,
        policy["annual_premium_cents"],
        ("policies", policy["id"]),
        policy["fees_cents"],
        policy["taxes_cents"],
    )
    if policy["issued_at"]:
        history.event("policy.issued", policy["issued_at"], "issued", effective)
    if effective <= book.today:
        history.event("policy.activated", at(effective, 5), "active", effective)
    return history


def endorse(book: Book, history: History, upto: date) -> None:
    """Perhaps one or two endorsements, each with its item, premium change and event."""
    policy = history.policy
    span = (min(upto, policy["expiration_date"]) - policy["effective_date"]).days
    for _ in range(book.rng.choice((0, 0, 0, 1, 1, 2))):
        if span < 20:
            return
        effective = policy["effective_date"] + days(book.rng.randint(5, span - 10))
        kind = book.rng.choice(("DRIVER_ADD", "DRIVER_ADD", "ADD_INSURED", "VEHICLE_ADD"))
        one_endorsement(book, history, "COVERAGE_ADD" if kind == "VEHICLE_ADD" else kind, effective)


def one_endorsement(book: Book, history: History, kind: str, effective: date) -> None:
    """A bound endorsement: a driver, an insured name, or a unit with its premium."""
    policy = history.policy
    bound = office_hours(
        book.rng, min(book.today - days(1), effective + days(book.rng.randint(-6, 3)))
    )
    annual = book.rng.randint(2400, 12000) * 100 if kind == "COVERAGE_ADD" else 0
    left = (policy["expiration_date"] - effective).days
    term = (policy["expiration_date"] - policy["effective_date"]).days
    written = half_even(annual * left, term)
    taxes = added(policy, written)
    tax = sum(taxes.values())
    history.endorsements += 1
    endorsement = book.basket.add(
        "endorsements",
        id=book.id(bound),
        policy_id=policy["id"],
        endorsement_no=history.endorsements,
        type_code=kind,
        status="bound",
        effective_date=effective,
        requested_at=bound - days(1),
        requested_by_user_id=book.a_user("mhcis_operator"),
        approved_by_user_id=policy["underwriter_user_id"],
        bound_at=bound,
        description=book.named(
            {"DRIVER_ADD": "Driver added", "COVERAGE_ADD": "Unit added"}.get(kind, "Insured added")
        ),
        annual_delta_cents=annual,
        prorata_factor=f"{left / term:.10f}",
        written_delta_cents=written,
        tax_delta_cents=tax,
        currency="USD",
        backdated=int(effective < bound.date()),
        created_at=bound - days(1),
        updated_at=bound,
    )
    endorsement_item(book, policy, endorsement, effective)
    policy["written_premium_cents"] += written
    policy["taxes_cents"] += tax
    policy["total_cents"] += written + tax
    history.event("endorsement.bound", bound, None, effective, endorsement_no=history.endorsements)
    if written:
        source = ("endorsements", endorsement["id"])
        history.transaction("ENDORSEMENT", bound, effective, written, source, tax_cents=tax)
        day = bound.date()
        history.changes.append(
            Change(billed=day, due=day + days(CHANGE_DUE_DAYS), premium_cents=written, taxes=taxes)
        )


def endorsement_item(
    book: Book, policy: dict[str, Any], endorsement: dict[str, Any], effective: date
) -> None:
    """What the endorsement changed, before and after."""
    bound = endorsement["bound_at"]
    added = changed_risk(book, policy, endorsement["type_code"], effective)
    book.basket.add(
        "endorsement_items",
        id=book.id(bound),
        endorsement_id=endorsement["id"],
        policy_id=policy["id"],
        entity_table=added[0],
        entity_id=added[1],
        field_name="added",
        before_json=None,
        after_json={"added": added[2]},
        created_at=bound,
        updated_at=bound,
    )


def changed_risk(
    book: Book, policy: dict[str, Any], kind: str, effective: date
) -> tuple[str, str, str]:
    """Add what the endorsement adds. Returns table, id and words."""
    if kind == "DRIVER_ADD":
        policy["driver_count"] += 1
        row = driver(book, policy, effective)
        return "policy_drivers", row["id"], row["full_name"]
    if kind == "COVERAGE_ADD":
        policy["vehicle_count"] += 1
        row = vehicle(book, policy, policy["vehicle_count"], effective)
        return "policy_vehicles", row["id"], f"{row['model_year']} {row['make']} {row['model']}"
    return "policies", policy["id"], policy["insured_name"]

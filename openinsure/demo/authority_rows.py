"""What an organisation may do and by which rules: appointments, delegated authority with its use,
commission rates, underwriting rules.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from openinsure.demo.book import Book
from openinsure.demo.clock import at, days
from openinsure.demo.orgs_data import OrgSpec

SINCE = date(2023, 6, 1)
LIMIT_CENTS = 100_000_000
PREMIUM_CENTS = 75_000_000
POLICIES_PER_INSURED = 3
TERMS_MONTHS = (6, 12)
NAICS = ("484110", "484121", "484122", "484220", "488410", "492110")
ANNUAL_CENTS_PER_POLICY = 6_000_000  # authority in step with the size of the book
COMMISSIONS = (("NEW", "0.100000", "0.125000"), ("RENEWAL", "0.100000", "0.110000"))
# Rule key, name, stage, expression, outcome, message.
RULES = (
    (
        "REVENUE_THRESHOLD", "Large fleet", "triage", "vehicle_count > 40", "refer",
        "More than 40 units goes to a senior underwriter",
    ),
    (
        "LOSS_HISTORY", "Loss history", "review", "loss_ratio_3y > 0.65", "refer",
        "Three-year loss ratio above 65 % needs a second opinion",
    ),
    (
        "CLASS_CODE", "Class of business", "eligibility", "naics not in authorized", "decline",
        "The class is outside the agreement",
    ),
    (
        "STATE", "State eligibility", "eligibility", "state not in program_states", "decline",
        "The program is not filed in this state",
    ),
    (
        "SNAPSHOT_AGE", "Fresh safety record", "quote", "snapshot_age_days > 30", "stop",
        "Fetch the FMCSA snapshot again before quoting",
    ),
)  # fmt: skip


def volume_limits(spec: OrgSpec) -> tuple[int, int]:
    """Annual and quarterly gross written premium that the agreements allow, cents."""
    annual = ANNUAL_CENTS_PER_POLICY * spec.policies
    return annual, annual * 2 // 5


def authority(book: Book) -> None:
    """Everything of this module for one organisation, after its producers and programs."""
    for program in book.programs:
        agreement(book, program)
        commissions(book, program)
        for rule in RULES:
            one_rule(book, program, rule)
    appointments(book)


def agreement(book: Book, program: dict[str, Any]) -> None:
    """The agreement in force and its use on the last twelve month ends."""
    annual, quarterly = volume_limits(book.spec)
    created = at(SINCE)
    row = book.basket.add(
        "da_agreements",
        id=book.id(created),
        carrier_id=program["carrier_id"],
        program_id=program["id"],
        version_no=1,
        status="active",
        effective_date=SINCE,
        expiration_date=date(book.today.year + 1, 12, 31),
        max_occurrence_limit_cents=LIMIT_CENTS,
        max_premium_per_policy_cents=PREMIUM_CENTS,
        annual_gwp_limit_cents=annual,
        quarterly_gwp_limit_cents=quarterly,
        max_policies_per_insured=POLICIES_PER_INSURED,
        authorized_states=sorted(program["spec"].states),
        excluded_states=[],
        allowed_terms_months=list(TERMS_MONTHS),
        currency="USD",
        created_at=created,
        updated_at=created,
    )
    for back in range(12):
        on = book.today - days(30 * back)
        used = annual * max(4, 71 - 6 * back) // 100
        book.basket.add(
            "da_utilization_snapshots",
            id=book.id(at(on)),
            da_agreement_id=row["id"],
            as_of_date=on,
            bound_gwp_cents=used,
            limit_cents=annual,
            utilization_rate=f"{used / annual:.6f}",
            policy_count=book.spec.policies * max(4, 71 - 6 * back) // 100,
            currency="USD",
            created_at=at(on),
            updated_at=at(on),
        )


def commissions(book: Book, program: dict[str, Any]) -> None:
    """Commission by kind of transaction."""
    for kind, mga, producer in COMMISSIONS:
        book.basket.add(
            "program_commission_rates",
            id=book.id(at(SINCE)),
            program_id=program["id"],
            transaction_type=kind,
            mga_rate=mga,
            producer_rate=producer,
            effective_date=SINCE,
            created_at=at(SINCE),
            updated_at=at(SINCE),
        )


def one_rule(book: Book, program: dict[str, Any], rule: tuple[str, ...]) -> None:
    """A rule and its active version."""
    key, name, stage, expression, outcome, message = rule
    created = at(SINCE)
    version = book.id(created)
    row = book.basket.add(
        "rules",
        id=book.id(created),
        program_id=program["id"],
        rule_key=key,
        name=book.named(name),
        stage=stage,
        status="active",
        active_version_id=version,
        created_at=created,
        updated_at=created,
    )
    book.basket.add(
        "rule_versions",
        id=version,
        rule_id=row["id"],
        version_no=1,
        expression=expression,
        outcome=outcome,
        message=book.named(message),
        activated_at=created,
        activated_by_user_id=book.users["underwriter"][0]["id"],
        created_at=created,
    )


def appointments(book: Book) -> None:
    """Every producer with every carrier of the organisation, in its home state."""
    carriers = sorted({program["carrier_id"] for program in book.programs})
    for producer in book.producers:
        for carrier in carriers:
            ended = producer["terminated_at"]
            book.basket.add(
                "producer_appointments",
                id=book.id(producer["created_at"]),
                producer_id=producer["id"],
                carrier_id=carrier,
                state=producer["state"],
                status="terminated" if ended else "active",
                effective_date=producer["created_at"].date(),
                termination_date=ended.date() if ended else None,
                created_at=producer["created_at"],
                updated_at=producer["created_at"],
            )

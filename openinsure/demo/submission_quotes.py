"""Quotes of a submission: versions, coverages, units, rating steps, conditions, authority."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from openinsure.demo.authority_rows import (
    LIMIT_CENTS,
    NAICS,
    POLICIES_PER_INSURED,
    PREMIUM_CENTS,
    TERMS_MONTHS,
    volume_limits,
)
from openinsure.demo.clock import days
from openinsure.demo.names import person
from openinsure.demo.vehicles import MAKES, vin
from openinsure.keyspaces.sealing import keyed_hash
from openinsure.money.plans import add_months
from openinsure.money.rounding import half_even, split

if TYPE_CHECKING:
    from openinsure.demo.submission_rows import Desk

# Coverage, share of the premium in percent, limit, deductible in cents.
OFFERED = (("AL", 70, LIMIT_CENTS, 100_000), ("MTC", 30, 10_000_000, 250_000))
STEPS = (("fleet_size", 96), ("radius", 108), ("loss_experience", 103))
ENGINE = "rater 4.2.1"
VALID_DAYS = 30
STATES = {"bound": "bound", "quoted": "released", "expired": "expired", "lost": "expired"}
RATES = {"producer_commission_rate": "0.125000", "mga_commission_rate": "0.100000"}


def quote_rows(
    desk: Desk, row: dict[str, Any], carrier_id: str, *, policy: dict[str, Any] | None
) -> None:
    """The versions of one offer; one in four was rated twice. A policy takes the last as it is."""
    rng = desk.rng
    premium = policy["annual_premium_cents"] if policy else row["target_premium_cents"]
    number = f"QUO-{desk.book.spec.prefix}-{desk.book.next('quote'):06d}"
    rated = row["updated_at"] - days(2)
    earlier = None
    versions = [premium]
    if rng.random() < 0.25:
        versions.insert(0, half_even(premium * rng.randint(102, 112), 100))
    for version, amount in enumerate(versions, 1):
        last = version == len(versions)
        status = STATES[row["status"]] if last else "superseded"
        facts = {"quote_number": number, "version_no": version, "status": status}
        quote = one_version(desk, row, carrier_id, facts, amount, rated, policy if last else None)
        if earlier:
            earlier["superseded_by_id"] = quote["id"]
        earlier = quote


def one_version(
    desk: Desk,
    row: dict[str, Any],
    carrier_id: str,
    facts: dict[str, Any],
    premium: int,
    rated: datetime,
    policy: dict[str, Any] | None,
) -> dict[str, Any]:
    """One row of `quotes` with all that hangs on it."""
    fees = policy["fees_cents"] if policy else 15_000
    taxes = policy["taxes_cents"] if policy else 0
    effective = row["requested_effective_date"]
    bound = policy["bound_at"] if policy else None
    quote = desk.add(
        "quotes",
        rated,
        submission_id=row["id"],
        program_id=row["program_id"],
        carrier_id=carrier_id,
        producer_id=row["producer_id"],
        plan_code=policy["billing_plan"] if policy else "MONTHLY_10",
        effective_date=effective,
        expiration_date=add_months(effective, 12),
        annual_premium_cents=premium,
        fees_cents=fees,
        taxes_cents=taxes,
        total_cents=premium + fees + taxes,
        currency="USD",
        valid_until=rated.date() + days(VALID_DAYS),
        rated_at=rated,
        released_at=rated,
        accepted_at=bound,
        bound_at=bound,
        bound_policy_id=policy["id"] if policy else None,
        da_check_status="passed" if premium <= PREMIUM_CENTS else "referred",
        da_check_detail=authority(desk, row, premium),
        underwriter_user_id=row["assigned_underwriter_id"],
        updated_at=bound or rated,
        **RATES,
        **facts,
    )
    hanging(desk, row, quote, rated)
    return quote


def hanging(desk: Desk, row: dict[str, Any], quote: dict[str, Any], rated: datetime) -> None:
    """Coverages that add up to the premium, rating steps, a condition, the frozen version."""
    premium, version = quote["annual_premium_cents"], quote["version_no"]
    key = {"quote_id": quote["id"], "currency": "USD"}
    left = premium
    for place, (code, share, limit, deductible) in enumerate(OFFERED):
        last = place == len(OFFERED) - 1
        amount = left if last else half_even(premium * share, 100)
        left -= amount
        terms = {"limit_cents": limit, "deductible_cents": deductible, "selected": 1}
        desk.add(
            "quote_coverages", rated, coverage_code=code, annual_premium_cents=amount,
            updated_at=rated, **key, **terms,
        )  # fmt: skip
    waterfall(desk, key, version, premium, rated)
    condition(desk, quote["id"], quote["effective_date"], row, quote["bound_at"])
    if row["status"] == "quoted":
        schedule(desk, row, quote, rated)
    digest = f"{desk.rng.getrandbits(256):064x}"
    seen = {"engine_version": ENGINE, "input_sha256": digest, "version_no": version}
    desk.add("quote_versions", rated, quote_id=quote["id"], **seen)


def waterfall(desk: Desk, key: dict[str, Any], version: int, premium: int, when: datetime) -> None:
    """Steps that end at the premium exactly: worked backwards, the first one is the base."""
    amounts = [premium]
    for _, factor in reversed(STEPS):
        amounts.insert(0, half_even(amounts[0] * 100, factor))
    for step, (name, factor) in enumerate(STEPS, 1):
        desk.add(
            "quote_rating_steps",
            when,
            version_no=version,
            step_no=step,
            step_key=name,
            factor=f"{factor / 100:.4f}",
            amount_before_cents=amounts[step - 1],
            amount_after_cents=amounts[step],
            source_table="rate_factors",
            **key,
        )


def condition(
    desk: Desk, quote_id: str, effective: Any, row: dict[str, Any], bound: datetime | None
) -> None:
    """A before-bind condition: cleared for what was bound, open or cleared otherwise."""
    rated = row["updated_at"]
    cleared = bound is not None or desk.rng.random() < 0.4
    desk.add(
        "quote_subjectivities",
        rated,
        quote_id=quote_id,
        description=desk.book.named("Signed application and current driver list"),
        due_date=effective,
        status="cleared" if cleared else "open",
        cleared_by_user_id=row["assigned_underwriter_id"] if cleared else None,
        cleared_at=(bound or rated) if cleared else None,
        updated_at=rated,
    )


def authority(desk: Desk, row: dict[str, Any], premium: int) -> list[dict[str, Any]]:
    """Every number that the delegated-authority check compared (domain.md part 3)."""
    annual, quarterly = volume_limits(desk.book.spec)
    share = desk.rng.randint(20, 90)
    program = next(p for p in desk.book.programs if p["id"] == row["program_id"])
    cents = {"unit": "cents"}
    return [
        {"rule": "state", "value": row["state"], "allowed": sorted(program["spec"].states)},
        {"rule": "naics", "value": desk.rng.choice(NAICS), "allowed": list(NAICS)},
        {"rule": "limits", "value": LIMIT_CENTS, "limit": LIMIT_CENTS, **cents},
        {"rule": "premium_per_policy", "value": premium, "limit": PREMIUM_CENTS, **cents},
        {"rule": "annual_gwp", "value": annual * share // 100, "limit": annual, **cents},
        {"rule": "quarterly_gwp", "value": quarterly * share // 100, "limit": quarterly, **cents},
        {"rule": "policies_per_insured", "value": 1, "limit": POLICIES_PER_INSURED},
        {"rule": "terms", "value": 12, "allowed": list(TERMS_MONTHS)},
    ]


def schedule(desk: Desk, row: dict[str, Any], quote: dict[str, Any], when: datetime) -> None:
    """The units and drivers that an offer is for; the premium is split by their value."""
    rng, key = desk.rng, {"quote_id": quote["id"], "updated_at": when}
    makes = [rng.choice(MAKES) for _ in range(row["vehicle_count"])]
    premiums = split(quote["annual_premium_cents"], [make.new_value_cents for make in makes])
    for number, (make, cents) in enumerate(zip(makes, premiums, strict=True), 1):
        year = rng.randint(2014, desk.book.today.year)
        facts = {"make": make.make, "model": make.model, "model_year": year, "currency": "USD"}
        desk.add(
            "quote_vehicles", when, unit_no=number, vin=vin(rng, make, year), premium_cents=cents,
            stated_value_cents=make.new_value_cents, **facts, **key,
        )  # fmt: skip
    for _ in range(row["driver_count"]):
        licence = keyed_hash(desk.book.spec.id, f"{row['state']}{rng.randint(10**7, 10**8)}")
        desk.add(
            "quote_drivers", when, full_name=desk.book.named(person(rng)), license_hash=licence,
            license_state=row["state"], points=rng.choice((0, 0, 1)), surcharge_rate="0.000000",
            **key,
        )  # fmt: skip

"""What a policy insures: units, drivers, coverages, and the segment that rates them."""

from __future__ import annotations

from datetime import date
from typing import Any

from openinsure.demo.book import Book
from openinsure.demo.clock import days
from openinsure.demo.names import CITIES, normalised, person
from openinsure.demo.vehicles import MAKES, vin
from openinsure.keyspaces.sealing import keyed_hash, seal
from openinsure.money.rounding import split

# Coverage code, words, share of the premium, limit in cents, per unit or whole policy.
COVERAGES = (
    ("AL", "Auto liability, combined single limit", 62, 100_000_000),
    ("UM", "Uninsured motorist", 5, 10_000_000),
    ("PIP", "Personal injury protection", 3, 1_000_000),
    ("MTC", "Motor truck cargo", 12, 10_000_000),
)
PHYSICAL_DAMAGE_SHARE = 18


def segment(book: Book, policy: dict[str, Any]) -> dict[str, Any]:
    """The first rating segment: the whole term."""
    return book.basket.add(
        "policy_segments",
        id=book.id(policy["bound_at"]),
        policy_id=policy["id"],
        segment_no=1,
        source_type="new_business" if policy["term_number"] == 1 else "renewal",
        start_date=policy["effective_date"],
        end_date=policy["expiration_date"],
        annual_rate_cents=policy["annual_premium_cents"],
        segment_premium_cents=policy["annual_premium_cents"],
        currency="USD",
        status="active",
        created_at=policy["bound_at"],
        updated_at=policy["bound_at"],
    )


def vehicle(
    book: Book, policy: dict[str, Any], unit_no: int, effective: date | None = None
) -> dict[str, Any]:
    """One power unit with a valid VIN, garaged where the policy is written."""
    rng = book.rng
    make = rng.choice(MAKES)
    year = rng.randint(2012, book.today.year)
    number = vin(rng, make, year)
    state = policy["state"]
    age = max(0, book.today.year - year)
    return book.basket.add(
        "policy_vehicles",
        id=book.id(policy["bound_at"]),
        policy_id=policy["id"],
        unit_no=unit_no,
        vin=number,
        vin_last6=number[-6:],
        model_year=year,
        make=make.make,
        model=make.model,
        body_type=make.body_type,
        vehicle_class=make.vehicle_class,
        gvw_lbs=make.gvw_lbs,
        stated_value_cents=make.new_value_cents * 100 // (100 + 14 * age) // 10_000 * 10_000,
        currency="USD",
        garaging_postal_code=rng.choice(CITIES[state])[1],
        garaging_state=state,
        radius_code=rng.choice(("LOCAL", "INTER", "LONG")),
        plate=f"{state}{rng.randint(1000, 9999)}{rng.choice('ABCDEFGHJKLM')}",
        plate_state=state,
        effective_date=effective or policy["effective_date"],
        status="active",
        created_at=policy["bound_at"],
        updated_at=policy["bound_at"],
    )


def driver(book: Book, policy: dict[str, Any], effective: date | None = None) -> dict[str, Any]:
    """One driver; licence number and birth date are sealed, the licence searchable by hash."""
    rng, org = book.rng, book.spec.id
    name = book.named(person(rng))
    birth = date(rng.randint(1960, 2003), rng.randint(1, 12), rng.randint(1, 28))
    licence = f"{policy['state']}{rng.randint(10_000_000, 99_999_999)}"
    experience = rng.randint(1, max(1, book.today.year - birth.year - 21))
    return book.basket.add(
        "policy_drivers",
        id=book.id(policy["bound_at"]),
        policy_id=policy["id"],
        full_name=name,
        name_norm=normalised(name),
        dob_enc=seal(org, "policy_drivers.dob", birth.isoformat(), rng.randbytes(12)),
        birth_year=birth.year,
        license_number_enc=seal(org, "policy_drivers.license_number", licence, rng.randbytes(12)),
        license_hash=keyed_hash(org, licence),
        license_last4=licence[-4:],
        license_state=policy["state"],
        cdl_class=rng.choice(("A", "A", "A", "B")),
        license_status="valid",
        hire_date=policy["effective_date"] - days(rng.randint(30, 2500)),
        years_experience=experience,
        mvr_points=rng.choice((0, 0, 0, 0, 1, 2, 3, 5)),
        excluded=int(rng.random() < 0.02),
        effective_date=effective or policy["effective_date"],
        status="active",
        created_at=policy["bound_at"],
        updated_at=policy["bound_at"],
    )


def coverages(
    book: Book, policy: dict[str, Any], part: dict[str, Any], fleet: list[dict[str, Any]]
) -> None:
    """Policy coverages, then physical damage per unit; premiums sum to the policy's."""
    lines = [row for row in COVERAGES if row[0] != "PIP" or policy["state"] == "FL"]
    weights = [row[2] for row in lines] + [PHYSICAL_DAMAGE_SHARE]
    *premiums, physical = split(policy["annual_premium_cents"], weights)
    for (code, words, _, limit), cents in zip(lines, premiums, strict=True):
        amount = policy["liability_limit_cents"] if code == "AL" else limit
        coverage(book, policy, part, code, words, cents, amount, None)
    values = [unit["stated_value_cents"] for unit in fleet]
    for unit, cents in zip(fleet, split(physical, values), strict=True):
        words = f"Physical damage, unit {unit['unit_no']}"
        coverage(book, policy, part, "PD", words, cents, unit["stated_value_cents"], unit["id"])


def coverage(
    book: Book,
    policy: dict[str, Any],
    part: dict[str, Any],
    code: str,
    words: str,
    premium_cents: int,
    limit_cents: int,
    vehicle_id: str | None,
) -> None:
    """One coverage line of a segment."""
    book.basket.add(
        "policy_coverages",
        id=book.id(policy["bound_at"]),
        policy_id=policy["id"],
        segment_id=part["id"],
        vehicle_id=vehicle_id,
        coverage_code=code,
        description=words,
        limit_type="stated_value" if vehicle_id else "per_occurrence",
        per_occurrence_limit_cents=limit_cents,
        deductible_cents=policy["deductible_cents"] if vehicle_id else 0,
        annual_premium_cents=premium_cents,
        term_premium_cents=premium_cents,
        currency="USD",
        form_number=f"{code} 00 0{1 + book.rng.randint(0, 3)}",
        effective_date=policy["effective_date"],
        expiration_date=policy["expiration_date"],
        status="active",
        created_at=policy["bound_at"],
        updated_at=policy["bound_at"],
    )

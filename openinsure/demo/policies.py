"""Policies of a book: terms with insured, segments, coverages, units, drivers, history."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any, NamedTuple

from openinsure.demo.book import Book
from openinsure.demo.charges import charged
from openinsure.demo.clock import days, office_hours
from openinsure.demo.names import address, haulier, normalised, phone
from openinsure.keyspaces.sealing import keyed_hash
from openinsure.money.plans import add_months
from openinsure.money.rounding import half_even

# domain.md 10. Renewed terms come with their successor, which is active.
STATUSES = (
    ("active", 62),
    ("expired", 12),
    ("renewed", 8),
    ("cancelled", 9),
    ("issued", 4),
    ("pending_cancellation", 3),
    ("bound", 1),
    ("nonrenewal_pending", 1),
)
PLANS = (
    ("PIF", 12),
    ("TWO_PAY", 6),
    ("QUARTERLY", 14),
    ("MONTHLY_10", 46),
    ("MONTHLY_12", 12),
    ("PREMIUM_FINANCE", 10),
)
POLICY_FEE_CENTS = 15_000
RATES = {"producer_commission_rate": "0.125000", "mga_commission_rate": "0.100000"}


class Term(NamedTuple):
    """One policy term to be written, before its row exists."""

    status: str
    effective: date
    term_number: int
    number: str
    insured: dict[str, Any]
    program: dict[str, Any]
    producer: dict[str, Any]
    prior_id: str | None


def weighted(rng: Random, table: tuple[tuple[str, int], ...]) -> str:
    """One of the first items, by weight."""
    return rng.choices([row[0] for row in table], [row[1] for row in table])[0]


def units(rng: Random) -> int:
    """Power units of a fleet: 1 to 60, mean about 4.6."""
    return max(1, min(60, round(rng.lognormvariate(1.1, 0.9))))


def unit_premium_cents(rng: Random) -> int:
    """A year's premium of one unit: median 8,900, 3,200 to 24,000 dollars."""
    return max(320_000, min(2_400_000, round(rng.lognormvariate(13.7, 0.42))))


def effective_date(rng: Random, today: date, status: str) -> date:
    """An effective date that makes the status true today."""
    match status:
        case "bound" | "issued":
            return today + days(rng.randint(1, 30))
        case "expired" | "renewed":
            return add_months(today, -12) - days(rng.randint(0, 330))
        case "nonrenewal_pending":
            return add_months(today, -12) + days(rng.randint(15, 50))
        case "cancelled":
            return today - days(rng.randint(70, 600))
        case "pending_cancellation":
            return today - days(rng.randint(40, 330))
        case _:
            return today - days(rng.randint(1, 363))


def fein_of(dot: str, last4: str) -> str:
    """The invented FEIN of a haulier: its last four, after the last five digits of its DOT number.

    Only its keyed hash is stored, so whoever tries the look-up can tell one from what is shown.
    """
    return f"{dot[-5:]}{last4}"


def insured(book: Book, state: str, created: date) -> dict[str, Any]:
    """A haulier with its identifiers; about one in twelve has a trade name."""
    rng = book.rng
    name = book.named(haulier(rng))
    number = phone(rng)
    line, city, postal = address(rng, state)
    instant = office_hours(rng, created)
    last4, dot = f"{rng.randint(0, 9999):04d}", str(rng.randint(1_000_000, 4_299_999))
    return book.basket.add(
        "insureds",
        id=book.id(instant),
        entity_type="business",
        legal_name=name,
        dba_name=book.named(haulier(rng).rsplit(" ", 1)[0]) if rng.random() < 0.08 else None,
        name_norm=normalised(name),
        fein_last4=last4,
        fein_hash=keyed_hash(book.spec.id, fein_of(dot, last4)),
        usdot_number=dot,
        mc_number=str(rng.randint(100_000, 1_699_999)),
        naics_code=rng.choice(("484110", "484121", "484122", "484220", "488410", "492110")),
        phone=number,
        phone_digits="".join(filter(str.isdigit, number)),
        email=f"office@{normalised(name).replace(' ', '-')[:40]}.test",
        address_line1=line,
        city=city,
        state=state,
        postal_code=postal,
        country="US",
        years_in_business=rng.randint(1, 38),
        status="active",
        created_at=instant,
        updated_at=instant,
    )


def new_term(book: Book, status: str) -> Term:
    """Draw what a term of this status is about."""
    rng = book.rng
    program = rng.choice(book.programs)
    effective = effective_date(rng, book.today, status)
    number = f"{book.spec.prefix}-{effective.year}-{book.next('policy'):06d}"
    return Term(
        status,
        effective,
        1,
        number,
        insured(
            book,
            rng.choice(program["spec"].states),
            min(book.today - days(3), effective - days(rng.randint(20, 60))),
        ),
        program,
        rng.choice(book.producers),
        None,
    )


def premium_of(fleet: int, rng: Random) -> int:
    """A year's written premium of a fleet, whole dollars in cents; bigger fleets rate lower."""
    cents = sum(unit_premium_cents(rng) for _ in range(fleet))
    return half_even(cents * max(62, 104 - 2 * fleet), 100 * 100) * 100


def taxes_cents(program: dict[str, Any], state: str, premium_cents: int, fee_cents: int) -> int:
    """Surplus lines tax and service-office fee of a program's premium and policy fee."""
    if program["admitted"] or state != "FL":
        return 0
    return sum(charged(premium_cents, fee_cents).values())


def policy_row(book: Book, term: Term, fleet: int, drivers: int) -> dict[str, Any]:
    """The row of `policies`. Written premium is the year's; endorsements and cancellation change
    it afterwards.
    """
    rng, program = book.rng, term.program
    premium = premium_of(fleet, rng)
    state = term.insured["state"]
    tax = taxes_cents(program, state, premium, POLICY_FEE_CENTS)
    bound = office_hours(rng, min(book.today - days(2), term.effective - days(rng.randint(2, 40))))
    issued = None if term.status == "bound" else bound + days(1)
    return book.basket.add(
        "policies",
        id=book.id(bound),
        policy_number=term.number,
        term_number=term.term_number,
        program_id=program["id"],
        carrier_id=program["carrier_id"],
        producer_id=term.producer["id"],
        insured_id=term.insured["id"],
        prior_policy_id=term.prior_id,
        status=term.status,
        line_of_business=program["line_of_business"],
        state=state,
        admitted=program["admitted"],
        effective_date=term.effective,
        expiration_date=add_months(term.effective, 12),
        timezone=book.spec.timezone,
        effective_time="00:01",
        bound_at=bound,
        issued_at=issued,
        currency="USD",
        annual_premium_cents=premium,
        written_premium_cents=premium,
        fees_cents=POLICY_FEE_CENTS,
        taxes_cents=tax,
        total_cents=premium + POLICY_FEE_CENTS + tax,
        **RATES,
        billing_plan=weighted(rng, PLANS),
        liability_limit_cents=rng.choice((75_000_000, 100_000_000, 100_000_000)),
        deductible_cents=rng.choice((100_000, 250_000, 500_000)),
        vehicle_count=fleet,
        driver_count=drivers,
        usdot_number=term.insured["usdot_number"],
        insured_name=term.insured["legal_name"],
        insured_name_norm=term.insured["name_norm"],
        underwriter_user_id=book.a_user("underwriter"),
        metadata={},
        created_at=bound,
        updated_at=issued or bound,
    )

"""Organisations, people, producers and programs: what the book of business refers to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from openinsure.demo.book import Book
from openinsure.demo.claim_story import authority_limits
from openinsure.demo.clock import at, days
from openinsure.demo.mail_rows import address_of
from openinsure.demo.names import CITIES, address, agency, normalised, person, phone
from openinsure.demo.orgs_data import PLATFORM_ID, OrgSpec, ProgramSpec
from openinsure.jobs.mailbox_ingest import SETTING as INBOUND

ONBOARDED = date(2023, 6, 1)
SIGN_INS = (
    ("admin", "org_admin"),
    ("operator", "mhcis_operator"),
    ("underwriter", "underwriter"),
    ("adjuster", "adjuster"),
    ("finance", "finance_analyst"),
    ("finance2", "finance_analyst"),
    ("compliance", "compliance_officer"),
    ("support", "support"),
)
PLATFORM_SIGN_INS = (
    ("superadmin", "superadmin"),
    ("auditor", "auditor"),
    ("dbops", "db_operator"),
    ("approver", "db_approver"),
)
PLATFORM = OrgSpec(
    PLATFORM_ID, "platform", "OIP", "OpenInsure, Inc.", "OpenInsure platform", "platform",
    "DE", "UTC", "", len(PLATFORM_SIGN_INS), 0, 0, 0, (), (),
)  # fmt: skip
SEQUENCES = (
    "claim",
    "submission",
    "invoice",
    "payment",
    "account",
    "disbursement",
    "quote",
    "bordereau",
    "settlement",
    "policy",
)
MORE_ROLES = ("adjuster", "underwriter", "support", "mhcis_operator", "adjuster")
PLAN_FEES = {"PIF": 0, "TWO_PAY": 0, "QUARTERLY": 500, "MONTHLY_10": 800, "MONTHLY_12": 800}


def ledger_code(number: int) -> int:
    """1000 n + ISO 4217 code of US dollars (840)."""
    return 1000 * number + 840


def organisation(spec: OrgSpec, ledger_number: int) -> dict[str, Any]:
    """The row of `organizations`."""
    return {
        "id": spec.id,
        "slug": spec.slug,
        "legal_name": spec.legal_name,
        "display_name": spec.display_name,
        "organization_type": spec.kind,
        "status": "active",
        "domicile_state": spec.state,
        "default_currency": "USD",
        "timezone": spec.timezone,
        "tb_ledger_id": ledger_code(ledger_number),
        "onboarded_at": at(ONBOARDED),
        "created_at": at(ONBOARDED),
        "updated_at": at(ONBOARDED),
    }


def user_row(book: Book, email: str, role: str, name: str) -> dict[str, Any]:
    """One row of `users`, kept in the book by role."""
    created = at(ONBOARDED)
    user_id = book.id(created)
    row = book.basket.add(
        "users",
        id=user_id,
        auth_user_id=f"auth|{user_id[-12:]}",
        email=email,
        full_name=name,
        role=role,
        status="active",
        phone=phone(book.rng),
        adjuster_id=book.id(created) if role == "adjuster" else None,
        locale="en-US",
        timezone=book.spec.timezone,
        mfa_enrolled=0,
        last_login_at=at(book.today - days(book.rng.randint(1, 20)), 14),
        synced_at=at(book.today, 5),
        created_at=created,
        updated_at=created,
    )
    book.users.setdefault(role, []).append(row)
    return row


def numbering(book: Book) -> None:
    """The organisation's letters, and where each sequence goes on after the demo's numbers."""
    stamp = {"effective_at": at(ONBOARDED), "created_at": at(ONBOARDED), "version": 1}
    values: dict[str, dict[str, object]] = {"number_prefix": {"prefix": book.spec.prefix}}
    for kind in SEQUENCES:
        values[f"sequence.{kind}"] = {"next": book.counters.get(kind, 0) + 1}
    values[INBOUND] = {"addresses": [address_of(book.spec.slug)]}
    for key, value in values.items():
        row = {"setting_key": key, "value": value, "updated_at": at(book.today), **stamp}
        book.basket.add("organization_settings", id=book.id(at(ONBOARDED)), **row)


def people(book: Book) -> None:
    """The sign-ins of product.md part 4, then colleagues up to the organisation's head count."""
    spec, rng = book.spec, book.rng
    for local, role in SIGN_INS:
        user_row(book, f"{local}@{spec.slug}.test", role, book.named(person(rng)))
    for k in range(spec.users - len(SIGN_INS)):
        name, role = person(rng), MORE_ROLES[k % len(MORE_ROLES)]
        email = f"{name.lower().replace(' ', '.')}.{k}@{spec.slug}.test"
        user_row(book, email, role, book.named(name))
    for user in book.users["adjuster"]:
        book.adjusters.append(adjuster(book, user))
    authority_limits(book)


def adjuster(book: Book, user: dict[str, Any]) -> dict[str, Any]:
    """The claims side of an adjuster's user."""
    return book.basket.add(
        "adjusters",
        id=user["adjuster_id"],
        user_id=user["id"],
        full_name=user["full_name"],
        license_states=sorted({s for program in book.spec.programs for s in program.states}),
        lines=sorted({program.line for program in book.spec.programs}),
        max_open_claims=35,
        status="active",
        level="senior" if not book.adjusters else "staff",
        created_at=user["created_at"],
        updated_at=user["updated_at"],
    )


def producers(book: Book) -> None:
    """Agencies with a licence in each state that the organisation writes."""
    spec, rng = book.spec, book.rng
    states = sorted({state for program in spec.programs for state in program.states})
    for number in range(1, spec.producers + 1):
        created = at(ONBOARDED + days(rng.randint(0, 400)))
        name = book.named(agency(rng))
        state = rng.choice(states)
        line, city, postal = address(rng, state)
        gone = rng.random() < 0.05 and number > 3
        producer = book.basket.add(
            "producers",
            id=book.id(created),
            code=f"{spec.prefix}-P{number:03d}",
            agency_name=name,
            name_norm=normalised(name),
            npn=str(rng.randint(1_000_000, 19_999_999)),
            fein_last4=f"{rng.randint(0, 9999):04d}",
            status="terminated" if gone else "active",
            billing_mode=rng.choice(("agency_bill", "direct_bill", "direct_bill")),
            default_commission_rate="0.125000",
            email=f"desk{number}@{name.split()[0].lower()}-agency.test",
            phone=phone(rng),
            address_line1=line,
            city=city,
            state=state,
            postal_code=postal,
            appointed_at=created,
            terminated_at=at(book.today - days(40)) if gone else None,
            owner_user_id=book.a_user("underwriter"),
            created_at=created,
            updated_at=created,
        )
        book.producers.append(producer)
        licences(book, producer, states, created)


def licences(book: Book, producer: dict[str, Any], states: list[str], created: datetime) -> None:
    """Two-year licences; about one in twelve ends within 60 days or has ended."""
    rng = book.rng
    for state in states:
        left = rng.randint(-30, 60) if rng.random() < 0.08 else rng.randint(61, 720)
        expires = book.today + days(left)
        book.basket.add(
            "producer_licenses",
            id=book.id(created),
            producer_id=producer["id"],
            state=state,
            license_number=f"{state}{rng.randint(100_000, 9_999_999)}",
            license_type="surplus_lines" if state == "FL" else "property_casualty",
            status="active" if left > 0 else "expired",
            effective_date=expires - days(730),
            expiration_date=expires,
            verified_at=at(book.today - days(rng.randint(1, 90))),
            source="nipr",
            created_at=created,
            updated_at=created,
        )


def programs(book: Book, carrier_ids: list[str]) -> None:
    """Programs with their states, plans and terms."""
    for spec in book.spec.programs:
        row = program_row(book, spec, carrier_ids[spec.carrier])
        book.programs.append({**row, "spec": spec})
        for state in spec.states:
            book.basket.add(
                "program_states",
                id=book.id(row["created_at"]),
                program_id=row["id"],
                state=state,
                status="active",
                effective_date=ONBOARDED,
                filing_number=f"{state}-{book.rng.randint(10_000, 99_999)}",
                created_at=row["created_at"],
                updated_at=row["updated_at"],
            )
        for code, fee in PLAN_FEES.items():
            book.basket.add(
                "program_installment_plans",
                id=book.id(row["created_at"]),
                program_id=row["id"],
                plan_code=code,
                down_rate="1.000000" if code == "PIF" else "0.200000",
                installment_count=1,
                interval_months=1,
                service_fee_cents=fee,
                currency="USD",
                active=1,
                created_at=row["created_at"],
                updated_at=row["updated_at"],
            )


def program_row(book: Book, spec: ProgramSpec, carrier_id: str) -> dict[str, Any]:
    """One row of `programs` with the rates of the worked example (domain.md 4.3)."""
    created = at(ONBOARDED)
    return book.basket.add(
        "programs",
        id=book.id(created),
        code=spec.code,
        name=book.named(spec.name),
        line_of_business=spec.line,
        carrier_id=carrier_id,
        admitted=int(spec.admitted),
        status="active",
        effective_date=ONBOARDED,
        currency="USD",
        min_premium_cents=320_000,
        auto_bind_threshold_cents=5_000_000,
        policy_fee_cents=15_000,
        late_fee_cents=1_000,
        nsf_fee_cents=2_500,
        grace_days=5,
        mga_commission_rate="0.100000",
        default_producer_commission_rate="0.125000",
        quota_share_rate="0.300000",
        ceding_commission_rate="0.000000",
        min_earned_rate="0.250000",
        short_rate_factor="0.900000",
        carrier_payable_basis="earned_collected",
        cancel_method_insured="short_rate",
        installment_plans=sorted(PLAN_FEES),
        eligible_states=[state for state in spec.states if state in CITIES],
        created_at=created,
        updated_at=created,
    )

"""What else is in the file of a claim: recovery, suit, settlement, notes, papers, assignment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from openinsure.demo.book import Book
from openinsure.demo.clock import at, days
from openinsure.demo.names import normalised, person, phone

if TYPE_CHECKING:
    from openinsure.demo.claim_rows import ClaimFile

NOTES = (
    ("contact", "Reached the claimant by phone, statement taken"),
    ("investigation", "Dashcam footage requested from the insured"),
    ("evaluation", "Estimate of the body shop compared with photographs"),
    ("general", "Insured informed of the next steps"),
)
OPINION = "Loss falls under the wear exclusion of the policy form; no coverage is owed"
STAFF_LIMITS, SENIOR_LIMITS = (5_000_000, 1_000_000), (50_000_000, 10_000_000)


def authority_limits(book: Book) -> None:
    """What each adjuster may reserve and pay: 50,000 and 10,000, seniors ten times that."""
    since = book.adjusters[0]["created_at"]
    for person_row in book.adjusters:
        senior = person_row["level"] == "senior"
        reserve, payment = SENIOR_LIMITS if senior else STAFF_LIMITS
        book.basket.add(
            "adjuster_authority_limits",
            id=book.id(since),
            adjuster_id=person_row["id"],
            limit_scope="exposure",
            reserve_limit_cents=reserve,
            payment_limit_cents=payment,
            currency="USD",
            effective_date=since.date(),
            created_at=since,
            updated_at=since,
        )


def story(file: ClaimFile) -> None:
    """Everything that is not money paid or reserved."""
    assignment(file)
    notes(file)
    document(file)
    if file.claim["recovered_cents"]:
        recoveries(file)
    if file.claim["status"] == "litigated":
        suit(file)
    if file.claim["status"] in ("in_settlement", "settled"):
        settlement(file)
    if file.claim["status"] == "denied":
        denial(file)


def assignment(file: ClaimFile) -> None:
    """The one assignment, to the adjuster of the header."""
    when = file.claim["assigned_at"]
    row = file.add(
        "claim_assignments",
        when,
        adjuster_id=file.claim["adjuster_id"],
        assigned_at=when,
        accepted_at=when,
        reason="intake",
    )
    file.moments.append((when, "claim.assigned", row))


def notes(file: ClaimFile) -> None:
    """One to three notes."""
    rng = file.book.rng
    for number, (category, text) in enumerate(rng.sample(NOTES, rng.randint(1, 3)), 1):
        file.add(
            "claim_notes",
            file.moment(0.2 * number),
            author_user_id=file.adjuster_user,
            category=category,
            body=file.book.named(text),
            privileged=0,
        )


def document(file: ClaimFile) -> None:
    """The first notice."""
    when = file.claim["date_reported"]
    file.add(
        "claim_documents",
        when,
        document_type="first_notice",
        title=file.book.named("First notice of loss"),
        storage_key=f"claims/{file.claim['id']}/first-notice.pdf",
        sha256=f"{file.book.rng.getrandbits(256):064x}",
        received_at=when,
    )


def recoveries(file: ClaimFile) -> None:
    """A recovery action that brought in what the header says, one receipt an exposure."""
    claim, when = file.claim, file.moment(0.8)
    case = file.add(
        "subrogation_cases",
        when,
        adverse_party=file.book.named(person(file.book.rng)),
        adverse_carrier="Northgate Mutual",
        liability_rate="0.800000",
        demand_cents=claim["recovered_cents"],
        currency="USD",
        status="closed",
        opened_at=when,
        statute_date=claim["date_of_loss"].date() + days(730),
    )
    file.book.basket.add(
        "subrogation_demands",
        id=file.book.id(when),
        subrogation_case_id=case["id"],
        demand_no=1,
        amount_cents=claim["recovered_cents"],
        currency="USD",
        sent_at=when,
        response="accepted",
        offered_cents=claim["recovered_cents"],
        created_at=when,
        updated_at=when,
    )
    for exposure in file.exposures:
        if not exposure["recovered_cents"]:
            continue
        row = file.add(
            "claim_recoveries",
            file.moment(0.9),
            exposure_id=exposure["id"],
            recovery_type="subrogation",
            expected_cents=exposure["recovered_cents"],
            received_cents=exposure["recovered_cents"],
            currency="USD",
            payer_name=file.book.named("Northgate Mutual"),
            received_at=file.moment(0.9),
            subrogation_case_id=case["id"],
            status="received",
        )
        file.moments.append((file.moment(0.9), "recovery.received", row))


def suit(file: ClaimFile) -> None:
    """A suit with counsel; its answer is due soon."""
    book, when = file.book, file.moment(0.4)
    name, number = book.named(person(book.rng)), phone(book.rng)
    counsel = file.add(
        "claim_parties",
        when,
        party_role="defense_counsel",
        name=name,
        name_norm=normalised(name),
        organization="Harbor Defense Group",
        phone_digits="".join(c for c in number if c.isdigit()),
        active=1,
    )
    due = book.today + days(book.rng.randint(3, 40))
    file.add(
        "litigation_cases",
        when,
        court=f"Circuit Court, {file.claim['loss_city']}",
        docket_number=f"{when.year}-CA-{book.rng.randint(100, 99_999):06d}",
        filed_on=when.date(),
        served_on=min(book.today, when.date() + days(10)),
        answer_due_date=due,
        defense_counsel_party_id=counsel["id"],
        status="open",
        trial_date=due + days(200),
    )


def settlement(file: ClaimFile) -> None:
    """A demand, an offer, and the agreement where there is one."""
    claim = file.claim
    amount = max(claim["incurred_cents"] + claim["recovered_cents"], 100_000)
    agreed = claim["status"] == "settled"
    row = file.add(
        "settlements",
        file.moment(0.7),
        exposure_id=file.exposures[0]["id"],
        claimant_id=file.claimants[0]["id"],
        amount_cents=amount,
        currency="USD",
        status="settled" if agreed else "open",
        agreed_at=file.moment(0.7) if agreed else None,
    )
    for part, direction, cents in ((0.5, "claimant", amount * 3 // 2), (0.6, "carrier", amount)):
        offer: dict[str, Any] = {"direction": direction, "amount_cents": cents}
        file.add(
            "settlement_offers",
            file.moment(part),
            settlement_id=row["id"],
            currency="USD",
            offered_at=file.moment(part),
            expires_at=at(file.book.today + days(30)),
            status="accepted" if agreed and direction == "carrier" else "open",
            note=file.book.named("By letter"),
            **offer,
        )


def denial(file: ClaimFile) -> None:
    """The written opinion that a denial needs."""
    when = file.claim["closed_at"]
    file.add(
        "claim_coverage_determinations",
        when,
        determination="denied",
        opinion=file.book.named(OPINION),
        decided_by_user_id=file.adjuster_user,
        decided_at=when,
    )

"""The submissions of a book: each bound policy came from one, the others are open or ended.

Every path of events is one that the machine of domain.md part 3 allows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import date, datetime
from random import Random
from typing import Any

from openinsure.demo.book import Book
from openinsure.demo.clock import at, days, office_hours
from openinsure.demo.ids import row_id
from openinsure.demo.names import haulier, normalised
from openinsure.demo.policies import premium_of, units
from openinsure.demo.submission_quotes import quote_rows
from openinsure.demo.submission_reports import carrier_file, reports

# Submissions of a small load (domain.md 10); other sizes keep the ratio to policies.
COUNTS = {"acme": 3000, "borealis": 1150, "cascade": 400}
SMALL_POLICIES = {"acme": 1200, "borealis": 480, "cascade": 160}
# How submissions that led to no policy stand, in percent, and their path from received on.
STANDING = (
    ("declined", 26), ("lost", 20), ("expired", 14), ("quoted", 10), ("in_review", 8),
    ("received", 7), ("withdrawn", 6), ("info_requested", 4), ("referred", 4), ("draft", 1),
)  # fmt: skip
PATHS = {
    "draft": (),
    "received": ("received",),
    "in_review": ("received", "in_review"),
    "info_requested": ("received", "in_review", "info_requested"),
    "referred": ("received", "in_review", "referred"),
    "quoted": ("received", "in_review", "quoted"),
    "bound": ("received", "in_review", "quoted", "bound"),
    "expired": ("received", "in_review", "quoted", "expired"),
    "lost": ("received", "in_review", "quoted", "lost"),
    "declined": ("received", "in_review", "declined"),
    "withdrawn": ("received", "in_review", "withdrawn"),
}
EVENTS = {"in_review": "submission.assigned", "received": "submission.received"}
OPEN_KEPT = 1_000  # open submissions a haulier may come back to
OPEN = ("draft", "received", "in_review", "info_requested", "referred", "quoted")
KEPT = (*OPEN, "bound")  # of the ended ones, most papers are gone
TRIGGERS = ("REVENUE_THRESHOLD", "LOSS_HISTORY", "CLASS_CODE", "STATE")
MISSING = ("Loss runs of the last three years", "Signed application", "IFTA mileage report")
ANSWERS = (
    ("contact_email", lambda rng: "desk@applicant.test"),
    ("radius_miles", lambda rng: rng.choice((50, 200, 500, 1200))),
)


class Desk:
    """The underwriting desk of one organisation: numbers submissions, remembers prospects.

    Draws from a generator of its own, so that the rest of the book does not depend on it.
    """

    def __init__(self, book: Book) -> None:
        self.book = book
        self.rng = Random(f"{book.rng.getstate()[1][0]}:{book.spec.slug}:submissions")
        self.carriers: dict[str, str] = {}  # DOT number -> motor carrier
        self.open: deque[dict[str, Any]] = deque(maxlen=OPEN_KEPT)
        self.policies = 0

    def id(self, when: datetime) -> str:
        """A repeatable id."""
        return row_id(self.rng, when)

    def add(self, table: str, when: datetime, **values: Any) -> dict[str, Any]:
        """One row with id and creation time."""
        return self.book.basket.add(table, id=self.id(when), created_at=when, **values)

    def file(self, chunk: Iterable[dict[str, Any]]) -> None:
        """The submissions that a chunk of policies came from, and its share of the others."""
        spec = self.book.spec
        names = {row["id"]: row for row in self.book.basket.tables["insureds"]}
        for policy in chunk:
            self.policies += 1
            if policy["term_number"] == 1:
                bound(self, policy, names.get(policy["insured_id"]))
        total = COUNTS.get(spec.slug, 0) * self.policies // SMALL_POLICIES.get(spec.slug, 1)
        for _ in range(total - self.book.counters.get("submission", 0)):
            prospect(self)


def bound(desk: Desk, policy: dict[str, Any], insured: dict[str, Any] | None) -> None:
    """The submission behind a policy, its accepted quote bound at the policy's instant."""
    rng, when = desk.rng, policy["bound_at"]
    received = office_hours(rng, when.date() - days(rng.randint(6, 24)))
    carrier = carrier_file(
        desk,
        policy["insured_name"],
        policy["usdot_number"],
        (insured or {}).get("mc_number"),
        policy["vehicle_count"],
        policy["state"],
        received,
    )
    row = submission(desk, "bound", received, policy["program_id"], policy["producer_id"])
    row |= {
        "insured_id": policy["insured_id"],
        "insured_name": policy["insured_name"],
        "insured_name_norm": policy["insured_name_norm"],
        "motor_carrier_id": carrier,
        "usdot_number": policy["usdot_number"],
        "line_of_business": policy["line_of_business"],
        "state": policy["state"],
        "assigned_underwriter_id": policy["underwriter_user_id"],
        "requested_effective_date": policy["effective_date"],
        "target_premium_cents": policy["annual_premium_cents"],
        "vehicle_count": policy["vehicle_count"],
        "driver_count": policy["driver_count"],
        "bound_policy_id": policy["id"],
    }
    live(desk, row, received, when)
    quote_rows(desk, row, policy["carrier_id"], policy=policy)


def prospect(desk: Desk) -> None:
    """A submission that led to no policy, or not yet; now and then a second one of a haulier."""
    rng, book = desk.rng, desk.book
    status = rng.choices([s for s, _ in STANDING], [n for _, n in STANDING])[0]
    fresh = status in OPEN
    back = rng.randint(1, 21) if fresh else rng.randint(30, 400)
    received = office_hours(rng, book.today - days(back))
    program = rng.choice(book.programs)
    row = submission(desk, status, received, program["id"], rng.choice(book.producers)["id"])
    twin = rng.choice(desk.open) if fresh and desk.open and rng.random() < 0.05 else None
    if twin:
        shared = ("insured_name", "insured_name_norm", "motor_carrier_id", "usdot_number", "state")
        row |= {name: twin[name] for name in shared}
        fleet = twin["vehicle_count"]
    else:
        name = book.named(haulier(rng))
        fleet, state = units(rng), rng.choice(program["spec"].states)
        usdot = str(rng.randint(1_000_000, 4_299_999))
        carrier = carrier_file(
            desk, name, usdot, str(rng.randint(100_000, 1_699_999)), fleet, state, received
        )
        row |= {"insured_name": name, "insured_name_norm": normalised(name), "state": state}
        row |= {"usdot_number": usdot, "motor_carrier_id": carrier}
    row |= {
        "line_of_business": program["line_of_business"],
        "assigned_underwriter_id": rng.choice(book.users["underwriter"])["id"],
        "requested_effective_date": received.date() + days(rng.randint(14, 60)),
        "target_premium_cents": premium_of(fleet, rng),
        "vehicle_count": fleet,
        "driver_count": max(1, fleet + rng.randint(-1, 2)),
    }
    if status in ("draft", "received"):
        row["assigned_underwriter_id"] = None
    if fresh:
        desk.open.append(row)
    live(desk, row, received, None)
    if "quoted" in PATHS[status]:
        quote_rows(desk, row, program["carrier_id"], policy=None)


def submission(
    desk: Desk, status: str, received: datetime, program_id: str, producer_id: str
) -> dict[str, Any]:
    """The row of `submissions`, still without its applicant."""
    book, rng = desk.book, desk.rng
    return desk.add(
        "submissions",
        received,
        submission_number=f"SUB-{book.spec.prefix}-{book.next('submission'):06d}",
        program_id=program_id,
        producer_id=producer_id,
        status=status,
        channel=rng.choice(("portal", "portal", "email", "api")),
        priority=rng.choice(("normal", "normal", "normal", "high")),
        received_at=received,
        triage_score=rng.randint(35, 96),
        currency="USD",
        lock_version=0,
        updated_at=received,
    )


def live(desk: Desk, row: dict[str, Any], received: datetime, ended: datetime | None) -> None:
    """Events along the path, and what hangs on a review."""
    today = at(desk.book.today, 12)
    path, before, when = PATHS[row["status"]], None, received
    last = ended or min(today, received + days(desk.rng.randint(4, 26)))
    for number, step in enumerate(path, 1):
        when = received + (last - received) * (number - 1) / max(1, len(path) - 1)
        when = when.replace(microsecond=when.microsecond // 1000 * 1000)
        acted = row["assigned_underwriter_id"] if number > 1 else None
        desk.add(
            "submission_events",
            when,
            submission_id=row["id"],
            seq=number,
            event_type=EVENTS.get(step, f"submission.{step}"),
            from_status=before or "draft",
            to_status=step,
            actor_user_id=acted,
            occurred_at=when,
            payload={"number": row["submission_number"]},
            delivered_at=when,
        )
        if step == "in_review":
            row["assigned_at"] = when
            assignment(desk, row, when)
            if row["status"] in KEPT or desk.rng.random() < 0.4:
                reports(desk, row, when)
        before, row["updated_at"], row["lock_version"] = step, when, number
    answers(desk, row, received)
    if row["status"] not in OPEN:
        row["closed_at"] = when
    waiting(desk, row, when)


def assignment(desk: Desk, row: dict[str, Any], when: datetime) -> None:
    """Who took it."""
    desk.add(
        "submission_assignments",
        when,
        submission_id=row["id"],
        underwriter_user_id=row["assigned_underwriter_id"],
        assigned_by_user_id=row["assigned_underwriter_id"],
        assigned_at=when,
        updated_at=when,
    )


def answers(desk: Desk, row: dict[str, Any], received: datetime) -> None:
    """A few answers of the application."""
    for key, draw in ANSWERS:
        desk.add(
            "submission_risk_answers",
            received,
            submission_id=row["id"],
            question_key=key,
            answer=draw(desk.rng),
            source="application",
            updated_at=received,
        )


def waiting(desk: Desk, row: dict[str, Any], when: datetime) -> None:
    """What the status says is open: a request, a referral, a reason; now and then a note."""
    rng, key = desk.rng, {"submission_id": row["id"]}
    if row["status"] == "info_requested":
        item, due = desk.book.named(rng.choice(MISSING)), due_day(desk, when)
        asked = {"item": item, "due_date": due, "status": "open", "updated_at": when}
        who = row["assigned_underwriter_id"]
        desk.add("submission_info_requests", when, requested_by_user_id=who, **key, **asked)
    if row["status"] == "referred":
        row["referral_reason"] = rng.choice(TRIGGERS)
        facts = {"referral_type": row["referral_reason"], "status": "open", "referred_at": when}
        to = desk.book.named("Senior underwriter")
        desk.add("submission_referrals", when, referred_to=to, updated_at=when, **key, **facts)
    if row["status"] == "declined":
        row["decline_reason"] = desk.book.named(rng.choice(("Loss history", "Class of business")))
    if row["assigned_underwriter_id"] and rng.random() < 0.3:
        body = desk.book.named("Spoke with the producer; fleet list to follow")
        author = {"author_user_id": row["assigned_underwriter_id"], "visibility": "internal"}
        desk.add("submission_notes", when, body=body, **key, **author)
    title = {"title": desk.book.named("Application"), "document_type": "application"}
    digest = f"{rng.getrandbits(256):064x}"
    facts = {"storage_key": f"submissions/{row['id']}/application.pdf", "sha256": digest}
    desk.add(
        "submission_documents", row["received_at"], extraction_status="completed",
        updated_at=row["received_at"], **key, **title, **facts,
    )  # fmt: skip


def due_day(desk: Desk, when: datetime) -> date:
    """Two weeks to answer."""
    return when.date() + days(14)

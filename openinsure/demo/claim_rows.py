"""The file behind a claim's header: every figure of the header is the sum of the rows made here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from openinsure.claims import flags
from openinsure.demo.book import Book
from openinsure.demo.claim_payments import Payments
from openinsure.demo.claim_story import story
from openinsure.demo.clock import at, days
from openinsure.demo.names import address, normalised, person, phone
from openinsure.keyspaces.sealing import seal

Row = dict[str, Any]
# When, event type, status before and after, payload.
Told = tuple[datetime, str, str | None, str | None, Row]
COST_TYPES = ("indemnity", "expense")
TWO_EXPOSURES = 0.3
PATHS = {
    "open": ("open",),
    "investigating": ("open", "investigating"),
    "reserved": ("open", "investigating", "reserved"),
    "litigated": ("open", "investigating", "litigated"),
    "in_settlement": ("open", "investigating", "reserved", "in_settlement"),
    "settled": ("open", "investigating", "reserved", "in_settlement", "settled"),
    "denied": ("open", "investigating", "denied"),
}
PAID_PATH = ("open", "investigating", "reserved", "in_settlement", "settled", "closed")
UNPAID_PATH = ("open", "investigating", "closed")


@dataclass(slots=True)
class ClaimFile:
    """One claim in the making. moments: what happened, for the events at the end."""

    book: Book
    claim: Row
    exposures: list[Row] = field(default_factory=list)
    claimants: list[Row] = field(default_factory=list)
    moments: list[tuple[datetime, str, Row]] = field(default_factory=list)

    @property
    def adjuster_user(self) -> str:
        """The user of the claim's adjuster."""
        found = (a for a in self.book.adjusters if a["id"] == self.claim["adjuster_id"])
        return str(next(found)["user_id"])

    @property
    def end(self) -> datetime:
        """The last moment at which something can have happened."""
        closed: datetime | None = self.claim["closed_at"]
        reported: datetime = self.claim["date_reported"]
        return max(reported, closed or at(self.book.today - days(1), 22))

    def moment(self, part: float) -> datetime:
        """A moment between report and end; part 0..1 (a share of seconds, not of money)."""
        reported: datetime = self.claim["date_reported"]
        span = max(timedelta(minutes=30), self.end - reported)
        seconds = int(span.total_seconds() * 1000 * part) // 1000
        return min(self.end, reported + timedelta(seconds=seconds))

    def add(self, table: str, when: datetime, **values: Any) -> Row:
        """A row of this claim, stamped. Append-only tables have no updated_at."""
        row = {
            "id": self.book.id(when),
            "claim_id": self.claim["id"],
            "created_at": when,
            "updated_at": when,
            **values,
        }
        if table in WITHOUT_UPDATED:
            del row["updated_at"]
        return self.book.basket.add(table, **row)


WITHOUT_UPDATED = {
    "claim_reserve_history", "claim_notes", "claim_events", "claim_coverage_determinations",
}  # fmt: skip


def claim_file(book: Book, claim: Row) -> None:
    """Everything behind one claim header."""
    file = ClaimFile(book, claim)
    people_and_exposures(file)
    payments = Payments(book)
    for exposure in file.exposures:
        for cost_type in COST_TYPES:
            paid = payments.pay(file, exposure, cost_type)
            reserve(file, exposure, cost_type, paid)
    payments.ask(file)
    story(file)
    events(file)


def people_and_exposures(file: ClaimFile) -> None:
    """One or two claimants, each with an exposure; the header's figures shared among them."""
    book, claim = file.book, file.claim
    count = 2 if book.rng.random() < TWO_EXPOSURES else 1
    when = claim["date_reported"]
    for number in range(1, count + 1):
        claimant = claimant_row(file, when)
        shares = {name: share(claim[name], number, count) for name in SHARED}
        done = claim["status"] == "closed"
        file.exposures.append(
            file.add(
                "claim_exposures",
                when,
                exposure_no=number,
                claimant_id=claimant["id"],
                coverage_code="AL" if claim["loss_type"] == "liability" else "APD",
                exposure_type="bodily_injury" if number == 2 else "property_damage",
                status="closed" if done else "open",
                adjuster_id=claim["adjuster_id"],
                limit_cents=claim["policy_limit_cents"],
                deductible_cents=100_000,
                currency="USD",
                opened_at=when,
                closed_at=claim["closed_at"] if done else None,
                close_outcome="completed" if done else None,
                **shares,
            )
        )


SHARED = (
    "outstanding_indemnity_cents", "outstanding_expense_cents", "paid_indemnity_cents",
    "paid_expense_cents", "recovered_cents",
)  # fmt: skip


def share(cents: int, number: int, count: int) -> int:
    """The part of exposure `number`: two thirds for the first of two; parts sum to the whole."""
    first = cents if count == 1 else cents * 2 // 3
    return first if number == 1 else cents - first


def claimant_row(file: ClaimFile, when: datetime) -> Row:
    """A person with contact and tax data, which pages mask."""
    book, claim = file.book, file.claim
    name, number = book.named(person(book.rng)), phone(book.rng)
    line, city, postal = address(book.rng, claim["loss_state"])
    tin = f"{book.rng.randint(100_000_000, 899_999_999)}"
    row = file.add(
        "claimants",
        when,
        party_role="third_party",
        entity_type="person",
        full_name=name,
        name_norm=normalised(name),
        phone=number,
        phone_digits="".join(c for c in number if c.isdigit()),
        email=f"claimant{book.next('claimant')}@people-{book.spec.slug}.test",
        address_line1=line,
        city=city,
        state=claim["loss_state"],
        postal_code=postal,
        represented=int(claim["status"] == "litigated"),
        injury_severity="moderate" if claim["loss_type"] == "liability" else None,
        tin_last4=tin[-4:],
        tin_enc=seal(book.spec.id, "claimants.tin", tin, book.rng.randbytes(12)),
        currency="USD",
        status="closed" if claim["closed_at"] else "open",
    )
    file.claimants.append(row)
    return row


def reserve(
    file: ClaimFile, exposure: Row, cost_type: str, paid: list[tuple[datetime, int]]
) -> None:
    """Steps of one reserve: set, maybe raised, taken down by each payment; the rest stands."""
    left = exposure[f"outstanding_{cost_type}_cents"]
    whole = left + sum(cents for _, cents in paid)
    unpaid = whole == 0 and cost_type == "indemnity" and file.claim["status"] == "closed"
    if whole == 0 and not unpaid:
        return
    if unpaid:  # estimated, then closed without payment
        guess = file.book.rng.randint(5, 40) * 12_500
        planned = [(file.moment(0.1), guess, "initial"), (file.end, -guess, "closing")]
    else:
        first = max(1, whole * file.book.rng.choice((1, 1, 2)) // 2)
        planned = [(file.moment(0.05), first, "initial")]
        if whole > first:
            planned.append((file.moment(0.15), whole - first, "new_information"))
        planned += [(when, -cents, "payment") for when, cents in paid]
    steps(file, exposure, cost_type, planned)


def steps(
    file: ClaimFile, exposure: Row, cost_type: str, planned: list[tuple[datetime, int, str]]
) -> None:
    """The history, gap-free, and the reserve that it ends in."""
    held, before = 0, list[flags.Step]()
    row: Row = {}
    for seq, (when, delta, reason) in enumerate(sorted(planned, key=lambda p: p[0]), 1):
        row = file.add(
            "claim_reserve_history",
            when,
            exposure_id=exposure["id"],
            cost_type=cost_type,
            seq=seq,
            previous_cents=held,
            delta_cents=delta,
            new_cents=held + delta,
            currency="USD",
            reason_code=reason,
            rationale=file.book.named(f"{reason.replace('_', ' ').capitalize()} on {cost_type}"),
            changed_by_user_id=file.adjuster_user,
            approval_status="not_required",
            changed_at=when,
        )
        held += delta
        if reason != "payment":
            file.moments.append((when, "reserve.set", row))
            raise_flags(file, exposure, row, before)
        before.append(flags.Step(when, held))
    file.add(
        "claim_reserves",
        row["created_at"],
        exposure_id=exposure["id"],
        cost_type=cost_type,
        amount_cents=held,
        currency="USD",
        last_history_id=row["id"],
        lock_version=len(planned),
    )


def raise_flags(file: ClaimFile, exposure: Row, step: Row, before: list[flags.Step]) -> None:
    """What the rules say of this step; cleared when the claim is closed."""
    position = flags.Position(
        new_cents=step["new_cents"],
        paid_cents=0,
        claim_cents=step["new_cents"],
        policy_limit_cents=file.claim["policy_limit_cents"],
        earlier=before,
        currency="USD",
    )
    for code, text in flags.raised(position, now=step["changed_at"]):
        file.add(
            "claim_reserve_flags",
            step["changed_at"],
            exposure_id=exposure["id"],
            flag_code=code,
            raised_at=step["changed_at"],
            detail={"text": text},
            cleared_at=file.claim["closed_at"],
        )


def events(file: ClaimFile) -> None:
    """The legal path to the status and everything in between, numbered without gaps."""
    claim = file.claim
    status = str(claim["status"])
    paid = claim["paid_indemnity_cents"] + claim["paid_expense_cents"] > 0
    path = (PAID_PATH if paid else UNPAID_PATH) if status == "closed" else PATHS[status]
    told: list[Told] = [(file.moment(0), "claim.reported", None, "open", {})]
    for number, (before, after) in enumerate(pairwise(path), 1):
        last = number == len(path) - 1
        when = file.end if last and claim["closed_at"] else file.moment(0.2 * number)
        told.append((when, "claim.transitioned", before, after, {"from": before, "to": after}))
    for when, kind, row in file.moments:
        told.append((when, kind, None, None, payload(claim, row)))
    order = sorted(enumerate(told), key=lambda pair: (pair[1][0], pair[0]))
    for seq, (_, (when, kind, at_status, to_status, more)) in enumerate(order, 1):
        file.add(
            "claim_events",
            when,
            seq=seq,
            event_type=kind,
            from_status=at_status,
            to_status=to_status,
            actor_user_id=file.adjuster_user,
            actor_role="adjuster",
            occurred_at=when,
            payload=more or None,
            delivered_at=when,
        )


KEPT = (
    "exposure_id", "cost_type", "previous_cents", "delta_cents", "new_cents", "amount_cents",
    "received_cents", "currency", "disbursement_number", "method",
)  # fmt: skip


def payload(claim: Row, row: Row) -> Row:
    """Ids and figures of the row, never a name."""
    kept = {name: row[name] for name in KEPT if name in row}
    return {"id": row["id"], "policy_id": claim["policy_id"], **kept}

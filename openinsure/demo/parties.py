"""Who is paid by the demo's settlements: treaties with their reinsurers, outside accounts."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from openinsure.billing.bordereau_lines import Written
from openinsure.billing.operations.recoverables import DUE_DAYS, by_claim, shares
from openinsure.demo.billing_rows import Row
from openinsure.demo.book import Book
from openinsure.demo.clock import at
from openinsure.demo.reference import LOADED
from openinsure.demo.till import split_of
from openinsure.money.rates import exact, of
from openinsure.money.rounding import split

CEDED, COMMISSION = "0.300000", "0.225000"
LATE_DAYS = 30  # how long the unauthorized reinsurer lets a bill lie
REINSURERS = (("Harbor Re", 6), ("Tidewater Reinsurance", 4))  # shares in tenths


@dataclass(slots=True)
class Treaty:
    """A quota share. participants: id, name, tenths; told: the last day of its statements."""

    id: str
    program_id: str
    first: date
    participants: list[tuple[str, str, int]] = field(default_factory=list)
    told: date | None = None

    @property
    def rates(self) -> list[Decimal]:
        """The participants' shares."""
        return [Decimal(tenths) / 10 for _, _, tenths in self.participants]


def month_end(day: date) -> date:
    """The last day of a day's month."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def month_ends(last: date, count: int) -> Iterator[date]:
    """`count` month ends, the newest first."""
    for _ in range(count):
        yield last
        last = last.replace(day=1) - timedelta(days=1)


def written(row: Row, policy: Row, before: int) -> Written:
    """A movement as the bordereau reports it."""
    return Written(
        transaction_id=row["id"],
        policy_id=policy["id"],
        policy_number=policy["policy_number"],
        insured_name=policy["insured_name"],
        state=policy["state"],
        kind=row["transaction_type"],
        processed=row["process_date"],
        premium_cents=row["written_premium_cents"],
        fees_cents=row["fees_cents"],
        taxes_cents=row["taxes_cents"],
        before_cents=before,
        split=split_of(policy),
    )


def treaty(book: Book, program: Row) -> Treaty:
    """The quota share of a program with its reinsurers."""
    stamps = {"created_at": LOADED, "updated_at": LOADED}
    first = program["effective_date"]
    row = book.basket.add(
        "reinsurance_treaties",
        id=book.id(LOADED),
        treaty_code=f"QS-{program['code']}",
        treaty_type="quota_share",
        program_id=program["id"],
        effective_date=first,
        expiration_date=first.replace(year=book.today.year + 1),
        ceded_rate=CEDED,
        ceding_commission_rate=COMMISSION,
        currency="USD",
        status="active",
        **stamps,
    )
    made = Treaty(str(row["id"]), program["id"], first)
    for name, tenths in REINSURERS:
        key = book.id(LOADED)
        book.basket.add(
            "reinsurance_participants",
            id=key,
            treaty_id=made.id,
            reinsurer_name=book.named(name),
            naic_code=f"{book.rng.randint(10_000, 99_999)}",
            share_rate=f"0.{tenths}00000",
            authorized=tenths > 5,
            collateral_cents=0 if tenths > 5 else 50_000_000,
            currency="USD",
            **stamps,
        )
        made.participants.append((key, name, tenths))
    return made


def account(book: Book, kind: str, owner: str, name: str) -> str:
    """A verified outside account; its id."""
    row = book.basket.add(
        "external_accounts",
        id=book.id(LOADED),
        owner_type=kind,
        owner_id=owner,
        display_name=book.named(name),
        bank_name="First Commerce Bank",
        account_last4=f"{book.rng.randint(0, 9_999):04d}",
        token_ref=f"ext_{book.rng.getrandbits(64):016x}",
        tb_account_id=f"{book.rng.getrandbits(128):032x}",
        currency="USD",
        verified_at=LOADED,
        verified_by_user_id=book.users["org_admin"][0]["id"],
        status="active",
        created_at=LOADED,
        updated_at=LOADED,
    )
    return str(row["id"])


def cessions(
    book: Book, to: Treaty, amounts: tuple[int, int], end: date, *, paid: Mapping[str, int]
) -> list[Row]:
    """The statements of a treaty to a month's end, and what is billed of its losses.

    amounts: premium collected, ceded net of it. paid: cents by claim.
    """
    premium, net = amounts
    if net <= 0:
        return []
    gross = of(exact(CEDED), premium)
    weights = [tenths for _, _, tenths in to.participants]
    nets, grosses = split(net, weights), split(gross, weights)
    losses = shares(of(exact(CEDED), sum(paid.values())), to.rates)
    start = to.told + timedelta(days=1) if to.told else to.first
    made, to.told = at(end + timedelta(days=5), 14), end
    _bill(book, to, paid, made)
    values: dict[str, Any] = {"treaty_id": to.id, "period_start": start, "period_end": end}
    return [
        book.basket.add(
            "reinsurance_cessions",
            id=book.id(made),
            participant_id=key,
            ceded_premium_cents=grosses[place],
            ceding_commission_cents=grosses[place] - nets[place],
            ceded_loss_cents=losses[place],
            net_cents=nets[place],
            currency="USD",
            status="agreed",
            created_at=made,
            updated_at=made,
            **values,
        )
        for place, (key, _, _) in enumerate(to.participants)
    ]


def _bill(book: Book, to: Treaty, paid: Mapping[str, int], made: datetime) -> None:
    """Each claim's ceded share by participant: collected when due, the authorized one on time."""
    due = made.date() + timedelta(days=DUE_DAYS)
    for claim, place, cents in by_claim(paid, exact(CEDED), to.rates):
        key, _, tenths = to.participants[place]
        over = due < book.today - timedelta(days=0 if tenths > 5 else LATE_DAYS)
        book.basket.add(
            "reinsurance_recoverables",
            id=book.id(made),
            treaty_id=to.id,
            participant_id=key,
            claim_id=claim,
            billed_cents=cents,
            collected_cents=cents if over else 0,
            currency="USD",
            billed_on=made.date(),
            due_date=due,
            status="settled" if over else "billed",
            created_at=made,
            updated_at=made,
        )


def trust_account(book: Book, kind: str) -> str:
    """A bank account; its id."""
    row = book.basket.add(
        "trust_accounts",
        id=book.id(LOADED),
        bank_name="First Commerce Bank",
        nickname=book.named(f"{kind.capitalize()} trust"),
        account_last4=f"{book.rng.randint(0, 9_999):04d}",
        account_kind=kind,
        currency="USD",
        status="active",
        created_at=LOADED,
        updated_at=LOADED,
    )
    return str(row["id"])

"""How policies end: notices, cancellation pro rata, non-renewal, expiry, renewal."""

from __future__ import annotations

from typing import Any

from openinsure.demo.book import Book
from openinsure.demo.charges import given_back
from openinsure.demo.clock import at, days, office_hours
from openinsure.demo.history import History
from openinsure.money.rounding import half_even

NONPAY_NOTICE_DAYS, OTHER_NOTICE_DAYS = 10, 45  # Fla. 627.7281; other states ask no less
RULED = {("FL", "commercial_auto")}
ENDS_AFTER_DAYS = 50


def finish(book: Book, history: History, status: str) -> None:
    """Write what the final status implies."""
    policy = history.policy
    match status:
        case "cancelled":
            cancel(book, history)
        case "pending_cancellation" if undesired(book, policy):
            refuse(book, history)
        case "pending_cancellation":
            mailed = office_hours(book.rng, book.today - days(book.rng.randint(1, 9)))
            effective = mailed.date() + days(NONPAY_NOTICE_DAYS + 5)
            cancellation(book, policy, "notice_sent", mailed, effective, 0, 0)
            history.event("cancellation.notice_mailed", mailed, status, effective)
        case "nonrenewal_pending":
            mailed = office_hours(book.rng, policy["expiration_date"] - days(60))
            history.event("nonrenewal.notice_mailed", mailed, status, policy["expiration_date"])
            nonrenewal(book, policy, mailed)
        case "expired" | "renewed":
            over = at(policy["expiration_date"], 5)
            history.event(f"policy.{status}", over, status, policy["expiration_date"])


def cancel(book: Book, history: History) -> None:
    """Cancelled pro rata inside the term: written premium becomes what was earned."""
    policy, rng = history.policy, book.rng
    last = min(book.today, policy["expiration_date"])
    length = (last - policy["effective_date"]).days
    effective = policy["effective_date"] + days(rng.randint(30, max(31, length - 5)))
    mailed = office_hours(rng, effective - days(NONPAY_NOTICE_DAYS + 5))
    term = (policy["expiration_date"] - policy["effective_date"]).days
    written = policy["written_premium_cents"]
    earned = half_even(written * (effective - policy["effective_date"]).days, term)
    tax = given_back(policy, retained_cents=earned)
    row = cancellation(book, policy, "effective", mailed, effective, earned, written - earned)
    row["return_tax_cents"] = history.tax_back = tax
    history.event("cancellation.notice_mailed", mailed, "pending_cancellation", effective)
    history.event("policy.cancelled", at(effective, 5), "cancelled", effective)
    source = ("cancellations", str(row["id"]))
    back = earned - written
    history.transaction("CANCELLATION", at(effective, 6), effective, back, source, tax_cents=-tax)
    policy["cancelled_at"] = at(effective, 5)
    policy["cancellation_effective_date"] = effective
    policy["written_premium_cents"] = earned
    policy["taxes_cents"] -= tax
    policy["total_cents"] -= written - earned + tax


def undesired(book: Book, policy: dict[str, Any]) -> bool:
    """Whether it is the one policy that the company itself ends, where the law asks for notice."""
    ends = book.today + days(ENDS_AFTER_DAYS)
    wanted = policy["state"], policy["line_of_business"]
    fits = wanted in RULED and ends < policy["expiration_date"]
    return fits and not book.counters.get("refused")


def refuse(book: Book, history: History) -> None:
    """Underwriting ends it; its notice waits to be mailed since yesterday."""
    book.next("refused")
    asked, effective = at(book.today - days(1), 15), book.today + days(ENDS_AFTER_DAYS)
    row = cancellation(book, history.policy, "pending", asked, effective, 0, 0)
    row |= {
        "reason_code": "UNDERWRITING",
        "notice_days": OTHER_NOTICE_DAYS,
        "notice_mailed_at": None,
        "notice_tracking": None,
    }
    history.event("cancellation.requested", asked, "pending_cancellation", effective)


def cancellation(
    book: Book, policy: dict[str, Any], status: str, mailed: Any, effective: Any, earned: int,
    unearned: int,
) -> dict[str, Any]:  # fmt: skip
    """The row of `cancellations`, for non-payment or at the insured's request."""
    asked = status == "effective" and book.rng.random() < 0.3
    return book.basket.add(
        "cancellations",
        id=book.id(mailed),
        policy_id=policy["id"],
        policy_number=policy["policy_number"],
        cancellation_type="pro_rata",
        reason_code="INSURED_REQUEST" if asked else "NONPAY",
        initiated_by="insured" if asked else "company",
        status=status,
        notice_days=NONPAY_NOTICE_DAYS,
        notice_mailed_at=mailed,
        notice_tracking=f"9407{book.rng.randint(10**15, 10**16 - 1)}",
        effective_date=effective,
        earned_premium_cents=earned,
        unearned_premium_cents=unearned,
        short_rate_factor="1.000000",
        return_premium_cents=unearned,
        return_commission_cents=half_even(unearned * 125, 1000),
        currency="USD",
        created_at=mailed,
        updated_at=mailed,
    )


def nonrenewal(book: Book, policy: dict[str, Any], mailed: Any) -> None:
    """The row of `nonrenewals`, notice in time."""
    book.basket.add(
        "nonrenewals",
        id=book.id(mailed),
        policy_id=policy["id"],
        reason_code="LOSS_HISTORY",
        notice_days=45,
        notice_due_date=policy["expiration_date"] - days(45),
        notice_mailed_at=mailed,
        effective_date=policy["expiration_date"],
        status="mailed",
        created_at=mailed,
        updated_at=mailed,
    )

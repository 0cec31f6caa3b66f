"""One organisation's book, chunk by chunk: the generators in their order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from openinsure.demo.billing import bill
from openinsure.demo.book import Book
from openinsure.demo.claim_rows import claim_file
from openinsure.demo.claims import claim
from openinsure.demo.clock import days
from openinsure.demo.endings import finish
from openinsure.demo.history import endorse, opening
from openinsure.demo.policies import STATUSES, Term, new_term, policy_row, units
from openinsure.demo.risks import coverages, driver, segment, vehicle
from openinsure.money.plans import add_months

CHUNK_POLICIES = 400


def statuses(count: int) -> list[str]:
    """`count` statuses in the proportions of domain.md 10, always at least one of each."""
    wanted = [max(1, round(count * share / 100)) for _, share in STATUSES]
    wanted[0] += count - sum(wanted)
    return [name for (name, _), n in zip(STATUSES, wanted, strict=True) for _ in range(n)]


def policies(book: Book, count: int) -> Iterator[list[dict[str, Any]]]:
    """Write `count` terms into the basket; yields after each chunk so that it can be emptied."""
    chunk: list[dict[str, Any]] = []
    for status in planned(book, count):
        chunk += term_with_successor(book, new_term(book, status))
        if len(chunk) >= CHUNK_POLICIES:
            yield chunk
            chunk = []
    yield chunk


def planned(book: Book, count: int) -> list[str]:
    """The statuses of `count` terms in the order in which they are made."""
    made = statuses(count)
    book.rng.shuffle(made)
    for _ in range(made.count("renewed")):  # each renewed term brings its active successor
        made.remove("active")
    return made


def first_policy(book: Book, count: int) -> dict[str, Any]:
    """The first of `count` terms, as `policies` makes it."""
    return term_with_successor(book, new_term(book, planned(book, count)[0]))[0]


def term_with_successor(book: Book, term: Term) -> list[dict[str, Any]]:
    """One policy, and for a renewed one the next term under the same number."""
    first = whole_policy(book, term)
    if term.status != "renewed":
        return [first]
    after = term._replace(
        status="active",
        effective=add_months(term.effective, 12),
        term_number=term.term_number + 1,
        prior_id=first["id"],
    )
    return [first, whole_policy(book, after)]


def whole_policy(book: Book, term: Term) -> dict[str, Any]:
    """A term with everything that hangs on it."""
    fleet = units(book.rng)
    drivers = max(1, fleet + book.rng.randint(-1, 2))
    policy = policy_row(book, term, fleet, drivers)
    part = segment(book, policy)
    trucks = [vehicle(book, policy, k + 1) for k in range(fleet)]
    for _ in range(drivers):
        driver(book, policy)
    coverages(book, policy, part, trucks)
    history = opening(book, policy)
    if term.effective <= book.today and term.status != "cancelled":
        endorse(book, history, book.today - days(3))
    finish(book, history, term.status)
    bill(book, history)
    return policy


def claims(book: Book, chunk: list[dict[str, Any]], wanted: int) -> list[dict[str, Any]]:
    """`wanted` claims spread over a chunk's policies; bigger fleets have more."""
    started = [p for p in chunk if p["effective_date"] < book.today - days(15)]
    if not started:
        return []
    weights = [p["vehicle_count"] for p in started]
    drawn = book.rng.choices(started, weights, k=wanted)
    filed = [row for policy in drawn if (row := claim(book, policy))]
    for row in filed:
        claim_file(book, row)
    return filed


def bare_policies(book: Book, count: int) -> Iterator[list[dict[str, Any]]]:
    """The large size: policies and insureds only."""
    chunk: list[dict[str, Any]] = []
    for status in statuses(count):
        chunk.append(policy_row(book, new_term(book, status), 1, 1))
        if len(chunk) >= CHUNK_POLICIES * 10:
            yield chunk
            chunk = []
    yield chunk

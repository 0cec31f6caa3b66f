"""A batch with its linked chains: all of a chain or nothing of it (both kinds of event)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from openinsure.ledger.books import Books
from openinsure.ledger.port import CREATED, EXISTS, TRANSIENT, Result

LINKED_EVENT_FAILED, LINKED_EVENT_CHAIN_OPEN = "LINKED_EVENT_FAILED", "LINKED_EVENT_CHAIN_OPEN"
LINKED = 1  # the same bit in account and transfer flags


class Event(Protocol):
    """What an account and a transfer share."""

    @property
    def id(self) -> int:
        """u128."""
        ...

    @property
    def flags(self) -> int:
        """Bits; LINKED joins the event to the next one."""
        ...


E = TypeVar("E", bound=Event)


def chains(events: Sequence[E]) -> list[list[E]]:
    """The events in runs that stand or fall together; the last may be left open."""
    runs: list[list[E]] = []
    joined = False
    for event in events:
        if joined:
            runs[-1].append(event)
        else:
            runs.append([event])
        joined = bool(int(event.flags) & LINKED)
    return runs


def batches(events: Sequence[E], batch_max: int) -> list[list[E]]:
    """Requests of at most `batch_max` events, cut only between chains.

    Raises ValueError for a chain that is longer than a request may be.
    """
    made: list[list[E]] = []
    for chain in chains(events):
        if len(chain) > batch_max:
            raise ValueError(f"a chain of {len(chain)} events, at most {batch_max} fit a request")
        if made and len(made[-1]) + len(chain) <= batch_max:
            made[-1].extend(chain)
        else:
            made.append(list(chain))
    return made


def run(books: Books, events: Sequence[E], one: Callable[[Books, E, int], str]) -> list[Result]:
    """Each event's result, chain by chain; `one` answers a status name and changes the books."""
    results: list[Result] = []
    for chain in chains(events):
        results += _run_chain(books, chain, one)
    return results


def _run_chain(
    books: Books, chain: Sequence[E], one: Callable[[Books, E, int], str]
) -> list[Result]:
    results: list[Result] = []
    broken = False
    with books.attempt() as roll_back:
        for event in chain:
            at = books.tick()
            open_end = event is chain[-1] and int(event.flags) & LINKED
            if open_end:
                status = LINKED_EVENT_CHAIN_OPEN
            elif broken:
                status = LINKED_EVENT_FAILED
            else:
                status = one(books, event, at)
            if status in TRANSIENT:
                books.burn(event.id)
            if status != CREATED and not broken and (len(chain) > 1 or open_end):
                broken = True
                roll_back()
                results = [Result(LINKED_EVENT_FAILED, result.timestamp) for result in results]
            results.append(Result(status, _told(books, event, status, at)))
    return results


def _told(books: Books, event: Event, status: str, at: int) -> int:
    """The time of the row where there is one, else of the answer."""
    if status != EXISTS:
        return at
    row = books.transfers.get(event.id) or books.accounts.get(event.id)
    return row.timestamp if row else at

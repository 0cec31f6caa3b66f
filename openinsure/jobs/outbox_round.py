"""One round over the events that an object's keyspace wants booked in another."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from openinsure.problems import Problem

T = TypeVar("T")
log = logging.getLogger(__name__)
READS_MAX = 20  # of one round


def deliver(
    read: Callable[[frozenset[str]], Sequence[T]], *, key: Callable[[T], str],
    book: Callable[[T], object], mark: Callable[[T], None],
) -> int:  # fmt: skip
    """Book each event, then mark it delivered; how many.

    One that cannot be booked stays and is logged; it stops later ones of its object, no other:
    what waits behind a whole read of such events is read next. Killed between book and mark, the
    next round books nothing anew.

    read: the oldest events but those of the objects named; key: the object of an event.
    """
    done, waits = 0, set[str]()
    for _ in range(READS_MAX):
        before = len(waits)
        done += _each(read(frozenset(waits)), key, book, mark, waits)
        if len(waits) == before:
            break
    return done


def _each(
    events: Sequence[T], key: Callable[[T], str], book: Callable[[T], object],
    mark: Callable[[T], None], waits: set[str],
) -> int:  # fmt: skip
    done = 0
    for event in events:
        if key(event) in waits:
            continue
        try:
            book(event)
        except (Problem, KeyError) as refusal:  # refused, or a figure is missing
            log.error("event of %s waits: %r", key(event), refusal)
            waits.add(key(event))
            continue
        mark(event)
        done += 1
    return done

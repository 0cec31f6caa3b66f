"""One round over the events that an object's keyspace wants booked in another."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from openinsure.problems import Problem

T = TypeVar("T")
log = logging.getLogger(__name__)


def deliver(
    events: Iterable[T], *, key: Callable[[T], str], book: Callable[[T], object],
    mark: Callable[[T], None],
) -> int:  # fmt: skip
    """Book each event, then mark it delivered; how many.

    One that cannot be booked stays and is logged; it stops later ones of its object, no other.
    key: the object it belongs to. Killed between book and mark, the next round books nothing anew.
    """
    done, waits = 0, set[str]()
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

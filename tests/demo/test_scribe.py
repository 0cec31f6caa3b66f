"""Work handed to a scribe: in order, in its scope, stopped by the first error."""

from __future__ import annotations

from contextvars import ContextVar
from functools import partial

import pytest

from openinsure.demo.scribe import Beside, Scribe

PLACE: ContextVar[str] = ContextVar("place", default="nowhere")


class Broken(Exception):
    """Raised by a piece of work."""


def fail() -> int:
    raise Broken


@pytest.mark.parametrize("kind", [Scribe, Beside])
def test_it_does_the_work_in_order_where_it_was_asked(kind: type[Scribe]) -> None:
    scribe, done = kind(), list[tuple[int, str]]()

    def work(number: int) -> int:
        done.append((number, PLACE.get()))
        return number

    for number in range(20):
        token = PLACE.set(f"org {number}")
        scribe.do(partial(work, number))
        PLACE.reset(token)
    scribe.finish()
    assert done == [(number, f"org {number}") for number in range(20)]
    assert scribe.rows == sum(range(20))


def test_it_does_no_more_after_an_error_and_raises_it() -> None:
    scribe, done = Beside(), list[int]()

    def work() -> int:
        done.append(1)
        return 1

    scribe.do(work)
    scribe.do(fail)
    with pytest.raises(Broken):
        scribe.finish()
    assert done == [1]

"""One night's earning of many streams: integers in, integers out. Pure and fast.

The rule that every posting is measured by: the nightly statement (operations/earning_sql.py) must
give the same cents, and each of its chunks is proven on some policies (operations/earning_proof).
Days are counted (`date.toordinal`), amounts are cents, roundings are on cumulative amounts
(domain.md 4.1, 4.4), and what is posted is a difference. The ledger part of a policy is the change
of min(E, C): carrier share earned against carrier leg collected (4.7).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from openinsure.billing.postings import LedgerKey, Line, Transfer
from openinsure.money.rounding import half_even

EARNED, EARNED_BACK = 1101, 1102


class OpenStream(NamedTuple):
    """One written premium movement that still earns. Days as ordinals; stopped 0 = not stopped.

    previous, carrier_previous: what was earned of it until the run before.
    """

    id: str
    policy_id: str
    program_id: str
    carrier_id: str
    state: str
    currency: str
    written_cents: int
    carrier_written_cents: int
    earn_from: int
    earn_to: int
    stopped: int
    previous_cents: int
    carrier_previous_cents: int


class Earned(NamedTuple):
    """What a stream has earned as of a day, and what of the policy's change its posting carries."""

    stream: OpenStream
    days: int
    days_total: int
    cumulative_cents: int
    carrier_cumulative_cents: int
    ledger_cents: int = 0

    @property
    def carrier_change_cents(self) -> int:
        """Carrier share earned since the run before."""
        return self.carrier_cumulative_cents - self.stream.carrier_previous_cents


class Group(NamedTuple):
    """What goes into one journal entry and one transfer."""

    program_id: str
    carrier_id: str
    currency: str


class Moved(NamedTuple):
    """The change of both standings of a group, cents. uncollected: in the journal only."""

    ledger_cents: int
    uncollected_cents: int


def calc(streams: Iterable[OpenStream], as_of: int) -> list[Earned]:
    """Every stream as of a day (its ordinal): through the end of the day before."""
    made = []
    for stream in streams:
        begin, end, stopped = stream.earn_from, stream.earn_to, stream.stopped
        total = end - begin
        last = min(as_of, end, stopped) if stopped else min(as_of, end)
        days = max(last - begin, 0)
        if days == total:
            gross, share = stream.written_cents, stream.carrier_written_cents
        else:
            gross = half_even(stream.written_cents * days, total)
            share = half_even(stream.carrier_written_cents * days, total)
        made.append(Earned(stream, days, total, gross, share))
    return made


def with_ledger(
    earned: Sequence[Earned], *, collected: Mapping[str, int], closed: Mapping[str, int]
) -> list[Earned]:
    """The same with the ledger part of each posting; together a policy's change of min(E, C).

    collected: policy -> C. closed: policy -> carrier share earned of its streams that ended.
    """
    before: dict[str, int] = dict(closed)
    for one in earned:
        stream = one.stream
        policy = stream.policy_id
        before[policy] = before.get(policy, 0) + stream.carrier_previous_cents
    made = []
    for one in earned:
        stream = one.stream
        policy = stream.policy_id
        share, paid = before[policy], collected.get(policy, 0)
        now = share + one.carrier_cumulative_cents - stream.carrier_previous_cents
        before[policy] = now
        made.append(Earned(*one[:5], min(now, paid) - min(share, paid)))
    return made


def lines_of(group: Group, moved: Moved) -> list[Line]:
    """The journal lines of a group; none where nothing changed."""
    amounts = (
        ("2500", moved.ledger_cents),
        ("2100", -moved.ledger_cents),
        ("1210", moved.uncollected_cents),
        ("2110", -moved.uncollected_cents),
    )
    return [
        Line(account=code, cents=cents, currency=group.currency, carrier_id=group.carrier_id)
        for code, cents in amounts
        if cents
    ]


def transfer_of(group: Group, moved: Moved, row_id: str) -> Transfer:
    """The transfer of a group, signed: `postings.directed` turns it, and drops a zero."""
    return Transfer(
        row_id=row_id,
        leg=row_id,
        code=EARNED if moved.ledger_cents > 0 else EARNED_BACK,
        debit=LedgerKey("LOSS_FUND", "program", group.program_id, "unearned"),
        credit=LedgerKey("CARRIER_PAYABLE", "carrier", group.carrier_id),
        cents=moved.ledger_cents,
        currency=group.currency,
    )

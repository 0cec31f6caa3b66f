"""Random sequences on every ledger, held to the small model: answers, sums, amounts, limits.

200 sequences a run, 1,000 by `make properties`. They hold what the invariants say of transfers:
debits are credits, limits are kept, nothing joins two ledgers, a repeat moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from openinsure.ledger.port import AMOUNT_MAX, Account, Adapter, Transfer, TransferFlags
from tests.contracts.ledgers import DEADLINE_MS, A, Bench, T, fresh
from tests.contracts.model import POST, VOID, Model, Purse

pytestmark = pytest.mark.django_db(databases=["ledger_engine"])
LIMITS = (A.NONE, A.NONE, A.DEBITS_MUST_NOT_EXCEED_CREDITS, A.CREDITS_MUST_NOT_EXCEED_DEBITS)
OURS, EVERY, NOWHERE = 4, 6, 6  # accounts 0-3 are ours, 4 and 5 another's, 6 does not exist
FIRST_PHASES = (
    T.NONE, T.NONE, T.NONE, T.PENDING, T.PENDING, T.PENDING, T.PENDING, T.BALANCING_DEBIT,
    T.BALANCING_CREDIT, T.BALANCING_DEBIT | T.BALANCING_CREDIT, T.PENDING | T.BALANCING_DEBIT,
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One event before there are ids. back: how far back the event is that it repeats or ends."""

    kind: str
    debit: int
    credit: int
    amount: int
    flags: TransferFlags
    back: int
    linked: bool
    closes: bool  # the batch ends here


ACCOUNT = st.sampled_from([*range(OURS)] * 8 + [*range(OURS, EVERY + 1)])
STEPS = st.builds(
    Step,
    kind=st.sampled_from(
        ["move"] * 5 + ["post"] * 3 + ["void"] * 2 + ["again", "changed", "recoded"]
    ),
    debit=ACCOUNT,
    credit=ACCOUNT,
    amount=st.sampled_from([0, 1, 2, 50, 99, 100, 100, 101, 200, 250, 5_000]),
    flags=st.sampled_from(FIRST_PHASES),
    back=st.sampled_from([1, 1, 1, 2, 3, 5]),
    linked=st.sampled_from([False] * 5 + [True]),
    closes=st.sampled_from([False] * 3 + [True]),
)


def opened(bench: Bench) -> dict[int, Purse]:
    """Accounts of every kind: four of ours, two of another ledger."""
    kinds = [(bench.ledger, flags) for flags in LIMITS]
    kinds += [(bench.ledger + 1000, flags) for flags in LIMITS[1:3]]
    made = {fresh(): kind for kind in kinds}
    told = bench.accounts(
        *(Account(id=one, ledger=at, code=101, flags=flags) for one, (at, flags) in made.items())
    )
    assert set(told) == {"CREATED"}
    return {one: Purse(at, flags) for one, (at, flags) in made.items()}


def funding(bench: Bench, ids: list[int]) -> list[Transfer]:
    """Money for those of ours that have a limit."""
    fund, cash = bench.transfer(ids[0], ids[2], 300), bench.transfer(ids[3], ids[1], 300)
    return [fund, cash]


def batches(bench: Bench, ids: list[int], steps: list[Step]) -> list[list[Transfer]]:
    """The steps with ids: each may name events before it, whatever became of those."""
    sent: list[Transfer] = []
    made: list[list[Transfer]] = [[]]
    for step in steps:
        before = sent[-min(step.back, len(sent))] if sent else None
        if before is None or step.kind == "move":
            one = bench.transfer(ids[step.debit], ids[step.credit], step.amount, flags=step.flags)
        elif step.kind in ("post", "void"):
            ends = POST if step.kind == "post" else VOID
            amount = AMOUNT_MAX if ends == POST and step.amount == 100 else step.amount
            one = bench.transfer(0, 0, amount, flags=ends, pending_id=before.id, ledger=0, code=0)
        elif step.kind == "again" or before.flags & (POST | VOID):
            one = replace(before, flags=before.flags & ~T.LINKED)
        else:
            changed = {"code": 9} if step.kind == "recoded" else {"amount": before.amount + 1}
            one = replace(before, flags=before.flags & ~T.LINKED, **changed)
        if step.linked and step.kind in ("move", "post", "void"):
            one = replace(one, flags=one.flags | T.LINKED)
        sent.append(one)
        made[-1].append(one)
        if step.closes:
            made.append([])
    return [batch for batch in made if batch]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=4, max_size=24))
def test_it_answers_any_sequence_as_the_model_does(adapter: Adapter, steps: list[Step]) -> None:
    bench = Bench(adapter)
    purses = opened(bench)
    ids = [*purses, fresh()]
    model = Model(purses)
    for batch in [funding(bench, ids), *batches(bench, ids, steps)]:
        wanted = model.send(batch)
        assert bench.send(*batch) == wanted, batch
        for status in wanted:
            event(status)
    found = adapter.lookup_accounts(ids, deadline_ms=DEADLINE_MS)
    sums = {
        one.id: (one.debits_pending, one.debits_posted, one.credits_pending, one.credits_posted)
        for one in found
    }
    assert sums == {one: purse.sums for one, purse in model.state.purses.items()}
    kept = adapter.lookup_transfers(list(model.state.asked), deadline_ms=DEADLINE_MS)
    assert {one.id: one.amount for one in kept} == model.state.amounts
    hold(found, kept)


def hold(accounts: list[Account], transfers: list[Transfer]) -> None:
    """The invariants, of what the ledger says and without the model."""
    by_id = {one.id: one for one in accounts}
    for ledger in {one.ledger for one in accounts}:
        ours = [one for one in accounts if one.ledger == ledger]
        assert sum(one.debits_posted for one in ours) == sum(one.credits_posted for one in ours)
        assert sum(one.debits_pending for one in ours) == sum(one.credits_pending for one in ours)
    for one in accounts:
        if one.flags & A.DEBITS_MUST_NOT_EXCEED_CREDITS:
            assert one.debits_posted + one.debits_pending <= one.credits_posted
        if one.flags & A.CREDITS_MUST_NOT_EXCEED_DEBITS:
            assert one.credits_posted + one.credits_pending <= one.debits_posted
    for moved in transfers:
        sides = by_id[moved.debit_account_id], by_id[moved.credit_account_id]
        assert {one.ledger for one in sides} == {moved.ledger}
        assert moved.amount >= 0

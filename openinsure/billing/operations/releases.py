"""Paying a settlement: released, confirmed or returned by the bank, payout by payout, closed.

Each payout is one entry of the journal per step under a key of its own, so a repeat or a restart
after a kill finds what stands. In the ledger it is pending from release until the bank answers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from openinsure.audit import reasons
from openinsure.authz.changing import alongside
from openinsure.authz.duties import changes
from openinsure.billing import payouts
from openinsure.billing.models import (
    BankTransaction,
    Bordereau,
    ReinsuranceCession,
    ReinsuranceParticipant,
    SettlementPayout,
)
from openinsure.billing.operations.holding import pending_id, sent
from openinsure.billing.operations.journal import post_entry
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.settlements import (
    Settled,
    free,
    kept_by_program,
    locked_settlement,
    nothing_waits,
    people,
    touch,
    verified_account,
)
from openinsure.billing.payouts import Payout
from openinsure.billing.postings import LedgerKey
from openinsure.billing.settling import PAYOUT, SETTLEMENT
from openinsure.console.forms import Once
from openinsure.problems import BadForm, Forbidden, NotFound
from openinsure.tenancy.scope import Scope

RELEASE = "settlement_release"
ENDED = ("posted", "voided")
CODES = {"CARRIER_PAYABLE": "2100", "REINSURER_PAYABLE": "2400"}


def release_settlement(scope: Scope, *, number: str, actor_user_id: str, now: datetime) -> Settled:
    """Send the payouts: payable to payouts in transit, pending in the ledger until the bank pays.

    Raises Forbidden for author and approver; Conflict while transfers wait for the ledger.
    """

    def work() -> Settled:
        row = locked_settlement(scope, number)
        if row.released_by_user_id == actor_user_id:
            return Settled(row.id, number, row.status, True)
        SETTLEMENT.check(row.status, "released")
        if actor_user_id in (row.author_user_id, row.approved_by_user_id):
            said = "Who drew up or approved a settlement cannot release it."
            raise Forbidden(said, code="third_person")
        nothing_waits(scope)
        relate(changes(people(scope, row), ()))
        row.status, row.released_by_user_id, row.released_at = "released", actor_user_id, now
        touch(row, now)
        for payout in _payouts(scope, row.id):
            _authorise(scope, row, payout, actor_user_id, now)
        _close(scope, row, actor_user_id, now)
        return Settled(row.id, number, row.status, False)

    with alongside(scope) as relate:
        return in_transaction(work)


def confirm_payout(
    scope: Scope,
    *,
    number: str,
    payout_id: str,
    bank_transaction_id: str | None,
    actor_user_id: str | None,
    now: datetime,
) -> Settled:
    """The bank has paid: post the pending transfer with the cash that left.

    bank_transaction_id: the line of the statement, marked as matched. Raises NotFound; BadForm for
    a line of another amount; Conflict while the ledger has not taken the pending transfer.
    """

    def work(row: Any, payout: Any) -> None:
        if bank_transaction_id:
            _match(scope, payout, bank_transaction_id, now)
        pending = pending_id(sent(scope, RELEASE, payout.id))
        lines, transfers = payouts.confirmed(_facts(scope, row, payout), pending)
        _post(scope, row, payout, "settlement_confirm", lines, transfers, actor_user_id, now)
        payout.confirmed_at = now

    return _end(scope, number, payout_id, "posted", actor_user_id, now, work)


def return_payout(
    scope: Scope,
    *,
    number: str,
    payout_id: str,
    reason: str,
    actor_user_id: str | None,
    now: datetime,
) -> Settled:
    """The bank did not pay: void the pending transfer; the amount is due again.

    Raises BadForm, NotFound; Conflict while the ledger has not taken the pending transfer.
    """
    said = reasons.stated(reason)

    def work(row: Any, payout: Any) -> None:
        standing = sent(scope, RELEASE, payout.id)
        refused = standing.status == "refused"
        pending = "" if refused else pending_id(standing)
        lines, transfers = payouts.returned(_facts(scope, row, payout), pending)
        transfers = [] if refused else transfers  # the ledger never held it
        _post(scope, row, payout, "settlement_return", lines, transfers, actor_user_id, now,
              standing.gl_entry_id)  # fmt: skip
        payout.reason = said

    return _end(scope, number, payout_id, "voided", actor_user_id, now, work)


def _end(
    scope: Scope, number: str, payout_id: str, status: str, actor: str | None, now: datetime,
    change: Callable[[Any, Any], None],
) -> Settled:  # fmt: skip
    """One payout to its end, and the settlement with the last of them."""

    def work() -> Settled:
        row = locked_settlement(scope, number)
        rows = SettlementPayout.objects.within(scope).select_for_update()
        payout = rows.filter(id=payout_id, settlement_id=row.id).first()
        if payout is None:
            raise NotFound("payout", payout_id)
        if payout.status == status:
            return Settled(row.id, number, row.status, True)
        PAYOUT.check(payout.status, status)
        change(row, payout)
        payout.status = status
        touch(payout, now)
        _close(scope, row, actor, now)
        return Settled(row.id, number, row.status, False)

    return in_transaction(work)


def _authorise(scope: Scope, row: Any, payout: Any, actor: str, now: datetime) -> None:
    verified_account(scope, payout.payee_type, payout.payee_id)
    lines, transfers = payouts.authorised(_facts(scope, row, payout))
    posted = _post(scope, row, payout, RELEASE, lines, transfers, actor, now)
    payout.ledger_batch_id = posted.batch_id
    payout.tb_pending_transfer_id = sent(scope, RELEASE, payout.id).tb_transfer_id
    PAYOUT.check(payout.status, "pending")
    payout.status = "pending"
    touch(payout, now)


def _post(
    scope: Scope, row: Any, payout: Any, source: str, lines: Any, transfers: Any,
    actor: str | None, now: datetime, mirrors: str | None = None,
) -> Any:  # fmt: skip
    """Post a step of a payout. mirrors: the entry that it takes back."""
    return post_entry(
        scope,
        once=Once(payout.id),
        entry_date=now.date(),
        source_type=source,
        source_id=payout.id,
        lines=lines,
        transfers=transfers,
        now=now,
        event_at=row.approved_at if source == RELEASE else now,
        description=f"Settlement {row.settlement_number}, {payout.payee_type}",
        actor_user_id=actor,
        reversal_of=mirrors,
    )


def _close(scope: Scope, row: Any, actor: str | None, now: datetime) -> None:
    """After the last payout: settled, partly or not at all; the bordereaux follow the carrier's."""
    rows = _payouts(scope, row.id)
    if any(payout.status not in ENDED for payout in rows):
        return
    paid = [payout for payout in rows if payout.status == "posted"]
    carrier = [payout for payout in rows if payout.payee_type == "carrier"]
    if not carrier or carrier[0].status == "posted":
        _keep_for_claims(scope, row, actor, now)
        told = Bordereau.objects.within(scope).filter(settlement_id=row.id)
        told.update(status="settled", updated_at=now)
    _settle_cessions(scope, row, [payout.payee_id for payout in paid], now)
    free(scope, row, now)
    partly = "partially_settled" if paid else "voided"
    status = "settled" if len(paid) == len(rows) else partly
    SETTLEMENT.check(row.status, status)
    row.status, row.settled_at = status, now
    touch(row, now)


def _keep_for_claims(scope: Scope, row: Any, actor: str | None, now: datetime) -> None:
    lines, transfers = [], []
    for program_id, cents in kept_by_program(scope, row).items():
        more = payouts.kept_for_claims(
            carrier_id=row.carrier_id, program_id=program_id, cents=cents, currency=row.currency
        )
        lines += more[0]
        transfers += more[1]
    if lines:
        post_entry(
            scope,
            once=Once(row.id),
            entry_date=now.date(),
            source_type="settlement_offset",
            source_id=row.id,
            lines=lines,
            transfers=transfers,
            now=now,
            description=f"Settlement {row.settlement_number}, claims kept",
            actor_user_id=actor,
        )


def _settle_cessions(scope: Scope, row: Any, payees: list[str], now: datetime) -> None:
    rows = ReinsuranceCession.objects.within(scope).filter(settlement_id=row.id)
    rows.filter(participant_id__in=payees).update(status="settled", updated_at=now)


def _payouts(scope: Scope, settlement_id: str) -> list[Any]:
    rows = SettlementPayout.objects.within(scope).filter(settlement_id=settlement_id)
    return list(rows.order_by("payee_type", "id"))


def _facts(scope: Scope, row: Any, payout: Any) -> Payout:
    """The payout as the posting rules want it."""
    carrier, treaty = None, None
    if payout.payee_type == "carrier":
        carrier = payout.payee_id
        payable = LedgerKey("CARRIER_PAYABLE", "carrier", payout.payee_id)
    else:
        parts = ReinsuranceParticipant.objects.within(scope).filter(id=payout.payee_id)
        treaty, program = parts.values_list("treaty_id", "treaty__program_id").get()
        payable = LedgerKey("REINSURER_PAYABLE", "treaty_participant", program)
    return Payout(
        account=CODES[payout.account_type],
        payable=payable,
        payee=LedgerKey("EXTERNAL_PAYOUT", "payee", payout.external_account_id),
        cents=payout.amount_cents,
        currency=payout.currency,
        carrier_id=carrier,
        treaty_id=treaty,
    )


def _match(scope: Scope, payout: Any, bank_transaction_id: str, now: datetime) -> None:
    rows = BankTransaction.objects.within(scope).select_for_update()
    line = rows.filter(id=bank_transaction_id).first()
    if line is None:
        raise BadForm({"bank_line": "must be a line of the bank statement"})
    if line.matched_id == payout.id:
        return
    if line.match_status == "matched" or line.direction != "debit":
        raise BadForm({"bank_line": "must be money out that nothing is matched to"})
    if line.amount_cents != payout.amount_cents or line.currency != payout.currency:
        raise BadForm({"bank_line": "must be of the payout's amount"})
    line.match_status, line.matched_type = "matched", "settlement_payout"
    line.matched_id = payout.id
    touch(line, now)
    payout.bank_transaction_id = line.id

"""One object of each noun for the route matrix: its number, and the words that give it away."""

from __future__ import annotations

from typing import Any

from openinsure.tenancy.scope import Scope, entered
from tests import factories, staff
from tests.billing import booked, carriers, differences, making
from tests.claims import made
from tests.policies.noticed import notice, rejected
from tests.submissions import world as filed


def numbers_of(scope: Scope, canary: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """One object of each noun: its number by noun, and the words that give a leak away."""
    with entered(scope):
        who = factories.insured(scope, legal_name=f"Hauler {canary}")
        program = factories.program(scope, name=f"Program {canary}")
        producer = factories.producer(scope, agency_name=f"Agency {canary}")
        policy = factories.policy(
            scope, insured_name=who.legal_name, insured_id=who.id, program_id=program.id
        )
        account = making.account(scope, policy_id=policy.id, policy_number=policy.policy_number)
        invoice, payment = making.invoice(scope, account), making.payment(scope, account)
        entry = booked.entry(scope, policy_id=policy.id, source_id=payment.id)
        moved = differences.transfer(scope, gl_entry_id=entry.id, source_id=payment.id)
        submission = filed.submission(scope, insured_name=f"Applicant {canary}")
        person = staff.user(scope, full_name=f"Colleague {canary}")
    numbers = {
        "user": person.id,
        "policy": policy.policy_number,
        "insured": who.id,
        "filing": rejected(scope, policy).id,
        "notice": notice(scope, policy, recipient_name=f"Hauler {canary}").id,
        "account": account.account_number,
        "invoice": invoice.invoice_number,
        "payment": payment.payment_number,
        "entry": entry.entry_number,
        "transfer": moved.tb_transfer_id,
        "difference": differences.fault(scope, moved).id,
        "period": entry.entry_number[3:10],
        "submission": submission.submission_number,
        "message": filed.message(scope, subject=f"Mail {canary}").id,
        "producer": producer.code,
        "program": program.code,
        **claim_numbers_of(scope, policy, canary),
        **settlement_numbers_of(scope, policy, canary),
    }
    return numbers, (canary, policy.id, account.id, *numbers.values())


def claim_numbers_of(scope: Scope, policy: Any, canary: str) -> dict[str, str]:
    """A claim on the policy with a disbursement, their numbers by noun."""
    claim = made.claim(
        scope,
        policy_id=policy.id,
        policy_number=policy.policy_number,
        insured_name=f"Hauler {canary}",
    )
    part = made.exposure(scope, claim)
    back = made.recovery(scope, claim, exposure_id=part.id, payer_name=f"Payer {canary}")
    check = made.disbursement(scope, claim, payee_name=f"Payee {canary}")
    return {
        "claim": claim.claim_number,
        "disbursement": check.disbursement_number,
        "recovery": back.id,
    }


def settlement_numbers_of(scope: Scope, policy: Any, canary: str) -> dict[str, str]:
    """A bordereau with a line, a settlement with a payout, their numbers by noun."""
    settlement = carriers.settlement(scope)
    payout = carriers.payout(scope, settlement, f"Payee {canary}")
    told = carriers.bordereau(scope, program_id=policy.program_id, settlement_id=settlement.id)
    carriers.line(scope, told, policy_number=policy.policy_number, insured_name=f"Hauler {canary}")
    return {
        "bordereau": told.bordereau_number,
        "settlement": settlement.settlement_number,
        "payout": payout.id,
        **due_numbers_of(scope, policy, canary),
    }


def due_numbers_of(scope: Scope, policy: Any, canary: str) -> dict[str, str]:
    """What is owed to others, one row a noun."""
    account = making.account(scope, policy_id=policy.id, policy_number=policy.policy_number)
    payment = making.payment(scope, account, payer_name=f"Payer {canary}")
    treaty = carriers.treaty(scope, reinsurer_name=f"Re {canary}")
    carriers.cession(scope, treaty)
    return {
        "suspense": carriers.suspense(scope, payment).id,
        "remittance": carriers.remittance(scope).id,
        "statement": (stated := carriers.statement(scope)).id,
        "commission": carriers.commission_payout(scope, stated).id,
        "bank_line": carriers.bank_line(scope, description=f"Deposit {canary}").id,
    }

"""Opening the account of a new policy: its payment plan and the stream of its premium, once.

The first installment is then billed like any other (operations.invoicing).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from openinsure.billing.models import BillingAccount, BillingSchedule, Installment
from openinsure.billing.operations.moneyed import in_transaction
from openinsure.billing.operations.streams import Movement, open_streams
from openinsure.billing.receipts import Terms
from openinsure.keyspaces.ids import fixed_id
from openinsure.money.plans import FINANCED, Plan, installments, plan_of
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBusiness:
    """What a bound policy asks of billing. Cents."""

    transaction_id: str
    transaction_no: int
    policy_number: str
    insured_id: str
    payer_name: str
    name_norm: str
    plan: str
    effective: date
    expires: date
    premium_cents: int
    fees_cents: int
    taxes_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The account and what of its plan is due first."""

    account_id: str
    number: str
    first_installment_id: str
    repeated: bool


def open_account(
    scope: Scope, term: NewBusiness, terms: Terms, *, number: Callable[[], str], now: datetime
) -> Opened:
    """Account, schedule, installments and premium stream of a policy, unless they stand.

    number: gives a fresh account number. Raises Conflict for a plan that is not known.
    """
    key = fixed_id(scope.org_id, "account", terms.policy_id)
    plan = plan_of(term.plan)
    if plan is None:
        raise Conflict(f"The payment plan {term.plan} is not known; nothing was billed.")
    schedule = fixed_id(key, "schedule", 1)
    first = fixed_id(schedule, 1)

    def work() -> Opened:
        rows = BillingAccount.objects.within(scope).select_for_update().filter(id=key)
        standing = rows.values_list("account_number", flat=True).first()
        if standing is not None:
            return Opened(key, standing, first, repeated=True)
        account = _account(scope, key, number(), term, terms, now)
        _schedule(scope, schedule, account, term, plan, now)
        written = Movement(
            id=term.transaction_id,
            number=term.transaction_no,
            cents=term.premium_cents,
            earn_from=term.effective,
            earn_to=term.expires,
        )
        open_streams(scope, terms, term.policy_number, [written], currency=term.currency, now=now)
        return Opened(key, account.account_number, first, repeated=False)

    return in_transaction(work)


def _account(
    scope: Scope, key: str, number: str, term: NewBusiness, terms: Terms, now: datetime
) -> BillingAccount:
    account = BillingAccount(
        org_id=scope.org_id,
        id=key,
        account_number=number,
        insured_id=term.insured_id,
        insured_name_norm=term.name_norm,
        policy_id=terms.policy_id,
        policy_number=term.policy_number,
        bill_type="finance" if term.plan == FINANCED else "direct_bill",
        producer_id=terms.producer_id,
        payer_name=term.payer_name,
        plan_code=term.plan,
        status="active",
        delinquency_stage="none",
        currency=term.currency,
        created_at=now,
        updated_at=now,
    )
    account.save(force_insert=True)
    return account


def _schedule(
    scope: Scope, key: str, account: BillingAccount, term: NewBusiness, plan: Plan, now: datetime
) -> None:
    """The plan and its installments; they sum to premium, fees and taxes of the term."""
    dues = installments(
        plan=plan,
        effective=term.effective,
        premium_cents=term.premium_cents,
        fee_cents=term.fees_cents,
        tax_cents=term.taxes_cents,
    )
    BillingSchedule.objects.create(
        org_id=scope.org_id,
        id=key,
        billing_account_id=account.id,
        policy_id=account.policy_id,
        plan_code=term.plan,
        version_no=1,
        premium_cents=term.premium_cents,
        currency=term.currency,
        installment_count=len(dues),
        down_rate=f"{plan.weights[0] / sum(plan.weights):.6f}",
        service_fee_cents=plan.fee_cents,
        status="active",
        created_at=now,
        updated_at=now,
    )
    Installment.objects.bulk_create(
        Installment(
            org_id=scope.org_id,
            id=fixed_id(key, due.seq),
            billing_account_id=account.id,
            billing_schedule_id=key,
            policy_id=account.policy_id,
            seq=due.seq,
            kind="down_payment" if due.seq == 1 else "installment",
            due_date=due.due_date,
            premium_cents=due.premium_cents,
            fee_cents=due.fee_cents,
            tax_cents=due.tax_cents,
            total_cents=due.total_cents,
            currency=term.currency,
            status="pending",
            created_at=now,
            updated_at=now,
        )
        for due in dues
    )

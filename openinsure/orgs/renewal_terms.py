"""What a program grants a term that is renewed: rates, fee, taxes, plans, authority, licence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q

from openinsure.console.row_reading import ROWS_MAX, reading_of
from openinsure.money.plans import FINANCED, PLANS
from openinsure.money.renewal import Basis
from openinsure.orgs import programs
from openinsure.orgs.licences import Licence, reading_licence
from openinsure.orgs.models import ProducerCommissionOverride, Program
from openinsure.orgs.program_rows import (
    AgreementRow,
    CommissionRow,
    FeeRow,
    PlanRow,
    ProgramFile,
    UtilizationRow,
)
from openinsure.orgs.tax_rules import POLICY_FEE, tax_rules
from openinsure.problems import NotFound
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading, read_together

RENEWAL = "RENEWAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalTerms:
    """The terms of one day. plans: codes; licence: the producer's number and last day.

    agreement: the delegated authority in force, with `used`, its volume as last measured.
    """

    basis: Basis
    admitted: bool
    minimum_cents: int
    plans: tuple[str, ...]
    licence: Licence | None
    agreement: AgreementRow | None
    used: UtilizationRow | None


def renewal_terms(
    scope: Scope, program_id: str, producer_id: str, *, state: str, on: date
) -> RenewalTerms:
    """The terms of a program for a producer in a state. Three statements. Raises NotFound."""
    own = Program.objects.within(scope).filter(id=program_id)
    found, plans, rates, fees, agreements, used, overrides, licences = read_together([
        reading_of(own, ProgramFile, programs.SHORT),
        programs.list_plans(scope, program_id),
        programs.list_commissions(scope, program_id),
        programs.list_fees(scope, program_id),
        programs.list_agreements(scope, program_id),
        programs.list_utilization(scope, program_id),
        _overrides(scope, program_id, producer_id, on),
        reading_licence(scope, producer_id, state=state, on=on),
    ])  # fmt: skip
    if not found:
        raise NotFound("program")
    program: ProgramFile = found[0]
    producer, mga = _rates(program, rates, on)
    taxes = tax_rules(scope, program_id, state=state, on=on).taxes
    return RenewalTerms(
        basis=Basis(
            fee_cents=_fee_cents(program, fees, state, on),
            taxes=() if program.admitted else taxes,
            producer=overrides[0] if overrides else producer,
            mga=mga,
            quota_share=program.quota_share_rate,
        ),
        admitted=program.admitted,
        minimum_cents=program.min_premium_cents,
        plans=_plans(plans),
        licence=licences[0] if licences else None,
        agreement=_in_force(agreements, on),
        used=used[0] if used else None,
    )


def _overrides(scope: Scope, program_id: str, producer_id: str, on: date) -> Reading[Decimal]:
    """Commission agreed with the producer: for the program, then for all; the newest first."""
    rows = (
        ProducerCommissionOverride.objects.within(scope)
        .filter(Q(program_id=program_id) | Q(program_id=None))
        .filter(Q(end_date=None) | Q(end_date__gt=on))
        .filter(producer_id=producer_id, transaction_type=RENEWAL, effective_date__lte=on)
        .order_by("-effective_date", "-id")
        .values_list("program_id", "rate")[:ROWS_MAX]
    )
    return Reading(
        (rows,), lambda told: [rate for _, rate in sorted(told, key=lambda row: row[0] is None)]
    )


def _rates(
    program: ProgramFile, rates: Iterable[CommissionRow], on: date
) -> tuple[Decimal, Decimal]:
    """Producer and MGA commission of renewals; the program's own where none is agreed."""
    for row in rates:  # the newest of a kind first
        stands = row.effective <= on and (row.ended is None or row.ended > on)
        if row.transaction_type == RENEWAL and stands:
            return row.producer_rate, row.mga_rate
    return program.default_producer_commission_rate, program.mga_commission_rate


def _fee_cents(program: ProgramFile, fees: Iterable[FeeRow], state: str, on: date) -> int:
    """The policy fee: the newest of the state, then of all states, then the program's own."""
    rows = [
        row
        for row in fees
        if row.code == POLICY_FEE and row.effective <= on and row.state in (state, None)
    ]
    newest = max(rows, key=lambda row: (row.state is not None, row.effective, row.id), default=None)
    return newest.amount_cents if newest else program.policy_fee_cents


def _plans(rows: Iterable[PlanRow]) -> tuple[str, ...]:
    """Plans that the program offers and we can bill; every one where it names none."""
    known = (*PLANS, FINANCED)
    offered = {row.code: row.active for row in rows}
    return tuple(code for code in known if offered.get(code, not offered))


def _in_force(rows: Iterable[AgreementRow], on: date) -> AgreementRow | None:
    """The newest agreement that stands on the day."""
    for row in rows:
        ends = row.expires is None or on <= row.expires
        if row.status == "active" and row.effective <= on and ends:
            return row
    return None

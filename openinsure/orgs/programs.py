"""Reads of programs and rules: lists, one program with states, plans, rates and its authority."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Subquery

from openinsure.console.row_reading import ROWS_MAX, reading_of, rows_of
from openinsure.orgs.models import (
    DaAgreement,
    DaUtilizationSnapshot,
    Program,
    ProgramCommissionRate,
    ProgramFee,
    ProgramInstallmentPlan,
    ProgramState,
    Rule,
    RuleVersion,
)
from openinsure.orgs.program_rows import (
    AgreementRow,
    CommissionRow,
    FeeRow,
    PlanRow,
    ProgramFile,
    ProgramRow,
    RuleRow,
    StateRow,
    UtilizationRow,
    VersionRow,
)
from openinsure.problems import NotFound
from openinsure.tenancy.list_sql import Where
from openinsure.tenancy.listing import ListSpec, Page, Position, Sort, list_page, rows_by_key
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading

SNAPSHOTS_SHOWN = 12


SHORT = {
    "line": "line_of_business",
    "effective": "effective_date",
    "expires": "expiration_date",
    "updated": "updated_at",
}
PROGRAMS = ListSpec(
    model=Program,
    row=ProgramRow,
    columns=SHORT,
    sorts={
        "updated": Sort(
            "updated_at",
            "programs_org_updated_id",
            within={"status": "programs_org_status_updated_id"},
        ),
        "code": Sort("code", "programs_org_code_id"),
        "name": Sort("name", "programs_org_name_id"),
    },
)
RULES = ListSpec(
    model=Rule,
    row=RuleRow,
    columns={"key": "rule_key", "version_id": "active_version_id", "updated": "updated_at"},
    sorts={
        "updated": Sort(
            "updated_at", "rules_org_updated_id", within={"stage": "rules_org_stage_updated_id"}
        )
    },
)
VERSIONS = ListSpec(model=RuleVersion, row=VersionRow, columns={"version": "version_no"}, sorts={})


def list_programs(
    scope: Scope, where: Where, *, sort: str, descending: bool, at: Position | None, size: int
) -> Page[ProgramRow]:
    """At most `size` programs. One statement on oi_global."""
    return list_page(
        scope, PROGRAMS, where=where, sort=sort, descending=descending, at=at, size=size
    )


def list_rules(
    scope: Scope, where: Where, *, sort: str, descending: bool, at: Position | None, size: int
) -> Page[RuleRow]:
    """At most `size` rules. One statement on oi_global."""
    return list_page(scope, RULES, where=where, sort=sort, descending=descending, at=at, size=size)


def versions_by_id(scope: Scope, ids: Iterable[str]) -> dict[str, VersionRow]:
    """Rule versions by id. One statement."""
    return rows_by_key(scope, VERSIONS, ids)


def get_program(scope: Scope, code: str) -> ProgramFile:
    """One program by code. Raises NotFound, for another organisation's code too."""
    found = rows_of(Program.objects.within(scope).filter(code=code), ProgramFile, SHORT)
    if not found:
        raise NotFound("program", code)
    return found[0]


def codes_by_carrier(scope: Scope) -> dict[str, tuple[str, ...]]:
    """Carrier id -> codes of the organisation's programs on its paper. One statement."""
    made: dict[str, tuple[str, ...]] = {}
    rows = Program.objects.within(scope).order_by("code").values_list("carrier_id", "code")
    for carrier, code in rows[:ROWS_MAX]:
        made[carrier] = (*made.get(carrier, ()), code)
    return made


def list_states(scope: Scope, program_id: str) -> Reading[StateRow]:
    """States by code. One query."""
    query = ProgramState.objects.within(scope).filter(program_id=program_id)
    names = {**SHORT, "filing": "filing_number"}
    return reading_of(query.order_by("state", "-effective_date", "id"), StateRow, names)


def list_plans(scope: Scope, program_id: str) -> Reading[PlanRow]:
    """Payment plans by code. One query."""
    query = ProgramInstallmentPlan.objects.within(scope).filter(program_id=program_id)
    names = {"code": "plan_code", "installments": "installment_count"}
    return reading_of(query.order_by("plan_code", "id"), PlanRow, names)


def list_commissions(scope: Scope, program_id: str) -> Reading[CommissionRow]:
    """Commission rates, the newest of each kind first. One query."""
    query = ProgramCommissionRate.objects.within(scope).filter(program_id=program_id)
    ordered = query.order_by("transaction_type", "-effective_date", "id")
    return reading_of(ordered, CommissionRow, {**SHORT, "ended": "end_date"})


def list_fees(scope: Scope, program_id: str) -> Reading[FeeRow]:
    """Fees by code and state. One query."""
    query = ProgramFee.objects.within(scope).filter(program_id=program_id)
    return reading_of(
        query.order_by("fee_code", "state", "id"), FeeRow, {**SHORT, "code": "fee_code"}
    )


def list_agreements(scope: Scope, program_id: str) -> Reading[AgreementRow]:
    """Delegated-authority agreements, the newest version first. One query."""
    query = DaAgreement.objects.within(scope).filter(program_id=program_id)
    return reading_of(
        query.order_by("-version_no", "id"), AgreementRow, {**SHORT, "version": "version_no"}
    )


def list_utilization(scope: Scope, program_id: str) -> Reading[UtilizationRow]:
    """Use of the newest agreement, the newest day first. One query."""
    agreements = DaAgreement.objects.within(scope).filter(program_id=program_id)
    newest = agreements.order_by("-version_no", "id").values("id")[:1]
    query = DaUtilizationSnapshot.objects.within(scope).filter(da_agreement_id=Subquery(newest))
    names = {"on": "as_of_date", "rate": "utilization_rate", "policies": "policy_count"}
    return reading_of(
        query.order_by("-as_of_date", "id"), UtilizationRow, names, limit=SNAPSHOTS_SHOWN
    )


def program_carriers(scope: Scope) -> dict[str, str]:
    """Program id -> its carrier's id. One statement on oi_global."""
    rows = Program.objects.within(scope).order_by("code", "id")
    return dict(rows.values_list("id", "carrier_id")[:ROWS_MAX])


def is_admitted(scope: Scope, program_id: str) -> bool:
    """Whether a program is written on admitted paper. One statement. Raises NotFound."""
    rows = Program.objects.within(scope).filter(id=program_id)
    found: bool | None = rows.values_list("admitted", flat=True).first()
    if found is None:
        raise NotFound("program")
    return bool(found)

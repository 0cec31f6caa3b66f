"""From a bound submission to its policy and account: step by step, each in its own keyspace.

oi_submissions says `submission.bound` (the outbox); the policy is written in oi_policies with its
own event; jobs.policy_money bills it in oi_billing; the submission learns the policy's id. Every
step finds what stands by ids that follow from the binding, so a round that was killed anywhere is
finished by the next one.
"""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import datetime
from typing import Any

from openinsure.console.numbers import next_number
from openinsure.orgs.programs import is_admitted
from openinsure.orgs.zones import org_zone
from openinsure.policies.operations.new_business import NewTerm, write_policy
from openinsure.problems import Problem
from openinsure.submissions.bound import Binding, BoundDriver, BoundQuote, bound_quote, waiting
from openinsure.submissions.operations.bindings import record_policy
from openinsure.tenancy.scope import Scope

BINDINGS_MAX = 100  # of one round
log = logging.getLogger(__name__)


def deliver(scope: Scope, *, now: datetime) -> int:
    """Write the policies that bound submissions wait for; how many.

    One that cannot be written stays, is logged and stops no other.
    """
    done = 0
    for binding in waiting(scope, most=BINDINGS_MAX):
        try:
            _deliver(scope, binding, now)
        except (Problem, KeyError) as refusal:
            log.error("binding %s waits: %r", binding.event_id, refusal)
            continue
        done += 1
    return done


def _deliver(scope: Scope, binding: Binding, now: datetime) -> None:
    term = _term(scope, binding, bound_quote(scope, binding))
    series = str(term.effective.year)
    written = write_policy(
        scope, term, number=lambda: next_number(scope, "policy", series=series), now=now
    )
    record_policy(
        scope,
        binding.event_id,
        submission_id=binding.submission_id,
        quote_id=binding.quote_id,
        policy_id=written.policy_id,
        now=now,
    )


def _term(scope: Scope, binding: Binding, of: BoundQuote) -> NewTerm:
    asked, terms = of.applicant, of.terms
    return NewTerm(
        event_id=binding.event_id,
        submission_id=binding.submission_id,
        quote_id=binding.quote_id,
        insured_id=asked.insured_id,
        insured_name=asked.insured_name,
        name_norm=asked.name_norm,
        usdot_number=asked.usdot_number,
        program_id=terms.program_id,
        carrier_id=terms.carrier_id,
        producer_id=terms.producer_id,
        underwriter_user_id=asked.assigned_underwriter_id,
        actor_user_id=binding.actor_user_id,
        line_of_business=asked.line_of_business,
        state=asked.state,
        admitted=is_admitted(scope, terms.program_id),
        timezone=org_zone(scope).key,
        effective=terms.effective,
        expires=terms.expires,
        bound_at=binding.at,
        plan=terms.plan,
        annual_premium_cents=terms.annual_premium_cents,
        premium_cents=terms.premium_cents,
        fees_cents=terms.fees_cents,
        taxes_cents=terms.taxes_cents,
        currency=terms.currency,
        producer_rate=terms.producer_commission_rate,
        mga_rate=terms.mga_commission_rate,
        coverages=tuple(
            {
                "coverage_code": row.coverage_code,
                "per_occurrence_limit_cents": row.limit_cents,
                "deductible_cents": row.deductible_cents,
                "annual_premium_cents": row.annual_premium_cents,
            }
            for row in of.coverages
        ),
        units=tuple(asdict(row) for row in of.units),
        drivers=tuple(_driver(row) for row in of.drivers),
    )


def _driver(row: BoundDriver) -> dict[str, Any]:
    return {
        "full_name": row.full_name,
        "name_norm": " ".join(row.full_name.casefold().split()),
        "license_hash": row.license_hash,
        "license_state": row.license_state,
        "mvr_report_id": row.mvr_report_id,
        "mvr_points": row.points,
    }

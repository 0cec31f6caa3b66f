"""What must hold before a term is renewed: licence, minimum, taxes, delegated authority. Pure."""

from __future__ import annotations

from typing import Any

from openinsure.console.dates import format_day
from openinsure.console.money import format_cents
from openinsure.money.renewal import Renewed, months_of
from openinsure.orgs.renewal_terms import RenewalTerms
from openinsure.policies.rows import PolicyTerm
from openinsure.submissions.checklist import AUTHORITY, Check, State, authority_checks

# Of the points of a first binding those that another year of the same risk can miss.
POINTS = {
    key: AUTHORITY[key]
    for key in ("state", "limits", "premium_per_policy", "annual_gwp", "quarterly_gwp", "terms")
}


def compared(
    term: PolicyTerm, told: RenewalTerms, figures: Renewed, quarter_cents: int
) -> list[dict[str, Any]]:
    """Every number of the renewal beside what the agreement allows; none without agreement.

    quarter_cents: what the program has written of the quarter already.
    """
    agreed = told.agreement
    if agreed is None:
        return []
    premium, cents = figures.premium_cents, {"unit": "cents"}
    excluded = set(agreed.excluded_states or ())
    allowed = [state for state in agreed.authorized_states or () if state not in excluded]
    months = months_of(figures.effective, figures.expires)
    found: list[dict[str, Any]] = [
        {"rule": "state", "value": term.state, "allowed": allowed},
        {"rule": "limits", "value": term.liability_limit_cents,
         "limit": agreed.max_occurrence_limit_cents, **cents},
        {"rule": "premium_per_policy", "value": premium,
         "limit": agreed.max_premium_per_policy_cents, **cents},
        {"rule": "quarterly_gwp", "value": quarter_cents + premium,
         "limit": agreed.quarterly_gwp_limit_cents, **cents},
        {"rule": "terms", "value": months, "allowed": list(agreed.allowed_terms_months or ())},
    ]  # fmt: skip
    if told.used is not None:
        used = told.used.bound_gwp_cents + premium
        found.append({"rule": "annual_gwp", "value": used,
                      "limit": agreed.annual_gwp_limit_cents, **cents})  # fmt: skip
    return found


def renewal_checks(
    term: PolicyTerm, told: RenewalTerms, figures: Renewed, numbers: list[dict[str, Any]]
) -> tuple[Check, ...]:
    """Every point in order. numbers: as `compared` gives them."""
    return (
        _licence(term, told, figures),
        _minimum(term, told, figures),
        *_taxes(term, told, figures),
        *authority_checks(numbers, term.currency, POINTS),
    )


def _licence(term: PolicyTerm, told: RenewalTerms, figures: Renewed) -> Check:
    label = f"Producer licensed in {term.state}"
    if told.licence is None:
        return Check("license", label, "failed", f"no license on {format_day(figures.effective)}")
    number, last = told.licence
    return Check("license", label, "passed", f"{number} until {format_day(last)}")


def _minimum(term: PolicyTerm, told: RenewalTerms, figures: Renewed) -> Check:
    enough: State = "passed" if figures.premium_cents >= told.minimum_cents else "failed"
    shown = [format_cents(n, term.currency) for n in (figures.premium_cents, told.minimum_cents)]
    return Check("minimum", "Premium reaches the minimum", enough, " of at least ".join(shown))


def _taxes(term: PolicyTerm, told: RenewalTerms, figures: Renewed) -> list[Check]:
    """Where the old term was taxed and the program still is surplus lines, a rate must be known."""
    if told.admitted or not term.taxes_cents:
        return []
    label, on = f"Tax rates of {term.state} are on file", format_day(figures.effective)
    if told.basis.taxes:
        return [Check("taxes", label, "passed", f"{len(told.basis.taxes)} for {on}")]
    return [Check("taxes", label, "failed", f"none for {on}")]

"""What a payment of an account needs from other keyspaces: the policy's terms, the treaty's share.

Two reads, no write: oi_policies and oi_global.
"""

from __future__ import annotations

from openinsure.billing.receipts import Terms
from openinsure.money.rates import Split
from openinsure.money.taxes import Tax
from openinsure.orgs.cancel_rules import cancel_rules
from openinsure.orgs.tax_rules import tax_rules
from openinsure.policies.premium_terms import premium_terms, term_of
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope


def taxes_for(scope: Scope, policy_id: str | None) -> tuple[Tax, ...]:
    """The taxes that a policy's premium bears, by its first day. Three statements."""
    if policy_id is None:
        return ()
    term = term_of(scope, policy_id)
    return tax_rules(scope, term.program_id, state=term.state, on=term.effective).taxes


def terms_for(scope: Scope, policy_id: str | None) -> Terms:
    """The terms by which money of a policy is split and posted. Raises Conflict without policy."""
    if policy_id is None:
        raise Conflict("This account bills no policy, so its money cannot be split.")
    policy = premium_terms(scope, policy_id)
    rules = cancel_rules(scope, policy.program_id)
    return Terms(
        org_id=scope.org_id,
        policy_id=policy.policy_id,
        split=Split.from_rates(
            producer=policy.producer_rate, mga=policy.mga_rate, quota_share=rules.quota_share
        ),
        producer_id=policy.producer_id,
        carrier_id=policy.carrier_id,
        program_id=policy.program_id,
        state=policy.state,
    )

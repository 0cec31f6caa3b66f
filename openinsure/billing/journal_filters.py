"""What the journal may be asked: account, kind, policy, period or days."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date

from openinsure.billing.chart import CHART
from openinsure.billing.filters import Where
from openinsure.console.filters import Days, Filter, OneOf, Option, Text
from openinsure.console.lists import Ask
from openinsure.problems import BadFilter
from openinsure.tenancy.listing import Condition, Span

KINDS: Mapping[str, str] = {
    "invoice": "Invoice issued",
    "payment": "Payment received",
    "payment_reversal": "Payment returned",
    "fee_charge": "Fee charged",
    "fee_waiver": "Fee waived",
    "return_premium": "Return premium",
    "manual": "Manual entry",
    "commission_release": "Commission paid out",
    "commission_confirm": "Commission confirmed",
    "commission_return": "Commission returned",
    "return_applied": "Return premium applied",
    "refund_withdrawn": "Refund withdrawn",
    "refund": "Refund",
    "earned_premium": "Earned premium",
    "claim_reserve": "Reserve",
    "claim_payment": "Claim payment",
    "claim_recovery": "Claim recovery",
    "claim_reinsurance": "Reinsurer's payment of a loss",
    "fund_deposit": "Claims fund deposit",
    "payout": "Payout",
    "settlement_release": "Settlement released",
    "settlement_confirm": "Settlement paid",
    "settlement_return": "Settlement returned",
    "settlement_offset": "Claims kept from premium",
    "suspense_applied": "Suspense applied",
    "tax_remittance": "Tax released",
    "tax_confirm": "Tax paid",
    "tax_return": "Tax returned",
    "bank_fee": "Bank fee",
    "reversal": "Reversal of an entry",
    "reconciliation": "Difference corrected",
}
FILTERS: tuple[Filter, ...] = (
    OneOf(
        "account",
        "Account",
        tuple(Option(one.code, f"{one.code} {one.name}") for one in CHART.values()),
        many=True,
        noun="account",
    ),
    OneOf("kind", "Kind", tuple(Option(*pair) for pair in KINDS.items()), many=True),
    Text(
        "policy",
        "Policy",
        r"[A-Z0-9][A-Z0-9-]{0,39}",
        "must be a policy number as in ACM-2026-000123",
    ),
    Text("period", "Period", r"20[0-9]{2}-(0[1-9]|1[0-2])", "must be a month written YYYY-MM"),
    Days("date", "Date"),
)


def where_of(ask: Ask, *, policies: tuple[str, ...]) -> Where:
    """Column -> condition. policies: the ids of the policy number asked for."""
    where: dict[str, Condition] = {}
    if ask.many("account"):
        where["account_code"] = ask.many("account")
    if ask.many("kind"):
        where["source_type"] = ask.many("kind")
    if ask.one("policy"):
        where["policy_id"] = policies or ("",)  # an unknown number: no line has it
    span = Span(ask.day("date_from"), ask.day("date_to"))
    if period := ask.one("period"):
        if span != Span():
            raise BadFilter("period", rule="cannot be combined with dates")
        span = month(period)
    return where | ({"entry_date": span} if span != Span() else {})


def month(code: str) -> Span:
    """The days of a period such as 2026-05."""
    first = date.fromisoformat(f"{code}-01")
    return Span(first, first.replace(day=calendar.monthrange(first.year, first.month)[1]))

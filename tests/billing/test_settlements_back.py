"""A payout of a settlement that the ledger refused: named by the checklist until it came back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from openinsure.billing.models import GlJournalEntry, LedgerTransfer
from openinsure.billing.operations import releases
from openinsure.jobs import relay
from openinsure.tenancy.scope import Scope, entered
from tests.billing.settlements import NOW, payouts_of, world
from tests.billing.test_ledger_close import transfers_check
from tests.billing.test_settlements import RELEASED, until

pytestmark = pytest.mark.django_db(
    databases=["default", "oi_global", "oi_billing", "ledger_engine"]
)


def test_a_refused_payout_holds_up_the_month_until_it_is_recorded_as_come_back(
    acme: Scope,
) -> None:
    one = world(acme)
    until(one, RELEASED)
    carrier, reinsurer = payouts_of(one)
    with entered(one.scope):
        rows = LedgerTransfer.objects.within(one.scope)
        assert rows.filter(source_id=carrier.id).update(status="refused") == 1
        check = transfers_check(one.scope, NOW)
    (blocker,) = check.blockers
    assert (check.status, check.found) == ("open", "1 queued, 1 refused")
    assert (blocker.name, blocker.href) == (
        f"Settlement SET-{one.tail}", f"/billing/settlements/SET-{one.tail}",
    )  # fmt: skip
    told: dict[str, Any] = {"number": f"SET-{one.tail}", "actor_user_id": one.author, "now": NOW}
    with entered(one.scope):
        relay.relay(one.scope, now=NOW + timedelta(minutes=5))
        for payout in (carrier, reinsurer):
            releases.return_payout(
                one.scope, payout_id=payout.id, reason="The bank sent it back", **told
            )
        relay.relay(one.scope, now=NOW + timedelta(minutes=6))
        check = transfers_check(one.scope, NOW)
        entries = GlJournalEntry.objects.within(one.scope).filter(source_type="settlement_release")
        backs = set(entries.values_list("reversed_by__source_type", flat=True))
    assert (check.status, check.blockers, backs) == ("passed", (), {"settlement_return"})

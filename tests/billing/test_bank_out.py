"""Lines of money out: matched once to the payout of their amount; a claim's check clears."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from openinsure.billing import models as billing
from openinsure.billing.operations.bank_out import match_cleared, match_out
from openinsure.claims import models as claims
from openinsure.jobs import claim_money
from openinsure.keyspaces.ids import new_id
from openinsure.problems import BadForm, Conflict
from openinsure.settings.databases import KEYSPACES
from openinsure.tenancy.scope import Scope, entered
from tests import people
from tests.billing import carriers, making, posting
from tests.claims import made
from tests.factories import made as row_of

pytestmark = pytest.mark.django_db(databases=["default", *KEYSPACES])
CENTS = 12_345
JSON = {"accept": "application/json"}


def line(scope: Scope, **given: Any) -> Any:
    return carriers.bank_line(scope, direction="debit", amount_cents=CENTS, **given)


def payout_of(scope: Scope, kind: str) -> Any:
    """Something of this kind that left."""
    if kind == "settlement_payout":
        settled = carriers.settlement(scope)
        return carriers.payout(scope, settled, status="posted", amount_cents=CENTS)
    if kind == "tax_remittance":
        return carriers.remittance(scope, status="remitted", amount_cents=CENTS)
    if kind == "commission_payout":
        stated = carriers.statement(scope)
        return carriers.commission_payout(scope, stated, status="paid", amount_cents=CENTS)
    account = making.account(scope)
    return row_of(scope, billing.Refund, {
        "id": new_id(), "billing_account_id": account.id, "policy_id": account.policy_id,
        "amount_cents": CENTS, "currency": "USD", "status": "issued",
        "due_date": posting.NOW.date(), **carriers.STAMPS})  # fmt: skip


def fresh(scope: Scope, row: Any) -> Any:
    with entered(scope):
        return type(row).objects.within(scope).get(id=row.id)


def offered(page: Any, of: Any) -> tuple[str, str]:
    """The form of a line: its id and its page."""
    path = f"/billing/bank/{of.id}/matches"
    return page.get(path, headers=JSON).json()["row"]["form_id"], page.get(path).content.decode()


@pytest.mark.parametrize(
    "kind", ["settlement_payout", "tax_remittance", "commission_payout", "refund"]
)
def test_it_leads_to_the_payout_and_is_matched_once(acme: Scope, kind: str) -> None:
    out, other, wanted = line(acme), line(acme), payout_of(acme, kind)
    page = people.browser(acme.org_id, "finance_analyst")
    assert f"/billing/bank/{out.id}/matches" in page.get("/billing/bank").content.decode()
    form_id, html = offered(page, out)
    assert f'value="{kind}:{wanted.id}"' in html
    sent = {"form_id": form_id, "payout": f"{kind}:{wanted.id}"}
    for _ in range(2):
        assert page.post(f"/billing/bank/{out.id}/matches", sent).status_code == 303
    row = fresh(acme, out)
    assert (row.match_status, row.matched_type, row.matched_id) == ("matched", kind, wanted.id)
    shown = page.get("/billing/bank", headers=JSON).json()["rows"]
    assert {one["id"]: bool(one["matched"]) for one in shown} == {out.id: True, other.id: False}
    assert wanted.id not in offered(page, other)[1]
    with entered(acme), pytest.raises(Conflict):
        match_out(acme, line_id=other.id, kind=kind, key=wanted.id, now=posting.NOW)


def test_it_looks_for_every_kind_of_payout_at_once(acme: Scope) -> None:
    kinds = ("settlement_payout", "tax_remittance", "commission_payout", "refund")
    wanted = [f"{kind}:{payout_of(acme, kind).id}" for kind in kinds]
    page, out = people.browser(acme.org_id, "finance_analyst"), line(acme)
    with CaptureQueriesContext(connections["oi_billing"]) as seen:
        _, html = offered(page, out)
    assert [key for key in wanted if f'value="{key}"' not in html] == []
    assert len(seen) == 2 * 3, "twice: the line, the payouts, which of them have a line"


def test_it_is_matched_to_nothing_else(acme: Scope, borealis: Scope) -> None:
    wanted, foreign = payout_of(acme, "refund"), payout_of(borealis, "refund")
    smaller = carriers.bank_line(acme, direction="debit", amount_cents=CENTS - 1)
    money_in = carriers.bank_line(acme, direction="credit", amount_cents=CENTS)
    cases = ((smaller, wanted.id), (money_in, wanted.id), (line(acme), foreign.id),
             (line(acme), new_id()))  # fmt: skip
    for one, key in cases:
        with entered(acme), pytest.raises(BadForm):
            match_out(acme, line_id=one.id, kind="refund", key=key, now=posting.NOW)
        assert fresh(acme, one).match_status == "open"


def check(scope: Scope) -> Any:
    claim = made.claim(scope)
    return made.disbursement(
        scope, claim, status="issued", amount_cents=CENTS, check_number="1042",
        issued_at=timezone.now(),
    )  # fmt: skip


def test_a_check_clears_with_its_line(acme: Scope) -> None:
    posting.organization(acme)
    out, row = line(acme), check(acme)
    page = people.browser(acme.org_id, "finance_analyst")
    form_id, html = offered(page, out)
    assert "check 1042" in html
    assert "Hiddenpayee" not in html
    sent = {"form_id": form_id, "payout": f"disbursement:{row.id}"}
    for _ in range(2):
        assert page.post(f"/billing/bank/{out.id}/matches", sent).status_code == 303
    cleared = fresh(acme, row)
    assert (cleared.status, cleared.bank_transaction_id) == ("cleared", out.id)
    assert cleared.cleared_at.date() <= timezone.now().date()
    assert fresh(acme, out).matched_id == row.id
    with entered(acme):
        assert claims.ClaimEvent.objects.within(acme).filter(claim_id=row.claim_id).count() == 1
    assert row.disbursement_number in page.get("/billing/bank").content.decode()


def test_the_line_follows_the_claim_after_a_crash(
    acme: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    from openinsure.pages import bank_out

    posting.organization(acme)
    out, row = line(acme), check(acme)
    page = people.browser(acme.org_id, "finance_analyst")
    sent = {"form_id": offered(page, out)[0], "payout": f"disbursement:{row.id}"}

    def killed(*args: Any, **kwargs: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(bank_out, "match_cleared", killed)
        with pytest.raises(SystemExit):
            page.post(f"/billing/bank/{out.id}/matches", sent)
    assert (fresh(acme, row).status, fresh(acme, out).match_status) == ("cleared", "open")
    with entered(acme):
        assert claim_money.deliver(acme, now=timezone.now()) == 1
        again = match_cleared(acme, line_id=out.id, disbursement_id=row.id, now=timezone.now())
    assert again.repeated
    assert fresh(acme, out).matched_id == row.id

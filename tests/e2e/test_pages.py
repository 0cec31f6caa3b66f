"""Every page in a real browser: accessible in both themes, silent, never wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import Opened
from tests.e2e.looking import THEMES, faults, messages, show, too_wide

SUPPORT, ADMIN = "support@acme.test", "admin@acme.test"
UNDERWRITER = "underwriter@acme.test"
ADJUSTER = "adjuster@acme.test"
FINANCE = "finance@acme.test"
AUDITOR, DBOPS = "auditor@openinsure.test", "dbops@openinsure.test"
PAGES = [
    ("/login", ""),
    ("/", SUPPORT),
    ("/", DBOPS),
    ("/ops/jobs", DBOPS),
    ("/ops/jobs/health-rollup", DBOPS),
    ("/ops/jobs/portfolio-sweep", DBOPS),
    ("/policies", SUPPORT),
    ("/policies?status=active&sort=-premium_cents", SUPPORT),
    ("/policies/ACM-2026-000001", SUPPORT),
    ("/policies/ACM-2026-000001?tab=coverages", SUPPORT),
    ("/policies/ACM-2026-000001?tab=vehicles", SUPPORT),
    ("/policies/ACM-2026-000001?tab=drivers", SUPPORT),
    ("/policies/ACM-2026-000002?tab=endorsements", SUPPORT),
    ("/policies/ACM-2026-000001?tab=timeline", SUPPORT),
    ("/policies/ACM-2026-999999", SUPPORT),
    ("/policies?status=nonsense", SUPPORT),
    ("/billing/invoices", SUPPORT),
    ("/billing/invoices/INV-ACM-000001", SUPPORT),
    ("/billing/invoices/INV-ACM-000001?tab=history", SUPPORT),
    ("/billing/invoices/INV-ACM-000001?tab=books", SUPPORT),
    ("/billing/payments?method=ach", SUPPORT),
    ("/billing/payments/PAY-ACM-000001", SUPPORT),
    ("/claims", SUPPORT),
    ("/claims?view=open", SUPPORT),
    *[
        (f"/claims/CLM-ACM-000001{tab}", SUPPORT)
        for tab in (
            "",
            "?tab=exposures",
            "?tab=claimants",
            "?tab=reserves",
            "?tab=disbursements",
            "?tab=coverage",
            "?tab=timeline",
        )
    ],
    ("/claims/disbursements", SUPPORT),
    *[
        (f"/policies/ACM-2026-000001?tab={tab}", SUPPORT)
        for tab in ("documents", "billing", "claims", "ledger", "work")
    ],
    ("/policies/ACM-2026-000001/cancellations?effective=2026-11-20", ADMIN),
    ("/policies/ACM-2026-000001/renewals", UNDERWRITER),
    ("/find", SUPPORT),
    ("/find?q=ACM-2026-0000", SUPPORT),
    ("/find/recents", SUPPORT),
    ("/billing/accounts/ACC-ACM-000001", SUPPORT),
    ("/billing/accounts/ACC-ACM-000001?tab=schedule", SUPPORT),
    ("/billing/accounts/ACC-ACM-000001?tab=holds", SUPPORT),
    ("/billing/accounts/ACC-ACM-000001/payments", FINANCE),
    ("/billing/accounts/ACC-ACM-000001/invoices", FINANCE),
    ("/billing/invoices/INV-ACM-000001/deliveries", SUPPORT),
    ("/billing/payments/PAY-ACM-000001/reversals", FINANCE),
    ("/billing/ageing", SUPPORT),
    ("/billing/holds", SUPPORT),
    *[(f"/billing/{page}", FINANCE) for page in ("bordereaux", "settlements")],
    ("/ledger", FINANCE),
    ("/ledger/accounts/LOSS_FUND", FINANCE),
    ("/ledger/accounts/RESERVES/all", FINANCE),
    ("/ledger/deposits", FINANCE),
    ("/ledger/policies/ACM-2026-000004/postings", FINANCE),
    ("/claims/CLM-ACM-000001?tab=books", FINANCE),
    ("/billing/accounts/ACC-ACM-000001?tab=books", FINANCE),
    ("/ledger/transfers", FINANCE),
    ("/ledger/reconciliation", FINANCE),
    ("/ledger/journal", FINANCE),
    ("/ledger/journal?account=2500&kind=earned_premium", FINANCE),
    ("/ledger/journal/JE-2026-03-00000001", FINANCE),
    ("/ledger/trial-balance", FINANCE),
    ("/ledger/close", FINANCE),
    ("/ledger/close/2026-03", FINANCE),
    ("/ledger/close/2026-03/reopening-requests", FINANCE),
    *[
        (f"/billing/{page}", FINANCE)
        for page in (
            "bordereaux",
            "settlements",
            "suspense",
            "taxes",
            "commissions",
            "commissions/payouts",
            "reinsurance",
            "reinsurance/recoverables",
            "bank",
            "taxes/new",
            "commissions/new",
            "reinsurance/new",
            "bank/tie-outs",
        )
    ],
    ("/approvals", FINANCE),
    ("/approvals", SUPPORT),
    ("/billing/bordereaux/new", FINANCE),
    ("/billing/bordereaux/BDX-ACM-000001", FINANCE),
    ("/billing/bordereaux/BDX-ACM-000001/lines", FINANCE),
    ("/billing/settlements/new", FINANCE),
    *[
        (f"/billing/settlements/STL-ACM-000001{tab}", FINANCE)
        for tab in ("", "?tab=bridge", "?tab=books")
    ],
    ("/claims/CLM-ACM-000001/reserves", ADJUSTER),
    ("/claims/CLM-ACM-000001/transitions", ADJUSTER),
    ("/claims/CLM-ACM-000001/recoveries", ADJUSTER),
    ("/claims/CLM-ACM-000001/notes", ADJUSTER),
    ("/claims/CLM-ACM-000001/reveals", ADJUSTER),
    ("/claims/CLM-ACM-000001/assignments", ADJUSTER),
    ("/policies?tool=status", UNDERWRITER),
    ("/policies?tool=save", UNDERWRITER),
    ("/submissions", UNDERWRITER),
    ("/submissions?view=open", UNDERWRITER),
    ("/submissions/SUB-ACM-000001?tab=overview", UNDERWRITER),
    ("/submissions/SUB-ACM-000001?tab=carrier", UNDERWRITER),
    ("/submissions/SUB-ACM-000001?tab=drivers", UNDERWRITER),
    ("/submissions/SUB-ACM-000001?tab=losses", UNDERWRITER),
    ("/submissions/SUB-ACM-000001?tab=quotes", UNDERWRITER),
    ("/submissions/SUB-ACM-000001?tab=checklist", UNDERWRITER),
    ("/submissions/SUB-ACM-000001?tab=documents", UNDERWRITER),
    ("/submissions/SUB-ACM-000001?tab=notes", UNDERWRITER),
    ("/submissions/SUB-ACM-000001?tab=work", UNDERWRITER),
    ("/submissions/SUB-ACM-000001?tab=timeline", UNDERWRITER),
    ("/inbox", SUPPORT),
    ("/compliance/filings", ADMIN),
    ("/producers", SUPPORT),
    ("/producers/ACM-P001", SUPPORT),
    ("/programs", SUPPORT),
    ("/programs/FLT-FL", SUPPORT),
    ("/programs/FLT-FL?tab=authority", SUPPORT),
    ("/rules", SUPPORT),
    ("/carriers", SUPPORT),
    ("/reference?tab=notices", SUPPORT),
    ("/settings", SUPPORT),
    ("/audit", ADMIN),
    ("/audit/samples", ADMIN),
    ("/audit/evidence", ADMIN),
    ("/audit/trace", ADMIN),
    ("/users", ADMIN),
    ("/access-review", ADMIN),
    ("/claims/CLM-ACM-000001/recusals", ADMIN),
    ("/claims/CLM-ACM-000001/recusal-withdrawals", ADMIN),
    ("/ops/db/spicedb", DBOPS),
    ("/access-review/privileged", ADMIN),
    ("/exports", ADMIN),
    ("/notifications", ADMIN),
    ("/orgs", AUDITOR),
    ("/orgs/enter?orgId=0190a000-0000-7000-8000-00000000000b", AUDITOR),
    ("/ops", DBOPS),
    ("/ops/db/ai", DBOPS),
    ("/ops/db/ai/migrations", DBOPS),
    ("/ops/db/ai/drift", DBOPS),
    ("/ops/db/ai/history?days=1", DBOPS),
    ("/ops/db/ai/connections", DBOPS),
    ("/ops/db/ai/references", DBOPS),
    ("/ops/db/ai/runbook", DBOPS),
    ("/ops/db/ai/migrations/oi_claims/0000_baseline", DBOPS),
    ("/ops/db/documenso-db", DBOPS),
    ("/ops/db/tigerbeetle/drift", DBOPS),
    ("/nowhere", SUPPORT),
]


@pytest.fixture(scope="module", params=PAGES, ids="-".join)
def page(request: pytest.FixtureRequest, opened: Opened) -> Iterator[Page]:
    """A page, loaded once for its three tests: each says which theme and width it looks at."""
    path, email = request.param
    with opened(path, email) as found:
        yield found


@pytest.mark.parametrize("theme", THEMES)
def test_it_is_accessible_and_silent(page: Page, theme: str) -> None:
    for width in (1440, 390):
        show(page, theme=theme, width=width)
        assert faults(page) == ""
    assert [line for line in messages(page) if "status of 4" not in line] == []


def test_it_never_scrolls_sideways(page: Page) -> None:
    show(page, theme="light", width=1440)
    assert too_wide(page) == []

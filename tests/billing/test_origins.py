"""Every kind of entry says what it came from: none is added without its way back."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from openinsure.billing.journal_filters import KINDS
from openinsure.billing.queries.origins import SOURCES, origin_of
from openinsure.billing.transfer_words import CODES, account_name
from openinsure.keyspaces.ids import new_id
from openinsure.pages.ledger_trace import CLAIM_TABS
from openinsure.tenancy.scope import Scope, entered
from tests.billing import booked, carriers, differences

ROOT = Path(__file__).resolve().parent.parent.parent
WITHOUT_MONEY = {"close"}  # closing entries have no counterpart


def posted_kinds() -> set[str]:
    """Every literal given as source_type in billing and the demo."""
    files = [*ROOT.glob("openinsure/billing/**/*.py"), *ROOT.glob("openinsure/demo/*.py")]
    words = {
        word.value.value
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("post_entry", "Entry")
        for word in node.keywords
        if word.arg == "source_type" and isinstance(word.value, ast.Constant)
    }
    return {str(word) for word in words}


def test_it_knows_the_source_of_every_kind() -> None:
    kinds = posted_kinds()
    assert {"payment", "return_premium", "settlement_offset", "reversal"} <= kinds
    assert kinds | KINDS.keys() <= SOURCES.keys() | WITHOUT_MONEY
    assert CLAIM_TABS.keys() <= SOURCES.keys()


def test_it_says_every_transfer_code_in_words() -> None:
    told = {
        node.value
        for path in (ROOT / "openinsure" / "billing").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, int)
        and 1000 < node.value < 2000 and not isinstance(node.value, bool)
    }  # fmt: skip
    assert told & CODES.keys()
    assert told <= CODES.keys()


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("producer:01a1:PRODUCER_PAYABLE", ("producer", "01a1", "PRODUCER_PAYABLE")),
        ("tax:FL:stamping_fee:TAX_AUTHORITY_PAYABLE",
         ("tax", "FL:stamping_fee", "TAX_AUTHORITY_PAYABLE")),
    ],
)  # fmt: skip
def test_it_reads_an_account_name(name: str, parts: tuple[str, str, str]) -> None:
    assert account_name(name) == parts


@pytest.mark.django_db(databases=["default", "oi_global", "oi_billing"])
def test_it_finds_objects_of_the_organisation_only(acme: Scope, borealis: Scope) -> None:
    entry, item = booked.entry(acme), differences.fault(acme, differences.transfer(acme))
    tax = carriers.remittance(acme)
    cases = (("reversal", entry.id), ("reconciliation", item.id), ("tax_remittance", tax.id))
    for kind, key in cases:
        with entered(acme):
            found = origin_of(acme, kind, key)
        assert found is not None
        assert found.href.startswith("/")
        with entered(borealis):
            assert origin_of(borealis, kind, key) is None
    with entered(acme):
        assert origin_of(acme, "payment", new_id()) is None
        assert origin_of(acme, "fund_deposit", new_id()) is None

"""Forms below a policy over HTTP: one effect, 422 keeps every value, reasons before values."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from openinsure.audit.models import AuditLog
from openinsure.keyspaces.sealing import seal
from openinsure.orgs.models import Activity
from openinsure.policies.models import Policy, PolicyEvent, PolicyNote
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.pages.test_find import ALL

pytestmark = pytest.mark.django_db(databases=ALL)


@pytest.fixture
def writer(db: None, acme: Scope) -> Client:
    """A browser of acme's underwriter."""
    return people.browser(acme.org_id, "underwriter")


@pytest.fixture
def golden(db: None, acme: Scope) -> Policy:
    """G1 + E1 of domain.md 4, with its insured and program."""
    program = factories.program(acme, quota_share_rate=Decimal("0.30"))
    policy = factories.policy(
        acme,
        program_id=program.id,
        insured_id=factories.insured(acme, postal_code="33605").id,
        producer_commission_rate=Decimal("0.125"),
        mga_commission_rate=Decimal("0.10"),
        written_premium_cents=1_344_375,
    )
    factories.transaction(acme, policy, transaction_no=1, written_premium_cents=1_234_567)
    factories.transaction(
        acme, policy, transaction_no=2, transaction_type="ENDORSEMENT",
        effective_date=date(2026, 9, 15), written_premium_cents=109_808,
    )  # fmt: skip
    return policy


def hidden(page: str, action: str) -> dict[str, str]:
    """form_id and version of the form that posts there."""
    form = re.search(rf'<form[^>]*action="[^"]*{action}[^"]*".*?</form>', page, re.DOTALL)
    assert form, action
    names = ("form_id", "version")
    found = {n: re.search(rf'name="{n}" value="([^"]*)"', form.group(0)) for n in names}
    return {name: match.group(1) for name, match in found.items() if match}


def work(client: Client, policy: Policy) -> str:
    return client.get(f"/policies/{policy.policy_number}?tab=work").content.decode()


def actions_of(scope: Scope) -> list[str]:
    with entered(scope):
        return list(AuditLog.objects.within(scope).order_by("seq").values_list("action", flat=True))


def test_it_previews_the_golden_refund(writer: Client, golden: Policy) -> None:
    address = f"/policies/{golden.policy_number}/cancellations"
    page = writer.get(f"{address}?effective=2026-11-20&method=pro_rata").content.decode()
    assert '<data class="money" value="408031">$4,080.31</data>' in page
    for cents in ("51004", "40804", "94867", "221356"):
        assert f'value="{cents}"' in page
    told = writer.get(
        f"{address}?effective=2026-11-20&method=short_rate", headers={"accept": "application/json"}
    ).json()
    assert told["row"]["refund_cents"] == 367_228
    for query in ("effective=2027-03-01", "effective=x", "method=magic", "x=1", "term=0"):
        assert writer.get(f"{address}?{query}").status_code == 400


@pytest.mark.parametrize(
    ("effective", "method", "rule"),
    [
        ("2027-03-01", "short_rate", "must be from 1 Mar 2026 to 28 Feb 2027"),
        ("next week", "short_rate", "must be a date"),
        ("2026-11-20", "magic", "must be one of pro_rata, short_rate, flat"),
    ],
)
def test_it_offers_the_preview_again_beside_what_is_wrong(
    writer: Client, golden: Policy, effective: str, method: str, rule: str
) -> None:
    address = f"/policies/{golden.policy_number}/cancellations"
    query = {"effective": effective, "method": method}
    answer = writer.get(address, query)
    page = answer.content.decode()
    field = "method" if method == "magic" else "effective"
    assert answer.status_code == 400
    assert re.search(rf'id="preview-{field}-error">.*{rule}', page)
    assert re.search(rf'id="preview-effective"[^>]* value="{effective}"', page)
    if method != "magic":
        assert '<option value="short_rate" selected>' in page
    assert 'data-panel="preview"' not in page
    told = writer.get(address, query, headers={"accept": "application/json"})
    assert (told.status_code, told.json()["field"]) == (400, field)


def test_it_cancels_with_one_effect(writer: Client, golden: Policy, acme: Scope) -> None:
    address = f"/policies/{golden.policy_number}/cancellations"
    page = writer.get(f"{address}?effective=2026-11-20").content.decode()
    posts = re.findall(r'name="form_id" value="([^"]*)"', page)
    form = {"form_id": posts[-1], "version": "0"}
    sent = form | {
        "effective": "2026-11-20", "method": "pro_rata", "reason_code": "SOLD",
        "initiated_by": "insured", "cancel_confirm": "wrong",
    }  # fmt: skip
    refused = writer.post(address, sent)
    assert refused.status_code == 422
    body = refused.content.decode()
    assert 'value="wrong"' in body
    assert f"must be {golden.policy_number}, exactly" in body
    sent["cancel_confirm"] = golden.policy_number
    assert {writer.post(address, sent).status_code for _ in range(10)} == {303}
    with entered(acme):
        events = PolicyEvent.objects.within(acme).filter(policy_id=golden.id)
        assert [event.payload["refund_cents"] for event in events] == [408_031]
    again = writer.post(address, sent | {"form_id": "forged"})
    assert again.status_code == 422


def test_it_reinstates(writer: Client, golden: Policy, acme: Scope) -> None:
    test_it_cancels_with_one_effect(writer, golden, acme)
    page = work(writer, golden)
    assert "without lapse: $4,080.31 of premium charged again" in page
    fresh = hidden(page, "reinstatements")
    for day in ("1999-01-01", "soon", ""):
        refused = writer.post(
            f"/policies/{golden.policy_number}/reinstatements",
            fresh | {"reinstate_from": day, "reinstate_reason": "Paid",
                     "reinstate_confirm": golden.policy_number},
        )  # fmt: skip
        assert refused.status_code == 422, day
    sent = hidden(page, "reinstatements") | {
        "reinstate_from": "2026-11-20", "reinstate_reason": "Paid",
        "reinstate_confirm": golden.policy_number,
    }  # fmt: skip
    address = f"/policies/{golden.policy_number}/reinstatements"
    assert writer.post(address, sent).status_code == 303
    with entered(acme):
        assert Policy.objects.within(acme).get(id=golden.id).status == "active"
    other = hidden(work(writer, golden), "notes")
    refused = writer.post(address, sent | {"form_id": other["form_id"], "version": "2"})
    assert refused.status_code == 422
    said = refused.content.decode()
    assert "This policy is active; it cannot become active." in said
    assert "Next: pending cancellation, cancelled, nonrenewal pending, renewed or expired." in said


def test_it_notes_calls_and_sets_a_diary_date(
    acme_support: Client, golden: Policy, acme: Scope
) -> None:
    soon = str(timezone.now().date() + timedelta(days=9))
    for action, fields in (
        ("notes", {"note": "Line one\nline two"}),
        ("calls", {"call_reason": "billing", "call_outcome": "Told the balance"}),
        (
            "diary-dates",
            {
                "diary_date": soon,
                "diary_subject": "Call back",
            },
        ),
    ):
        sent = hidden(work(acme_support, golden), action) | fields
        address = f"/policies/{golden.policy_number}/{action}"
        assert [acme_support.post(address, sent).status_code for _ in range(3)] == [303] * 3
    sent = hidden(work(acme_support, golden), "diary-dates") | {"diary_subject": "Call back"}
    for day in ("2199-01-02", "2020-01-01", "x"):
        answer = acme_support.post(address, sent | {"diary_date": day})
        assert answer.status_code == 422
        assert "Call back" in answer.content.decode()
    with entered(acme):
        assert PolicyNote.objects.within(acme).count() == 1
        kinds = Activity.objects.within(acme).values_list("activity_type", flat=True)
        assert sorted(kinds) == ["call", "diary"]
    assert {"call.logged", "diary.set", "policy.note_added"} <= set(actions_of(acme))


def test_it_compares_a_caller_five_times(acme_support: Client, golden: Policy, acme: Scope) -> None:
    address = f"/policies/{golden.policy_number}/caller-checks"
    answers = []
    for said in ("(813) 555-0142", "8135550199", "1 813 555 0142", "x", "813-555-0142", "y"):
        sent = hidden(work(acme_support, golden), "caller-checks") | {
            "asked": "phone",
            "said": said,
        }
        answer = acme_support.post(address, sent, headers={"accept": "application/json"})
        answers.append((answer.status_code, answer.json().get("row", {}).get("match")))
    assert answers == [
        (200, True), (200, False), (200, True), (200, False), (200, True), (429, None),
    ]  # fmt: skip
    assert actions_of(acme).count("caller.checked") == 6
    page = acme_support.get(f"/policies/{golden.policy_number}?tab=work").content.decode()
    assert "555-0142" not in page


def test_it_tells_nowhere_what_a_sixth_try_would_have_found(
    acme_support: Client, golden: Policy, acme: Scope
) -> None:
    address = f"/policies/{golden.policy_number}/caller-checks"
    for said in ("1", "2", "3", "4", "5", "(813) 555-0142"):
        sent = hidden(work(acme_support, golden), "caller-checks")
        answer = acme_support.post(address, sent | {"asked": "phone", "said": said})
    again = acme_support.post(address, sent | {"asked": "phone", "said": "(813) 555-0142"})
    assert (answer.status_code, again.status_code) == (429, 429)
    page = acme_support.get(f"/policies/{golden.policy_number}?tab=timeline").content.decode()
    assert page.count("Phone on file: no match") == 5
    assert page.count("Phone on file: not compared, five tries within an hour") == 1
    with entered(acme):
        kept = AuditLog.objects.within(acme).filter(action="caller.checked")
        assert "Phone on file: match" not in str([row.after_json for row in kept])


def test_it_reveals_only_after_its_audit_row(writer: Client, golden: Policy, acme: Scope) -> None:
    factories.driver(
        acme, golden, dob_enc=seal(acme.org_id, "policy_drivers.dob", "1980-02-03"),
        license_number_enc=seal(acme.org_id, "policy_drivers.license_number", "D4821"),
    )  # fmt: skip
    address = f"/policies/{golden.policy_number}/reveals"
    sent = hidden(work(writer, golden), "reveals")
    for short in (" ", "x"):
        refused = writer.post(address, sent | {"reveal_reason": short})
        assert refused.status_code == 422
        assert "must have 10 to 255 characters" in refused.content.decode()
    assert "policy.pii_revealed" not in actions_of(acme)
    shown = writer.post(address, sent | {"reveal_reason": "Insured asked for a copy"})
    body = shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    for value in ("1980-02-03", "D4821", "office@redrock.test"):
        assert value in body
    with entered(acme):
        row = AuditLog.objects.within(acme).get(action="policy.pii_revealed")
        assert (row.reason, row.entity_id) == ("Insured asked for a copy", golden.id)
        assert "1980" not in str(row.after_json)
    support = people.browser(acme.org_id, "support")
    assert support.post(address, sent | {"reveal_reason": "x"}).status_code == 403


def test_it_offers_only_what_the_role_may(acme: Scope, golden: Policy) -> None:
    page = work(people.browser(acme.org_id, "compliance_officer"), golden)
    assert "Reveal personal data" not in page
    assert "Cancel this policy" not in page
    assert "Add a note" in page


@pytest.mark.parametrize("value", ["", "\x00", "a" * 9000, "\u202e", "<script>alert(1)</script>"])
def test_it_keeps_hostile_text_harmless(acme_support: Client, golden: Policy, value: str) -> None:
    sent = hidden(work(acme_support, golden), "notes") | {"note": value}
    answer = acme_support.post(f"/policies/{golden.policy_number}/notes", sent)
    assert answer.status_code in (303, 422)
    page = acme_support.get(f"/policies/{golden.policy_number}?tab=timeline").content
    assert b"<script>alert" not in page

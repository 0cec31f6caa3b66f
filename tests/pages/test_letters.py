"""Letters: certificates, declarations and invoices go out once, and stand on the timeline."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from openinsure.billing.models import Installment, Invoice, InvoiceEvent
from openinsure.console import letters as port
from openinsure.console.mail import Letter, MailAway, MailRefused, MailUnknown
from openinsure.console.models import OutgoingLetter
from openinsure.keyspaces.ids import new_id
from openinsure.pages import letters_tasks
from openinsure.policies.models import Certificate, Policy, PolicyDocument, PolicyEvent
from openinsure.tenancy.scope import Scope, entered
from tests import factories, people
from tests.billing import making, posting
from tests.factories import made
from tests.letters import Letters, letters
from tests.pages.test_find import ALL

__all__ = ["letters"]  # the fixture
pytestmark = pytest.mark.django_db(databases=ALL)


@pytest.fixture(autouse=True)
def broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(letters_tasks.send, "enqueue", lambda scope, **kwargs: "message")


@pytest.fixture
def policy(db: None, acme: Scope) -> Policy:
    posting.organization(acme)
    who = factories.insured(acme, email="owner@hauler.test")
    row = factories.policy(acme, insured_id=who.id, insured_name="Big <Rigs> LLC")
    factories.coverage(acme, row)
    return row


@pytest.fixture
def support(db: None, acme: Scope) -> Client:
    return people.browser(acme.org_id, "support")


def form_of(client: Client, address: str, action: str) -> dict[str, str]:
    page = client.get(address).content.decode()
    form = re.search(rf'<form[^>]*action="[^"]*{action}[^"]*".*?</form>', page, re.DOTALL)
    assert form, action
    names = ("form_id", "version")
    found = {n: re.search(rf'name="{n}" value="([^"]*)"', form.group(0)) for n in names}
    return {name: match.group(1) for name, match in found.items() if match}


def documents(policy: Policy) -> str:
    return f"/policies/{policy.policy_number}?tab=documents"


def asked(client: Client, policy: Policy, **given: str) -> dict[str, str]:
    """The form of a certificate, filled in."""
    return form_of(client, documents(policy), "certificates") | {
        "holder": "Port of Tampa", "holder_address": "1 Dock St\nTampa FL",
        "send_to": "insured", "send_address": "",
    } | given  # fmt: skip


def sent_out(scope: Scope) -> int:
    with entered(scope):
        return letters_tasks.send_letters(scope)


def rows(scope: Scope, model: Any) -> list[Any]:
    with entered(scope):
        return list(model.objects.within(scope).order_by("id"))


def test_it_issues_a_certificate_once_and_sends_it(
    acme: Scope, policy: Policy, support: Client, letters: Letters
) -> None:
    form = asked(support, policy)
    address = f"/policies/{policy.policy_number}/certificates"
    assert {support.post(address, form).status_code for _ in range(3)} == {303}
    (certificate,) = rows(acme, Certificate)
    assert certificate.holder_name == "Port of Tampa"
    assert sent_out(acme) == 1
    assert sent_out(acme) == 0
    (mail,) = letters()
    assert mail["To"] == "owner@hauler.test"
    text = str(mail.get_payload(decode=True), "utf-8")
    assert certificate.certificate_number in text
    assert certificate.verification_code in text
    assert "Big <Rigs> LLC" in text
    (kept,) = rows(acme, OutgoingLetter)
    assert (kept.status, kept.text, kept.recipient) == ("sent", "", "o••••@hauler.test")


def test_it_issues_a_bound_policy_with_its_declarations_once(
    acme: Scope, letters: Letters, policy: Policy
) -> None:
    bound = factories.policy(acme, status="bound", insured_id=policy.insured_id)
    desk = people.browser(acme.org_id, "underwriter")
    form = form_of(desk, documents(bound), "issues") | {"send_to": "insured", "send_address": ""}
    address = f"/policies/{bound.policy_number}/issues"
    assert [desk.post(address, form).status_code for _ in range(3)] == [303] * 3
    sent_out(acme)
    (letter,) = letters()
    assert letter["To"] == "owner@hauler.test"
    (paper,) = rows(acme, PolicyDocument)
    (after,) = [row for row in rows(acme, Policy) if row.id == bound.id]
    assert (after.status, after.dec_document_id) == ("issued", paper.id)
    assert "policies.issue" not in desk.get(documents(bound)).content.decode()
    active = form_of(desk, documents(policy), "certificates") | {"send_to": "insured"}
    assert desk.post(f"/policies/{policy.policy_number}/issues", active).status_code == 422


def test_it_tells_the_timeline_of_calls_diary_and_letters(
    acme: Scope, policy: Policy, support: Client, letters: Letters
) -> None:
    support.post(f"/policies/{policy.policy_number}/certificates", asked(support, policy))
    work = f"/policies/{policy.policy_number}?tab=work"
    call = form_of(support, work, "calls") | {"call_reason": "claim", "call_outcome": "Explained"}
    assert support.post(f"/policies/{policy.policy_number}/calls", call).status_code == 303
    day = timezone.now().date() + timedelta(days=3)
    diary = form_of(support, work, "diary-dates") | {
        "diary_date": day.isoformat(), "diary_subject": "Ring back",
    }  # fmt: skip
    assert support.post(f"/policies/{policy.policy_number}/diary-dates", diary).status_code == 303
    sent_out(acme)
    script = people.bearer(acme.org_id, "support")
    told = script.get(f"/policies/{policy.policy_number}?tab=timeline").json()
    kinds = {row["event"] for row in told["panels"]["timeline"]["rows"]}
    assert {"certificate.issued", "letter", "activity.call", "activity.diary"} <= kinds
    page = support.get(f"/policies/{policy.policy_number}?tab=timeline").content.decode()
    assert "Call: Claim" in page
    assert "sent to o••••@hauler.test" in page
    assert "owner@hauler.test" not in page


def test_it_sends_the_declarations_and_a_certificate_again(
    acme: Scope, policy: Policy, support: Client, letters: Letters
) -> None:
    support.post(f"/policies/{policy.policy_number}/certificates", asked(support, policy))
    (certificate,) = rows(acme, Certificate)
    for paper in ("declarations", certificate.certificate_number):
        form = form_of(support, documents(policy), "letters") | {
            "paper": paper, "send_to": "other", "send_address": "dock@port.test",
        }  # fmt: skip
        answer = support.post(f"/policies/{policy.policy_number}/letters", form)
        assert answer.status_code == 303
    assert sent_out(acme) == 3
    assert sum(mail["To"] == "dock@port.test" for mail in letters()) == 2
    kinds = [event.event_type for event in rows(acme, PolicyEvent)]
    assert kinds.count("document.sent") == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("send_to", ""), ("send_to", "friend"), ("send_to", "producer"), ("holder", ""),
        ("holder", "x" * 256), ("holder_address", "a\x07b"), ("send_address", "x@y.test"),
        ("form_id", "forged"), ("version", "-1"),
    ],
)  # fmt: skip
def test_it_names_what_is_wrong_and_sends_nothing(
    acme: Scope, policy: Policy, support: Client, field: str, value: str
) -> None:
    form = asked(support, policy) | {field: value}
    answer = support.post(f"/policies/{policy.policy_number}/certificates", form)
    assert answer.status_code == 422
    assert rows(acme, Certificate) == rows(acme, OutgoingLetter) == []


def test_it_refuses_a_certificate_of_a_policy_that_ended(
    acme: Scope, policy: Policy, support: Client, letters: Letters
) -> None:
    form = asked(support, policy)
    with entered(acme):
        Policy.objects.within(acme).filter(id=policy.id).update(status="cancelled")
    answer = support.post(f"/policies/{policy.policy_number}/certificates", form)
    assert answer.status_code == 409
    assert sent_out(acme) == 0
    assert [row.status for row in rows(acme, OutgoingLetter)] == ["abandoned"]


def test_it_issues_an_installment_with_its_receivable(acme: Scope, letters: Letters) -> None:
    posting.organization(acme)
    account = making.account(acme)
    due = made(
        acme, Installment,
        {
            "id": new_id(), "billing_account_id": account.id, "billing_schedule_id": new_id(),
            "policy_id": account.policy_id, "seq": 2, "kind": "installment",
            "due_date": timezone.now().date() + timedelta(days=20), "premium_cents": 123_457,
            "fee_cents": 800, "tax_cents": 0, "total_cents": 124_257, "currency": "USD",
            "status": "pending",
        },
    )  # fmt: skip
    finance = people.browser(acme.org_id, "finance_analyst")
    address = f"/billing/accounts/{account.account_number}/invoices"
    form = form_of(finance, address, "invoices") | {
        "installment": due.id, "send_to": "payer", "send_address": "",
    }  # fmt: skip
    answers = [finance.post(address, form) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [303] * 3
    (invoice,) = rows(acme, Invoice)
    assert invoice.balance_cents == 124_257
    assert posting.balances(acme) == {"1200": 124_257, "2900": -124_257}
    assert sent_out(acme) == 1
    assert rows(acme, Invoice)[0].sent_at is not None
    kinds = [row.event_type for row in rows(acme, InvoiceEvent)]
    assert sorted(kinds) == ["invoice.issued", "invoice.sent"]
    again = f"/billing/invoices/{invoice.invoice_number}/deliveries"
    support = people.browser(acme.org_id, "support")
    form = form_of(support, again, "deliveries") | {"send_to": "payer", "send_address": ""}
    assert {support.post(again, form).status_code for _ in range(2)} == {303}
    assert sent_out(acme) == 1
    assert {mail["To"] for mail in letters()} == {"office@haulier.test"}
    late = finance.post(address, form | {"installment": due.id})
    assert late.status_code in (409, 422)


def test_it_issues_a_draft_whose_lines_make_its_total(acme: Scope, letters: Letters) -> None:
    posting.organization(acme)
    account = making.account(acme)
    invoice = making.invoice(acme, account, status="draft", due_date=timezone.now().date())
    making.line(acme, invoice, 1, "premium", 123_457)
    finance = people.browser(acme.org_id, "finance_analyst")
    address = f"/billing/invoices/{invoice.invoice_number}/issues"
    form = form_of(finance, address, "issues") | {"send_to": "payer", "send_address": ""}
    assert finance.post(address, form).status_code == 409
    making.line(acme, invoice, 2, "installment_fee", 800)
    form = form_of(finance, address, "issues") | {"send_to": "payer", "send_address": ""}
    assert finance.post(address, form).status_code == 303
    assert posting.balances(acme)["1200"] == 124_257
    assert people.browser(acme.org_id, "support").get(address).status_code == 403


class Post:
    """A mail server that answers as it is told."""

    def __init__(self, answer: Exception | None) -> None:
        self.answer, self.taken = answer, 0

    def send(self, letter: Letter) -> None:
        self.taken += 1
        if self.answer:
            raise self.answer


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (None, "sent"), (MailAway("away"), "queued"), (MailRefused("no such box"), "failed"),
        (MailUnknown("cut"), "unknown"),
    ],
)  # fmt: skip
def test_it_keeps_what_became_of_a_letter(
    acme: Scope, policy: Policy, support: Client, answer: Exception | None, status: str
) -> None:
    support.post(f"/policies/{policy.policy_number}/certificates", asked(support, policy))
    now = timezone.now()
    server = Post(answer)
    with entered(acme):
        port.send_due(acme, server, now=now)
        port.send_due(acme, server, now=now)
    assert rows(acme, OutgoingLetter)[0].status == status
    assert server.taken == 1


def test_it_never_sends_again_what_a_dead_worker_had(
    acme: Scope, policy: Policy, support: Client
) -> None:
    support.post(f"/policies/{policy.policy_number}/certificates", asked(support, policy))
    later = timezone.now() + timedelta(minutes=6)
    with entered(acme):
        OutgoingLetter.objects.within(acme).update(status="sending")
        port.settle_stale(acme, letters_tasks.happened, now=later)
        assert port.send_due(acme, Post(None), now=later) == []
    assert rows(acme, OutgoingLetter)[0].status == "unknown"


def test_it_sends_a_letter_whose_request_died_after_the_change(
    acme: Scope, policy: Policy, support: Client
) -> None:
    support.post(f"/policies/{policy.policy_number}/certificates", asked(support, policy))
    later = timezone.now() + timedelta(minutes=2)
    with entered(acme):
        OutgoingLetter.objects.within(acme).update(status="prepared")
        assert port.settle_stale(acme, letters_tasks.happened, now=later) == 1
        PolicyEvent.objects.within(acme).delete()
        OutgoingLetter.objects.within(acme).update(status="prepared", updated_at=timezone.now())
        assert port.settle_stale(acme, letters_tasks.happened, now=later) == 0
    assert rows(acme, OutgoingLetter)[0].status == "abandoned"

"""Papers of a policy by letter: issue a certificate, send declarations or a certificate again."""

from __future__ import annotations

from typing import Any

from openinsure.console.forms import Once
from openinsure.console.letters import Draft
from openinsure.console.numbers import next_number
from openinsure.console.offers import VERSION, Choices, Form, Input
from openinsure.console.panels import Panel
from openinsure.console.request import ConsoleRequest
from openinsure.pages import letters_text as texts
from openinsure.pages.letters import TO, address_of, policy_address, to_inputs, with_letter
from openinsure.pages.letters_tasks import CERTIFICATE, DECLARATIONS
from openinsure.policies.documents import get_certificate
from openinsure.policies.operations import papers
from openinsure.policies.operations.changes import Done
from openinsure.policies.panels import list_coverages, list_vehicles
from openinsure.policies.rows import PolicyTerm
from openinsure.policies.states import BOUND, RUNNING

ISSUE = Form(
    "policies.certificate",
    "Issue a certificate",
    "Issue and send",
    "note.add",
    (
        Input("holder", "Certificate holder", "line"),
        Input("holder_address", "Holder's address", "area", length_max=500),
        *to_inputs(TO),
    ),
    RUNNING,
)
SEND = Form(
    "policies.paper",
    "Send a document again",
    "Send",
    "note.add",
    (Input("paper", "Document", "choice"), *to_inputs(TO)),
)
ISSUE_POLICY = Form(
    "policies.issue",
    "Issue the policy",
    "Issue and send declarations",
    "policy.edit",
    to_inputs(TO),
    (BOUND,),
)
FORMS = (ISSUE_POLICY, ISSUE, SEND)


def choices_of(documents: Panel | None) -> dict[str, Choices]:
    """What may be sent: the declarations page, and certificates that were not revoked."""
    rows = documents.rows if documents else ()
    issued = tuple(
        (row.number, f"Certificate {row.number} for {row.title}")
        for row in rows
        if row.type == CERTIFICATE and row.status == "issued"
    )
    return {"paper": ((DECLARATIONS, "Declarations page"), *issued)}


def issue(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    """Issue a certificate and send it. Raises BadForm, Conflict."""
    scope, once, now = request.scope, common["once"], common["now"]
    to = address_of(values, lambda who: policy_address(scope, term, who))
    number, code = next_number(scope, CERTIFICATE), papers.code_of(once)
    text = texts.certificate(
        term,
        list(list_coverages(scope, term.id, on=now.date())),
        number=number,
        code=code,
        holder=values["holder"],
        address=values["holder_address"],
        on=now.date(),
        sender=sender_of(request),
    )
    draft = Draft(
        kind=CERTIFICATE,
        object=number,
        entity_id=term.id,
        policy_id=term.id,
        subject=f"Certificate of insurance {number}",
        to=to,
        text=text,
    )
    return with_letter(
        scope,
        draft,
        lambda kept: papers.issue_certificate(
            scope,
            term.id,
            number=kept,
            holder=values["holder"],
            address=values["holder_address"],
            code=code,
            **common,
        ),
        once=once,
        actor=common["actor"],
        now=now,
    )


def send(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    """Send the declarations page or a certificate again. Raises BadForm, NotFound."""
    scope, now = request.scope, common["now"]
    to = address_of(values, lambda who: policy_address(scope, term, who))
    draft = _draft(request, term, values["paper"], to, common["once"], now)
    return with_letter(
        scope,
        draft,
        lambda kept: papers.record_sent(scope, term.id, paper=kept, sha256=draft.sha256, **common),
        once=common["once"],
        actor=common["actor"],
        now=now,
    )


def issue_policy(
    request: ConsoleRequest, term: PolicyTerm, values: dict[str, Any], common: dict[str, Any]
) -> Done:
    """Issue a bound term with its declarations. Raises BadForm, Conflict, IllegalTransition."""
    scope, now = request.scope, common["now"]
    to = address_of(values, lambda who: policy_address(scope, term, who))
    draft = _draft(request, term, DECLARATIONS, to, common["once"], now)
    return with_letter(
        scope,
        draft,
        lambda _: papers.issue_policy(
            scope,
            term.id,
            sha256=draft.sha256,
            size_bytes=len(draft.text.encode()),
            version=values[VERSION],
            **common,
        ),
        once=common["once"],
        actor=common["actor"],
        now=now,
    )


def _draft(
    request: ConsoleRequest, term: PolicyTerm, paper: str, to: str, once: Once, now: Any
) -> Draft:
    scope, sender, on = request.scope, sender_of(request), now.date()
    coverages = list(list_coverages(scope, term.id, on=on))
    if paper == DECLARATIONS:
        kind, subject = DECLARATIONS, f"Declarations of policy {term.number}"
        text = texts.declarations(
            term, coverages, list(list_vehicles(scope, term.id, on=on)), sender=sender
        )
    else:
        kind, subject = CERTIFICATE, f"Certificate of insurance {paper}"
        found = get_certificate(scope, term.id, paper)
        text = texts.certificate(
            term,
            coverages,
            number=paper,
            code=found.code,
            holder=found.holder,
            address=found.address,
            on=found.issued_on,
            sender=sender,
        )
    return Draft(
        kind=kind,
        object=paper if kind == CERTIFICATE else term.number,
        entity_id=term.id,
        policy_id=term.id,
        subject=subject,
        to=to,
        text=text,
    )


def sender_of(request: ConsoleRequest) -> str:
    """The organisation that the letter comes from."""
    return request.who.org_name if request.who else ""

"""The forms of a policy as data: fields, rules, when they are offered. Knows no operation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from openinsure.console.links import url
from openinsure.console.offers import Choices, Form, Input, Offered, is_offered, offer, reason_input
from openinsure.console.request import ConsoleRequest
from openinsure.money.plans import FINANCED
from openinsure.policies.operations.work import ENDORSEMENTS
from openinsure.policies.personal import ASKED
from openinsure.policies.rows import PolicyTerm
from openinsure.policies.states import POLICY, RUNNING

CALL_REASONS = {
    "coverage": "Coverage question",
    "billing": "Billing question",
    "claim": "Claim",
    "change": "Change of the policy",
    "certificate": "Certificate",
    "complaint": "Complaint",
    "other": "Other",
}
NOTE = Form(
    "policies.note",
    "Add a note",
    "Add note",
    "note.add",
    (Input("note", "Note", "area", length_max=8000, hint="Notes cannot be changed later."),),
)
CALL = Form(
    "policies.call",
    "Log a call",
    "Log call",
    "note.add",
    (
        Input("call_reason", "Why they called", "choice", choices=tuple(CALL_REASONS.items())),
        Input("call_outcome", "Outcome", "line", length_max=200),
    ),
)
DIARY = Form(
    "policies.diary",
    "Set a diary date",
    "Set diary date",
    "note.add",
    (
        Input("diary_date", "On", "day"),
        Input("diary_subject", "What is due", "line", length_max=200),
    ),
)
VERIFY = Form(
    "policies.verify",
    "Verify a caller",
    "Compare",
    "policy.view_contact",
    (
        Input("asked", "Asked for", "choice", choices=tuple(ASKED.items())),
        Input("said", "What the caller says", "line", length_max=120,
              hint="Five tries a record and hour; each is recorded, the answer is not."),
    ),
)  # fmt: skip
REVEAL = Form(
    "policies.reveal",
    "Reveal personal data",
    "Reveal",
    "policy.view_pii",
    (reason_input("reveal_reason", "recorded before anything is shown."),),
)
ASSIGN = Form(
    "policies.assign",
    "Assign an underwriter",
    "Assign",
    "policy.edit",
    (Input("underwriter", "Underwriter", "choice"),),
    RUNNING,
)
ENDORSE = Form(
    "policies.endorse",
    "Request an endorsement",
    "Request endorsement",
    "policy.edit",
    (
        Input("endorsement", "Change", "choice", choices=tuple(ENDORSEMENTS.items())),
        Input("endorse_from", "Effective", "day"),
        Input("endorse_text", "In words", "line"),
    ),
    RUNNING,
)
BIND_ENDORSEMENT = Form(
    "policies.bind_endorsement",
    "Bind an endorsement",
    "Bind endorsement",
    "policy.bind",
    (
        Input("bound_endorsement", "Endorsement", "choice"),
        Input("annual_change", "Change of the annual premium", "line", length_max=24,
              hint="As in 2,400.00; with - before it for less. Prorated from its day, taxed."),
    ),
    RUNNING,
)  # fmt: skip
RESCIND = Form(
    "policies.rescind",
    "Rescind the cancellation",
    "Rescind",
    "policy.edit",
    (Input("rescind_reason", "Reason", "line", length_max=200),),
    ("pending_cancellation",),
)
NOT_COVERED = "The days without cover are not charged; nothing is in force on them."
GAP_HINT = "Type how many of them have a loss before coverage is back: they stay not covered."
REINSTATE = Form(
    "policies.reinstate",
    "Reinstate",
    "Reinstate policy",
    "policy.edit",
    (
        Input("reinstate_from", "Coverage back", "day", hint=NOT_COVERED),
        Input("gap_claims", "Claims on days without cover", "line", required=False, length_max=4,
              hint=GAP_HINT),
        Input("reinstate_reason", "Reason", "line", length_max=200),
        Input("reinstate_confirm", "Type the policy number to confirm", "confirm"),
    ),
    ("cancelled",),
    danger=True,
)  # fmt: skip
PLANS = {
    "PIF": "In full",
    "TWO_PAY": "Two payments",
    "QUARTERLY": "Quarterly",
    "MONTHLY_10": "Nine payments, the first of two shares",
    "MONTHLY_12": "Twelve payments",
    FINANCED: "Financed: the lender pays all at once",
}
# At an address of its own (pages.policy_renew), with the figures of what it would bind.
RENEW = Form(
    "policies.renew",
    "Renew",
    "Renew policy",
    "policy.bind",
    (
        Input("annual_premium", "Annual premium", "line", length_max=24),
        Input("plan", "Payment plan", "choice", choices=tuple(PLANS.items())),
        Input("renew_confirm", "Type the policy number to confirm", "confirm"),
    ),
    tuple(at for at, may in POLICY.steps.items() if "renewed" in may),
)
FORMS = (NOTE, CALL, DIARY, VERIFY, REVEAL, ASSIGN, ENDORSE, RESCIND, REINSTATE)


def offered(
    request: ConsoleRequest,
    term: PolicyTerm,
    forms: Sequence[Form],
    choices: Mapping[str, Choices],
) -> tuple[Offered, ...]:
    """What the viewer may do with the term now; nothing under a grant, which only reads."""
    return tuple(
        offer(
            form, request, url(form.name, term.number, term=term.term), term.lock_version, choices
        )
        for form in forms
        if is_offered(form, request, term.status)
    )

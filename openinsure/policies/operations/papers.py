"""Papers of a term: a certificate issued to a holder, a paper sent again. Events of the policy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.crypto import salted_hmac

from openinsure.console.acting import Actor
from openinsure.console.forms import Once
from openinsure.console.words import spoken
from openinsure.keyspaces.ids import new_id
from openinsure.policies.models import Certificate, Policy, PolicyDocument, PolicyEvent
from openinsure.policies.operations.changes import Done, Move, change
from openinsure.policies.operations.work import stays
from openinsure.policies.states import RUNNING
from openinsure.problems import Conflict
from openinsure.tenancy.scope import Scope

ISSUED, PAPER_SENT = "certificate.issued", "document.sent"
CODE_SALT = "openinsure.policies.certificate"


def issue_certificate(
    scope: Scope,
    policy_id: str,
    *,
    number: str,
    holder: str,
    address: str,
    code: str,
    once: Once,
    actor: Actor,
    now: datetime,
) -> Done:
    """Issue a certificate to a holder. Raises Conflict for a term that is not running."""

    def decide(policy: Policy) -> None:
        if policy.status not in RUNNING:
            raise Conflict(
                f"This policy is {spoken(policy.status)}; a certificate needs one that is in force."
            )

    def apply(policy: Policy) -> Mapping[str, Any]:
        row = Certificate.objects.within(scope).create(
            id=new_id(),
            policy_id=policy.id,
            certificate_number=number,
            holder_name=holder,
            holder_address={"lines": address.splitlines()},
            issued_at=now,
            issued_by_user_id=actor.user_id,
            verification_code=code,
            created_at=now,
            updated_at=now,
        )
        return {"certificate_id": row.id, "certificate_number": number}

    return change(scope, policy_id, Move(ISSUED, decide, apply), once=once, actor=actor, now=now)


def issue_policy(
    scope: Scope,
    policy_id: str,
    *,
    sha256: str,
    size_bytes: int,
    once: Once,
    actor: Actor,
    version: int,
    now: datetime,
) -> Done:
    """Issue a bound term: its declarations are the document. Raises IllegalTransition, Conflict.

    sha256, size_bytes: of the declarations' text, which the letter of this form keeps.
    """

    def apply(policy: Policy) -> Mapping[str, Any]:
        document = PolicyDocument.objects.within(scope).create(
            id=new_id(),
            policy_id=policy.id,
            document_type="declarations",
            title="Declarations page",
            storage_key=f"letters/{once.id}",
            sha256=sha256,
            size_bytes=size_bytes,
            generated_at=now,
            created_at=now,
            updated_at=now,
        )
        policy.issued_at, policy.dec_document_id = now, document.id
        return {"document_id": document.id, "sha256": sha256}

    move = Move("policy.issued", lambda _: "issued", apply)
    return change(scope, policy_id, move, once=once, actor=actor, now=now, version=version)


def record_sent(
    scope: Scope,
    policy_id: str,
    *,
    paper: str,
    sha256: str,
    once: Once,
    actor: Actor,
    now: datetime,
) -> Done:
    """Record that a paper of the term goes out again; its text is proven by the digest."""
    move = Move(PAPER_SENT, stays, payload={"paper": paper, "sha256": sha256})
    return change(scope, policy_id, move, once=once, actor=actor, now=now)


def code_of(once: Once) -> str:
    """The code by which a holder checks a certificate: of its form, and nobody can guess it."""
    return salted_hmac(CODE_SALT, once.id, algorithm="sha256").hexdigest()[:16].upper()


def stands(scope: Scope, event_id: str) -> bool:
    """Whether the event of a form was recorded."""
    return bool(PolicyEvent.objects.within(scope).filter(id=event_id).exists())

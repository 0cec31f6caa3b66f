"""Notes of the claim file: written once, never changed."""

from __future__ import annotations

from openinsure.claims.models import Claim, ClaimNote
from openinsure.claims.operations.changing import Act, Done, Event, change
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope

CATEGORIES = (
    ("general", "General"),
    ("contact", "Contact"),
    ("investigation", "Investigation"),
    ("evaluation", "Evaluation"),
    ("legal", "Legal"),
)
BODY_LENGTH_MAX = 10_000


def add_note(
    scope: Scope, claim_id: str, act: Act, *, category: str, body: str, privileged: bool
) -> Done:
    """Add a note. Raises BadForm for an empty or too long text or an unknown category."""
    text, errors = body.strip(), {}
    if category not in dict(CATEGORIES):
        errors["category"] = "must be one of " + ", ".join(dict(CATEGORIES))
    if not text or len(text) > BODY_LENGTH_MAX:
        errors["body"] = f"must have 1 to {BODY_LENGTH_MAX:,} characters"
    if errors:
        raise BadForm(errors)

    def work(claim: Claim) -> Event:
        ClaimNote.objects.within(scope).create(
            id=act.once.id,
            claim_id=claim.id,
            author_user_id=act.actor.user_id,
            category=category,
            body=text,
            privileged=privileged,
            created_at=act.now,
        )
        return Event("note.added", {"category": category, "privileged": privileged})

    return change(scope, claim_id, act, action="claim.note_added", work=work)

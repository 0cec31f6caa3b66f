"""Letters that people ask for: written down before anything else, sent by a worker, once.

prepared -> queued -> sending -> sent | failed | unknown. A letter is prepared before the change
that it tells of, and queued after it, so neither stands without the other for long: the sweeper
asks whether the change happened. What was handed over when a worker died is unknown and never
sent again by itself (decisions.md 40).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from openinsure.console.forms import FIELD, Once
from openinsure.console.mail import Letter, MailAway, Mailer, MailRefused, MailUnknown
from openinsure.console.models import OutgoingLetter
from openinsure.mail_url import ADDRESS_CHARACTERS, is_address
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope

PREPARED, QUEUED, SENDING, SENT = "prepared", "queued", "sending", "sent"
FAILED, UNKNOWN, ABANDONED = "failed", "unknown", "abandoned"
ATTEMPTS_MAX = 20
PAUSE = timedelta(seconds=30)  # times the attempts so far
STALE = timedelta(minutes=5)  # of a letter under way: its worker died
LOST = timedelta(minutes=1)  # of a prepared one: its request died
BATCH = 50
ROWS_MAX = 100
MASK = "••••"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A letter to be. kind: which evidence proves its change. object: the number people read."""

    kind: str
    object: str
    entity_id: str
    policy_id: str
    subject: str
    to: str = field(repr=False)
    text: str = field(repr=False)

    @property
    def sha256(self) -> str:
        """Of the text: proof of what was sent."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter as pages show it; recipient masked."""

    id: str
    at: datetime
    kind: str
    object: str
    entity_id: str
    subject: str
    recipient: str
    status: str
    sent_at: datetime | None
    actor_user_id: str


Happened = Callable[[Scope, LetterRow], bool]


def masked(address: str) -> str:
    """An address as those may see it who may not see contact data: `o••••@agency.test`."""
    local, at, domain = address.partition("@")
    return f"{local[:1]}{MASK}@{domain}" if at else (MASK if address else "")


def address_in(fieldname: str, address: str) -> str:
    """The address itself. Raises BadForm naming the field for what is no e-mail address."""
    if not is_address(address) or len(address) > ADDRESS_CHARACTERS:
        raise BadForm({fieldname: "must be an e-mail address, as in office@agency.com"})
    return address


def prepare_letter(
    scope: Scope, draft: Draft, *, once: Once, actor_user_id: str | None, now: datetime
) -> str:
    """Write the letter down, not yet to be sent; the number it speaks of.

    A repeated form leaves the first letter, so its number counts; one whose change was refused is
    written anew. Raises BadForm for a form that was used for another letter.
    """
    told = {
        "kind": draft.kind,
        "object": draft.object,
        "subject": draft.subject,
        "entity_id": draft.entity_id,
        "policy_id": draft.policy_id,
        "recipient": draft.to,
        "text": draft.text,
        "sha256": draft.sha256,
        "status": PREPARED,
        "actor_user_id": actor_user_id or "",
        "created_at": now,
        "updated_at": now,
    }
    rows = OutgoingLetter.objects.within(scope)
    row, fresh = rows.get_or_create(id=once.id, defaults=told)
    if (row.kind, row.policy_id) != (draft.kind, draft.policy_id):
        raise BadForm({FIELD: "was used for another change; open the form again"})
    if not fresh and rows.filter(id=once.id, status=ABANDONED).update(**told):
        return draft.object
    return str(row.object)


def queue_letter(scope: Scope, letter_id: str, *, now: datetime) -> bool:
    """Let it go, now that its change stands; False if it went on before."""
    rows = OutgoingLetter.objects.within(scope).filter(id=letter_id, status=PREPARED)
    return bool(rows.update(status=QUEUED, updated_at=now))


def drop_letter(scope: Scope, letter_id: str, *, now: datetime) -> None:
    """Its change was refused: it will never be sent."""
    rows = OutgoingLetter.objects.within(scope).filter(id=letter_id, status=PREPARED)
    rows.update(status=ABANDONED, text="", updated_at=now)


def list_letters(scope: Scope, **where: str) -> list[LetterRow]:
    """Letters of a policy (policy_id=) or of one object (entity_id=), newest first."""
    rows = (
        OutgoingLetter.objects.within(scope)
        .filter(**where)
        .exclude(status__in=(PREPARED, ABANDONED))
        .order_by("-created_at", "-id")[:ROWS_MAX]
    )
    return [_shown(row) for row in rows]


def send_due(scope: Scope, mailer: Mailer, *, now: datetime) -> list[LetterRow]:
    """Send what is queued and due; those that went. Each is taken by one worker only."""
    rows = OutgoingLetter.objects.within(scope).filter(status=QUEUED, updated_at__lte=now)
    return [
        _shown(row)
        for row in rows.order_by("updated_at", "id")[:BATCH]
        if _taken(scope, row, now) and _send(scope, row, mailer, now)
    ]


def settle_stale(scope: Scope, happened: Happened, *, now: datetime) -> int:
    """Take up what died halfway; how many letters may go after all."""
    rows = OutgoingLetter.objects.within(scope)
    rows.filter(status=SENDING, updated_at__lt=now - STALE).update(status=UNKNOWN, updated_at=now)
    freed = 0
    lost = rows.filter(status=PREPARED, updated_at__lt=now - LOST).order_by("updated_at", "id")
    for row in lost[:BATCH]:
        if happened(scope, _shown(row)):
            freed += queue_letter(scope, row.id, now=now)
        else:
            drop_letter(scope, row.id, now=now)
    return freed


def _taken(scope: Scope, row: OutgoingLetter, now: datetime) -> bool:
    rows = OutgoingLetter.objects.within(scope).filter(id=row.id, status=QUEUED)
    taken = rows.update(status=SENDING, attempts=row.attempts + 1, updated_at=now)
    row.attempts += taken
    return bool(taken)


def _send(scope: Scope, row: OutgoingLetter, mailer: Mailer, now: datetime) -> bool:
    status, error = SENT, ""
    try:
        mailer.send(Letter(row.id, row.recipient, row.subject, row.text))
    except MailAway as away:
        if row.attempts < ATTEMPTS_MAX:
            _note(scope, row, {"status": QUEUED, "updated_at": now + PAUSE * row.attempts})
            return False
        status, error = FAILED, str(away)
    except MailRefused as refused:
        status, error = FAILED, str(refused)
    except MailUnknown as unknown:
        status, error = UNKNOWN, str(unknown)
    ended = {"status": status, "error": error[:120], "updated_at": now, "text": ""}
    row.status, row.sent_at = status, now if status == SENT else None
    _note(scope, row, {**ended, "sent_at": row.sent_at, "recipient": masked(row.recipient)})
    return status == SENT


def _note(scope: Scope, row: OutgoingLetter, changes: dict[str, object]) -> None:
    OutgoingLetter.objects.within(scope).filter(id=row.id, status=SENDING).update(**changes)


def _shown(row: OutgoingLetter) -> LetterRow:
    return LetterRow(
        id=row.id,
        at=row.created_at,
        kind=row.kind,
        object=row.object,
        entity_id=row.entity_id,
        subject=row.subject,
        recipient=masked(row.recipient),
        status=row.status,
        sent_at=row.sent_at,
        actor_user_id=row.actor_user_id,
    )


def sentence_of(row: LetterRow) -> str:
    """What became of it, in words for a timeline."""
    words = {
        QUEUED: "waits to be sent to",
        SENDING: "is being sent to",
        SENT: "sent to",
        FAILED: "could not be sent to",
        UNKNOWN: "may have gone to",
    }
    return f"{words.get(row.status, row.status)} {row.recipient}"

"""Every fifteen minutes: mail is stored in the organisation it was sent to, and filed by number.

The organisation is the one that registered the recipient's address (setting `inbound_address`),
never guessed from content. What nobody registered, and what two did, is quarantined in the
platform's organisation; what cannot be read is set aside there.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from openinsure.claims.models import Claim
from openinsure.jobs import mail_reading
from openinsure.jobs.mail_reading import Attachment, Incoming, Unreadable
from openinsure.jobs.mailboxes import Mailbox, MailboxAway, inbox
from openinsure.jobs.runs import SUBJECT, Outcome, PerOrg
from openinsure.orgs.models import OrganizationSetting
from openinsure.submissions.models import Submission
from openinsure.submissions.operations import inbound
from openinsure.submissions.operations.inbound import File, Mail
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import Scope, SystemScope, entered

SETTING = "inbound_address"
log = logging.getLogger(__name__)


def prepared(org_ids: tuple[str, ...]) -> PerOrg:
    """The work, knowing every organisation's registered addresses: each is entered and asked."""
    owners: dict[str, str] = {}
    for org_id in org_ids:
        with entered(SystemScope(org_id, SUBJECT)) as scope:
            for address in registered(scope):
                owners[address] = "" if address in owners else org_id
    return partial(run_org, Sorting(owners))


class Sorting:
    """Which waiting message is whose, read once a run; a mailbox that is away stays away for it."""

    def __init__(self, owners: dict[str, str]) -> None:
        self._owners = owners
        self._keys: dict[str, list[str]] | None = None
        self._away: MailboxAway | None = None

    def keys_of(self, org_id: str, box: Mailbox) -> Sequence[str]:
        """Keys of the organisation's messages, the oldest first. Raises MailboxAway."""
        if self._away is not None:
            raise MailboxAway(str(self._away))
        if self._keys is None:
            try:
                self._keys = self._sorted(box)
            except MailboxAway as away:
                self._away = away
                raise
        return self._keys.get(org_id, [])

    def _sorted(self, box: Mailbox) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for key in box.waiting():
            raw = box.read(key)
            if raw is not None:
                found.setdefault(self._owner(raw), []).append(key)
        return found

    def _owner(self, raw: bytes) -> str:
        """The one organisation a message is for; the platform's if none, several, unreadable."""
        try:
            mail = mail_reading.parse(raw)
        except Unreadable:
            return PLATFORM_ORG_ID
        found = {self._owners[address] for address in mail.recipients if address in self._owners}
        return found.pop() if len(found) == 1 and "" not in found else PLATFORM_ORG_ID


def registered(scope: Scope) -> list[str]:
    """The addresses that the organisation registered, lower case: its newest version counts."""
    rows = OrganizationSetting.objects.within(scope).filter(setting_key=SETTING)
    value = rows.order_by("-version").values_list("value", flat=True).first() or {}
    return [str(one).strip().lower() for one in value.get("addresses", []) if str(one).strip()]


def run_org(sorting: Sorting, scope: Scope, scheduled_for: datetime) -> Outcome:
    """Take in what is the organisation's; the platform's also takes what is nobody's."""
    box = inbox()
    if box is None:
        return Outcome()
    figures: Counter[str] = Counter()
    with closing(box):
        for key in sorting.keys_of(scope.org_id, box):
            raw = box.read(key)
            if raw is None:  # another worker took it meanwhile
                continue
            try:
                mail = mail_reading.parse(raw)
            except Unreadable as why:
                figures["set_aside"] += _set_aside(scope, box, key, raw, str(why))
            else:
                figures[_take(scope, box, key, mail)] += 1
    failed = figures["set_aside"]
    told = {name: count for name, count in figures.items() if count}
    return Outcome(done=sum(told.values()) - failed, failed=failed, figures=told)


def _take(scope: Scope, box: Mailbox, key: str, mail: Incoming) -> str:
    """Store files, then the row, then move the message: killed anywhere, it is taken up again."""
    now = timezone.now()
    claim, submission = _claim(scope, mail), _submission(scope, mail)
    if scope.org_id == PLATFORM_ORG_ID:
        status, kind = inbound.QUARANTINED, mail.kind
    elif claim or submission:
        status, kind = inbound.FILED, "claim" if claim else "submission"
    else:
        status, kind = inbound.NEW, mail.kind
    stored = Mail(
        mailbox=box.name, message_id=mail.message_id, sender=mail.sender, subject=mail.subject,
        received_at=min(mail.sent_at or now, now), status=status, kind=kind,
        claim_id=claim, submission_id=None if claim else submission,
    )  # fmt: skip
    fresh = inbound.take_in(scope, stored, _store(scope, mail.attachments), now=now)
    box.take(key)
    return status if fresh else "again"


def _claim(scope: Scope, mail: Incoming) -> str | None:
    if scope.org_id == PLATFORM_ORG_ID or not mail.claims:
        return None
    rows = Claim.objects.within(scope).filter(claim_number__in=mail.claims)
    found = dict(rows.values_list("claim_number", "id"))
    return next((found[number] for number in mail.claims if number in found), None)


def _submission(scope: Scope, mail: Incoming) -> str | None:
    if scope.org_id == PLATFORM_ORG_ID or not mail.submissions:
        return None
    rows = Submission.objects.within(scope).filter(submission_number__in=mail.submissions)
    found = dict(rows.values_list("submission_number", "id"))
    return next((found[number] for number in mail.submissions if number in found), None)


def _store(scope: Scope, attachments: Sequence[Attachment]) -> list[File]:
    """Files below the organisation's own folder, named by their digest."""
    found = []
    for one in attachments:
        storage_key = f"inbound/{scope.org_id}/{one.sha256}"
        path = Path(str(settings.FILES_DIR)) / storage_key
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_bytes(one.content)
            part.replace(path)
        found.append(File(one.name, one.content_type, len(one.content), one.sha256, storage_key))
    return found


def _set_aside(scope: Scope, box: Mailbox, key: str, raw: bytes, why: str) -> int:
    """A row that says why, then the message out of the way; 1 if it is the first time."""
    now = timezone.now()
    stored = Mail(
        mailbox=box.name, message_id=f"sha256:{hashlib.sha256(raw).hexdigest()}", sender="",
        subject="", received_at=now, status=inbound.SET_ASIDE, kind="unreadable", error=why[:255],
    )  # fmt: skip
    fresh = inbound.take_in(scope, stored, [], now=now)
    box.set_aside(key)
    log.warning("a message was set aside: %s", why)
    return int(fresh)

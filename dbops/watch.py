"""The comparison job, and telling people: one notice a cause, one when it is resolved.

Notices are rows first (the bell); mail and webhook follow once, and after a crash are not sent
again by themselves. An outside address that is away never stops the collector.
"""

from __future__ import annotations

import json
import logging
import urllib.request
from datetime import datetime, timedelta

from dbops import comparisons, queries
from dbops.catalog.findings import SEVERITIES
from dbops.catalog.verdict import Stored
from dbops.models import ExpectedSchema, Notice
from dbops.probes.threads import side_by_side
from dbops.readings import Drift, Reading, State
from dbops.rows import StatusRow
from openinsure import environment
from openinsure.console.mail import Letter, MailAway, MailRefused, MailUnknown, mailer

log = logging.getLogger(__name__)
WEBHOOK, MAIL_TO = "OPENINSURE_ALERT_WEBHOOK", "OPENINSURE_ALERT_MAIL"
WEBHOOK_S = 2.0  # for the whole call: its own timeout would start again with each byte
EXPECTED_KEPT = timedelta(days=30)
# States that nobody has to hear of; pending and behind are work, not trouble.
CALM = ("in_sync", "unverified", "at_head", "running", "pending", "behind", "revert_window")


def compare_all(*, now: datetime) -> int:
    """Compare every database that can be and store it; how many findings are open."""
    ExpectedSchema.objects.filter(made_at__lt=now - EXPECTED_KEPT).delete()
    found = [comparisons.compare(target, now=now) for target in comparisons.comparable()]
    return sum(finding.open for findings in found for finding in findings)


def compare_due(*, now: datetime) -> list[str]:
    """Compare those whose applied files no comparison covers (a fresh start, a migration run).

    The slugs compared. One that could not be compared waits for `compare_all`.
    """
    stored = comparisons.newest()
    readings = {row.slug: row.reading for row in queries.latest_readings(now=now)}
    due = [
        target
        for target in comparisons.comparable()
        if _uncovered(readings[target.slug], stored.get(target.slug))
    ]
    for target in due:
        comparisons.compare(target, now=now)
    return [target.slug for target in due]


def _uncovered(reading: Reading, stored: Stored | None) -> bool:
    if reading.error is not None:
        return False
    if stored is None or not reading.keyspaces:
        return stored is None
    outcomes = [(row.basis, stored.schemas.get(row.name)) for row in reading.keyspaces]
    return any(
        outcome is None or (outcome.basis != basis and not outcome.reason)
        for basis, outcome in outcomes
    )


def tell(*, now: datetime) -> int:
    """Raise a notice for each new cause, resolve those that are gone; how many were told."""
    told = 0
    for row in queries.latest_readings(now=now):
        if row.counts:
            told += _one(row, now)
    return told


def _one(row: StatusRow, now: datetime) -> int:
    cause = "" if row.state in CALM or row.never_read else cause_of(row.state, row.reading.drift)
    standing = Notice.objects.filter(slug=row.slug, resolved_at=None).order_by("-id").first()
    if standing is not None and cause and _state_of(standing.cause) == row.state:
        return _graver(standing, cause, row, now)
    told = 0
    if standing is not None:
        standing.resolved_at = now
        standing.save(update_fields=["resolved_at"])
        _send(standing, f"{row.slug}: {standing.cause} is over, now {row.state}")
        told += 1
    if cause:
        raised = Notice.objects.create(
            slug=row.slug, cause=cause, raised_at=now, detail=row.reading.detail[:500]
        )
        _send(raised, f"{row.slug}: {cause}, {row.reading.detail}")
        told += 1
    return told


def cause_of(state: str, drift: Drift) -> str:
    """The state; drift also by its worst severity, because a graver one is another cause."""
    worst = next((name for name in SEVERITIES if getattr(drift, name)), "")
    return f"{state}: {worst}" if state == State.DRIFTED and worst else state


def _state_of(cause: str) -> str:
    return cause.partition(":")[0]


def _graver(standing: Notice, cause: str, row: StatusRow, now: datetime) -> int:
    """The same trouble goes on: told again only when it became worse."""
    if standing.cause == cause:
        return 0
    ranks = [_rank(one) for one in (standing.cause, cause)]
    standing.cause, standing.detail = cause, row.reading.detail[:500]
    if ranks[1] < ranks[0]:
        standing.raised_at = now
    standing.save(update_fields=["cause", "detail", "raised_at"])
    if ranks[1] >= ranks[0]:
        return 0
    _send(standing, f"{row.slug}: {cause}, {row.reading.detail}")
    return 1


def _rank(cause: str) -> int:
    severity = cause.partition(": ")[2]
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _send(notice: Notice, text: str) -> None:
    """Mail and webhook, each if configured. `unknown` stands while one may have been sent.

    One that is away does not keep the other from being told.
    """
    notice.sent = "unknown"
    notice.save(update_fields=["sent"])
    delivered = True
    for channel in (_mail, _post):
        try:
            channel(notice, text)
        except (OSError, MailAway, MailRefused, MailUnknown) as error:
            delivered = False
            about = {"channel": channel.__name__.strip("_"), "kind": type(error).__name__}
            log.warning("alert not delivered", extra=about)  # never the address: it may be a secret
    if delivered:
        notice.sent = "sent"
        notice.save(update_fields=["sent"])


def _mail(notice: Notice, text: str) -> None:
    if to := environment.optional(MAIL_TO):
        about = f"notice-{notice.id}-{'over' if notice.resolved_at else 'raised'}"
        mailer().send(Letter(about, to, f"OpenInsure: {text}"[:120], text))


def _post(notice: Notice, text: str) -> None:
    address = environment.optional(WEBHOOK)
    if not address.startswith(("https://", "http://")):
        return
    body = json.dumps({"database": notice.slug, "cause": notice.cause, "text": text}).encode()
    kind = {"Content-Type": "application/json"}
    asked = urllib.request.Request(address, body, kind)  # noqa: S310

    def call() -> None:
        urllib.request.urlopen(asked, timeout=WEBHOOK_S).close()  # noqa: S310

    def late(_key: str) -> None:
        raise TimeoutError

    side_by_side({WEBHOOK: call}, WEBHOOK_S, late)

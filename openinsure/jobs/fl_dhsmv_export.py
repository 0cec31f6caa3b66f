"""18:00 on weekdays: policies and vehicles that Florida must hear of, in one file a day.

What was not sent stays due and goes with the next run. The layout is a writer over our record:
the agency's own schema is not public.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from xml.etree import ElementTree

from openinsure.billing.operations.earning import golden
from openinsure.jobs import dhsmv_returns
from openinsure.jobs.filing_transport import Transport, TransportAway, transport
from openinsure.jobs.runs import SUBJECT, Outcome, PerOrg
from openinsure.orgs.models import PlatformCarrier
from openinsure.policies.models import (
    Insured,
    Policy,
    PolicyVehicle,
    StateInsuranceReportRecord,
)
from openinsure.policies.operations import state_answers, state_reports
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import CANONICAL_UUID, Scope, SystemScope, entered

CHUNK = 500
log = logging.getLogger(__name__)


def prepared(org_ids: tuple[str, ...]) -> PerOrg:
    """The work, knowing which answers are to no organisation's file: each is entered and asked."""
    road, open_ = transport(), dict[str, str]()
    for name in _waiting(road):
        try:
            open_[name] = dhsmv_returns.parse(road.read(name)).of
        except (dhsmv_returns.Unreadable, TransportAway):
            continue  # said where it is taken in
    for org_id in org_ids if open_ else ():
        with entered(SystemScope(org_id, SUBJECT)) as scope:
            ours = state_reports.files_known(scope, set(open_.values()))
        open_ = {name: of for name, of in open_.items() if of not in ours}
    return partial(run_org, unknown=frozenset(open_))


def run_org(
    scope: Scope, scheduled_for: datetime, *, unknown: Collection[str] = frozenset()
) -> Outcome:
    """Take in answers, take up what is reportable, send every file that waits.

    unknown: answers to files that nobody sent; the platform sets them aside. Figures: records,
    files, overdue, returns and what they rejected.
    """
    day = scheduled_for.astimezone(UTC).date()
    road = transport()
    answered = take_returns(scope, road, now=scheduled_for, unknown=unknown)
    entries = state_reports.reportable(scope, day, kept_out=golden(scope))
    run_id = scope.request_id if CANONICAL_UUID.fullmatch(scope.request_id) else None
    taken = state_reports.take_up(scope, entries, day=day, cron_run_id=run_id, now=scheduled_for)
    sent, failed = 0, answered["returns_unreadable"] + answered["returns_unknown"]
    for report in state_reports.unsent(scope):
        content = write(scope, report)
        try:
            road.send(report.file_name, content)
        except TransportAway as away:
            log.warning("a file for the state was not taken: %s", away)
            failed += 1
            continue
        digest = hashlib.sha256(content).hexdigest()
        state_reports.mark_sent(scope, report, sha256=digest, now=scheduled_for)
        sent += 1
    figures = {
        "records": taken.record_count if taken else 0,
        "files_sent": sent,
        "overdue": state_reports.overdue(scope, day),
        **answered,
    }
    told = {key: count for key, count in figures.items() if count}
    return Outcome(done=figures["records"], failed=failed, figures=told)


def take_returns(
    scope: Scope, road: Transport, *, now: datetime, unknown: Collection[str]
) -> Counter[str]:
    """Answers to this organisation's files; the platform sets aside what nobody can read or sent
    a file for.
    """
    figures: Counter[str] = Counter()
    for name in _waiting(road):
        if name in unknown:
            if scope.org_id == PLATFORM_ORG_ID:
                log.warning("a return was set aside: it answers a file that nobody sent")
                road.put_away(name, "unknown")
                figures["returns_unknown"] += 1
            continue
        try:
            told = dhsmv_returns.parse(road.read(name))
        except dhsmv_returns.Unreadable as why:
            if scope.org_id == PLATFORM_ORG_ID:
                log.warning("a return was set aside: %s", why)
                road.put_away(name, "unreadable")
                figures["returns_unreadable"] += 1
            continue
        except TransportAway as away:
            log.warning("a return could not be read: %s", away)
            continue
        rejected = {one.record_id: (one.code, one.text) for one in told.answers
                    if one.result == "rejected"}  # fmt: skip
        accepted = {one.record_id for one in told.answers} - set(rejected)
        count = state_answers.take_return(
            scope, of=told.of, name=name, accepted=accepted, rejected=rejected, now=now
        )
        if count is not None:
            road.put_away(name, "taken")
            figures.update(returns=1, rejected=count)
    return figures


def _waiting(road: Transport) -> Sequence[str]:
    """Names of the answers; none while their place is away: what we have to say still goes."""
    try:
        return road.returns()
    except TransportAway as away:
        log.warning("returns could not be looked for: %s", away)
        return ()


def write(scope: Scope, report: Any) -> bytes:
    """The file of a report: the same rows give the same bytes."""
    root = ElementTree.Element(
        "InsuranceReport", state=report.state, created=f"{report.created_at:%Y-%m-%d}"
    )
    for chunk in _chunks(scope, report.id):
        _write_records(scope, root, chunk)
    root.set("records", str(len(root)))
    ElementTree.indent(root)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _chunks(scope: Scope, report_id: str) -> Iterator[list[Any]]:
    """Records of a report by id, CHUNK at a time."""
    after = ""
    rows = StateInsuranceReportRecord.objects.within(scope).filter(report_id=report_id)
    while chunk := list(rows.filter(id__gt=after).order_by("id")[:CHUNK]):
        yield chunk
        after = chunk[-1].id


def _write_records(scope: Scope, root: ElementTree.Element, chunk: list[Any]) -> None:
    policies = _by_id(Policy.objects.within(scope), [row.policy_id for row in chunk])
    units = _by_id(PolicyVehicle.objects.within(scope), [row.vehicle_id for row in chunk])
    people = _by_id(Insured.objects.within(scope), [one.insured_id for one in policies.values()])
    carriers = _by_id(PlatformCarrier.objects, [one.carrier_id for one in policies.values()])
    for row in chunk:
        policy, unit = policies[row.policy_id], units.get(row.vehicle_id)
        insured, carrier = people.get(policy.insured_id), carriers.get(policy.carrier_id)
        told = {
            "Company": carrier.naic_code if carrier else "",
            "Policy": policy.policy_number,
            "Transaction": row.transaction_code,
            "Insured": policy.insured_name,
            "FeinLast4": (insured.fein_last4 if insured else "") or "",
            "Effective": row.effective_date.isoformat(),
            "Vin": row.vin or "",
            "Year": str(unit.model_year or "") if unit else "",
            "Make": (unit.make if unit else "") or "",
        }
        record = ElementTree.SubElement(root, "Record", id=row.id)
        for name, value in told.items():
            ElementTree.SubElement(record, name).text = value


def _by_id(rows: Any, ids: list[str | None]) -> dict[str, Any]:
    return {row.id: row for row in rows.filter(id__in=sorted({key for key in ids if key}))}

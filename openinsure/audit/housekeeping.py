"""What the hourly task does for the audit log: one call, every organisation, one at a time."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from openinsure.audit import grants
from openinsure.audit.anchors import ForgedAnchor, take_anchor
from openinsure.audit.chain import KeyRing
from openinsure.audit.directory import directory
from openinsure.audit.origin import Origin
from openinsure.audit.reads import record_reads
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import DirectoryScope, SystemScope

SUBJECT = "service:audit"
FULL_HOUR = 4  # UTC; once a day every chain is read from its first row

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Swept:
    """What an hourly run did: organisations seen, chains found broken."""

    organisations: int
    broken: tuple[str, ...]


def sweep(*, ring: KeyRing, files_dir: Path, at: datetime) -> Swept:
    """End overdue grants, chain the hour's reads, anchor every chain. Safe to repeat.

    Raises Unavailable when oi_global does not take rows; what was done until then stays.
    """
    request_id = new_id()
    ids = directory().list_ids(DirectoryScope(PLATFORM_ORG_ID, SUBJECT, request_id))
    broken: list[str] = []
    for org_id in ids:
        scope = SystemScope(org_id, SUBJECT, request_id)
        grants.finish_endings(scope, at=at, origin=Origin(request_id=request_id))
        record_reads(scope, at=at)
        if _is_broken(scope, ring=ring, files_dir=files_dir, at=at):
            broken.append(org_id)
    return Swept(len(ids), tuple(broken))


def _is_broken(scope: SystemScope, *, ring: KeyRing, files_dir: Path, at: datetime) -> bool:
    try:
        full = at.hour == FULL_HOUR
        report = take_anchor(scope, ring=ring, files_dir=files_dir, at=at, full=full)
    except ForgedAnchor as forged:
        log.critical("an exported anchor was forged", extra={"alert": "audit", "at": str(forged)})
        return True
    if report.fault is not None:
        told = {"alert": "audit", "kind": report.fault.kind, "seq": report.fault.seq}
        log.critical("an audit chain is broken", extra=told)
    return report.fault is not None

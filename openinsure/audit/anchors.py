"""Anchors: signed heads of a chain, stored in oi_console and exported out of the database.

Whoever can delete the newest audit rows can delete the stored anchor too; the exported line is
the only proof of a cut tail. Housekeeping takes one anchor an organisation and hour.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from openinsure.audit.chain import Fault, KeyRing, Link, compact, instant
from openinsure.audit.console_models import Anchor
from openinsure.audit.verify import Report, verify_chain
from openinsure.keyspaces.ids import new_id
from openinsure.tenancy.scope import CANONICAL_UUID, Scope, SystemScope, entered

FOLDER = Path("audit", "anchors")  # below OPENINSURE_FILES_DIR; one file an organisation
PURPOSE = b"openinsure audit anchor\n"  # no row hash can be replayed as a signature


@dataclass(frozen=True, slots=True)
class ChainState:
    """What is known of a chain without reading it: the newest anchor."""

    checked_at: datetime | None
    verified_to: datetime | None
    seq: int
    fault: Fault | None


class ForgedAnchor(Exception):
    """An exported line whose signature does not fit. The text names file and line."""


def take_anchor(
    scope: SystemScope, *, ring: KeyRing, files_dir: Path, at: datetime, full: bool = False
) -> Report:
    """Check the chain (from the last anchor, or `full`), sign its head, store and export it.

    A broken chain is stored as such and exports nothing. Raises ForgedAnchor.
    """
    known = exported(files_dir, scope.org_id, ring=ring)
    newest = max(known, default=0)
    # From the last anchor but one, so that the row of the last one is read again too.
    earlier = max((seq for seq in known if seq < newest), default=0)
    start = Link(earlier, known[earlier]) if earlier and not full else None
    report = verify_chain(scope, ring=ring, anchors=known, start=start)
    signature = sign(ring, scope.org_id, report.head, at)
    with entered(scope):
        Anchor.objects.within(scope).create(
            id=new_id(),
            org_id=scope.org_id,
            seq=report.head.seq,
            row_hash=report.head.row_hash,
            head_at=report.head_at,
            checked_at=at,
            fault_kind=report.fault.kind if report.fault else "",
            fault_seq=report.fault.seq if report.fault else None,
            signature=signature,
        )
    if report.fault is None and report.head.seq > newest:
        _export(files_dir, scope.org_id, report.head, at, signature)
    return report


def sign(ring: KeyRing, org_id: str, head: Link, at: datetime) -> str:
    """HMAC-SHA256 over organisation, head and moment, by the key of that moment; hex."""
    told = compact([org_id, head.seq, head.row_hash, instant(at)])
    return hmac.new(ring.at(at), PURPOSE + told, hashlib.sha256).hexdigest()


def exported(files_dir: Path, org_id: str, *, ring: KeyRing) -> dict[int, str]:
    """Row hash by seq of every exported anchor. Raises ForgedAnchor naming file and line."""
    path = _path(files_dir, org_id)
    if not path.exists():
        return {}
    anchors: dict[int, str] = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        seq, row_hash = _believed(line, org_id, ring, where=f"{path.name}:{number}")
        anchors[seq] = row_hash
    return anchors


def chain_state(scope: Scope) -> ChainState:
    """The newest check of the organisation's chain; all None before the first one."""
    with entered(scope):
        rows = Anchor.objects.within(scope).order_by("-checked_at", "-id")
        newest = rows.first()
    if newest is None:
        return ChainState(None, None, 0, None)
    fault = Fault(newest.fault_kind, newest.fault_seq) if newest.fault_kind else None
    # The head may be old in a quiet organisation: what was checked is everything up to then.
    verified_to = newest.head_at if fault else newest.checked_at
    return ChainState(newest.checked_at, verified_to, newest.seq, fault)


def _believed(line: str, org_id: str, ring: KeyRing, *, where: str) -> tuple[int, str]:
    try:
        told: dict[str, Any] = json.loads(line)
        head = Link(int(told["seq"]), str(told["row_hash"]))
        right = sign(ring, org_id, head, datetime.fromisoformat(told["at"]))
        fits = hmac.compare_digest(right, str(told["signature"]))
    except (ValueError, KeyError, TypeError):
        fits = False
    if not fits:
        raise ForgedAnchor(f"{where}: the signature of this anchor does not fit")
    return head.seq, head.row_hash


def _export(files_dir: Path, org_id: str, head: Link, at: datetime, signature: str) -> None:
    """Append one line and wait until it is on the disk."""
    path = _path(files_dir, org_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "org_id": org_id,
        "seq": head.seq,
        "row_hash": head.row_hash,
        "at": instant(at),
        "signature": signature,
    }
    with path.open("a") as file:
        file.write(json.dumps(told, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())


def _path(files_dir: Path, org_id: str) -> Path:
    if not CANONICAL_UUID.fullmatch(org_id):
        raise ValueError("an anchor file is named by a canonical organisation id")
    return files_dir / FOLDER / f"{org_id}.jsonl"

"""Audit evidence as one zip: chained rows with their hashes, the chain's verification, reads by
visitors, samples, and a manifest with the sha256 of each. Refused while the chain is broken.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from openinsure.audit import queries
from openinsure.audit.anchors import ForgedAnchor, exported
from openinsure.audit.chain import KeyRing, Walk, instant
from openinsure.audit.verify import pages
from openinsure.console.dates import iso_instant
from openinsure.console.models import ExportRow
from openinsure.pages import exports_jobs as jobs
from openinsure.pages.exports_run import MAKERS, Made, Work
from openinsure.problems import Conflict
from openinsure.tenancy.listing import Span
from openinsure.tenancy.scope import entered

BROKEN = (
    "The audit chain is broken at entry {seq:,} ({kind}). Evidence is locked until it is explained."
)
READ_FIELDS = ("id", "at", "actor", "role", "object", "reason", "request_id")
PAGE_ROWS = 1_000


def chain_broken(seq: int, kind: str) -> Conflict:
    """The refusal while a chain does not hold."""
    return Conflict(BROKEN.format(seq=seq, kind=kind), code="chain_broken")


def make_evidence(work: Work) -> Made:
    """The zip. Reads the whole chain again; raises Conflict(chain_broken) if it does not hold."""
    wish = work.row.wish
    first, last = date.fromisoformat(wish["from"]), date.fromisoformat(wish["to"])
    low = datetime.combine(first, time.min, UTC)
    below = datetime.combine(last + timedelta(days=1), time.min, UTC)
    parts: dict[str, Path] = {}
    chain = _write_chain(work, parts, low, below)
    if wish.get("reads"):
        _write_reads(work, parts, Span(low=low, below=below))
    _collect_samples(work, parts, wish.get("samples", []))
    listing = [
        {"name": name, "bytes": path.stat().st_size, "sha256": _digest(path)}
        for name, path in parts.items()
    ]
    period = f"{first.isoformat()} to {last.isoformat()}"
    manifest = {
        "organization": work.row.data_org_id,
        "period": period,
        "as_of": iso_instant(work.as_of),
        "chain": chain,
        "files": listing,
    }
    name = f"evidence-{first.isoformat()}-{last.isoformat()}.zip"
    with zipfile.ZipFile(work.folder / name, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("manifest.json", json.dumps(manifest, indent=2, sort_keys=True) + "\n")
        for inside, path in parts.items():
            bundle.write(path, inside)
    for path in parts.values():
        if path.parent == work.folder:
            path.unlink()
    told = {"filter": period, "chain": chain, "parts": listing}
    return Made(files=(name,), rows=int(chain["rows_in_period"]), told=told)


def _write_chain(
    work: Work, parts: dict[str, Path], low: datetime, below: datetime
) -> dict[str, Any]:
    """Rows of the period in full, and what the verification of the whole chain found."""
    scope, ring = work.viewer.scope, KeyRing.parse(settings.AUDIT_KEYS)
    try:
        anchors = exported(Path(str(settings.FILES_DIR)), scope.org_id, ring=ring)
    except ForgedAnchor:
        raise chain_broken(0, "forged anchor") from None
    walk, kept = Walk(ring, anchors=anchors), 0
    with (work.folder / "audit.jsonl").open("w", encoding="utf-8") as file:
        for rows in pages(scope, after_seq=0):
            walk.feed(rows)
            if walk.fault is not None:
                break
            for row in rows:
                if low <= row["occurred_at"] < below:
                    file.write(_line(row))
                    kept += 1
            work.progress(walk.rows)
    fault = walk.finish()
    if fault is not None:
        raise chain_broken(fault.seq, fault.kind)
    parts["audit.jsonl"] = work.folder / "audit.jsonl"
    result = {
        "holds": True,
        "rows_verified": walk.rows,
        "rows_in_period": kept,
        "head_seq": walk.at.seq,
        "head_hash": walk.at.row_hash,
        "anchors_compared": len(anchors),
        "verified_at": iso_instant(work.clock()),
    }
    parts["chain.json"] = work.folder / "chain.json"
    parts["chain.json"].write_text(json.dumps(result, indent=2, sort_keys=True) + "\n")
    return result


def _line(row: dict[str, Any]) -> str:
    told = {**row, "occurred_at": instant(row["occurred_at"]), "cross_org": bool(row["cross_org"])}
    return json.dumps(told, sort_keys=True, ensure_ascii=False) + "\n"


def _write_reads(work: Work, parts: dict[str, Path], period: Span) -> None:
    parts["reads.jsonl"] = work.folder / "reads.jsonl"
    with parts["reads.jsonl"].open("w", encoding="utf-8") as file:
        for row in _reads(work, period):
            told = {name: getattr(row, name) for name in READ_FIELDS}
            told["at"] = iso_instant(row.at)
            file.write(json.dumps(told, sort_keys=True, ensure_ascii=False) + "\n")


def _reads(work: Work, period: Span) -> Iterator[Any]:
    at = None
    while True:
        page = queries.list_reads(
            work.viewer.scope, where={"occurred_at": period}, at=at, size=PAGE_ROWS
        )
        yield from page.rows
        if page.next is None:
            return
        at = page.next


def _collect_samples(work: Work, parts: dict[str, Path], ids: list[str]) -> None:
    """The owner's samples of the same organisation; one whose file is gone is refused by name."""
    for export_id in ids:
        with entered(work.home):
            row: ExportRow = jobs.find_export(work.home, work.row.owner_id, export_id)
        path = jobs.folder_of(row) / row.file_name
        same = row.kind == "sample" and row.data_org_id == work.row.data_org_id
        if not same or row.status != jobs.READY or not path.is_file():
            raise Conflict(f"The sample {row.title} is no longer there. Draw it again.")
        parts[f"samples/{row.id}-{row.file_name}"] = path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


MAKERS["evidence"] = make_evidence

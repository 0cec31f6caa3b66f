"""`openinsure audit verify`: read every chain again and say what holds."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.utils import InterfaceError, OperationalError

from openinsure.arguments import Parser
from openinsure.audit.anchors import ForgedAnchor, exported
from openinsure.audit.chain import KeyRing
from openinsure.audit.directory import directory
from openinsure.audit.reads import changed_reads
from openinsure.audit.verify import verify_chain
from openinsure.keyspaces.ids import new_id
from openinsure.plurals import many
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.scope import CANONICAL_UUID, DirectoryScope, SystemScope

OK, USAGE, NOT_FOUND, UNREACHABLE, FINDINGS = 0, 2, 3, 5, 6
SUBJECT = "service:audit"
EXAMPLES = """\
examples:
  openinsure audit verify
  openinsure audit verify --org 0190a000-0000-7000-8000-00000000000a --json
exit codes: 0 every chain holds, 3 no such organization, 5 unreachable or out of time, 6 findings
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One organisation's line. first_bad_seq and kind are None while everything holds."""

    org: str
    rows: int
    head_seq: int
    first_bad_seq: int | None
    kind: str | None
    changed_reads: tuple[int, ...]

    @property
    def holds(self) -> bool:
        """No finding in the chain and in the access log that it digests."""
        return self.kind is None and not self.changed_reads


def main(argv: Sequence[str]) -> int:
    """The exit code. argv starts with the verb itself."""
    asked = _parser().parse_args(argv[1:])
    if asked.org is not None and not CANONICAL_UUID.fullmatch(asked.org):
        print("openinsure audit: --org must be a canonical organization id", file=sys.stderr)
        return USAGE
    try:
        return _verify(asked)
    except (OperationalError, InterfaceError):
        print("openinsure audit: oi_global does not answer; nothing verified", file=sys.stderr)
        return UNREACHABLE


def _verify(asked: Namespace) -> int:
    reader = DirectoryScope(PLATFORM_ORG_ID, SUBJECT, new_id())
    if asked.org is not None and directory().find_name(reader, asked.org) is None:
        print(f"openinsure audit: no organization {asked.org}", file=sys.stderr)
        return NOT_FOUND
    ids = (asked.org,) if asked.org else directory().list_ids(reader)
    ends_at, verdicts = time.monotonic() + asked.timeout, []
    for org_id in ids:
        if time.monotonic() > ends_at:
            break
        verdicts.append(_verdict(org_id))
    unread = len(ids) - len(verdicts)
    _print(verdicts, unread, as_json=asked.json)
    if any(not verdict.holds for verdict in verdicts):
        return FINDINGS
    return UNREACHABLE if unread else OK


def _verdict(org_id: str) -> Verdict:
    scope, ring = SystemScope(org_id, SUBJECT, new_id()), KeyRing.parse(settings.AUDIT_KEYS)
    try:
        anchors = exported(Path(settings.FILES_DIR), org_id, ring=ring)
    except ForgedAnchor as forged:
        print(f"openinsure audit: {forged}", file=sys.stderr)
        return Verdict(org_id, 0, 0, None, "forged_anchor", ())
    report = verify_chain(scope, ring=ring, anchors=anchors)
    return Verdict(
        org=org_id,
        rows=report.rows,
        head_seq=report.head.seq,
        first_bad_seq=report.fault.seq if report.fault else None,
        kind=report.fault.kind if report.fault else None,
        changed_reads=tuple(changed_reads(scope)),
    )


def _print(verdicts: list[Verdict], unread: int, *, as_json: bool) -> None:
    ordered = sorted(verdicts, key=lambda verdict: (verdict.holds, verdict.org))
    if as_json:
        told = [
            {
                "org": v.org,
                "state": "verified" if v.holds else "broken",
                "rows": v.rows,
                "head_seq": v.head_seq,
                "first_bad_seq": v.first_bad_seq,
                "kind": v.kind,
                "changed_reads": list(v.changed_reads),
            }
            for v in ordered
        ]
        print(json.dumps({"organizations": told, "unread": unread}))
        return
    for verdict in ordered:
        print(_line(verdict))
    if unread:
        print(f"{many(unread, 'organization')} not read in time", file=sys.stderr)


def _line(verdict: Verdict) -> str:
    rows = many(verdict.rows, "row")
    if verdict.holds:
        return f"verified  {verdict.org}  {rows}"
    found = []
    if verdict.kind:
        at = f" at seq {verdict.first_bad_seq}" if verdict.first_bad_seq else ""
        found.append(f"{verdict.kind}{at}")
    if verdict.changed_reads:
        seqs = ", ".join(str(seq) for seq in verdict.changed_reads)
        found.append(f"access log differs from seq {seqs}")
    return f"broken    {verdict.org}  {rows}  {'; '.join(found)}"


def _parser() -> ArgumentParser:
    parser = Parser(
        "openinsure audit", epilog=EXAMPLES, formatter_class=RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(required=True, metavar="verify")
    verify = verbs.add_parser(
        "verify",
        help="check every row, link and anchor",
        epilog=EXAMPLES,
        formatter_class=RawDescriptionHelpFormatter,
    )
    verify.add_argument("--org", metavar="UUID", help="one organization (default: all)")
    verify.add_argument("--json", action="store_true", help="stable keys for scripts")
    verify.add_argument("--timeout", type=float, default=600.0, metavar="SECONDS")
    verify.add_argument("--no-color", action="store_true", help="output has no colour anyway")
    return parser

"""Documents and certificates of one policy, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openinsure.policies.models import Certificate, PolicyDocument
from openinsure.policies.notices import NoticeRow, list_notices
from openinsure.problems import BadForm
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading

ROWS_MAX = 200
Rows = Iterable[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document. number: of a certificate. sha256: proof of the file's content."""

    id: str
    type: str
    title: str
    number: str
    status: str
    at: datetime
    size_bytes: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a certificate says beside its policy."""

    number: str
    holder: str
    address: str
    code: str
    issued_on: date


def get_certificate(scope: Scope, policy_id: str, number: str) -> CertificateFacts:
    """A standing certificate of a policy. Raises BadForm for one that was revoked or is none."""
    values = (
        Certificate.objects.within(scope)
        .filter(policy_id=policy_id, certificate_number=number, revoked_at=None)
        .values_list("holder_name", "holder_address", "verification_code", "issued_at")
        .first()
    )
    if values is None:
        raise BadForm({"paper": "must be the declarations page or a certificate that stands"})
    holder, address, code, issued = values
    return CertificateFacts(number, holder, _lines(address), code, issued.date())


def _lines(address: Any) -> str:
    """A stored address as lines of text, whichever shape it was stored in."""
    if isinstance(address, dict):
        kept = address.get("lines") or address.values()
        return "\n".join(str(line) for line in kept if line)
    return str(address or "")


def list_documents(scope: Scope, policy_id: str) -> Reading[DocumentRow]:
    """Generated documents, certificates, notices. Three queries of oi_policies."""
    documents = (
        PolicyDocument.objects.within(scope)
        .filter(policy_id=policy_id)
        .order_by("-generated_at", "id")
        .values_list("id", "document_type", "title", "signature_status", "generated_at",
                     "size_bytes", "sha256")[:ROWS_MAX]
    )  # fmt: skip
    certificates = (
        Certificate.objects.within(scope)
        .filter(policy_id=policy_id)
        .order_by("-issued_at", "id")
        .values_list("id", "certificate_number", "holder_name", "issued_at", "revoked_at")
    )[:ROWS_MAX]
    notices = list_notices(scope, policy_id)

    def newest(generated: Rows, issued: Rows, *noticed: Rows) -> list[DocumentRow]:
        rows = [
            *(_document(*values) for values in generated),
            *(_certificate(*values) for values in issued),
            *map(_notice, notices.make(*noticed)),
        ]
        return sorted(rows, key=lambda row: (row.at, row.id), reverse=True)

    return Reading((documents, certificates, *notices.queries), newest)


def _document(
    key: str, kind: str, title: str, status: str | None, at: datetime, size: int | None, digest: str
) -> DocumentRow:
    return DocumentRow(key, kind, title, "", status or "generated", at, size, digest)


def _certificate(
    key: str, number: str, holder: str, at: datetime, revoked: datetime | None
) -> DocumentRow:
    status = "revoked" if revoked else "issued"
    return DocumentRow(key, "certificate", holder, number, status, at, None, "")


def _notice(row: NoticeRow) -> DocumentRow:
    return DocumentRow(row.id, "notice", row.what, "", row.status, row.asked_at, None, "")

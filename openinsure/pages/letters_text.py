"""The texts of letters: declarations, certificate, invoice. Pure; figures come as they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from openinsure.console.dates import format_day
from openinsure.console.money import format_cents
from openinsure.console.words import sentence
from openinsure.policies.rows import CoverageRow, PolicyTerm, VehicleRow

WIDTH = 28  # characters of the left column


def declarations(
    term: PolicyTerm,
    coverages: Sequence[CoverageRow],
    vehicles: Sequence[VehicleRow],
    *,
    sender: str,
) -> str:
    """The declarations page of a term as it stands today."""
    return _text(
        "DECLARATIONS",
        _head(term, sender),
        ("Coverages", [_coverage(row) for row in coverages]),
        ("Vehicles", [f"{_left(f'Unit {row.unit}')}{_unit(row)}" for row in vehicles]),
        (
            "Premium",
            [
                f"{_left('Written premium')}{format_cents(term.premium_cents, term.currency)}",
                f"{_left('Fees')}{format_cents(term.fees_cents, term.currency)}",
                f"{_left('Taxes')}{format_cents(term.taxes_cents, term.currency)}",
                f"{_left('Total')}{format_cents(term.total_cents, term.currency)}",
            ],
        ),
    )


def certificate(
    term: PolicyTerm,
    coverages: Sequence[CoverageRow],
    *,
    number: str,
    code: str,
    holder: str,
    address: str,
    on: date,
    sender: str,
) -> str:
    """A certificate of insurance for a holder. It changes no right under the policy."""
    return _text(
        f"CERTIFICATE OF INSURANCE {number}",
        [f"{_left('Issued')}{format_day(on)}", f"{_left('Verification code')}{code}"],
        ("Certificate holder", [holder, *address.splitlines()]),
        ("Policy", _head(term, sender)),
        ("Coverages", [_coverage(row) for row in coverages]),
        (
            "",
            [
                "This certificate is for information only. It confers no rights on the holder",
                "and does not amend, extend or alter the coverage of the policy named above.",
            ],
        ),
    )


def invoice(
    *,
    number: str,
    policy_number: str,
    payer: str,
    due: date,
    lines: Iterable[tuple[str, int]],
    open_cents: int,
    currency: str,
    sender: str,
) -> str:
    """An invoice: what it asks for and what of it is open."""
    return _text(
        f"INVOICE {number}",
        [
            f"{_left('From')}{sender}",
            f"{_left('To')}{payer}",
            f"{_left('Policy')}{policy_number}",
            f"{_left('Due')}{format_day(due)}",
        ],
        (
            "Amounts",
            [
                f"{_left(sentence(component))}{format_cents(cents, currency)}"
                for component, cents in lines
            ],
        ),
        ("", [f"{_left('Open')}{format_cents(open_cents, currency)}"]),
    )


def _head(term: PolicyTerm, sender: str) -> list[str]:
    return [
        f"{_left('From')}{sender}",
        f"{_left('Policy')}{term.number}, term {term.term}",
        f"{_left('Insured')}{term.insured}",
        f"{_left('From')}{format_day(term.effective)}, {term.effective_time} {term.timezone}",
        f"{_left('To')}{format_day(term.expires)}, {term.effective_time} {term.timezone}",
        f"{_left('Line')}{sentence(term.line_of_business)}, {term.state}",
    ]


def _coverage(row: CoverageRow) -> str:
    limit = row.per_occurrence_limit_cents or row.per_person_limit_cents
    limit = limit or row.aggregate_limit_cents
    name = f"{row.code}{f', unit {row.unit}' if row.unit else ''}"
    shown = format_cents(limit, row.currency) if limit else "as in the form"
    deductible = row.deductible_cents
    less = f", deductible {format_cents(deductible, row.currency)}" if deductible else ""
    return f"{_left(name)}{shown}{less}"


def _unit(row: VehicleRow) -> str:
    words = [str(row.year or ""), row.make or "", row.model or "", row.vin]
    return " ".join(word for word in words if word)


def _left(text: str) -> str:
    return f"{text:<{WIDTH}}"


def _text(title: str, head: Sequence[str], *parts: tuple[str, Sequence[str]]) -> str:
    """Title, head, then each part under its heading; empty parts are left out."""
    blocks = [[title, "=" * len(title)], list(head)]
    for heading, lines in parts:
        if lines:
            blocks.append([*([heading, "-" * len(heading)] if heading else []), *lines])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"

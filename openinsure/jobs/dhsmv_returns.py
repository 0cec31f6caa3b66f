"""What the agency answers to a file: accepted or rejected with a code, record by record. Pure.

The agency's own layout is not public; this reads ours, `<InsuranceReturn file=""><Record id=""
result="" code="" text=""/>`, and what translates the real files writes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast
from xml.etree import ElementTree

BYTES_MAX = 64 * 1024 * 1024
CODE_MAX, TEXT_MAX = 8, 255
RESULTS = ("accepted", "rejected")


class Unreadable(Exception):
    """The bytes are no return. Text: why, without content."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one record. code, text: of a rejection, as the agency says them."""

    record_id: str
    result: Literal["accepted", "rejected"]
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Return:
    """The answers to one file that we sent."""

    of: str
    answers: tuple[Answer, ...]


def parse(content: bytes) -> Return:
    """Raises Unreadable for what is too large, no XML, or answers no file."""
    if len(content) > BYTES_MAX:
        raise Unreadable("it is larger than 64 MB")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Unreadable("it declares a document type")
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 (no document type gets here)
    except ElementTree.ParseError:
        raise Unreadable("it is not XML") from None
    of = root.get("file", "")
    if root.tag != "InsuranceReturn" or not of:
        raise Unreadable("it names no file that was sent")
    return Return(of, tuple(_answer(record) for record in root.iter("Record")))


def _answer(record: ElementTree.Element) -> Answer:
    result, code = record.get("result", ""), record.get("code", "").strip()[:CODE_MAX]
    if result not in RESULTS or not record.get("id"):
        raise Unreadable("a record has no id, or is neither accepted nor rejected")
    if result == "rejected" and not code:
        raise Unreadable("a rejected record has no code")
    kind = cast(Literal["accepted", "rejected"], result)
    text = " ".join(record.get("text", "").split())[:TEXT_MAX]
    return Answer(record.get("id", ""), kind, code, text)

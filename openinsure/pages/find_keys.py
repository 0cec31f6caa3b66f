"""What a typed text may be: numbers, VIN, DOT, phone, e-mail, names. Pure; knows no table.

Separators are dropped and letters folded, then each kind of key of domain.md part 9 says whether
the text fits it and in which form it is stored.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from openinsure.problems import BadFilter
from openinsure.tenancy.scope import CANONICAL_UUID

TEXT_MAX = 120
WORDS_MAX = 5
# Prefix -> what our own numbers count (orgs.operations.sequences).
OWN_PREFIXES = ("CLM", "SUB", "INV", "PAY", "ACC", "DSB", "CRT", "QUO")
POLICY_NUMBER = re.compile(r"([A-Z]{2,5})-?(\d{4})-?(\d{1,9})")
POLICY_START = re.compile(r"[A-Z]{2,5}-(\d{4}-?)?")
FREE_NUMBER = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9/_.-]{2,39}")
VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
PLATE = re.compile(r"(?=.*\d)[A-Z0-9]{2,10}")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,190}")
PHONE_SIGNS = re.compile(r"[\d\s().+/-]+")


@dataclass(frozen=True, slots=True)
class Typed:
    """One text in the forms that keys need. plain: upper case, no spaces; solid: no signs."""

    text: str
    plain: str
    solid: str
    digits: str
    words: tuple[str, ...]

    @classmethod
    def of(cls, raw: str) -> Typed:
        """Read a text. Raises BadFilter naming the rule for an empty or overlong one."""
        folded = unicodedata.normalize("NFKC", raw)
        text = " ".join(folded.split())
        if not text or len(text) > TEXT_MAX or not text.isprintable():
            rule = f"must be 1 to {TEXT_MAX} printable characters"
            raise BadFilter("q", rule=rule)
        plain = text.upper().replace(" ", "")
        digits = re.sub(r"\D", "", text) if PHONE_SIGNS.fullmatch(text) else ""
        words = tuple(re.findall(r"[^\W_]+", text.casefold()))[:WORDS_MAX]
        return cls(text, plain, re.sub(r"[\W_]", "", plain), digits, words)

    @property
    def personal(self) -> bool:
        """True unless it is plainly a number: then it must not stand in an address."""
        if "@" in self.text or len(self.digits) in (9, 10, 11):
            return True
        return not (any(sign.isdigit() for sign in self.text) and " " not in self.text)


def uuid(typed: Typed) -> str | None:
    """A canonical id."""
    lower = typed.text.lower()
    return lower if CANONICAL_UUID.fullmatch(lower) else None


def policy_number(typed: Typed) -> str | None:
    """A policy number, its beginning, or a number of a foreign form."""
    if own_kind(typed) or uuid(typed):
        return None
    if found := POLICY_NUMBER.fullmatch(typed.plain):
        return "-".join(found.groups())
    if POLICY_START.fullmatch(typed.plain):
        return typed.plain
    if typed.digits and len(typed.digits) < len("2026000123"):
        return None
    return typed.plain if FREE_NUMBER.fullmatch(typed.plain) else None


def own_number(prefix: str, typed: Typed) -> str | None:
    """One of our numbers, e.g. CLM-ACM-000045, or its beginning."""
    found = re.fullmatch(rf"{prefix}-?([A-Z][A-Z0-9]{{1,4}}?)(?:-(\d*)|(\d{{6,}}))?", typed.plain)
    if found is None:
        return None
    count = found[2] if found[2] is not None else found[3]
    return f"{prefix}-{found[1]}" + (f"-{count}" if count is not None else "")


def own_kind(typed: Typed) -> str:
    """The prefix of our own number that the text begins with, or ""."""
    return next((p for p in OWN_PREFIXES if own_number(p, typed)), "")


def claim_number(typed: Typed) -> str | None:
    """A claim number."""
    return own_number("CLM", typed)


def invoice_number(typed: Typed) -> str | None:
    """An invoice number."""
    return own_number("INV", typed)


def payment_number(typed: Typed) -> str | None:
    """A payment number."""
    return own_number("PAY", typed)


def account_number(typed: Typed) -> str | None:
    """A billing account number."""
    return own_number("ACC", typed)


def disbursement_number(typed: Typed) -> str | None:
    """A disbursement number."""
    return own_number("DSB", typed)


def submission_number(typed: Typed) -> str | None:
    """A submission number."""
    return own_number("SUB", typed)


def quote_number(typed: Typed) -> str | None:
    """A quote number."""
    return own_number("QUO", typed)


def certificate_number(typed: Typed) -> str | None:
    """A certificate number."""
    return own_number("CRT", typed)


def vin(typed: Typed) -> str | None:
    """A whole vehicle identification number."""
    return typed.solid if VIN.fullmatch(typed.solid) else None


def vin_last6(typed: Typed) -> str | None:
    """The last six characters of one."""
    return typed.solid if len(typed.solid) == 6 and PLATE.fullmatch(typed.solid) else None


def plate(typed: Typed) -> str | None:
    """A licence plate."""
    return typed.solid if PLATE.fullmatch(typed.solid) and not own_kind(typed) else None


def usdot(typed: Typed) -> str | None:
    """A US DOT number, with or without its letters."""
    found = re.fullmatch(r"(?:US)?(?:DOT)?#?(\d{4,8})", typed.solid)
    return found[1] if found else None


def mc_number(typed: Typed) -> str | None:
    """A motor carrier number; stored without its letters."""
    found = re.fullmatch(r"(?:MC)?(\d{4,8})", typed.solid)
    return found[1] if found else None


def phone(typed: Typed) -> str | None:
    """A US phone number: ten digits, the country's 1 dropped."""
    digits = typed.digits
    if len(digits) == 11 and digits.startswith("1"):
        return digits[1:]
    return digits if len(digits) == 10 else None


def email(typed: Typed) -> str | None:
    """An e-mail address."""
    return typed.text.lower() if EMAIL.fullmatch(typed.text) else None


def fein(typed: Typed) -> str | None:
    """A federal employer number: nine digits."""
    return typed.digits if len(typed.digits) == 9 else None


def fein_last4(typed: Typed) -> str | None:
    """The last four digits of one."""
    return typed.digits if len(typed.digits) == 4 else None


def check_number(typed: Typed) -> str | None:
    """The number of a check."""
    return typed.digits if 3 <= len(typed.digits) <= 12 else None


def reference(typed: Typed) -> str | None:
    """A processor's reference: case matters, so it is taken as typed."""
    text = typed.text
    fits = 6 <= len(text) <= 128 and " " not in text and any(c.isdigit() for c in text)
    return text if fits and not own_kind(typed) else None


def name(typed: Typed) -> str | None:
    """The beginning of a name, folded as names are stored."""
    text = " ".join(typed.words)
    letters = sum(character.isalpha() for character in text)
    return text if letters >= 2 and "@" not in typed.text and not uuid(typed) else None

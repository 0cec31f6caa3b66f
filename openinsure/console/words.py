"""Status words and their tones: one dictionary, so a state looks the same on every page.

A status not listed shows as it is stored, neutral, and is logged once; it never raises.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

log = logging.getLogger(__name__)

Tone = Literal["ok", "info", "warn", "bad", "neutral"]

BY_TONE: Final[dict[Tone, str]] = {
    "ok": """accepted answered earned won balanced decided passed
        active allocated approved applied collected
        at_head bound cleared complete completed delivered in_force
        in_sync issued live matched ok paid posted remitted resolved satisfied settled
        signed split succeeded valid verified""",
    "info": """acknowledged assigned created deploying in_progress in_review investigating new open
        processing queued quoted ready received released reopened reserved running scheduled sent
        submitted in_defense in_settlement requested in_flight marked
        generated agreed billed remitting stated reopen_requested
        offered mailed filed invoiced proposed rated expected""",
    "warn": """expiring
        ahead behind disputed enter_again explained held info_requested late litigated
        litigation non_renewed orphaned partially_paid paused pending referred reverting
        revert_window skipped stale stop_requested suspended unsigned unverified
        live_unrecorded out_of_order rolled_back
        partially_settled unmatched
        due due_soon late_fee notice_due notice_mailed notice_sent
        quarantined not_sent no_address to_mail""",
    "bad": """terminated
        bounced cancelled charged_back chargeback conflict critical declined denied disabled
        drifted failed missed modified out_of_balance overdue partial past_due refused rejected
        returned reversed revoked unexplained unreachable written_off
        renumbered set_aside effective""",
    "neutral": """abandoned archived closed draft expired inactive locked lost none not_taken
        refunded removed renewed retired superseded nonrenewed unknown void voided
        escheated waived withdrawn dismissed not_due not_required resubmitted
        excluded stopped""",
}
# Where the stored word is not what we say (interface.md 8).
SPOKEN: Final[dict[str, str]] = {
    "unverified": "In sync (schema unverified)",
    "at_head": "At head",
    "non_renewed": "Non-renewed",
    "none": "None",
}


class Status(NamedTuple):
    """What a badge shows. unknown: dashed with a question mark."""

    word: str
    tone: Tone
    unknown: bool = False


# Stored words that are said letter by letter.
INITIALS: Final[dict[str, str]] = {"ach": "ACH", "nsf": "NSF", "eft": "EFT"}
# A role's stored name where a person would not say it.
ROLE_WORDS: Final[dict[str, str]] = {
    "mhcis_operator": "Operator",
    "org_admin": "Organization admin",
    "db_operator": "Database operator",
    "db_approver": "Database approver",
}


def role_word(key: str) -> str:
    """`finance_analyst` -> `Finance analyst`."""
    return ROLE_WORDS.get(key) or sentence(key)


def role_words(keys: str) -> str:
    """`adjuster, org_admin` -> `Adjuster, Organization admin`."""
    return ", ".join(role_word(key) for key in keys.split(", "))


def sentence(key: str) -> str:
    """`partially_paid` -> `Partially paid`."""
    return INITIALS.get(key) or key.replace("_", " ").strip().capitalize()


STATUSES: Final[dict[str, Status]] = {
    key: Status(SPOKEN.get(key) or sentence(key), tone, unknown=key == "unknown")
    for tone, keys in BY_TONE.items()
    for key in keys.split()
}


def status(key: str | None) -> Status:
    """Word and tone of a stored status; None and "" are unknown."""
    if not key:
        return STATUSES["unknown"]
    return STATUSES.get(key) or _unlisted(key)


def spoken(key: str | None) -> str:
    """The word of a status inside a sentence: `in_review` -> `in review`."""
    return lowered(status(key).word)


def lowered(word: str) -> str:
    """A word as it stands inside a sentence: `Check` -> `check`; `ACH` stays."""
    return word if word in INITIALS.values() else word[:1].lower() + word[1:]


def any_of(keys: Sequence[str]) -> str:
    """Statuses of which one may be: `reserved, litigated or denied`; `nothing` for none."""
    *first, last = [spoken(key) for key in keys] or ["nothing"]
    return f"{', '.join(first)} or {last}" if first else last


@lru_cache(maxsize=512)
def _unlisted(key: str) -> Status:
    if key.startswith("pending_") or key.endswith("_pending"):
        return Status(sentence(key), "warn")
    log.warning("status without a word", extra={"status": key[:40]})
    return Status(key, "neutral")

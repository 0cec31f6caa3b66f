"""What FMCSA would say of the demo's applicants today: the file that local machines ask."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.conf import settings

from openinsure.submissions.fmcsa import AnswerFile, registry

ANSWERS_MAX = 5_000  # of one file; it is read whole for each question


def write_answers(submissions: Iterable[dict[str, Any]]) -> int:
    """Answers for open submissions, added to those that the file has; how many it holds.

    Nothing is written where a service is asked instead.
    """
    if not isinstance(registry(), AnswerFile):
        return 0
    path = Path(unquote(urlsplit(str(settings.FMCSA_URL)).path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:  # organisations are made side by side
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _add(path, submissions)


def _add(path: Path, submissions: Iterable[dict[str, Any]]) -> int:
    try:
        held: dict[str, Any] = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        held = {}
    for row in submissions:
        if len(held) >= ANSWERS_MAX:
            break
        held[row["usdot_number"]] = {"content": {"carrier": _carrier(row)}}
    part = path.with_suffix(".part")
    part.write_text(json.dumps(held))
    part.replace(path)
    return len(held)


def _carrier(row: dict[str, Any]) -> dict[str, Any]:
    """As the service words it; now and then a fleet has grown or an authority was lost."""
    digit = int(row["usdot_number"][-1])
    return {
        "dotNumber": row["usdot_number"],
        "legalName": row["insured_name"].upper(),
        "allowedToOperate": "N" if digit == 9 else "Y",
        "commonAuthorityStatus": "A",
        "totalPowerUnits": row["vehicle_count"] + (digit == 7),
        "totalDrivers": row["driver_count"] + (digit == 7),
        "safetyRating": "S" if digit % 2 else None,
        "statusCode": "A",
    }

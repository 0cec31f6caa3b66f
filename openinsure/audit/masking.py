"""What of a change may stand in the audit log: plain JSON values, personal data masked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

MASK = "[masked]"
DEPTH_MAX = 8  # levels of nesting; deeper is a mistake of the caller

# Contact and protected data (domain.md 1, rule 4) and secrets, by the name of the key.
PERSONAL = re.compile(
    r"""(^|_)(
        email | e_mail | phone | mobile | fax | ssn | tin | fein | date_of_birth | dob
        | address | address_line\d? | street | license_number | licence_number | passport
        | account_number | routing_number | iban | card | card_number | bank_account
        | first_name | last_name | middle_name
        | password | secret | token | authorization | cookie | dsn | otp | recovery_codes?
    )($|_(hash|text|raw|value)$) | _enc$""",
    re.VERBOSE,
)


def masked(values: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A copy fit for before_json or after_json. Raises TypeError for a value without one form.

    An empty personal value stays empty, so that "was set" and "was not" remain visible.
    """
    return None if values is None else _mapping(values, depth=0)


def _mapping(values: Mapping[str, Any], depth: int) -> dict[str, Any]:
    return {
        str(key): MASK
        if value not in (None, "") and PERSONAL.search(str(key).lower())
        else _plain(value, depth + 1)
        for key, value in values.items()
    }


def _plain(value: Any, depth: int) -> Any:
    if depth > DEPTH_MAX:
        raise TypeError(f"audit values nest deeper than {DEPTH_MAX} levels")
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        # A lone surrogate has no UTF-8 form and would fail in the driver.
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, Mapping):
        return _mapping(value, depth)
    if isinstance(value, (list, tuple, set, frozenset)):
        items = sorted(value) if isinstance(value, (set, frozenset)) else value
        return [_plain(item, depth + 1) for item in items]
    # Floats too: their text differs between engines, so a hash over them would not hold.
    raise TypeError(f"audit values cannot hold a {type(value).__name__}")

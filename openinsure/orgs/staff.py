"""The organisation's people by id: rows hold user ids, pages show names.

Kept for a minute per process and organisation, like the codes. Names of staff are no contact
data; e-mail and phone are not read here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from openinsure.orgs.models import User
from openinsure.tenancy.scope import Scope

KEPT_S = 60
ORGANISATIONS_MAX = 500
ROWS_MAX = 2_000
UNDERWRITER_ROLES = frozenset({"underwriter", "org_admin", "mhcis_operator"})


@dataclass(frozen=True, slots=True)
class Colleague:
    """One user: name, role, and whether the account may act."""

    id: str
    name: str
    role: str
    active: bool


Staff = Mapping[str, Colleague]
_kept: dict[str, tuple[float, Staff]] = {}
_lock = Lock()


def org_staff(scope: Scope) -> Staff:
    """The users of the scope's organisation by id, at most KEPT_S seconds old.

    One statement on oi_global when they are not held.
    """
    held = _kept.get(scope.org_id)
    if held is not None and monotonic() - held[0] < KEPT_S:
        return held[1]
    rows = User.objects.within(scope).order_by("id")
    columns = rows.values_list("id", "full_name", "role", "status", "disabled_at")[:ROWS_MAX]
    staff = {
        key: Colleague(key, name, role, active=status == "active" and disabled is None)
        for key, name, role, status, disabled in columns
    }
    with _lock:
        if len(_kept) >= ORGANISATIONS_MAX:
            _kept.clear()
        _kept[scope.org_id] = (monotonic(), staff)
    return staff


def forget(org_id: str) -> None:
    """Read the people of an organisation anew, after one was changed."""
    _kept.pop(org_id, None)


def name_of(staff: Staff, user_id: str | None) -> str:
    """The person's name; "" for nobody and for one who is not read yet."""
    found = staff.get(user_id or "")
    return found.name if found else ""


def underwriter_choices(staff: Staff) -> tuple[tuple[str, str], ...]:
    """Who may be given a submission or a policy: id and name, by name."""
    found = [one for one in staff.values() if one.active and one.role in UNDERWRITER_ROLES]
    return tuple((one.id, one.name) for one in sorted(found, key=lambda one: (one.name, one.id)))

"""Named refusals that reach a person. No HTTP here: console.errors renders them, the CLI prints.

Domain code raises these; nothing catches them but the edge. `message` is safe to show: it never
holds SQL, hosts, values of other organisations or personal data.
"""

from __future__ import annotations


class Problem(Exception):
    """A refusal with a stable code, an HTTP-like status and two plain sentences."""

    status = 400
    code = "bad_request"

    def __init__(self, message: str, *, code: str = "", field: str = "", rule: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.field = field
        self.rule = rule


class BadFilter(Problem):
    """A query parameter that is unknown or unreadable: 400 naming it and the rule."""

    code = "bad_parameter"

    def __init__(self, field: str, *, rule: str) -> None:
        super().__init__(f"The parameter {field} {rule}.", field=field, rule=rule)


class BadForm(Problem):
    """Form fields that cannot be accepted: 422, one rule per field."""

    status, code = 422, "bad_form"

    def __init__(self, errors: dict[str, str]) -> None:
        field, rule = next(iter(errors.items()))
        super().__init__(f"{field}: {rule}", field=field, rule=rule)
        self.errors = errors


class NotFound(Problem):
    """No such object in this organisation; another organisation's object answers the same.

    What belongs to no organisation (an account, a database) is told by a `message` of its own.
    """

    status, code = 404, "not_found"

    def __init__(self, kind: str, key: str = "", *, message: str = "") -> None:
        named = f"No {kind} {key}".rstrip()
        ours = f"{named} in this organization. Check the number or look it up."
        super().__init__(message or ours)
        self.kind = kind


class NeedsSignIn(Problem):
    """No verified identity: 401 (HTML goes to /login)."""

    status, code = 401, "sign_in_required"


class Forbidden(Problem):
    """A verified identity without the permission: 403 with a reason code."""

    status, code = 403, "forbidden"


class Conflict(Problem):
    """The object changed or is in a state that does not allow this: 409."""

    status, code = 409, "conflict"


class TooMany(Problem):
    """Throttled: 429 with Retry-After in seconds."""

    status, code = 429, "too_many_requests"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(Problem):
    """Authorisation, audit or the page's own database is away: 503 with Retry-After in seconds."""

    status, code = 503, "unavailable"

    def __init__(self, message: str, *, retry_after_s: int = 30, code: str = "") -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s

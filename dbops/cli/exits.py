"""Exit codes of every verb: a script can tell findings from failure from silence."""

from __future__ import annotations

from openinsure.problems import NotFound, Problem

OK, FAILURE, USAGE, NOT_FOUND, PERMISSION, UNREACHABLE, FINDINGS = range(7)
INTERRUPTED = 130

_BY_STATUS = {
    400: USAGE,
    401: PERMISSION,
    403: PERMISSION,
    404: NOT_FOUND,
    422: USAGE,
    503: UNREACHABLE,
}


def of_problem(problem: Problem) -> int:
    """The code of a refusal: usage, not found, permission or unreachable; else failure."""
    return _BY_STATUS.get(problem.status, FAILURE)


def missing(kind: str, key: str, where: str = "") -> NotFound:
    """Exit 3 in one line: `No file x.sql.`; on the command line no organization is in question."""
    return NotFound(kind, message=f"No {kind} {key}{where}.")

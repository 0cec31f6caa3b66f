"""Which worker of pytest-xdist runs which test.

pytest-xdist 3.8's own `loadgroup` has no effect with pytest 9.2 (it renames nodes by an attribute
that is gone), so the one group that we need is made here.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

BROWSER_TESTS = "tests/e2e/"


class OneProgram(LoadScopeScheduling):
    """Browser tests share one running program, so one worker runs them all; others are spread."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER_TESTS if nodeid.startswith(BROWSER_TESTS) else nodeid

"""Which worker of pytest-xdist runs which test.

pytest-xdist 3.8's own `loadgroup` has no effect with pytest 9.2 (it renames nodes by an attribute
that is gone), so the groups that we need are made here.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

BROWSER_TESTS = "tests/e2e/"
# Their rows are made once a module and worker (tests/standing.py): the cases of a function stay
# together. Of the last, all.
STANDING = (
    "tests/authz/test_round_trips.py",
    "tests/hostile/",
    "tests/policies/test_reads.py",
    "tests/test_canaries.py",
    "tests/test_query_counts.py",
    "tests/test_routes.py",
)
STANDING_FILES = ("tests/demo/test_loaded.py",)


class OneProgram(LoadScopeScheduling):
    """Browser tests share one running program, so one worker runs them all; others are spread."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(BROWSER_TESTS):
            return BROWSER_TESTS
        if nodeid.startswith(STANDING):
            return nodeid.partition("[")[0]
        return nodeid.partition("::")[0] if nodeid.startswith(STANDING_FILES) else nodeid

    def mark_test_complete(
        self, node: WorkerController, item_index: int, duration: float = 0
    ) -> None:
        """Also forget a group that is done: xdist counts through all it ever gave, each time."""
        super().mark_test_complete(node, item_index, duration)
        given = self.assigned_work[node]
        group = self._split_scope(self.registered_collections[node][item_index])
        if all(given[group].values()):
            del given[group]

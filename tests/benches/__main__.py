"""`python -m tests.benches`: figures of the money pieces, SIZE=smoke|full. Exit 1: a bar missed."""

from __future__ import annotations

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openinsure.settings")
django.setup()

from tests.benches import databases, earning_job, posting, reconciliation  # noqa: E402 - models
from tests.benches.verdict import Verdict  # noqa: E402


def main() -> int:
    """0 if every bar that could be judged was met."""
    size = os.environ.get("SIZE", "full")
    if size not in earning_job.POLICIES:
        print(f"SIZE: {size} is none of {', '.join(earning_job.POLICIES)}", file=sys.stderr)
        return 2
    verdict = Verdict()
    with databases.roomy() as sizes, databases.fresh():
        verdict.say(f"server: {sizes}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        earning_job.measure(verdict, size)
        posting.measure(verdict, size)
        reconciliation.measure(verdict, size)
    return 1 if verdict.failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""A change on another keyspace between two audit rows: what was wanted, then how it ended.

The audit log is on oi_global and cannot share the change's transaction. So `<action>.intent` is
committed first; after the change comes `<action>`, `.refused` (a rule said no) or `.failed`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from openinsure.audit.record import AuditEvent, append
from openinsure.problems import Problem


@contextmanager
def recorded(event: AuditEvent) -> Iterator[None]:
    """Write the intent, run the block, write how it ended. Raises Unavailable before the block
    when the audit log does not take the intent: nothing is changed then.
    """
    append(replace(event, action=f"{event.action}.intent"))
    try:
        yield
    except Problem:
        append(replace(event, action=f"{event.action}.refused"))
        raise
    except Exception:
        append(replace(event, action=f"{event.action}.failed"))
        raise
    append(event)

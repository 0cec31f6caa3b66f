"""Export jobs as tasks: one run, and the sweeper that settings/cron.py starts each minute."""

from __future__ import annotations

import logging
from typing import Any

from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerAway

from openinsure.audit.directory import directory
from openinsure.pages import (
    audit_tools_evidence,
    audit_tools_sample,
    exports_jobs,
    exports_lists,
    exports_run,
)
from openinsure.tenancy.grants import PLATFORM_ORG_ID
from openinsure.tenancy.jobs import org_task, platform_task
from openinsure.tenancy.scope import DirectoryScope, Scope, SystemScope, entered

log = logging.getLogger(__name__)

SUBJECT = "service:exports"
# Importing a maker's module registers it.
MAKER_MODULES = (exports_lists, audit_tools_sample, audit_tools_evidence)


@org_task(name="exports.run")
def run_export(scope: SystemScope, *, export_id: str, **kwargs: Any) -> str:
    """Make the file of one queued job; the status it ended in."""
    return exports_run.run(scope, export_id, clock=timezone.now)


@platform_task(name="exports.sweep")
def sweep_exports(scope: Scope, **kwargs: Any) -> int:
    """Remove expired files and enqueue jobs whose message was lost; how many were enqueued."""
    ids = directory().list_ids(DirectoryScope(PLATFORM_ORG_ID, SUBJECT, scope.request_id))
    started = 0
    for org_id in dict.fromkeys((PLATFORM_ORG_ID, *ids)):
        home = SystemScope(org_id, SUBJECT, scope.request_id)
        with entered(home):
            waiting = exports_jobs.tidy(home, now=timezone.now())
            started += sum(enqueue_export(home, export_id) for export_id in waiting)
    return started


def enqueue_export(home: Scope, export_id: str) -> bool:
    """Publish the job; False while the broker is away: the row waits for the sweeper."""
    try:
        run_export.enqueue(home, export_id=export_id)
    except BrokerAway:
        log.warning("the broker is away; an export waits for the sweeper")
        return False
    return True

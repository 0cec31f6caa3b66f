"""The audit log's hourly work as a task; settings/cron.py says when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from openinsure.audit import housekeeping
from openinsure.audit.chain import KeyRing
from openinsure.tenancy.jobs import platform_task
from openinsure.tenancy.scope import Scope


@platform_task(name="audit.housekeeping")
def sweep(scope: Scope, **kwargs: Any) -> int:
    """End overdue grants, chain the hour's reads, anchor every chain; organisations seen."""
    ring = KeyRing.parse(settings.AUDIT_KEYS)
    swept = housekeeping.sweep(ring=ring, files_dir=Path(settings.FILES_DIR), at=timezone.now())
    return swept.organisations

"""Celery's own settings: Redis as broker, nothing lost, nothing doubled, results in SQL.

Late acknowledgement puts a killed worker's task back; a task longer than the visibility timeout
would then start a second copy, so the time limit stays below it. Read by openinsure.celery.
"""

from __future__ import annotations

from typing import Any

from openinsure.environment import required
from openinsure.settings import cron

broker_url = required("REDIS_URL", "redis://127.0.0.1:13379/0")
broker_connection_retry_on_startup = True
broker_transport_options: dict[str, Any] = {
    "visibility_timeout": 900,  # seconds
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "max_retries": 0,  # of a writer's connection; without it kombu sleeps for six seconds first
}
task_time_limit, task_soft_time_limit = 600, 540  # seconds, < visibility_timeout
task_publish_retry = False  # no writer waits for the broker; sweepers start what was lost
task_acks_late = True
task_reject_on_worker_lost = True
task_ignore_result = True
task_default_queue = "default"
task_serializer = "json"
accept_content = ["json"]
timezone = "UTC"
enable_utc = True
worker_prefetch_multiplier = 1  # Celery's 4 would wait behind a long one
worker_hijack_root_logger = False
beat_schedule = cron.beat_schedule()

"""A writer whose broker is away goes on at once: it never sleeps to try again."""

from __future__ import annotations

from typing import Any

import pytest
from kombu.exceptions import OperationalError
from kombu.utils import functional

from openinsure.celery import app


def test_it_does_not_wait_for_a_broker_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    def slept(seconds: Any) -> None:
        pytest.fail(f"slept {seconds} s")

    monkeypatch.setattr(functional, "sleep", slept)
    with (
        app.connection_for_write("redis://127.0.0.1:1/0") as broker,
        pytest.raises(OperationalError),
    ):
        broker.default_channel  # noqa: B018 - asking for it connects

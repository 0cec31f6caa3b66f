"""The letters that a test sent: EMAIL_URL names a folder of its own."""

from __future__ import annotations

import mailbox
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

Letters = Callable[[], list[Message]]


@pytest.fixture
def letters(settings: Any, tmp_path: Path) -> Letters:
    """Read what was sent so far, by recipient."""
    folder = tmp_path / "letters"
    settings.EMAIL_URL = f"maildir://{folder}"

    def sent() -> list[Message]:
        return sorted(mailbox.Maildir(folder, create=True), key=lambda one: str(one["To"]))

    return sent

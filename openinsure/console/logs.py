"""Log lines: one JSON object each, control characters escaped, secrets and personal data out.

Whatever is logged, by us or a library, passes through here; so redaction is by key, by pattern,
and messages of exceptions are printed only for classes known to carry no values.
"""

from __future__ import annotations

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

current_request_id: ContextVar[str] = ContextVar("openinsure_request_id", default="")

REDACTED = "[redacted]"
SECRET_KEYS = re.compile(
    r"passw|secret|token|authori[sz]ation|cookie|dsn|(?:^|_)key$|ssn|fein|account_n|iban"
    r"|card|email|phone|first_name|last_name|full_name|birth|licen[cs]e_n|address",
    re.IGNORECASE,
)
SECRET_VALUES = (
    re.compile(r"eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?"),  # JWT
    re.compile(r"(?<=://)[^\s/@]*:[^\s/]*(?=@)"),  # user:pass@
    re.compile(r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|\Z)", re.DOTALL),
    re.compile(r"(?i)\bbearer\s+\S+"),
    re.compile(r"(?i)\b(?:pass(?:word|wd)?|secret|token|api_?key)\s*[=:]\s*\S+"),
    re.compile(r"\b\d{3}-\d{2}-\d{4}\b"),  # SSN
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),  # e-mail
)
# Exceptions of these modules name fields and rules, never values of people.
SPEAKING_MODULES = ("openinsure", "dbops", "jinja2", "django.urls", "django.template")
SPEAKING_BUILTINS = (AttributeError, NameError, ImportError, TypeError)
STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "request"}
MAXIMUM_DEPTH = 4
MAXIMUM_CHARACTERS = 2_000
MAXIMUM_FRAMES = 12


class JsonFormatter(logging.Formatter):
    """One JSON object a record: at, level, logger, message, request_id, extras, exception."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, ASCII, without a newline. Never raises: a bad argument is named instead."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError):
            message = f"unformattable: {record.msg!r}"
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redact(message),
        }
        if current_request_id.get():
            line["request_id"] = current_request_id.get()
        for key, value in record.__dict__.items():
            if key not in STANDARD:
                line[key] = redact_value(key, value)
        if record.exc_info and record.exc_info[1]:
            line["exception"] = exception_chain(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True, separators=(",", ":"))


def redact(text: str) -> str:
    """The text without tokens, passwords, key material, e-mail and social security numbers."""
    for pattern in SECRET_VALUES:
        text = pattern.sub(REDACTED, text)
    return text[:MAXIMUM_CHARACTERS]


def redact_value(key: str, value: object, depth: int = 0) -> object:
    """A JSON-able value; secret keys are replaced whole, foreign objects named by their type."""
    if SECRET_KEYS.search(key):
        return REDACTED
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return redact(value)
    if depth < MAXIMUM_DEPTH and isinstance(value, dict):
        return {str(k): redact_value(str(k), v, depth + 1) for k, v in value.items()}
    if depth < MAXIMUM_DEPTH and isinstance(value, (list, tuple, set, frozenset)):
        return [redact_value("", item, depth + 1) for item in value]
    return f"<{type(value).__name__}>"


def exception_chain(error: BaseException) -> list[dict[str, Any]]:
    """Types, safe messages and frames of an exception and what caused it, outermost first."""
    chain: list[dict[str, Any]] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < MAXIMUM_DEPTH:
        chain.append(
            {
                "type": f"{type(seen).__module__}.{type(seen).__qualname__}",
                "message": _safe_message(seen),
                "frames": _frames(seen.__traceback__),
            }
        )
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return chain


def _safe_message(error: BaseException) -> str:
    if type(error).__module__.startswith(SPEAKING_MODULES) or isinstance(error, SPEAKING_BUILTINS):
        return redact(str(error))
    if error.args and type(error.args[0]) is int:
        return f"code {error.args[0]}"  # driver errors: the number tells enough, the text quotes
    return REDACTED


def _frames(traceback: TracebackType | None) -> list[str]:
    frames: list[str] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{code.co_filename}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return frames[-MAXIMUM_FRAMES:]

"""The catalog reader of each engine, found by the session's dialect."""

from __future__ import annotations

from importlib import import_module

from dbops.catalog.facts import Facts
from dbops.catalog.model import Schema
from dbops.probes.sessions import Session


def read(session: Session, schema: str) -> Schema:
    """One schema in the canonical model. Raises Away."""
    found: Schema = import_module(f"dbops.catalog.{session.dialect}").read(session, schema)
    return found


def facts(session: Session, schema: str) -> Facts:
    """The same, to look up what statements left. Raises Away."""
    return Facts(read(session, schema))

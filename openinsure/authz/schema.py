"""The schema of relations (schema.zed): what the file says, what the server has, the difference.

ReadSchema sorts and formats anew, so texts are never compared: the server's own DiffSchema is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from authzed.api.v1 import Consistency, WriteSchemaRequest, schema_service_pb2

from openinsure.authz import client as spice
from openinsure.authz.client import Client

FILE = Path(__file__).with_name("schema.zed")
DEADLINE_S = 5.0


def written() -> str:
    """The schema as this build wants it."""
    return FILE.read_text()


def differences(client: Client) -> tuple[str, ...]:
    """What has to change on the server, in words; () when it is equal.

    Raises AuthorizationAway, also for a server that has no schema at all yet.
    """
    messages: Any = schema_service_pb2  # the type stubs of authzed know no DiffSchema
    request = messages.DiffSchemaRequest(
        consistency=Consistency(fully_consistent=True), comparison_schema=written()
    )
    answer = client.tell(spice.diff_schema, request, DEADLINE_S)
    return tuple(sorted(_in_words(diff) for diff in answer.diffs))


def apply(client: Client) -> None:
    """Write the schema. Raises AuthorizationAway when it is refused or nobody answers."""
    client.tell(spice.write_schema, WriteSchemaRequest(schema=written()), DEADLINE_S)


def _in_words(diff: Any) -> str:
    """`permission added: claim#view` from a ReflectionSchemaDiff."""
    kind = str(diff.WhichOneof("diff"))
    what = getattr(diff, kind)
    what = getattr(what, "relation", what) if kind.startswith("relation_subject") else what
    parent = getattr(what, "parent_definition_name", "")
    name = getattr(what, "name", "")
    return f"{kind.replace('_', ' ')}: {f'{parent}#{name}' if parent else name}"

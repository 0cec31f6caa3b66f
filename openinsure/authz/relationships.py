"""Relationships as values, and the two calls that write and read them.

Writing is TOUCH and DELETE, both idempotent: sending a change again changes nothing. A relation
that expires is refused by the server without its end, so here it raises before anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from authzed.api.v1 import (
    Consistency,
    ObjectReference,
    ReadRelationshipsRequest,
    Relationship,
    RelationshipFilter,
    RelationshipUpdate,
    SubjectReference,
    WriteRelationshipsRequest,
)

from openinsure.authz import client as spice
from openinsure.authz.asks import EXPIRING
from openinsure.authz.client import Client

AT_ONCE = 1_000  # updates a call, the server's limit
TOUCH, DELETE = "touch", "delete"
EVERYBODY = "*"


@dataclass(frozen=True, slots=True, order=True)
class Tuple:
    """`resource#relation@subject`. expires_at (UTC) only where the schema says so."""

    resource_type: str
    resource_id: str
    relation: str
    subject_type: str
    subject_id: str
    expires_at: datetime | None = None

    @property
    def key(self) -> Tuple:
        """The same without its end: what makes it one and not another."""
        return replace(self, expires_at=None)

    @property
    def expires(self) -> bool:
        """Whether the schema takes it with an end only."""
        return (self.resource_type, self.relation) in EXPIRING

    def __str__(self) -> str:
        subject = f"{self.subject_type}:{self.subject_id}"
        return f"{self.resource_type}:{self.resource_id}#{self.relation}@{subject}"


@dataclass(frozen=True, slots=True)
class Change:
    """One update: TOUCH or DELETE."""

    operation: str
    tuple: Tuple


def touch(*tuples: Tuple) -> list[Change]:
    """Changes that make the relationships exist."""
    return [Change(TOUCH, one) for one in tuples]


def delete(*tuples: Tuple) -> list[Change]:
    """Changes that make them not exist."""
    return [Change(DELETE, one) for one in tuples]


def write(
    client: Client, changes: Sequence[Change], *, deadline_s: float = spice.WRITE_DEADLINE_S
) -> str:
    """Send the changes, AT_ONCE a call; the token of the last call, '' without changes.

    Changes of one tuple count by the last one. deadline_s: of each call. Raises AuthorizationAway.
    """
    last = {change.tuple.key: change for change in changes}
    wanted, token = list(last.values()), ""
    for first in range(0, len(wanted), AT_ONCE):
        updates = [_update(change) for change in wanted[first : first + AT_ONCE]]
        request = WriteRelationshipsRequest(updates=updates)
        answer = client.tell(spice.write_relationships, request, deadline_s)
        token = str(answer.written_at.token)
    return token


def read(client: Client, resource_type: str, resource_id: str = "") -> Iterator[Tuple]:
    """Live relationships of a kind of object, or of one, fully consistent, in pages of AT_ONCE.

    Raises AuthorizationAway.
    """
    wanted = RelationshipFilter(resource_type=resource_type, optional_resource_id=resource_id)
    cursor: Any = None
    while True:
        request = ReadRelationshipsRequest(
            consistency=Consistency(fully_consistent=True),
            relationship_filter=wanted,
            optional_limit=AT_ONCE,
            optional_cursor=cursor,
        )
        answers = client.tell(spice.read_relationships, request)
        for answer in answers:
            yield _tuple(answer.relationship)
        if len(answers) < AT_ONCE:
            return
        cursor = answers[-1].after_result_cursor


def _update(change: Change) -> Any:
    one = change.tuple
    touched = change.operation == TOUCH
    if touched and one.expires and one.expires_at is None:
        raise ValueError(f"{one} needs an end")
    operations = RelationshipUpdate.Operation
    update = RelationshipUpdate(
        operation=operations.OPERATION_TOUCH if touched else operations.OPERATION_DELETE,
        relationship=Relationship(
            resource=ObjectReference(object_type=one.resource_type, object_id=one.resource_id),
            relation=one.relation,
            subject=SubjectReference(
                object=ObjectReference(object_type=one.subject_type, object_id=one.subject_id)
            ),
        ),
    )
    if touched and one.expires_at is not None:
        update.relationship.optional_expires_at.FromDatetime(one.expires_at)
    return update


def _tuple(found: Any) -> Tuple:
    ends = None
    if found.HasField("optional_expires_at"):
        ends = found.optional_expires_at.ToDatetime(tzinfo=UTC)
    subject = found.subject.object
    return Tuple(
        found.resource.object_type,
        found.resource.object_id,
        found.relation,
        subject.object_type,
        subject.object_id,
        ends,
    )

"""SpiceDB's MySQL datastore: the revision is the name of a column, rows do not matter."""

from __future__ import annotations

from dbops.probes.sessions import Session

PREFIX = "_meta_version_"
COLUMNS = (
    "SELECT table_name, column_name FROM information_schema.columns"
    r" WHERE table_schema = %s AND table_name LIKE '%%mysql\_migration\_version'"
)
# In the order of SpiceDB's own list, up to the head of v1.56.
REVISIONS = (
    "initial",
    "add_unique_datastore_id",
    "add_ns_config_id",
    "add_caveat",
    "extend_object_id",
    "longblob_definitions",
    "watch_api_relation_tuple_index",
    "add_relationship_counters_table",
    "add_metadata_to_transaction_table",
    "add_expiration_to_relation_tuple",
    "add_schema_tables",
    "populate_schema_tables",
    "identifiers_case_sensitive",
)


def revision(session: Session, schema: str) -> str | None:
    """The revision of the datastore, "" for a version table without one, None without table.

    Raises Away.
    """
    rows = session.rows(COLUMNS, (schema,))
    if not rows:
        return None
    columns = [str(column) for _, column in rows]
    return next((name.removeprefix(PREFIX) for name in columns if name.startswith(PREFIX)), "")


def missing(current: str, head: str) -> list[str] | None:
    """Revisions between the current one and the head; None when one of them is not known."""
    if current not in REVISIONS or head not in REVISIONS:
        return None
    return list(REVISIONS[REVISIONS.index(current) + 1 : REVISIONS.index(head) + 1])

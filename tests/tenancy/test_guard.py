"""The guard on real connections: hung once, values byte for byte, modes, schema changes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections, transaction

from openinsure.keyspaces.inventory import KEYSPACES, TABLES
from openinsure.policies.models import Policy
from openinsure.tenancy import guard
from openinsure.tenancy.scope import (
    AdministerScope,
    AuditAppendScope,
    DirectoryScope,
    GrantScope,
    OrgScope,
    Scope,
    SystemScope,
    TenantLeak,
    entered,
)
from tests import factories
from tests.tenancy.world import OURS, THEIRS, judged

OWN = OrgScope(OURS, "user")
BY_ORG = "SELECT id FROM policies WHERE org_id = %s"
ALIASES = ["default", *KEYSPACES]


class Sly(str):
    """Equal to everything: a value that would pass `==`."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = str.__hash__


TRAPS = [0, 9, False, None, "9", "", OURS.upper(), OURS + " ", " " + OURS, OURS.encode(), [OURS],
         (OURS,), Sly(OURS), Sly(THEIRS), THEIRS, OURS[:-1]]  # fmt: skip


@pytest.mark.parametrize("value", TRAPS, ids=repr)
def test_it_takes_only_the_organisation_itself(value: Any) -> None:
    with pytest.raises(TenantLeak):
        judged(OWN, "oi_policies", BY_ORG, (value,))


@pytest.mark.parametrize(
    "params",
    [None, (), {"a": OURS}, iter([OURS]), OURS],
    ids=["None", "empty", "dict", "iterator", "text"],
)
def test_it_takes_only_a_list_of_parameters(params: Any) -> None:
    with pytest.raises(TenantLeak):
        judged(OWN, "oi_policies", BY_ORG, params)


def test_it_checks_every_row_of_executemany() -> None:
    sql = "INSERT INTO policies (org_id, id) VALUES (%s, %s)"
    judged(OWN, "oi_policies", sql, [(OURS, "a"), (OURS, "b")], many=True)
    for rows in ([(OURS, "a"), (THEIRS, "b")], iter([(OURS, "a")]), [(OURS, "a"), ()]):
        with pytest.raises(TenantLeak):
            judged(OWN, "oi_policies", sql, rows, many=True)


@pytest.mark.parametrize("count", [1, 2, 3, 64, 1000])
@pytest.mark.parametrize("wrong", [False, True])
def test_it_checks_every_value_of_a_collapsed_list(count: int, wrong: bool) -> None:
    pairs = [(OURS, str(k)) for k in range(count)]
    if wrong:
        pairs[-1] = (THEIRS, "x")
    marks = ", ".join(["(%s, %s)"] * count)
    for sql in (
        f"SELECT id FROM policies WHERE (org_id, id) IN ({marks}) AND n > %s",
        f"INSERT INTO policies (org_id, id) VALUES {marks}",
    ):
        params = [value for pair in pairs for value in pair] + ([5] if "n >" in sql else [])
        if wrong:
            with pytest.raises(TenantLeak):
                judged(OWN, "oi_policies", sql, params)
        else:
            judged(OWN, "oi_policies", sql, params)


def test_it_keeps_one_plan_for_lists_of_any_length() -> None:
    from openinsure.tenancy.guard_plan import _analysed

    _analysed.cache_clear()
    for count in range(2, 40):
        marks = ", ".join(["%s"] * count)
        sql = f"SELECT id FROM policies WHERE org_id = %s AND id IN ({marks})"
        judged(OWN, "oi_policies", sql, (OURS, *range(count)))
    assert _analysed.cache_info().misses == 1


@pytest.mark.django_db(databases=ALIASES)
@pytest.mark.parametrize("alias", ALIASES)
def test_it_hangs_once_after_reconnects(alias: str) -> None:
    connection = connections[alias]
    for _ in range(3):
        guard.install(connection=connection)
    assert guard.hangs_on(connection)


def test_it_leaves_other_connections_alone() -> None:
    class Other:
        alias = "ledger_engine"
        execute_wrappers: list[Any] = []

    guard.install(connection=Other())  # type: ignore[arg-type]
    assert Other.execute_wrappers == []


def _change_then_leak(scope: Scope) -> None:
    with transaction.atomic("oi_policies"):
        Policy.objects.within(scope).update(status="void")
        list(Policy.objects.raw("SELECT * FROM policies"))


@pytest.mark.django_db(databases=["default", "oi_policies"])
def test_it_lets_savepoints_pass_and_rolls_back(acme: Scope) -> None:
    kept = factories.policy(acme)
    with entered(acme), transaction.atomic("oi_policies"):
        with pytest.raises(TenantLeak):
            _change_then_leak(acme)
        assert Policy.objects.within(acme).get(id=kept.id).status == "active"


@pytest.mark.django_db(databases=["default", "oi_policies"])
@pytest.mark.parametrize(
    "sql",
    ["SELECT SLEEP(0)", "SHOW TABLES", "CREATE TABLE x (a INT)", "DROP TABLE policies",
     "SELECT table_name FROM information_schema.tables", "SET SESSION sql_mode = ''"],
)  # fmt: skip
@pytest.mark.parametrize("alias", ["default", "oi_policies"])
def test_it_refuses_by_hand_what_is_no_row_statement(alias: str, sql: str) -> None:
    with entered(OWN), connections[alias].cursor() as cursor, pytest.raises(TenantLeak):
        cursor.execute(sql)


@pytest.mark.django_db(databases=["default"])
def test_it_opens_for_schema_changes_only_there() -> None:
    with connections["default"].cursor() as cursor:
        with guard.schema_changes("default"):
            cursor.execute("SHOW TABLES")
            with pytest.raises(TenantLeak):
                cursor.execute("SELECT * FROM policy_standing")
            with pytest.raises(TenantLeak):
                cursor.execute("SELECT 1 FROM information_schema.tables, policy_standing")
        with guard.schema_changes("oi_policies"), pytest.raises(TenantLeak):
            cursor.execute("SHOW TABLES")
        with pytest.raises(TenantLeak):
            cursor.execute("SHOW TABLES")


@pytest.mark.django_db(databases=["default"])
def test_it_lets_djangos_schema_commands_work() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
    call_command("migrate", verbosity=0)


@pytest.mark.django_db(databases=["default"])
def test_it_leaves_tables_without_organisation_to_everybody() -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM django_migrations WHERE app = %s", ["x"])
        assert cursor.fetchone() == (0,)
        with pytest.raises(TenantLeak):
            cursor.execute("SELECT COUNT(*) FROM policy_standing")
        with entered(OWN):
            cursor.execute("SELECT COUNT(*) FROM policy_standing WHERE org_id = %s", [OURS])
            with pytest.raises(TenantLeak):
                cursor.execute("SELECT m.app FROM django_migrations m, policy_standing p")


APPEND = AuditAppendScope(OURS, "user")
SUSPEND = "UPDATE organizations SET status = %s, suspended_at = %s WHERE id = %s"
HEAD = "SELECT seq FROM audit_log WHERE org_id = %s ORDER BY seq DESC LIMIT 1 FOR UPDATE"
MODES: list[tuple[Scope, str, str, tuple[Any, ...]]] = [
    (DirectoryScope(OURS, "u"), "oi_global", "SELECT id FROM organizations", ()),
    (SystemScope(OURS, "u"), "oi_global", "SELECT id FROM organizations", ()),
    (AdministerScope(OURS, "u"), "oi_global", SUSPEND, ("suspended", None, OURS)),
    (AdministerScope(OURS, "u"), "oi_global",
     "INSERT INTO organization_features (org_id, id) VALUES (%s, %s)", (OURS, "x")),
    (APPEND, "oi_global", HEAD, (OURS,)),
    (APPEND, "oi_global", "INSERT INTO audit_log (org_id, id) VALUES (%s, %s)", (OURS, "x")),
    (APPEND, "oi_global", "UPDATE audit_access_log SET rows_returned = %s WHERE org_id = %s",
     (3, OURS)),
    (GrantScope(OURS, "u"), "default", "UPDATE policy_standing SET open_claims = 1"
     " WHERE org_id = %s", (OURS,)),
    (GrantScope(OURS, "u"), "oi_policies_ro", BY_ORG, (OURS,)),
]  # fmt: skip


@pytest.mark.parametrize(("scope", "alias", "sql", "params"), MODES)
def test_it_lets_each_mode_do_its_work(
    scope: Scope, alias: str, sql: str, params: tuple[Any, ...]
) -> None:
    import openinsure.pages.models  # noqa: F401  (registers policy_standing)

    judged(scope, alias, sql, params)
    if params and OURS in params:
        foreign = tuple(THEIRS if value == OURS else value for value in params)
        with pytest.raises(TenantLeak):
            judged(scope, alias, sql, foreign)


@pytest.mark.parametrize("name", sorted(n for n, t in TABLES.items() if t.keyspace in KEYSPACES))
def test_it_guards_every_table_of_the_registry(name: str) -> None:
    table = TABLES[name]
    sql = f"SELECT 1 AS a FROM `{name}`"
    if table.org_column is None:
        judged(OWN, table.keyspace, sql, ())
        with pytest.raises(TenantLeak):
            judged(OWN, table.keyspace, f"DELETE FROM `{name}`", ())
        return
    with pytest.raises(TenantLeak):
        judged(OWN, table.keyspace, sql, ())
    judged(OWN, table.keyspace, f"{sql} WHERE `{name}`.`{table.org_column}` = %s", (OURS,))

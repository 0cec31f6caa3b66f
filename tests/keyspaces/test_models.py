"""Models, live schema and newest snapshot say the same of all 190 tables."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.db import models
from django.db.models import ForeignObject

from openinsure.claims.models import CatastropheEvent
from openinsure.keyspaces import modelled
from openinsure.keyspaces.ids import new_id
from openinsure.keyspaces.indexes import key_name
from openinsure.keyspaces.inventory import KEYSPACES, TABLES
from openinsure.keyspaces.snapshot import TableSpec
from openinsure.tenancy.scope import Scope, entered

PLACED = [(table.keyspace, name) for name, table in TABLES.items() if table.keyspace in KEYSPACES]


def keyspace_models() -> list[type[models.Model]]:
    return [model for name in KEYSPACES for model in apps.get_app_config(name).get_models()]


@pytest.mark.parametrize(("keyspace", "table"), PLACED)
def test_it_models_the_live_table(
    keyspace: str, table: str, live: dict[str, dict[str, TableSpec]]
) -> None:
    says, has = modelled.tables_modelled(keyspace)[table], live[keyspace][table]
    assert says.columns == has.columns
    assert says.primary_key == has.primary_key
    assert set(says.keys) == set(has.keys)


def test_it_covers_the_whole_registry() -> None:
    assert len(PLACED) == 190
    assert len({model._meta.db_table for model in keyspace_models()}) == 190


def test_it_joins_by_the_organisation_too() -> None:
    relations = [
        field
        for model in keyspace_models()
        for field in model._meta.local_fields
        if isinstance(field, ForeignObject)
    ]
    assert len(relations) > 200
    for relation in relations:
        assert relation.from_fields[0] == "org_id", relation
        assert relation.from_fields[1] == f"{relation.name}_id", relation
        assert tuple(relation.to_fields) == ("org_id", "id"), relation


def test_it_names_an_index_by_its_columns() -> None:
    assert key_name("policies", ("org_id", "updated_at", "id")) == "policies_org_updated_id"
    assert key_name("programs", ("org_id", "code"), unique=True) == "programs_org_code_uq"


def test_it_shortens_a_name_that_mysql_would_refuse() -> None:
    columns = ("org_id", "account_type", "entity_type", "entity_id", "sub_purpose", "currency")
    name = key_name("ledger_accounts", columns, unique=True)
    assert name == "ledger_accounts_org_account_type_currency_uq"
    assert len(name) <= 64


def test_it_refuses_a_column_type_that_no_migration_spells() -> None:
    field = models.UUIDField()
    field.set_attributes_from_name("odd")
    with pytest.raises(modelled.NotPlaceable, match="UUIDField"):
        modelled.column_spec(field)


@pytest.mark.django_db(databases=["default", "oi_claims"])
def test_it_reads_back_the_instant_it_wrote(acme: Scope) -> None:
    """Millisecond columns: a value in memory must equal the one in the row, on both servers."""
    now = datetime(2026, 11, 20, 7, 0, 0, 123_987, tzinfo=UTC)
    with entered(acme):
        storm = CatastropheEvent(
            org_id=acme.org_id, id=new_id(), cat_code="2026-44", name="Hail", peril="hail",
            start_date=now.date(), states=["TX", "OK"], status="open",
            created_at=now, updated_at=now,
        )  # fmt: skip
        storm.save(force_insert=True)
        found = CatastropheEvent.objects.within(acme).get(created_at=now)
    assert found.created_at == now.replace(microsecond=123_000)
    assert (found.id, found.states, found.end_date) == (storm.id, ["TX", "OK"], None)

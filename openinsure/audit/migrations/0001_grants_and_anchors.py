"""Grants and anchors of the audit log in oi_console."""

from django.db import migrations, models

import openinsure.keyspaces.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Anchor",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "org_id",
                        "id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("org_id", openinsure.keyspaces.fields.IdField(max_length=36)),
                ("id", openinsure.keyspaces.fields.IdField(max_length=36)),
                ("seq", models.BigIntegerField()),
                ("row_hash", models.CharField(max_length=64)),
                ("head_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField()),
                ("fault_kind", models.CharField(default="", max_length=16)),
                ("fault_seq", models.BigIntegerField(null=True)),
                ("signature", models.CharField(max_length=64)),
            ],
            options={
                "db_table": "audit_anchors",
                "abstract": False,
                "managed": True,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["org_id", "checked_at", "id"], name="audit_anchors_newest")
                ],
            },
        ),
        migrations.CreateModel(
            name="GrantRow",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "org_id",
                        "id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("org_id", openinsure.keyspaces.fields.IdField(max_length=36)),
                ("id", openinsure.keyspaces.fields.IdField(max_length=36)),
                ("user_id", models.CharField(max_length=36)),
                ("role", models.CharField(max_length=32)),
                ("session_id", models.CharField(max_length=64)),
                ("entered_org_id", openinsure.keyspaces.fields.IdField(max_length=36)),
                ("entered_org_name", models.CharField(max_length=255)),
                ("reason", models.CharField(max_length=255)),
                ("ticket", models.CharField(default="", max_length=64)),
                ("audit_row_id", openinsure.keyspaces.fields.IdField(max_length=36)),
                ("opened_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_how", models.CharField(default="", max_length=16)),
                ("ended_row_id", openinsure.keyspaces.fields.IdField(default="", max_length=36)),
                ("live", models.PositiveSmallIntegerField(default=1, null=True)),
            ],
            options={
                "db_table": "cross_org_grants",
                "abstract": False,
                "managed": True,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        fields=["org_id", "live", "expires_at"], name="cross_org_grants_live"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("org_id", "user_id", "session_id", "entered_org_id", "live"),
                        name="cross_org_grants_one_live",
                    )
                ],
            },
        ),
    ]

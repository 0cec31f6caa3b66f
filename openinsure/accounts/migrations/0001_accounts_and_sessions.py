"""Accounts, web sessions, spent tokens, waiting audit rows."""

import django.db.models.deletion
from django.db import migrations, models

import openinsure.keyspaces.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="WaitingAudit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event", models.JSONField()),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "user_id",
                    openinsure.keyspaces.fields.IdField(
                        max_length=36, primary_key=True, serialize=False
                    ),
                ),
                ("email", models.CharField(max_length=255, unique=True)),
                ("org_id", openinsure.keyspaces.fields.IdField(max_length=36)),
                ("org_name", models.CharField(default="", max_length=255)),
                ("org_active", models.BooleanField(default=True)),
                ("role", models.CharField(max_length=32)),
                ("extra_roles", models.JSONField(default=list)),
                ("status", models.CharField(default="active", max_length=32)),
                ("full_name", models.CharField(max_length=255)),
                ("snapshot_at", models.DateTimeField()),
                ("disabled_at", models.DateTimeField(null=True)),
                ("password_changed_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["org_id", "role"], name="accounts_org_role")],
            },
        ),
        migrations.CreateModel(
            name="SpentToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("jti_hash", models.CharField(max_length=64)),
                ("how", models.CharField(max_length=16)),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("jti_hash", "how"), name="spent_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="WebSession",
            fields=[
                (
                    "id",
                    openinsure.keyspaces.fields.IdField(
                        max_length=36, primary_key=True, serialize=False
                    ),
                ),
                ("key_hash", models.CharField(max_length=64, unique=True)),
                ("via", models.CharField(max_length=16)),
                ("created_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                ("stepped_up_at", models.DateTimeField(null=True)),
                ("ip", models.CharField(max_length=45)),
                ("user_agent", models.CharField(max_length=255)),
                (
                    "account",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="accounts.account",
                    ),
                ),
            ],
        ),
    ]

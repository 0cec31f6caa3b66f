"""Comparisons, findings, snapshots, expected schemas, files as first seen, notices."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dbops", "0001_readings"),
    ]

    operations = [
        migrations.CreateModel(
            name="ExpectedSchema",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64, unique=True)),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                ("packed", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="StoredComparison",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.CharField(max_length=64, unique=True)),
                ("compared_at", models.DateTimeField()),
                ("outcomes", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="FirstSeen",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.CharField(max_length=64)),
                ("label", models.CharField(max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("seen_at", models.DateTimeField()),
                ("content", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("slug", "label"), name="dbops_firstseen_label_uq"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.CharField(max_length=64)),
                ("cause", models.CharField(max_length=200)),
                ("raised_at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(null=True)),
                ("detail", models.CharField(max_length=500)),
                ("sent", models.CharField(default="queued", max_length=12)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["slug", "cause", "id"], name="dbops_notice_cause_id")
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredFinding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.CharField(max_length=64)),
                ("finding", models.CharField(max_length=12)),
                ("first_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("last_ok", models.DateTimeField(null=True)),
                ("gone_at", models.DateTimeField(null=True)),
                ("accepted_by", models.CharField(default="", max_length=254)),
                ("accepted_reason", models.CharField(default="", max_length=500)),
                ("accepted_until", models.DateTimeField(null=True)),
                ("said", models.JSONField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("slug", "finding"), name="dbops_finding_slug_id_uq"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="StoredSnapshot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.CharField(max_length=64)),
                ("keyspace", models.CharField(max_length=64)),
                ("fingerprint", models.CharField(max_length=64)),
                ("first_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("packed", models.BinaryField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["slug", "keyspace", "id"], name="dbops_snapshot_ks_id")
                ],
            },
        ),
    ]

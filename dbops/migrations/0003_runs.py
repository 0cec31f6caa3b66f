"""Runs of migration files, and the lease that keeps them one at a time."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dbops", "0002_comparisons"),
    ]

    operations = [
        migrations.CreateModel(
            name="MigrationLease",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.CharField(max_length=64, unique=True)),
                ("holder", models.CharField(max_length=300)),
                ("taken_at", models.DateTimeField()),
                ("until", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="MigrationRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.CharField(max_length=64)),
                ("keyspace", models.CharField(max_length=64)),
                ("tag", models.CharField(max_length=255)),
                ("sha256", models.CharField(max_length=64)),
                ("kind", models.CharField(max_length=8)),
                ("ran_by", models.CharField(max_length=254)),
                ("statements", models.IntegerField()),
                ("begun", models.IntegerField(default=0)),
                ("ended", models.IntegerField(default=0)),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(default="", max_length=8)),
                ("error", models.CharField(default="", max_length=500)),
                ("by_hand", models.BooleanField(default=False)),
                ("revertable_until", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["slug", "keyspace", "tag"], name="dbops_run_slug_tag")
                ],
            },
        ),
    ]

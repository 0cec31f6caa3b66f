"""Stored readings: the history of changes, and the newest list of migrations."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="StoredMigrations",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.CharField(max_length=64, unique=True)),
                ("read_at", models.DateTimeField()),
                ("rows", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="StoredReading",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.CharField(max_length=64)),
                ("state", models.CharField(max_length=16)),
                ("first_at", models.DateTimeField()),
                ("read_at", models.DateTimeField()),
                ("taken_by", models.CharField(max_length=8)),
                ("latency_ms", models.FloatField()),
                ("said", models.JSONField()),
            ],
            options={
                "indexes": [models.Index(fields=["slug", "id"], name="dbops_reading_slug_id")],
            },
        ),
    ]

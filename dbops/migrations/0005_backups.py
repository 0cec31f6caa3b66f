"""Recorded backups, and the commits of migration folders."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dbops", "0004_marks_and_orphans"),
    ]

    operations = [
        migrations.AddField(
            model_name="storedmigrations",
            name="folders",
            field=models.JSONField(default=dict),
        ),
        migrations.CreateModel(
            name="BackupRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.CharField(max_length=64)),
                ("taken_at", models.DateTimeField()),
                ("file", models.CharField(max_length=500)),
                ("sha256", models.CharField(max_length=64)),
                ("size", models.BigIntegerField()),
                ("recorded_by", models.CharField(max_length=254)),
                ("restored_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["slug", "taken_at"], name="dbops_backup_slug_at")],
            },
        ),
    ]

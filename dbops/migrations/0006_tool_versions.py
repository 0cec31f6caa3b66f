"""Which versions of server and normaliser spelled a stored structure."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dbops", "0005_backups"),
    ]

    operations = [
        migrations.AddField(
            model_name="storedsnapshot",
            name="version",
            field=models.CharField(default="", max_length=100),
        ),
        migrations.AddField(
            model_name="storedsnapshot",
            name="normaliser",
            field=models.CharField(default="", max_length=8),
        ),
        migrations.AddField(
            model_name="storedsnapshot",
            name="changed",
            field=models.CharField(default="", max_length=300),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("jobs", "0002_health_days"),
    ]

    operations = [
        migrations.AddField(
            model_name="joborgrun",
            name="figures",
            field=models.JSONField(null=True),
        ),
    ]

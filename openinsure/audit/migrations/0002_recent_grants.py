"""Find the organisations a person entered lately."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0001_grants_and_anchors"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="grantrow",
            index=models.Index(fields=["org_id", "user_id", "id"], name="cross_org_grants_user"),
        ),
    ]

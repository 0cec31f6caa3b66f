"""The marker that says which demo data is loaded. A load without its marker is cleared first."""

from django.db import models


class DemoLoad(models.Model):
    """One finished load."""

    size = models.CharField(max_length=16)
    seed = models.BigIntegerField()
    today = models.DateField()
    rows_written = models.BigIntegerField()
    loaded_at = models.DateTimeField()

    class Meta:
        db_table = "demo_loads"

    def __str__(self) -> str:
        return f"{self.size} of {self.today}"

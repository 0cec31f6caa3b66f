"""What the shell keeps in oi_console for its users: export jobs, saved views, letters, counts.

Every table is keyed by an organisation. Exports and views belong to the viewer's own one
(`org_id`); whose rows an export holds is `data_org_id`, which a grant may make another.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from openinsure.keyspaces.fields import IdField
from openinsure.tenancy.models import ConsoleTenantModel, OrganizationManager


class ExportRow(ConsoleTenantModel):
    """One file made by a job: of a list, a random sample of one, or audit evidence.

    wish: what to do, by kind. told: what came out beside the file (seed, population, parts).
    heartbeat_at: when the job last wrote; a running row without one for long was killed.
    """

    owner_id = models.CharField(max_length=36)
    owner_role = models.CharField(max_length=32)
    session_id = models.CharField(max_length=64, default="")
    data_org_id = IdField()
    data_org_name = models.CharField(max_length=255, default="")
    grant_id = IdField(default="")
    request_id = models.CharField(max_length=36, default="")
    kind = models.CharField(max_length=16)
    title = models.CharField(max_length=120)
    list_name = models.CharField(max_length=64, default="")
    query = models.TextField(default="")
    file_format = models.CharField(max_length=8)
    wish = models.JSONField(default=dict)
    told = models.JSONField(default=dict)
    status = models.CharField(max_length=16)
    error = models.CharField(max_length=255, default="")
    rows = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, default="")
    file_name = models.CharField(max_length=160, default="")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    as_of = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(ConsoleTenantModel.Meta):
        app_label = "console"
        db_table = "exports"
        indexes = [
            models.Index(fields=["org_id", "owner_id", "id"], name="exports_owner"),
            models.Index(fields=["org_id", "status", "expires_at"], name="exports_status"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.status})"


class SavedView(ConsoleTenantModel):
    """A named state of a list: filters, order, columns, density; own, shared, a role's default."""

    owner_id = models.CharField(max_length=36)
    list_name = models.CharField(max_length=64)
    name = models.CharField(max_length=60)
    shared = models.BooleanField(default=False)
    default_for = models.CharField(max_length=32, default="")
    state = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta(ConsoleTenantModel.Meta):
        app_label = "console"
        db_table = "saved_views"
        constraints = [
            models.UniqueConstraint(
                fields=["org_id", "list_name", "owner_id", "name"], name="saved_views_name"
            )
        ]
        indexes = [
            models.Index(fields=["org_id", "list_name", "shared"], name="saved_views_list"),
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.list_name}"


class OutgoingLetter(ConsoleTenantModel):
    """A letter that a person asked for. id: the form's, also of the event in its keyspace.

    recipient and text are kept until it is known what became of it, then masked and emptied.
    """

    kind = models.CharField(max_length=16)
    object = models.CharField(max_length=40)
    subject = models.CharField(max_length=160)
    entity_id = IdField()
    policy_id = IdField()
    recipient = models.CharField(max_length=254)
    text = models.TextField(default="")
    sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=16)
    error = models.CharField(max_length=120, default="")
    attempts = models.IntegerField(default=0)
    actor_user_id = models.CharField(max_length=36, default="")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta(ConsoleTenantModel.Meta):
        app_label = "console"
        db_table = "outgoing_letters"
        indexes = [
            models.Index(fields=["org_id", "policy_id", "created_at"], name="letters_policy"),
            models.Index(fields=["org_id", "entity_id", "created_at"], name="letters_entity"),
            models.Index(fields=["org_id", "status", "updated_at"], name="letters_status"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.status})"


class OrgRollup(ConsoleTenantModel):
    """What `/orgs` tells of an organisation without reading its keyspaces. id: the org's own.

    None is a figure that was never read.
    """

    objects: ClassVar[OrganizationManager] = OrganizationManager()
    policies_in_force = models.IntegerField(null=True)
    open_claims = models.IntegerField(null=True)
    read_at = models.DateTimeField()

    class Meta(ConsoleTenantModel.Meta):
        app_label = "console"
        db_table = "org_rollups"

    def __str__(self) -> str:
        return f"{self.org_id} as of {self.read_at}"

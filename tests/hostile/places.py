"""Where the form of each posting route is: the page that shows it, and who sees it there."""

from __future__ import annotations

# Others answer a GET at their own address with the form.
PAGES = {
    "find.searches": "/find",
    "settings.appearance": "/settings",
    "settings.revoke": "/settings",
    "settings.sign_out_everywhere": "/settings",
    "settings.factor": "/settings",
    "signin.logout": "/settings",
    "views.create": "/policies",
    "policies.note": "/policies/{policy}?tab=work",
    "policies.call": "/policies/{policy}?tab=work",
    "policies.diary": "/policies/{policy}?tab=work",
    "policies.verify": "/policies/{policy}?tab=work",
    "policies.reveal": "/policies/{policy}?tab=work",
    "policies.assign": "/policies/{policy}?tab=work",
    "policies.endorse": "/policies/{policy}?tab=work",
    "submissions.note": "/submissions/{submission}?tab=work",
    "submissions.decline": "/submissions/{submission}?tab=work",
    "submissions.withdraw": "/submissions/{submission}?tab=work",
    "users.grant": "/users/{user}",
    "users.offboard": "/users/{user}",
    "ops.check": "/ops",
    "ops.job_run": "/ops/jobs/health-rollup",
}
ROLES = {"ops.check": "db_operator", "ops.job_run": "db_operator"}
# Offered in a state that the one object of each noun is not in: posted blind, with these fields.
BLIND = {
    "policies.reinstate": ("effective", "reason", "reinstate_confirm"),
    "policies.rescind": ("reason", "rescind_confirm"),
    "submissions.answer": ("answer",),
    "submissions.ask": ("question", "due"),
    "submissions.assign": ("underwriter", "reason"),
    "submissions.decide": ("decision", "note"),
    "users.revoke": ("role", "reason"),
    "views.change": ("name", "density", "shared", "default_for"),
    "views.remove": ("form_id",),
    "exports.restart": ("form_id",),
    "billing.lift": ("form_id", "reason"),
    "billing.waiver": ("form_id", "reason"),
    "ops.accept": ("finding", "reason", "expires_on"),
    "orgs.leave": ("form_id",),
    "settings.confirm_factor": ("code",),
    "settings.remove_factor": ("code",),
    "signin.exchange": ("token",),
}

"""All addresses: one include per app, no rules here."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("openinsure.console.urls")),
    path("", include("dbops.urls")),
    path("", include("openinsure.pages.ops_jobs")),
    path("", include("openinsure.pages.home")),
    path("", include("openinsure.pages.appearance")),
    path("", include("openinsure.pages.policy_urls")),
    path("", include("openinsure.billing.urls")),
    path("", include("openinsure.pages.reveals")),
    path("", include("openinsure.pages.reconciling")),
    path("", include("openinsure.pages.ledger_lists")),
    path("", include("openinsure.pages.ledger_trace")),
    path("", include("openinsure.pages.claim_urls")),
    path("", include("openinsure.pages.billing_ageing")),
    path("", include("openinsure.pages.billing_acts")),
    path("", include("openinsure.pages.billing_letters")),
    path("", include("openinsure.pages.billing_payments")),
    path("", include("openinsure.pages.billing_returns")),
    path("", include("openinsure.pages.settling_urls")),
    path("", include("openinsure.pages.ledger_close")),
    path("", include("openinsure.pages.billing_refunds")),
    path("", include("openinsure.pages.approvals")),
    path("", include("openinsure.pages.billing_suspense")),
    path("", include("openinsure.pages.billing_taxes")),
    path("", include("openinsure.pages.billing_remittance")),
    path("", include("openinsure.pages.billing_commissions")),
    path("", include("openinsure.pages.billing_reinsurance")),
    path("", include("openinsure.pages.billing_recoverables")),
    path("", include("openinsure.pages.billing_bank")),
    path("", include("openinsure.pages.submission_urls")),
    path("", include("openinsure.pages.inbox")),
    path("", include("openinsure.pages.filings")),
    path("", include("openinsure.orgs.urls")),
    path("", include("openinsure.pages.signin")),
    path("", include("openinsure.pages.settings")),
    path("", include("openinsure.pages.second_factor")),
    path("", include("openinsure.pages.entering")),
    path("", include("openinsure.pages.audit")),
    path("", include("openinsure.pages.users")),
    path("", include("openinsure.pages.user_acts")),
    path("", include("openinsure.pages.access_review")),
    path("", include("openinsure.pages.find")),
    path("", include("openinsure.pages.insured_detail")),
    path("", include("openinsure.pages.audit_tools")),
    path("", include("openinsure.pages.exports")),
    path("", include("openinsure.pages.views_saved")),
    path("", include("openinsure.pages.notifications")),
    path("", include("openinsure.pages.undoing")),
]

handler400 = "openinsure.console.errors.bad_request"
handler403 = "openinsure.console.errors.forbidden"
handler404 = "openinsure.console.errors.not_found"
handler500 = "openinsure.console.errors.server_error"

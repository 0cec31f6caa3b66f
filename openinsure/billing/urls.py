"""Addresses of billing that one keyspace answers."""

from __future__ import annotations

from django.urls import path

from openinsure.billing import account_views, journal_views, ledger_views, views

urlpatterns = [
    path("billing/invoices", views.invoice_list, name="billing.invoices"),
    path("billing/invoices/<str:number>", views.invoice_detail, name="billing.invoice"),
    path("billing/payments", views.payment_list, name="billing.payments"),
    path("billing/payments/<str:number>", views.payment_detail, name="billing.payment"),
    path("billing/accounts/<str:number>", account_views.account_detail, name="billing.account"),
    path("billing/holds", account_views.hold_list, name="billing.holds"),
    path("ledger", ledger_views.account_types, name="ledger.accounts"),
    path("ledger/transfers", ledger_views.transfer_list, name="ledger.transfers"),
    path("ledger/journal", journal_views.journal_list, name="ledger.journal"),
    path("ledger/trial-balance", journal_views.trial_balance, name="ledger.trial_balance"),
]

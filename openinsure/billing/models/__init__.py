"""Tables of oi_billing as unmanaged models, a module per family."""

from __future__ import annotations

from openinsure.billing.models.bank import BankReconciliation, BankTransaction, TrustAccount
from openinsure.billing.models.collection import (
    BillingHold,
    FeeCharge,
    NonpayWorkflow,
    PaymentReminder,
    PremiumFinanceAgreement,
)
from openinsure.billing.models.dues import (
    CommissionAccrual,
    CommissionPayout,
    CommissionStatement,
    TaxAccrual,
    TaxRemittance,
)
from openinsure.billing.models.earning import (
    EarnedPremiumPosting,
    EarnedPremiumRun,
    PremiumTransaction,
    UnearnedPremiumBalance,
)
from openinsure.billing.models.gl import (
    GlAccount,
    GlAccountBalance,
    GlJournalEntry,
    GlJournalLine,
    GlPeriod,
)
from openinsure.billing.models.ledger import (
    LedgerAccount,
    LedgerReconciliationItem,
    LedgerReconciliationRun,
    LedgerTransfer,
)
from openinsure.billing.models.payments import (
    Payment,
    PaymentAllocation,
    PaymentMethod,
    PaymentReversal,
    Refund,
    SuspenseItem,
)
from openinsure.billing.models.receivables import (
    BillingAccount,
    BillingSchedule,
    Installment,
    Invoice,
    InvoiceEvent,
    InvoiceLine,
)
from openinsure.billing.models.reinsurance import (
    ReinsuranceCession,
    ReinsuranceParticipant,
    ReinsuranceRecoverable,
    ReinsuranceTreaty,
)
from openinsure.billing.models.settlement import (
    Bordereau,
    BordereauLine,
    CarrierSettlement,
    ExternalAccount,
    SettlementPayout,
)

__all__ = [
    "BankReconciliation",
    "BankTransaction",
    "BillingAccount",
    "BillingHold",
    "BillingSchedule",
    "Bordereau",
    "BordereauLine",
    "CarrierSettlement",
    "CommissionAccrual",
    "CommissionPayout",
    "CommissionStatement",
    "EarnedPremiumPosting",
    "EarnedPremiumRun",
    "ExternalAccount",
    "FeeCharge",
    "GlAccount",
    "GlAccountBalance",
    "GlJournalEntry",
    "GlJournalLine",
    "GlPeriod",
    "Installment",
    "Invoice",
    "InvoiceEvent",
    "InvoiceLine",
    "LedgerAccount",
    "LedgerReconciliationItem",
    "LedgerReconciliationRun",
    "LedgerTransfer",
    "NonpayWorkflow",
    "Payment",
    "PaymentAllocation",
    "PaymentMethod",
    "PaymentReminder",
    "PaymentReversal",
    "PremiumFinanceAgreement",
    "PremiumTransaction",
    "Refund",
    "ReinsuranceCession",
    "ReinsuranceParticipant",
    "ReinsuranceRecoverable",
    "ReinsuranceTreaty",
    "SettlementPayout",
    "SuspenseItem",
    "TaxAccrual",
    "TaxRemittance",
    "TrustAccount",
    "UnearnedPremiumBalance",
]

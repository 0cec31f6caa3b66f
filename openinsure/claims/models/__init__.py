"""Tables of oi_claims as unmanaged models, a module per family."""

from __future__ import annotations

from openinsure.claims.models.claims import (
    CatastropheEvent,
    Claim,
    ClaimCoverageDetermination,
    ClaimExposure,
    ClaimIncident,
    ClaimVehicle,
)
from openinsure.claims.models.file import (
    ClaimDocument,
    ClaimEvent,
    ClaimNote,
    LitigationCase,
    SiuReferral,
)
from openinsure.claims.models.money import (
    ClaimPayment,
    ClaimReserve,
    ClaimReserveFlag,
    ClaimReserveHistory,
    Disbursement,
    DisbursementApproval,
)
from openinsure.claims.models.people import (
    Adjuster,
    AdjusterAuthorityLimit,
    Claimant,
    ClaimAssignment,
    ClaimInjury,
    ClaimParty,
)
from openinsure.claims.models.recovery import (
    ClaimRecovery,
    SalvageRecord,
    SubrogationCase,
    SubrogationDemand,
)
from openinsure.claims.models.settlements import Settlement, SettlementOffer

__all__ = [
    "Adjuster",
    "AdjusterAuthorityLimit",
    "CatastropheEvent",
    "Claim",
    "ClaimAssignment",
    "ClaimCoverageDetermination",
    "ClaimDocument",
    "ClaimEvent",
    "ClaimExposure",
    "ClaimIncident",
    "ClaimInjury",
    "ClaimNote",
    "ClaimParty",
    "ClaimPayment",
    "ClaimRecovery",
    "ClaimReserve",
    "ClaimReserveFlag",
    "ClaimReserveHistory",
    "ClaimVehicle",
    "Claimant",
    "Disbursement",
    "DisbursementApproval",
    "LitigationCase",
    "SalvageRecord",
    "Settlement",
    "SettlementOffer",
    "SiuReferral",
    "SubrogationCase",
    "SubrogationDemand",
]

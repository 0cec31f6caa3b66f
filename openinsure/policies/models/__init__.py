"""Tables of oi_policies as unmanaged models, a module per family."""

from __future__ import annotations

from openinsure.policies.models.changes import (
    Cancellation,
    Endorsement,
    EndorsementItem,
    Nonrenewal,
    PolicyAudit,
    Reinstatement,
    Renewal,
)
from openinsure.policies.models.filings import (
    Certificate,
    PolicyForm,
    PolicyNotice,
    RegulatoryFiling,
    StateInsuranceReport,
    StateInsuranceReportRecord,
)
from openinsure.policies.models.risks import (
    AdditionalInterest,
    Insured,
    PolicyCoverage,
    PolicyDriver,
    PolicyInsured,
    PolicyLocation,
    PolicyVehicle,
    PolicyVehicleDriver,
)
from openinsure.policies.models.terms import (
    Policy,
    PolicyDocument,
    PolicyEvent,
    PolicyNote,
    PolicyNumberSequence,
    PolicySegment,
    PolicyTransaction,
)

__all__ = [
    "AdditionalInterest",
    "Cancellation",
    "Certificate",
    "Endorsement",
    "EndorsementItem",
    "Insured",
    "Nonrenewal",
    "Policy",
    "PolicyAudit",
    "PolicyCoverage",
    "PolicyDocument",
    "PolicyDriver",
    "PolicyEvent",
    "PolicyForm",
    "PolicyInsured",
    "PolicyLocation",
    "PolicyNote",
    "PolicyNotice",
    "PolicyNumberSequence",
    "PolicySegment",
    "PolicyTransaction",
    "PolicyVehicle",
    "PolicyVehicleDriver",
    "RegulatoryFiling",
    "Reinstatement",
    "Renewal",
    "StateInsuranceReport",
    "StateInsuranceReportRecord",
]

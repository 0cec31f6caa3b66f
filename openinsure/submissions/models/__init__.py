"""Tables of oi_submissions as unmanaged models, a module per family."""

from __future__ import annotations

from openinsure.submissions.models.carriers import (
    FmcsaBasicScore,
    FmcsaCrash,
    FmcsaInspection,
    FmcsaSnapshot,
    MotorCarrier,
    MotorCarrierAuthority,
    MotorCarrierPermit,
    TelematicsConnection,
)
from openinsure.submissions.models.inbound import InboundAttachment, InboundMessage
from openinsure.submissions.models.quotes import (
    Binder,
    Quote,
    QuoteCoverage,
    QuoteDriver,
    QuoteRatingStep,
    QuoteSubjectivity,
    QuoteVehicle,
    QuoteVersion,
)
from openinsure.submissions.models.reports import (
    LossRun,
    LossRunClaim,
    MvrOrder,
    MvrReport,
    MvrViolation,
    SanctionsScreening,
    VinDecode,
)
from openinsure.submissions.models.submissions import (
    Submission,
    SubmissionAssignment,
    SubmissionDocument,
    SubmissionEvent,
    SubmissionInfoRequest,
    SubmissionNote,
    SubmissionReferral,
    SubmissionRiskAnswer,
)

__all__ = [
    "Binder",
    "FmcsaBasicScore",
    "FmcsaCrash",
    "FmcsaInspection",
    "FmcsaSnapshot",
    "InboundAttachment",
    "InboundMessage",
    "LossRun",
    "LossRunClaim",
    "MotorCarrier",
    "MotorCarrierAuthority",
    "MotorCarrierPermit",
    "MvrOrder",
    "MvrReport",
    "MvrViolation",
    "Quote",
    "QuoteCoverage",
    "QuoteDriver",
    "QuoteRatingStep",
    "QuoteSubjectivity",
    "QuoteVehicle",
    "QuoteVersion",
    "SanctionsScreening",
    "Submission",
    "SubmissionAssignment",
    "SubmissionDocument",
    "SubmissionEvent",
    "SubmissionInfoRequest",
    "SubmissionNote",
    "SubmissionReferral",
    "SubmissionRiskAnswer",
    "TelematicsConnection",
    "VinDecode",
]

"""oi_policies: policy terms, risks, changes, filings.."""

from __future__ import annotations

PURPOSES: dict[str, str] = {
    "policies": "One row per policy term",
    "policy_segments": "Timeline of premium segments: each endorsement starts a new one",
    "insureds": "Named insured (person or business) shared by policies",
    "policy_insureds": "Named and additional insureds on a policy",
    "policy_coverages": "Coverages, limits, deductibles and premium per segment",
    "policy_vehicles": "Scheduled power units and trailers",
    "policy_drivers": "Scheduled drivers; licence and birth date encrypted",
    "policy_locations": "Garaging and terminal locations",
    "policy_vehicle_drivers": "Which driver usually drives which unit",
    "policy_forms": "Attached forms and editions",
    "policy_transactions": "Money-bearing policy events: one row per written premium movement",
    "endorsements": "Mid-term changes with premium effect",
    "endorsement_items": "Field-level before and after of an endorsement",
    "cancellations": "Cancellation with notice, method and return premium",
    "reinstatements": "Reinstatement with or without lapse",
    "renewals": "Renewal work item per expiring term",
    "nonrenewals": "Non-renewal decisions and notice",
    "policy_notices": "Every notice sent with proof of mailing",
    "policy_documents": "Documents by policy; signature state from Documenso",
    "policy_notes": "Notes; immutable after save",
    "policy_events": "Append-only event history",
    "additional_interests": "Lienholders, loss payees, certificate holders",
    "certificates": "Certificates of insurance issued",
    "regulatory_filings": "BMC-91X, MCS-90, Form E, SR-22 and withdrawals",
    "state_insurance_reports": "One file sent to a state insurance database (FL DHSMV and others)",
    "state_insurance_report_records": "One record of that file and its answer",
    "policy_number_sequences": "Gap-free numbering per program and year",
    "policy_audits": "Premium audits and mileage or unit-count adjustments",
}

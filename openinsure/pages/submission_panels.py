"""How each panel of a submission is read; every one may be away without the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from openinsure.console.panels import Panel, load
from openinsure.orgs.licences import licence_on
from openinsure.orgs.staff import Staff, name_of
from openinsure.policies import applicants
from openinsure.policies.queries import policies_by_id
from openinsure.submissions import offers, panels, reports, safety
from openinsure.submissions.checklist import Check, Licence, bind_checklist, chosen_quote
from openinsure.submissions.detail_rows import EventLine, NoteRow, SubmissionFile
from openinsure.submissions.report_rows import QuoteRow
from openinsure.tenancy.scope import Scope

# Tab -> its panels with their words, in the order of the page.
TAB_PANELS: Mapping[str, Mapping[str, str]] = {
    "overview": {
        "applicant": "Applicant",
        "answers": "Application",
        "duplicates": "Open submissions like this one",
    },
    "carrier": {
        "carrier": "Motor carrier",
        "snapshot": "FMCSA snapshot",
        "basics": "BASIC scores",
        "inspections": "Inspections",
        "crashes": "Crashes",
    },
    "drivers": {"drivers": "Driver records"},
    "losses": {"loss_years": "Losses by year", "loss_runs": "Loss runs"},
    "quotes": {"quotes": "Quotes"},
    "checklist": {"checklist": "Bind checklist"},
    "documents": {"documents": "Documents"},
    "notes": {"notes": "Notes"},
    "timeline": {"timeline": "Timeline"},
    "work": {"referrals": "Referrals", "information": "Information requests"},
}
WORDS = {name: word for named in TAB_PANELS.values() for name, word in named.items()}
FEIN_AWAY = "Compared by DOT number only: policies did not answer."


@dataclass(frozen=True, slots=True)
class Sources:
    """The reads of one submission in one request."""

    scope: Scope
    of: SubmissionFile
    staff: Staff
    now: datetime
    _offers: list[QuoteRow] = field(default_factory=list)

    def quotes(self) -> list[QuoteRow]:
        """The quotes as the checklist needs them, read once. Three statements."""
        if not self._offers:
            self._offers.extend(offers.list_offers(self.scope, self.of.id))
        return self._offers

    def policy(self) -> Panel:
        """The policy that came of it: loading while the worker writes it. One statement."""
        key = self.of.bound_policy_id
        if key is None:
            return Panel("loading")
        return load("Policies", lambda: policies_by_id(self.scope, [key]).values())

    def licence(self, quote: QuoteRow) -> Licence | None:
        """The producer's licence for a quote, on its first day. One statement on oi_global."""
        if quote.producer_id is None:
            return None
        state, on = self.of.state, quote.effective
        found = licence_on(self.scope, quote.producer_id, state=state, on=on)
        return Licence(*found) if found else None

    def panel(self, name: str) -> Panel:
        """One panel by name, with its state."""
        if name == "duplicates":
            return self._duplicates()
        panel = load(WORDS[name], self._reads()[name])
        old = name == "snapshot" and any(row.stale for row in panel.rows[:1])
        return replace(panel, state="stale") if old else panel

    def _reads(self) -> Mapping[str, Callable[[], Iterable[Any]]]:
        scope, key, carrier = self.scope, self.of.id, self.of.motor_carrier_id
        return {
            "applicant": lambda: applicants.list_applicants(scope, self.of.insured_id),
            "answers": lambda: panels.list_answers(scope, key),
            "carrier": lambda: safety.list_carriers(scope, carrier),
            "snapshot": lambda: safety.list_snapshots(scope, carrier, now=self.now),
            "basics": lambda: safety.list_basics(scope, carrier),
            "inspections": lambda: safety.list_inspections(scope, carrier),
            "crashes": lambda: safety.list_crashes(scope, carrier),
            "drivers": lambda: reports.list_driver_records(scope, key),
            "loss_runs": lambda: reports.list_loss_runs(scope, key),
            "loss_years": lambda: reports.by_year(reports.list_loss_runs(scope, key)),
            "quotes": lambda: offers.list_quotes(scope, key),
            "checklist": self._checklist,
            "documents": lambda: panels.list_documents(scope, key),
            "notes": self._notes,
            "timeline": self._timeline,
            "referrals": lambda: panels.list_referrals(scope, key),
            "information": lambda: panels.list_info_requests(scope, key),
        }

    def _duplicates(self) -> Panel:
        """Open submissions of the same DOT number or FEIN; by DOT alone if policies is away."""
        fein = load("FEIN", lambda: applicants.same_fein(self.scope, self.of.insured_id))
        panel = load(
            WORDS["duplicates"],
            lambda: panels.list_duplicates(self.scope, self.of, same_fein=fein.rows),
        )
        away = fein.state == "unavailable" and panel.state != "unavailable"
        return replace(panel, reason=FEIN_AWAY) if away else panel

    def _checklist(self) -> tuple[Check, ...]:
        """Three statements on oi_submissions, one on oi_global."""
        chosen = chosen_quote(self.quotes())
        return bind_checklist(
            status=self.of.status,
            state=self.of.state,
            quotes=self.quotes(),
            licence=self.licence(chosen) if chosen else None,
            today=self.now.date(),
        )

    def _notes(self) -> list[NoteRow]:
        return [
            panels.signed(note, name_of(self.staff, note.author_id))
            for note in panels.list_notes(self.scope, self.of.id)
        ]

    def _timeline(self) -> list[EventLine]:
        return [
            replace(line, actor=name_of(self.staff, actor))
            for line, actor in panels.list_events(self.scope, self.of.id)
        ]

"""How each panel of a submission is read; every one may be away without the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from openinsure.console.panels import Asked, Panel, load, load_together
from openinsure.orgs.licences import licence_on
from openinsure.orgs.staff import Staff, name_of
from openinsure.policies import applicants
from openinsure.policies.queries import policies_by_id
from openinsure.submissions import offers, panels, reports, safety
from openinsure.submissions.checklist import Check, Licence, bind_checklist, chosen_quote
from openinsure.submissions.detail_rows import EventLine, NoteRow, SubmissionFile
from openinsure.submissions.report_rows import QuoteRow
from openinsure.tenancy.scope import Scope
from openinsure.tenancy.together import Reading

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
Read = Callable[[], Reading[Any]]
CHECKLIST, FEIN = "checklist", "FEIN"
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
        """The quotes as the checklist needs them, read once. One statement."""
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

    def panels(self, names: Sequence[str], also: Mapping[str, Asked]) -> dict[str, Panel]:
        """The named panels, and others of oi_submissions.

        One statement on oi_policies, one on oi_submissions; the licence of the checklist.
        """
        told = load_together(_chosen(names, self._applicants()))
        fein = told.pop(FEIN, Panel("empty"))
        base = offers.list_offers(self.scope, self.of.id)
        asked = _chosen(names, self._reads(base, fein)) | dict(also)
        told |= load_together(asked)
        if CHECKLIST in told:
            told[CHECKLIST] = self._checklist(told[CHECKLIST])
        if fein.state == "unavailable" and told["duplicates"].state != "unavailable":
            told["duplicates"] = replace(told["duplicates"], reason=FEIN_AWAY)
        if any(row.stale for row in told.get("snapshot", Panel("empty")).rows[:1]):
            told["snapshot"] = replace(told["snapshot"], state="stale")
        return {name: told[name] for name in (*names, *also)}

    def _applicants(self) -> Mapping[str, Read]:
        scope, key = self.scope, self.of.insured_id
        return {
            "applicant": lambda: applicants.list_applicants(scope, key),
            FEIN: lambda: applicants.same_fein(scope, key),
        }

    def _reads(self, base: Reading[QuoteRow], fein: Panel) -> Mapping[str, Read]:
        """How each panel of oi_submissions is read. base: the quotes; fein: who shares it."""
        scope, key, carrier = self.scope, self.of.id, self.of.motor_carrier_id
        runs = reports.list_loss_runs(scope, key)
        return {
            "answers": lambda: panels.list_answers(scope, key),
            "duplicates": lambda: panels.list_duplicates(scope, self.of, same_fein=fein.rows),
            "carrier": lambda: safety.list_carriers(scope, carrier),
            "snapshot": lambda: safety.list_snapshots(scope, carrier, now=self.now),
            "basics": lambda: safety.list_basics(scope, carrier),
            "inspections": lambda: safety.list_inspections(scope, carrier),
            "crashes": lambda: safety.list_crashes(scope, carrier),
            "drivers": lambda: reports.list_driver_records(scope, key),
            "loss_runs": lambda: runs,
            "loss_years": lambda: runs.then(reports.by_year),
            "quotes": lambda: offers.list_quotes(scope, key, base),
            CHECKLIST: lambda: base,
            "documents": lambda: panels.list_documents(scope, key),
            "notes": lambda: panels.list_notes(scope, key).then(self._signed),
            "timeline": lambda: panels.list_events(scope, key).then(self._named),
            "referrals": lambda: panels.list_referrals(scope, key),
            "information": lambda: panels.list_info_requests(scope, key),
        }

    def _checklist(self, quotes: Panel) -> Panel:
        """The points of the checklist from the quotes. One statement on oi_global."""
        if quotes.state == "unavailable":
            return quotes
        self._offers.extend(quotes.rows)
        return load(WORDS[CHECKLIST], self._checks)

    def _checks(self) -> tuple[Check, ...]:
        chosen = chosen_quote(self._offers)
        return bind_checklist(
            status=self.of.status,
            state=self.of.state,
            quotes=self._offers,
            licence=self.licence(chosen) if chosen else None,
            today=self.now.date(),
        )

    def _signed(self, notes: Iterable[NoteRow]) -> list[NoteRow]:
        return [panels.signed(note, name_of(self.staff, note.author_id)) for note in notes]

    def _named(self, events: Iterable[tuple[EventLine, str | None]]) -> list[EventLine]:
        return [replace(line, actor=name_of(self.staff, actor)) for line, actor in events]


def _chosen(names: Sequence[str], reads: Mapping[str, Read]) -> dict[str, Asked]:
    """The reads that the names need, with their words."""
    needed = {*names, FEIN} if "duplicates" in names else {*names}
    return {name: (WORDS.get(name, FEIN), read) for name, read in reads.items() if name in needed}

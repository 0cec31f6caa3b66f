"""The sidebar and the palette's "go to": entries that are built and that the viewer may open.

An entry appears when its URL name resolves and its permission is among the request's rights;
nothing is greyed out. The one place that orders and groups pages.
"""

from __future__ import annotations

from dataclasses import dataclass

from openinsure.console import links


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the menu. permission "": everybody signed in. key: second of `g` + key."""

    name: str
    label: str
    icon: str
    permission: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """An entry as shown to one viewer."""

    label: str
    href: str
    icon: str
    key: str
    current: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Entries under a heading; the first group has none."""

    label: str
    items: tuple[Item, ...]


MENU: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "",
        (
            Entry("home", "Home", "home", key="h"),
            Entry("policies.list", "Policies", "shield", "policy.view", "p"),
            Entry("submissions.list", "Submissions", "inbox", "submission.view", "s"),
            Entry("claims.list", "Claims", "claim", "claim.view", "c"),
            Entry("inbox.list", "Inbox", "inbox", "submission.view"),
            Entry("approvals.list", "Approvals", "check", ""),
            Entry("exports.list", "Exports", "download", "export.create"),
        ),
    ),
    (
        "Money",
        (
            Entry("billing.invoices", "Billing", "receipt", "billing.view", "b"),
            Entry("ledger.accounts", "Ledger", "scale", "ledger.view", "l"),
        ),
    ),
    (
        "Operations",
        (
            Entry("ops.status", "Databases", "database", "ops.view", "d"),
            Entry("ops.deploys", "Deploy requests", "deploy", "ops.view"),
            Entry("ops.pools", "Pools", "gauge", "ops.view"),
            Entry("ops.jobs", "Jobs", "clock", "jobs.view"),
            Entry("ops.fleet", "Fleets", "grid", "ops.view"),
        ),
    ),
    (
        "Oversight",
        (
            Entry("audit.list", "Audit", "eye", "audit.view", "a"),
            Entry("audit.samples", "Samples", "grid", "audit.view"),
            Entry("audit.trace", "Trace", "search", "audit.view"),
            Entry("audit.evidence", "Evidence", "file", "audit.view"),
            Entry("orgs.list", "Organizations", "building", "org.cross_read"),
            Entry("compliance.filings", "Filings", "file", "audit.view"),
            Entry("users.list", "Users", "users", "user.manage"),
            Entry("users.review", "Access review", "key", "user.manage"),
        ),
    ),
    (
        "Reference",
        (
            Entry("producers.list", "Producers", "briefcase", "org.view"),
            Entry("programs.list", "Programs", "layers", "org.view"),
            Entry("rules.list", "Rules", "filter", "org.view"),
            Entry("carriers.list", "Carriers", "truck", "org.view"),
            Entry("reference.list", "Reference data", "book", "org.view"),
        ),
    ),
)


def groups(rights: frozenset[str], page: str) -> tuple[Group, ...]:
    """The menu of a viewer with these rights, `page` (a URL name) marked as current."""
    here = current_entry(page)
    shown = (
        Group(label, tuple(_item(entry, here) for entry in entries if _offered(entry, rights)))
        for label, entries in MENU
    )
    return tuple(group for group in shown if group.items)


def current_entry(page: str) -> str:
    """The menu entry that a page belongs to: itself, its plural (`ops.job` to `ops.jobs`), else
    the first of its app, else ""."""
    names = [entry.name for _, entries in MENU for entry in entries]
    for name in (page, f"{page}s"):
        if name in names:
            return name
    app = page.partition(".")[0]
    return next((name for name in names if name.partition(".")[0] == app), "")


def _offered(entry: Entry, rights: frozenset[str]) -> bool:
    return (not entry.permission or entry.permission in rights) and links.resolves(entry.name)


def _item(entry: Entry, here: str) -> Item:
    current = entry.name == here
    return Item(entry.label, links.url(entry.name), entry.icon, entry.key, current)

"""Ignore rules of the inventory file applied to findings: named globs, shown with their hits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from dbops.catalog.findings import NEVER_ACCEPTED, Finding
from dbops.inventory import Ignore


def ruled(finding: Finding, rules: Sequence[Ignore]) -> Finding:
    """The finding, ignored by the first rule that fits; never one about whose rows are whose."""
    rule = next((rule for rule in rules if _fits(rule, finding)), None)
    return replace(finding, ignored=f"{rule.name}: {rule.reason}" if rule else None)


def hits(rules: Sequence[Ignore], findings: Iterable[Finding]) -> list[tuple[Ignore, int]]:
    """How many findings each rule took; a rule that an earlier one forestalls has none."""
    taken = [finding.ignored or "" for finding in findings]
    return [(rule, sum(one.startswith(f"{rule.name}: ") for one in taken)) for rule in rules]


def _fits(rule: Ignore, finding: Finding) -> bool:
    if finding.kind in NEVER_ACCEPTED or (rule.kinds and finding.kind not in rule.kinds):
        return False
    return fnmatchcase(f"{finding.keyspace}.{finding.object}", rule.objects)

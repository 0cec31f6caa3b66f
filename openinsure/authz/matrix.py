"""The permission matrix as a document: `python -m openinsure.authz.matrix` writes it.

A test compares docs/permissions.md with what this module would write.
"""

from __future__ import annotations

from openinsure.authz.permissions import CODES, MATRIX, Cell, Role
from openinsure.authz.rules import RULES, roles_with_relation
from openinsure.environment import ROOT

DOCUMENT = ROOT / "docs" / "permissions.md"
HEAD = """\
# Permissions

Generated from `openinsure/authz/permissions.py` by `python -m openinsure.authz.matrix`.

| Cell | Means |
| --- | --- |
| Y | in the own organization |
| G | own, and another organization in a live grant (browser) or with `?orgId=` (bearer) |
| P | platform objects, no tenant rows |
| J | only inside the system's own jobs |
| R | needs a relation to the object too; the `roles` backend gives it in local only |

A permission marked * ends (Y, R) while the organization is suspended. A grant is read-only
whatever the cell says.

"""

RELATIONS = """
## Where a relation is needed

Generated from `openinsure/authz/rules.py`. SpiceDB answers these for the one object; until the
object is known a page is offered by the organization's permission. The `roles` backend knows no
relations: in local it gives the role's answer, because the operation repeats the check on its own
row; in staging and production it refuses and the screen says that SpiceDB is needed.

| Permission | Roles | Asks | SpiceDB must hold | The row repeats | Refusal |
| --- | --- | --- | --- | --- | --- |
"""
DENIED = """
Besides:

- A claim is refused to whoever is `recused` from it, by both backends: the outbox row is the
  record, SpiceDB and SQL follow it.
- `breakglass`, an organization's own `auditor` and a database's own `operator` and `approver` are
  no roles of the console: the `roles` backend always refuses what only they would give.
"""


def rendered() -> str:
    """The whole document."""
    roles = "".join(f"- {CODES[role]}: `{role}`\n" for role in Role)
    head = f"| Permission | Name | Asks | {' | '.join(CODES.values())} |\n"
    rule = f"| --- | --- | --- |{' :-: |' * len(Role)}\n"
    lines = [
        f"| `{permission}`{'*' if row.needs_active else ''} | {row.label} | `{row.asks}` | "
        + " | ".join("" if cell is Cell.NONE else cell.value for cell in row.cells)
        + " |\n"
        for permission, row in MATRIX.items()
    ]
    return HEAD + roles + "\n" + head + rule + "".join(lines) + _relations()


def _relations() -> str:
    """The cases in which a role alone is not enough."""
    lines = [
        f"| `{permission}` | {', '.join(CODES[role] for role in roles_with_relation(permission))} "
        f"| `{MATRIX[permission].asks}` | {rule.relations} | {rule.row} | `{rule.code}` |\n"
        for permission, rule in RULES.items()
    ]
    return RELATIONS + "".join(lines) + DENIED


def write() -> None:
    """Write the document anew."""
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(rendered())


if __name__ == "__main__":
    write()

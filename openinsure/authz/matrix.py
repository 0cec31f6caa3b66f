"""The permission matrix as a document: `python -m openinsure.authz.matrix` writes it.

A test compares docs/permissions.md with what this module would write.
"""

from __future__ import annotations

from openinsure.authz.permissions import CODES, MATRIX, Cell, Role
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
    return HEAD + roles + "\n" + head + rule + "".join(lines)


if __name__ == "__main__":
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(rendered())

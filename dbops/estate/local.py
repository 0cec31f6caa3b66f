"""`python -m dbops.estate.local up`: the D1 files and Documenso's database of this machine.

Repeatable: what is there stays, only missing files are applied. Used by `make run` and tests.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from dbops import inventory
from dbops.estate import d1_apply
from dbops.history import d1
from dbops.history.states import FilesUnreadable
from dbops.inventory import Target
from openinsure import environment
from openinsure.dsn import Dsn

DOCUMENSO = "documenso-db"


def local_d1(target: Target) -> d1_apply.Local:
    """File and binding of a D1 database of the inventory. Raises FilesUnreadable."""
    wrangler = target.place.wrangler
    if wrangler is None:
        raise FilesUnreadable(f"the inventory names no wrangler file for {target.slug}")
    binding = d1.binding(wrangler, target.database.name)
    state = target.place.state_dir or wrangler.parent / ".wrangler" / "state"
    return d1_apply.Local(d1.local_file(state, binding.database_id), binding)


def up() -> dict[str, list[str]]:
    """Slug -> names applied now. Raises FilesUnreadable, FileFailed, psycopg2.Error."""
    applied: dict[str, list[str]] = {}
    for target in inventory.contacted():
        if target.database.tool == "d1" and target.database.owner == "we":
            applied[target.slug] = d1_apply.apply(local_d1(target), lambda _line: None)
        elif target.slug == DOCUMENSO and environment.optional(target.place.url_env):
            applied[target.slug] = _documenso(target)
    return applied


def _documenso(target: Target) -> list[str]:
    from dbops.estate import documenso

    variable = target.place.url_env
    dsn = Dsn.parse(environment.required(variable), variable)
    documenso.ensure_database(dsn)
    return documenso.apply(dsn, target.database.folder(""))


def main(words: Sequence[str]) -> int:
    """`up` is the only word; refused outside local."""
    if list(words) != ["up"]:
        print("usage: python -m dbops.estate.local up", file=sys.stderr)
        return 2
    if environment.name() != "local":
        print("the estate is made in local only", file=sys.stderr)
        return 4
    for slug, names in up().items():
        print(f"{slug}: {len(names)} applied" if names else f"{slug}: in place")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

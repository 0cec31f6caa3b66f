"""The `openinsure` program as it is installed."""

from __future__ import annotations

import gc


def script() -> None:
    """Runs the command line and leaves with its exit code.

    Nothing that loads becomes garbage, and looking for it takes 4 ms of a light verb; what loads
    Django has it collected as usual (`dbops.cli.main`).
    """
    gc.disable()
    from dbops.cli.main import script as run

    run()

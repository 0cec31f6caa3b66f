"""The words of a command line: argparse, whose refusal carries its message to the entry.

The entry (dbops.cli.main) answers a script that asked for --json with an object, also here.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import NoReturn


class WrongWords(SystemExit):
    """Exit 2; stderr was told already."""

    def __init__(self, message: str) -> None:
        super().__init__(2)
        self.message = message


class Parser(ArgumentParser):
    """Usage and one line on stderr, as argparse does."""

    def error(self, message: str) -> NoReturn:
        """Raises WrongWords."""
        self.print_usage(sys.stderr)
        print(f"{self.prog}: error: {message}", file=sys.stderr)
        raise WrongWords(message)

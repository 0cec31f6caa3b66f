#!/usr/bin/env python
"""Django's own commands. The product's commands are `openinsure` (dbops.cli.main)."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openinsure.settings")
    from django.core.management import execute_from_command_line

    from openinsure.environment import ConfigurationError

    try:
        execute_from_command_line(sys.argv)
    except ConfigurationError as error:
        print(f"openinsure: {error}", file=sys.stderr)
        raise SystemExit(2) from None

"""The suite: as local, on the engines under .local/test, with cheap password hashing."""

from openinsure.settings.databases import LEDGER_SCHEMA, beside, databases, ledger_engine
from openinsure.settings.local import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# No collected files in unit tests: names are not hashed. The browser suite runs local settings.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# No limited twins: they would not see what a test wrote in its transaction.
# The embedded ledger is always tested, whichever backend the program uses.
DATABASES = databases() | ledger_engine(beside("DATABASE_URL", LEDGER_SCHEMA))

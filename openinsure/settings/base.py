"""What every environment shares."""

from __future__ import annotations

from openinsure import environment
from openinsure.environment import ROOT, optional, required
from openinsure.mail_url import MailUrl
from openinsure.settings.databases import KEYSPACES, databases, ledger_engine, with_find
from openinsure.settings.logging import LOGGING  # noqa: F401

ENVIRONMENT = environment.name()
SECRET_KEY = required("SECRET_KEY", "local-only-never-used-outside-a-developers-machine-000")
DEBUG = False
ALLOWED_HOSTS = [
    host
    for host in optional("OPENINSURE_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
    if host
]
ROOT_URLCONF = "openinsure.urls"
WSGI_APPLICATION = "openinsure.wsgi.application"
APPEND_SLASH = False

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django_htmx",
    "openinsure.keyspaces",
    "openinsure.tenancy",
    "openinsure.audit",
    "openinsure.authz",
    "openinsure.accounts",
    "openinsure.console",
    "openinsure.orgs",
    "openinsure.policies",
    "openinsure.submissions",
    "openinsure.claims",
    "openinsure.billing",
    "openinsure.billing.books",
    "openinsure.jobs",
    "openinsure.pages",
    "openinsure.demo",
    "dbops",
]

# Order matters: the request id exists before anything can fail; the identity before the scope.
MIDDLEWARE = [
    "openinsure.console.middleware.request_id",
    "openinsure.console.middleware.content_security_policy",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "openinsure.console.middleware.errors",
    "openinsure.accounts.middleware.sessions",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "openinsure.accounts.middleware.identity",
    "openinsure.console.scoping.scope",
]

DATABASES = with_find(databases())
DATABASE_ROUTERS = ["openinsure.keyspaces.router.KeyspaceRouter"]
# The tables of a keyspace come from SQL files (keyspaces/migrations), never from Django.
MIGRATION_MODULES: dict[str, str | None] = dict.fromkeys(KEYSPACES)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.Account"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "openinsure.console.jinja.environment"},
    }
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
STATIC_URL = "/static/"
STATIC_ROOT = environment.state_dir() / "static"
STATICFILES_DIRS = [ROOT / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "openinsure.console.staticfiles.ConsoleStaticFilesStorage"},
}

CSRF_COOKIE_HTTPONLY = True  # the token is in the page; scripts never read the cookie
CSRF_FAILURE_VIEW = "openinsure.console.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # bytes; upload routes state their own

REDIS_URL = required("REDIS_URL", "redis://127.0.0.1:13379/0")
AUTHZ_BACKEND = environment.one_of("AUTHZ_BACKEND", ("spicedb", "roles"), "roles")
SPICEDB_ENDPOINT = optional("SPICEDB_ENDPOINT")  # host:port, outside local grpcs://host:port
SPICEDB_TOKEN = optional("SPICEDB_TOKEN")
LEDGER_BACKEND = environment.one_of(
    "LEDGER_BACKEND", ("tigerbeetle", "embedded"), "embedded", "tigerbeetle"
)
if LEDGER_BACKEND == "embedded":
    DATABASES |= ledger_engine()
# "observe": another scheduler runs the nine jobs; this program only shows their recorded runs.
JOBS_MODE = environment.one_of("OPENINSURE_JOBS", ("run", "observe"), "run", "observe")
FILES_DIR = optional("OPENINSURE_FILES_DIR", str(environment.state_dir() / "files"))
# Letters to insureds and people: smtp[s]://user:password@host:port?from=..., locally a maildir.
EMAIL_URL = required("EMAIL_URL", f"maildir://{environment.state_dir().resolve()}/mail")
MailUrl.parse(EMAIL_URL)
# Where mail comes in: imaps://user:password@host:993/INBOX, locally a maildir; "" takes none.
MAILBOX_URL = optional(
    "OPENINSURE_MAILBOX_URL", f"maildir://{environment.state_dir().resolve()}/inbox"
)
# Where files for the Florida DHSMV are dropped: folder:///path; "" leaves them due.
DHSMV_URL = optional("OPENINSURE_DHSMV_URL", f"folder://{environment.state_dir().resolve()}/dhsmv")
# Who is asked about motor carriers: https://...{usdot}..., locally a file of answers; "" nobody.
FMCSA_URL = optional(
    "OPENINSURE_FMCSA_URL", f"file://{environment.state_dir().resolve()}/fmcsa.json"
)
FMCSA_TIMEOUT_S = environment.integer("OPENINSURE_FMCSA_TIMEOUT_S", 2, 1, 10)
# Multiplies every limit of accounts.rates; the back-off of failed sign-ins is never scaled.
RATE_SCALE = environment.integer(
    "OPENINSURE_RATE_SCALE",
    default=1000 if environment.name() == "local" else 1,
    minimum=1,
    maximum=1 if environment.name() == "production" else 1_000_000,
)
PROXY_COUNT = environment.integer("OPENINSURE_PROXY_COUNT", 0, 0, 10)
# Keys of the audit chain by first day, DATE:HEX[,DATE:HEX]; the local one proves nothing to others.
AUDIT_KEYS = required("OPENINSURE_AUDIT_KEYS", "2000-01-01:" + "6c6f63616c206f6e6c79" * 4)

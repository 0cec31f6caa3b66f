"""`<state>/run/env`: every variable that the settings need, as this stack has it. Mode 0600."""

from __future__ import annotations

from pathlib import Path

from engines import accounts, ports, postgres, redis, secrets, spicedb, tigerbeetle
from engines.secrets import secret
from engines.stack import KEYSPACES, ROOT, Stack, Trouble, write_private

DATABASES = {"DATABASE_URL": ("app_console", "oi_console")} | {
    f"DATABASE_URL_{name.upper()}": (f"app_{name}", name) for name in KEYSPACES
}
LEDGER_VARIABLE = "LEDGER_ENGINE_URL"  # the embedded ledger; not one of the six
OTHER_ACCOUNTS = {
    "READER_URL": "reader",
    "MIGRATOR_URL": "migrator",
    "RISK_URL": "risk",
    "SHADOW_URL": "oi_shadow",
    "BRANCH_URL": "oi_branch",
}


def path(stack: Stack) -> Path:
    """Where openinsure/environment.py looks."""
    return stack.run / "env"


def check_external(stack: Stack) -> None:
    """Raises Trouble when DATABASE_URL is given without its five companions, or the reverse."""
    given = [name for name in DATABASES if stack.external(name)]
    missing = [name for name in DATABASES if not stack.external(name)]
    if given and missing:
        raise Trouble(f"{missing[0]}: must be set too, because {given[0]} is (six belong together)")


def write(stack: Stack) -> dict[str, str]:
    """Write and return the variables. External addresses of the environment are kept as given."""
    values = {
        "OPENINSURE_STATE_DIR": str(stack.state),
        **_mariadb(stack),
        "REDIS_URL": stack.external("REDIS_URL") or redis.url(stack),
        **_postgres(stack),
        **_spicedb(stack),
        **_tigerbeetle(stack),
        **_keys(stack),
        **{ports.variable(name): str(port) for name, port in stack.ports.items()},
    }
    if stack.testing:
        values["OPENINSURE_TESTING"] = "1"
    head = "# Written by the local stack (python3 -m engines); do not edit, do not share.\n"
    write_private(path(stack), head + "".join(f"{k}={v}\n" for k, v in values.items()))
    return values


def _mariadb(stack: Stack) -> dict[str, str]:
    if stack.external("DATABASE_URL"):
        names = (*DATABASES, *OTHER_ACCOUNTS, LEDGER_VARIABLE)
        return {name: stack.external(name) for name in names if stack.external(name)}
    own = {name: accounts.url(stack, *pair) for name, pair in DATABASES.items()}
    if stack.testing:  # the suite makes databases; the accounts of `make run` are there as APP_URL*
        apps = {name.replace("DATABASE_URL", "APP_URL"): value for name, value in own.items()}
        tester = {
            name: accounts.url(stack, accounts.TESTER, schema)
            for name, (_, schema) in DATABASES.items()
        }
        own = {**tester, **apps}
    others = {name: accounts.url(stack, account) for name, account in OTHER_ACCOUNTS.items()}
    account = accounts.TESTER if stack.testing else "app_ledger"
    ledger = stack.external(LEDGER_VARIABLE) or accounts.url(stack, account, accounts.LEDGER)
    return {**own, **others, LEDGER_VARIABLE: ledger}


def _postgres(stack: Stack) -> dict[str, str]:
    if stack.external("DOCUMENSO_URL"):
        names = ("DOCUMENSO_URL", "POSTGRES_URL")
        return {name: stack.external(name) for name in names if stack.external(name)}
    if postgres.binaries() is None:
        return {}
    # The suite breaks Documenso's database on purpose; the console only reads it.
    account = postgres.SUPERUSER if stack.testing else postgres.READER
    return {
        "POSTGRES_URL": postgres.url(stack),
        "DOCUMENSO_URL": postgres.url(stack, "documenso", account),
    }


def _spicedb(stack: Stack) -> dict[str, str]:
    own = f"127.0.0.1:{stack.ports['spicedb']}" if spicedb.binary() else ""
    endpoint = stack.external("SPICEDB_ENDPOINT") or own
    if not endpoint:
        return {"AUTHZ_BACKEND": stack.external("AUTHZ_BACKEND") or "roles"}
    # The suite's people have no relationships; its SpiceDB tests choose the adapter themselves.
    backend = "roles" if stack.testing else "spicedb"
    return {
        "AUTHZ_BACKEND": stack.external("AUTHZ_BACKEND") or backend,
        "SPICEDB_ENDPOINT": endpoint,
        "SPICEDB_TOKEN": stack.external("SPICEDB_TOKEN") or secret(stack, "spicedb"),
    }


def _tigerbeetle(stack: Stack) -> dict[str, str]:
    own = f"127.0.0.1:{stack.ports['tigerbeetle']}" if tigerbeetle.binary() else ""
    addresses = stack.external("TIGERBEETLE_ADDRESSES") or own
    adapter = (ROOT / "openinsure" / "ledger" / "tigerbeetle.py").exists()
    backend = "tigerbeetle" if addresses and adapter else "embedded"
    values = {"LEDGER_BACKEND": stack.external("LEDGER_BACKEND") or backend}
    if addresses:
        values["TIGERBEETLE_ADDRESSES"] = addresses
        cluster = stack.external("TIGERBEETLE_CLUSTER") or str(tigerbeetle.CLUSTER)
        values["TIGERBEETLE_CLUSTER"] = cluster
    return values


def _keys(stack: Stack) -> dict[str, str]:
    """Keys of the application, in the forms that its parsers want."""
    made = {
        "SECRET_KEY": secret(stack, "django"),
        "OPENINSURE_JWT_SECRET": secret(stack, "jwt"),
        "OPENINSURE_HASH_KEY": secret(stack, "hash"),
        "OPENINSURE_FIELD_KEYS": f"local:{secret(stack, 'field', secrets.key)}",
        "OPENINSURE_AUDIT_KEYS": f"2000-01-01:{secret(stack, 'audit', secrets.hexadecimal)}",
    }
    return {name: stack.external(name) or value for name, value in made.items()}

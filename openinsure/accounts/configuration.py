"""Which bearer tokens are believed, from the environment; checked at start."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlsplit

from openinsure import environment
from openinsure.environment import ConfigurationError, optional, required

SECRET_BYTES_MIN = 32
SHARED, PUBLIC = ("HS256",), ("RS256", "ES256", "EdDSA")
_LOCAL_SECRET = "local-only-jwt-secret-never-used-outside-a-developers-machine"  # noqa: S105


@dataclass(frozen=True, slots=True)
class TokenRules:
    """Algorithms come from here, never from a token's header."""

    algorithms: tuple[str, ...]
    issuer: str
    audience: str
    secret: str = field(default="", repr=False)
    jwks_url: str = ""


@cache
def token_rules() -> TokenRules:
    """HS256 in local, else a JWKS. Raises ConfigurationError naming the variable."""
    issuer = required("OPENINSURE_JWT_ISSUER", "https://identity.openinsure.test")
    audience = required("OPENINSURE_JWT_AUDIENCE", "openinsure-console")
    jwks_url = optional("OPENINSURE_JWKS_URL")
    if environment.name() == "local" and not jwks_url:
        secret = required("OPENINSURE_JWT_SECRET", _LOCAL_SECRET)
        if len(secret.encode()) < SECRET_BYTES_MIN:
            raise ConfigurationError("OPENINSURE_JWT_SECRET", "must be at least 32 bytes long")
        return TokenRules(SHARED, issuer, audience, secret=secret)
    if environment.name() != "local" and optional("OPENINSURE_JWT_SECRET"):
        raise ConfigurationError(
            "OPENINSURE_JWT_SECRET", "is for local only; use OPENINSURE_JWKS_URL instead"
        )
    parts = urlsplit(jwks_url or required("OPENINSURE_JWKS_URL"))
    if parts.scheme != "https" or not parts.hostname:
        raise ConfigurationError("OPENINSURE_JWKS_URL", "must be an https address")
    return TokenRules(PUBLIC, issuer, audience, jwks_url=parts.geturl())

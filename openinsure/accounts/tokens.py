"""Bearer tokens: what makes one believable, and how local ones are made. No database here.

Source: security.md part 4. The signature is checked first, with the algorithms of the
configuration; then every claim, one rule each. A refusal names the rule, never the value.
"""

from __future__ import annotations

import binascii
import json
import re
import time
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
from jwt.api_jws import PyJWS
from jwt.exceptions import PyJWTError

from openinsure.accounts import jwks
from openinsure.accounts.configuration import TokenRules
from openinsure.authz.permissions import ROLES
from openinsure.problems import NeedsSignIn, Unavailable
from openinsure.tenancy.scope import CANONICAL_UUID

TOKEN_CHARS_MAX = 8 * 1024
LEEWAY_S = 30  # for iat and nbf in the future; exp has none
LIFE_S_MAX = 24 * 3600
LOCAL_KID = "local"
TEXT = re.compile(r"[\x21-\x7e]{1,255}")
REFUSED_HEADERS = ("jku", "x5u", "jwk", "crit", "x5c", "b64")
MESSAGES = {
    "token_expired": "The token has expired. Ask for a new one.",
    "token_unreadable": "The token cannot be read.",
    "token_header": "The token's header is not accepted.",
    "token_signature": "The token's signature is not accepted.",
    "token_claims": "A claim of the token is missing or malformed.",
    "token_time": "The token is not valid at this time.",
    "token_issuer": "The token is not meant for this console.",
    "token_spent": "The token was exchanged before. Ask for a new one.",
    "token_revoked": "The token was revoked. Ask for a new one.",
    "user_unknown": "The token's user has no account here.",
    "user_disabled": "The token's user may not sign in.",
    "stale_token": "The user's role or organization changed. Ask for a new token.",
}


def refused(code: str, rule: str) -> NeedsSignIn:
    """401 with a code of MESSAGES and the rule that was broken."""
    return NeedsSignIn(MESSAGES[code], code=code, rule=rule)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says. Times are UTC seconds."""

    sub: str
    org: str
    role: str
    email: str
    jti: str
    iat: int
    exp: int

    @property
    def issued_at(self) -> datetime:
        """When the identity service saw the person."""
        return datetime.fromtimestamp(self.iat, UTC)

    @property
    def expires_at(self) -> datetime:
        """When the token ends by itself."""
        return datetime.fromtimestamp(self.exp, UTC)


def verify(token: str, *, rules: TokenRules, now: datetime) -> Claims:
    """The claims of a token that keeps every rule.

    Raises NeedsSignIn (401) naming the rule, Unavailable (503) when no key set is at hand.
    """
    if len(token) > TOKEN_CHARS_MAX or not token.isascii():
        raise refused("token_unreadable", f"at most {TOKEN_CHARS_MAX} ASCII characters")
    algorithm, kid = _checked_header(token, rules)
    key = rules.secret if algorithm == "HS256" else _public_key(kid, algorithm, rules)
    try:
        payload = PyJWS().decode(token, key=key, algorithms=[algorithm])
    except PyJWTError:
        raise refused("token_signature", "signature must verify") from None
    return _checked_claims(_object(payload, "token_claims"), rules, int(now.timestamp()))


def _object(text: bytes, code: str) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise ValueError("a name appears twice")
        return found

    try:
        value = json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError):
        raise refused(code, "JSON with unique names") from None
    if not isinstance(value, dict):
        raise refused(code, "a JSON object")
    return value


def _checked_header(token: str, rules: TokenRules) -> tuple[str, str]:
    parts = token.split(".")
    if len(parts) != 3:
        raise refused("token_unreadable", "three parts")
    try:
        text = urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4))
    except (binascii.Error, ValueError):
        raise refused("token_unreadable", "base64url parts") from None
    header = _object(text, "token_unreadable")
    for name in REFUSED_HEADERS:
        if name in header:
            raise refused("token_header", f"no {name}")
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in rules.algorithms:
        raise refused("token_header", f"alg is one of {', '.join(rules.algorithms)}")
    if algorithm == "HS256" and kid is None:
        kid = LOCAL_KID
    if type(kid) is not str or not TEXT.fullmatch(kid):
        raise refused("token_header", "kid names a key")
    if algorithm == "HS256" and kid != LOCAL_KID:
        raise refused("token_header", "kid names a known key")
    return str(algorithm), kid


def _public_key(kid: str, algorithm: str, rules: TokenRules) -> jwt.PyJWK:
    try:
        key = jwks.key_set(rules.jwks_url).key(kid, now=time.monotonic())
    except jwks.KeysAway:
        raise Unavailable(
            "Tokens cannot be checked now, because the identity service does not answer.",
            code="identity_unavailable",
        ) from None
    if key is None or key.algorithm_name != algorithm:
        raise refused("token_header", "kid names a known key of that algorithm")
    return key


def _checked_claims(claims: dict[str, Any], rules: TokenRules, now: int) -> Claims:
    for name in ("sub", "org", "role", "email", "jti", "iss", "aud"):
        if type(claims.get(name)) is not str or not TEXT.fullmatch(claims[name]):
            raise refused("token_claims", f"{name} is text of 1 to 255 printable characters")
    for name in ("exp", "iat", "nbf"):
        if name == "nbf" and name not in claims:
            continue
        if type(claims.get(name)) is not int or not 0 <= claims[name] < 2**40:
            raise refused("token_claims", f"{name} is a whole number of seconds")
    if claims["iss"] != rules.issuer or claims["aud"] != rules.audience:
        raise refused("token_issuer", "iss and aud are this console's")
    if claims["exp"] <= now:
        raise refused("token_expired", "exp is in the future")
    if claims["iat"] > now + LEEWAY_S or claims.get("nbf", 0) > now + LEEWAY_S:
        raise refused("token_time", "iat and nbf are not in the future")
    if not 0 < claims["exp"] - claims["iat"] <= LIFE_S_MAX:
        raise refused("token_time", "exp is at most 24 hours after iat")
    if not CANONICAL_UUID.fullmatch(claims["org"]):
        raise refused("token_claims", "org is a canonical organization id")
    if claims["role"] not in ROLES:
        raise refused("token_claims", "role is one of the twelve, spelled exactly")
    if "@" not in claims["email"]:
        raise refused("token_claims", "email is an address")
    wanted = ("sub", "org", "role", "email", "jti", "iat", "exp")
    return Claims(**{name: claims[name] for name in wanted})


def issue(
    *,
    rules: TokenRules,
    sub: str,
    org: str,
    role: str,
    email: str,
    jti: str,
    now: datetime,
    life: timedelta,
) -> str:
    """A local token, HS256. Raises ValueError where only the identity service signs."""
    if not rules.secret:
        raise ValueError("tokens are signed by the identity service here")
    claims = {
        "sub": sub,
        "org": org,
        "role": role,
        "email": email,
        "jti": jti,
        "iss": rules.issuer,
        "aud": rules.audience,
        "iat": int(now.timestamp()),
        "exp": int((now + life).timestamp()),
    }
    return jwt.encode(claims, rules.secret, algorithm="HS256", headers={"kid": LOCAL_KID})

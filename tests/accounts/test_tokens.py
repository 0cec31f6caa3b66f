"""Which bearer tokens are believed: one case per rule of security.md part 4."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from openinsure.accounts import jwks, tokens
from openinsure.accounts.configuration import PUBLIC, TokenRules
from openinsure.problems import NeedsSignIn, Unavailable

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = "a-secret-of-the-test-that-is-long-enough"
SHARED = TokenRules(("HS256",), "https://issuer.test", "console", secret=SECRET)
KEYS = TokenRules(PUBLIC, "https://issuer.test", "console", jwks_url="https://issuer.test/jwks")
ORG = "0190a000-0000-7000-8000-00000000000a"
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())
ED_KEY = ed25519.Ed25519PrivateKey.generate()
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims; None takes one away."""
    good: dict[str, Any] = {
        "sub": "0190a000-0000-7000-8000-0000000000f1",
        "org": ORG,
        "role": "support",
        "email": "support@acme.test",
        "iss": "https://issuer.test",
        "aud": "console",
        "jti": "one",
        "iat": int(NOW.timestamp()) - 10,
        "exp": int(NOW.timestamp()) + 3600,
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def shared(body: dict[str, Any] | None = None, **headers: Any) -> str:
    return jwt.encode(body or claims(), SECRET, algorithm="HS256", headers=headers)


def raw(header: dict[str, Any], body: Any) -> str:
    """A token with a right HS256 signature over whatever header and body."""
    import hashlib
    import hmac

    def part(text: bytes) -> bytes:
        return base64.urlsafe_b64encode(text).rstrip(b"=")

    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    signed = part(json.dumps(header).encode()) + b"." + part(text)
    digest = hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + part(digest)).decode()


def later(**by: float) -> int:
    return int((NOW + timedelta(**by)).timestamp())


HEADER = {"alg": "HS256", "typ": "JWT"}
BAD: dict[str, str] = {
    "no parts": "abc",
    "two parts": "a.b",
    "four parts": shared() + ".x",
    "empty": "",
    "not ascii": shared()[:-1] + "é",
    "over 8 KB": shared(claims(extra="x" * 9000)),
    "header no json": "YWJj." + shared().split(".", 1)[1],
    "header no base64": "!!!." + shared().split(".", 1)[1],
    "header a list": raw([], claims()),  # type: ignore[arg-type]
    "alg none": raw({"alg": "none"}, claims()),
    "alg None": raw({"alg": "None"}, claims()),
    "alg missing": raw({"typ": "JWT"}, claims()),
    "alg HS512": jwt.encode(claims(), SECRET * 2, algorithm="HS512"),
    "alg lower case": raw({"alg": "hs256"}, claims()),
    "alg RS256 with shared key": raw({"alg": "RS256", "kid": "local"}, claims()),
    "unknown kid": shared(kid="other"),
    "kid a number": raw(HEADER | {"kid": 1}, claims()),
    "kid empty": raw(HEADER | {"kid": ""}, claims()),
    "jku": shared(jku="https://evil.test/keys"),
    "x5u": shared(x5u="https://evil.test/cert"),
    "x5c": shared(x5c=["MIIB"]),
    "jwk": shared(jwk={"kty": "oct", "k": "AAAA"}),
    "crit": raw(HEADER | {"crit": ["exp"]}, claims()),
    "b64": raw(HEADER | {"b64": False}, claims()),
    "wrong secret": jwt.encode(claims(), "another-secret-that-is-long-enough-too"),
    "signature cut": shared()[:-4],
    "signature away": shared().rsplit(".", 1)[0] + ".",
    "body changed": ".".join(
        [
            shared().split(".")[0],
            raw(HEADER, claims(role="superadmin")).split(".")[1],
            shared().split(".")[2],
        ]
    ),
    "body no json": raw(HEADER, b"abc"),
    "body a list": raw(HEADER, [1]),
    "claim twice": raw(HEADER, json.dumps(claims())[:-1].encode() + b', "role": "superadmin"}'),
    "expired": shared(claims(exp=later(seconds=-1))),
    "expires now": shared(claims(exp=later())),
    "iat in the future": shared(claims(iat=later(seconds=31))),
    "nbf in the future": shared(claims(nbf=later(seconds=31))),
    "life over 24 h": shared(claims(iat=later(), exp=later(hours=24, seconds=1))),
    "exp before iat": shared(claims(iat=later(seconds=20), exp=later(seconds=10))),
    "exp text": raw(HEADER, claims(exp="9999999999")),
    "exp true": raw(HEADER, claims(exp=True)),
    "exp a fraction": raw(HEADER, claims(exp=later(hours=1) + 0.5)),
    "iat negative": raw(HEADER, claims(iat=-1)),
    "nbf text": raw(HEADER, claims(nbf="0")),
    "wrong iss": shared(claims(iss="https://evil.test")),
    "iss with slash": shared(claims(iss="https://issuer.test/")),
    "wrong aud": shared(claims(aud="portal")),
    "aud a list": raw(HEADER, claims(aud=["console"])),
    "org a list": raw(HEADER, claims(org=[ORG])),
    "org upper case": shared(claims(org=ORG.upper())),
    "org in braces": shared(claims(org="{" + ORG + "}")),
    "org zero": raw(HEADER, claims(org=0)),
    "role upper case": shared(claims(role="Support")),
    "role unknown": shared(claims(role="root")),
    "role of a portal": shared(claims(role="producer")),
    "role a list": raw(HEADER, claims(role=["support"])),
    "email no address": shared(claims(email="support")),
    "sub with a line break": shared(claims(sub="a\nb")),
    "sub too long": shared(claims(sub="x" * 256)),
    **{f"no {name}": shared(claims(**{name: None})) for name in claims()},
}


@pytest.mark.parametrize("case", BAD)
def test_it_refuses(case: str) -> None:
    with pytest.raises(NeedsSignIn) as refusal:
        tokens.verify(BAD[case], rules=SHARED, now=NOW)
    assert refusal.value.status == 401
    assert refusal.value.code in tokens.MESSAGES
    assert "evil" not in refusal.value.message + refusal.value.rule


def test_it_covers_the_rules_at_least_forty_times() -> None:
    assert len(BAD) >= 40
    assert tokens.verify(shared(), rules=SHARED, now=NOW).org == ORG


@pytest.mark.parametrize(
    "changes",
    [
        {"iat": later(seconds=30), "exp": later(hours=1)},
        {"nbf": later(seconds=30)},
        {"iat": later(), "exp": later(hours=24)},
        {"exp": later(seconds=1)},
        {"role": "system", "sub": "service:system"},
    ],
)
def test_it_believes_the_last_allowed_value(changes: dict[str, Any]) -> None:
    assert tokens.verify(shared(claims(**changes)), rules=SHARED, now=NOW).jti == "one"


def test_it_believes_what_it_issued() -> None:
    text = tokens.issue(
        rules=SHARED,
        sub="s",
        org=ORG,
        role="auditor",
        email="a@b.test",
        jti="j",
        now=NOW,
        life=timedelta(hours=1),
    )
    found = tokens.verify(text, rules=SHARED, now=NOW)
    assert (found.role, found.expires_at - found.issued_at) == ("auditor", timedelta(hours=1))


def test_it_issues_nothing_where_the_identity_service_signs() -> None:
    with pytest.raises(ValueError, match="identity service"):
        tokens.issue(
            rules=KEYS, sub="s", org=ORG, role="auditor", email="a@b", jti="j", now=NOW,
            life=timedelta(hours=1),
        )  # fmt: skip


def published(**keys: Any) -> bytes:
    """A key set of public keys by kid."""
    entries = []
    for kid, key in keys.items():
        kind = {"r": jwt.algorithms.RSAAlgorithm, "e": jwt.algorithms.ECAlgorithm}.get(
            kid[0], jwt.algorithms.OKPAlgorithm
        )
        entries.append(json.loads(kind.to_jwk(key.public_key())) | {"kid": kid, "use": "sig"})
    return json.dumps({"keys": entries}).encode()


@pytest.fixture
def key_set(monkeypatch: pytest.MonkeyPatch) -> jwks.KeySet:
    body = published(r1=RSA_KEY, e1=EC_KEY, o1=ED_KEY)
    made = jwks.KeySet(KEYS.jwks_url, fetch=lambda _: body)
    monkeypatch.setattr(jwks, "key_set", lambda _: made)
    return made


SIGNERS = {"RS256": ("r1", RSA_KEY), "ES256": ("e1", EC_KEY), "EdDSA": ("o1", ED_KEY)}


@pytest.mark.parametrize("algorithm", SIGNERS)
def test_it_believes_the_published_keys(algorithm: str, key_set: jwks.KeySet) -> None:
    kid, key = SIGNERS[algorithm]
    text = jwt.encode(claims(), key, algorithm=algorithm, headers={"kid": kid})
    assert tokens.verify(text, rules=KEYS, now=NOW).role == "support"


def public_pem() -> bytes:
    return RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def key_confusion() -> str:
    """HS256 keyed with the public key, which is known to everybody."""
    import hashlib
    import hmac

    head, body, _ = raw({"alg": "HS256", "kid": "r1"}, claims()).split(".")
    digest = hmac.new(public_pem(), f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"


@pytest.mark.parametrize(
    "token",
    [
        jwt.encode(claims(), OTHER_KEY, algorithm="RS256", headers={"kid": "r1"}),
        jwt.encode(claims(), OTHER_KEY, algorithm="RS256", headers={"kid": "r2"}),
        jwt.encode(claims(), RSA_KEY, algorithm="RS256"),
        jwt.encode(claims(), RSA_KEY, algorithm="RS512", headers={"kid": "r1"}),
        jwt.encode(claims(), RSA_KEY, algorithm="RS256", headers={"kid": "e1"}),
        jwt.encode(claims(), RSA_KEY, algorithm="PS256", headers={"kid": "r1"}),
        shared(kid="r1"),
        key_confusion(),
    ],
    ids=["other key", "unknown kid", "no kid", "RS512", "kid of EC", "PS256", "HS256", "confused"],
)
def test_it_refuses_what_the_published_keys_did_not_sign(token: str, key_set: jwks.KeySet) -> None:
    with pytest.raises(NeedsSignIn):
        tokens.verify(token, rules=KEYS, now=NOW)


def test_it_says_so_when_no_key_set_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: str) -> bytes:
        raise OSError

    monkeypatch.setattr(jwks, "key_set", lambda _: jwks.KeySet(KEYS.jwks_url, fetch=away))
    token = jwt.encode(claims(), RSA_KEY, algorithm="RS256", headers={"kid": "r1"})
    with pytest.raises(Unavailable) as refusal:
        tokens.verify(token, rules=KEYS, now=NOW)
    assert refusal.value.code == "identity_unavailable"

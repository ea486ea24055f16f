"""JSON Web Keys as an http trigger has them: read into one form, checked as far as that goes without arithmetic.

Only what verifies a token is kept: private members and certificates are left behind when a key is read.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

MAX_KEYS = 20
#: RFC 7518, 3.3: a shorter modulus must not be used
MIN_RSA_BITS = 2048
#: RFC 7518, 3.2: the key of an HMAC is at least as long as the hash
MIN_SECRET_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}
_RSA = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")
_BY_CURVE = {"P-256": ("ES256",), "P-384": ("ES384",), "P-521": ("ES512",)}
_EDWARDS = {"Ed25519": ("EdDSA",), "Ed448": ("EdDSA",)}
#: kind of key -> the members that make it up
MEMBERS = {"RSA": ("n", "e"), "EC": ("crv", "x", "y"), "oct": ("k",), "OKP": ("crv", "x")}
_CURVES: dict[str, Mapping[str, tuple[str, ...]]] = {"EC": _BY_CURVE, "OKP": _EDWARDS}
ALGORITHMS = (*_RSA, *(name for of in _BY_CURVE.values() for name in of), *MIN_SECRET_BYTES, "EdDSA")
#: a secret that is not said begins like this; base64 has no colon
MASK = "sha256:"
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+={0,2}")


def algorithms(key: Mapping[str, Any]) -> tuple[str, ...]:
    """What a key may verify: its ``alg``, else what its kind can. A token's own word never widens it."""
    kind = key.get("kty")
    if kind == "RSA":
        fit: tuple[str, ...] = _RSA
    elif kind == "oct":
        size = len(decoded(str(key.get("k", ""))) or b"")
        fit = tuple(name for name, least in MIN_SECRET_BYTES.items() if size >= least)
    else:
        fit = _CURVES.get(str(kind), {}).get(str(key.get("crv")), ())
    return tuple(name for name in fit if key.get("alg") in (None, name))


def decoded(text: str) -> bytes | None:
    """base64url, with or without padding; None if it is none."""
    if not _BASE64URL.fullmatch(text):
        return None
    bare = text.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None


def read(given: Any, wrong: list[str]) -> dict[str, Any]:
    """``{"keys": [...]}``, as an object or as its JSON; what is wrong is added to ``wrong``."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            wrong.append("jwks is not JSON")
            return {}
    keys = given.get("keys") if isinstance(given, Mapping) else None
    if not isinstance(keys, list | tuple) or not 0 < len(keys) <= MAX_KEYS:
        wrong.append(f"jwks must be an object with 1 to {MAX_KEYS} keys")
        return {}
    return {"keys": [_key(key, f"jwks.keys.{number}", wrong) for number, key in enumerate(keys)]}


def _key(given: Any, place: str, wrong: list[str]) -> dict[str, str]:
    if not isinstance(given, Mapping):
        wrong.append(f"{place} is not an object")
        return {}
    kind = given.get("kty")
    if not isinstance(kind, str) or kind not in MEMBERS:
        wrong.append(f"{place}.kty must be {', '.join(MEMBERS)}")
        return {}
    found = {name: given[name] for name in ("kty", "alg", "use", "kid") if given.get(name) is not None}
    found.update({name: given.get(name) for name in MEMBERS[kind]})
    before = len(wrong)
    wrong += [f"{place}.{name} {what}" for name, what in _problems(found, kind)]
    if len(wrong) == before and not is_masked(found.get("k")) and (why := _unfit(found, kind)):
        wrong.append(f"{place}.{why}")
    return found


def _problems(key: Mapping[str, Any], kind: str) -> list[tuple[str, str]]:
    found = []
    for name in MEMBERS[kind]:
        value = key.get(name)
        if name == "crv":
            if value not in (curves := _CURVES[kind]):
                found.append((name, f"must be {', '.join(curves)}"))
        elif value is None:
            found.append((name, "is required"))
        elif not (isinstance(value, str) and (decoded(value) or is_masked(value))):
            found.append((name, "is not base64url"))
    if key.get("alg") is not None and key["alg"] not in ALGORITHMS:
        found.append(("alg", f"must be {', '.join(ALGORITHMS)}"))
    if key.get("use") not in (None, "sig"):
        found.append(("use", "must be sig"))
    if not isinstance(key.get("kid", ""), str):
        found.append(("kid", "is not text"))
    return found


def _unfit(key: Mapping[str, Any], kind: str) -> str:
    """Why a key that is well formed cannot verify anything."""
    if kind == "RSA":
        bits = int.from_bytes(decoded(key["n"]) or b"", "big").bit_length()
        if bits < MIN_RSA_BITS:
            return f"n has {bits} bits; at least {MIN_RSA_BITS} are needed"
    if kind == "oct" and not algorithms(key):
        least = MIN_SECRET_BYTES.get(key.get("alg", ""), min(MIN_SECRET_BYTES.values()))
        if key.get("alg") in (None, *MIN_SECRET_BYTES):
            return f"k is too short: at least {least} bytes are needed"
    return "" if algorithms(key) else "alg does not belong to a key of this kind"


def is_masked(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(MASK)

"""``authType`` and ``authConfig`` of http triggers: who may call. An object or its JSON is read into one form.

What is secret in it (an HMAC key, a token) is said only as a fingerprint: enough to tell whether it changed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from fc_magic.wire import jwks
from fc_magic.wire.jwks import MASK, is_masked

# "bearer" and the shape of its authConfig are UNCONFIRMED for the API; the console takes the JSON read here
AuthType = Literal["anonymous", "function", "jwt", "bearer"]
AUTH_TYPES: tuple[str, ...] = get_args(AuthType)
MAX_TOKENS = 20
MAX_PATHS = 100

PLACES = ("header", "query", "cookie", "form")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # a token of HTTP: no space, no separator
_TOKEN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
_TOKEN = re.compile(r"[A-Za-z0-9+/=\-~.]{32,128}")
_LOOKUP = "header:NAME:PREFIX, header:NAME, query:NAME, cookie:NAME or form:NAME"
_PASSING = "header:CLAIM:NAME, query:…, cookie:… or form:…"
_PATH = "/a/path or /a/path/*"


@dataclass(frozen=True)
class Lookup:
    """Where a token is looked for: ``prefix`` (of a header) goes before it, with a space."""

    place: str
    name: str
    prefix: str = ""

    def __str__(self) -> str:
        return ":".join(filter(None, (self.place, self.name, self.prefix)))


@dataclass(frozen=True)
class Passing:
    """A claim that the function is told, as ``name`` of its headers, query, cookies or form."""

    place: str
    claim: str
    name: str

    def __str__(self) -> str:
        return f"{self.place}:{self.claim}:{self.name}"


def lookups(config: Mapping[str, Any]) -> tuple[Lookup, ...]:
    """``tokenLookup`` of a config that :func:`read` returned."""
    return tuple(_lookup(text) for text in config["tokenLookup"].split(","))


def passings(config: Mapping[str, Any]) -> tuple[Passing, ...]:
    """``claimPassBy`` of a config that :func:`read` returned."""
    return tuple(_passing(text) for text in config.get("claimPassBy", "").split(",") if text)


def read(auth_type: str, given: Any) -> dict[str, Any] | None:
    """The config in its one form. Raises ValueError with every wrong key, and without the values."""
    reader = _READERS.get(auth_type)
    if given is None or given in ("", {}):
        if reader:
            raise ValueError(f"is required with authType {auth_type}")
        return None
    if reader is None:
        raise ValueError(f"has no meaning with authType {auth_type}")
    wrong: list[str] = []
    found = reader(_object(given), wrong)
    if wrong:
        raise ValueError("; ".join(wrong))
    return found


def _object(given: Any) -> Mapping[str, Any]:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            raise ValueError("is not JSON") from None
    if not isinstance(given, Mapping):
        raise ValueError("is not an object")
    return given


def _named(given: Mapping[str, Any], names: tuple[str, ...], wrong: list[str]) -> dict[str, Any]:
    """The keys that there are; the SDK's examples write some with a capital letter."""
    spelled = {name.lower(): name for name in names}
    wrong += [f"{str(key)[:40]} is not known" for key in given if str(key).lower() not in spelled]
    return {
        spelled[str(k).lower()]: v for k, v in given.items() if str(k).lower() in spelled and v is not None
    }


# ---------------------------------------------------------------- jwt


def _jwt(given: Mapping[str, Any], wrong: list[str]) -> dict[str, Any]:
    names = ("jwks", "tokenLookup", "claimPassBy", "whitelist", "blacklist")
    config = _named(given, names, wrong)
    wrong += [f"{name} is required" for name in names[:2] if name not in config]
    found: dict[str, Any] = {}
    if "jwks" in config:
        found["jwks"] = jwks.read(config["jwks"], wrong)
    if "tokenLookup" in config:
        found["tokenLookup"] = _list(config["tokenLookup"], "tokenLookup", _lookup, _LOOKUP, wrong)
    if passed := _list(config.get("claimPassBy", ""), "claimPassBy", _passing, _PASSING, wrong):
        found["claimPassBy"] = passed
    for name in names[3:]:
        if config.get(name):
            found[name] = _paths(config[name], name, wrong)
    if "whitelist" in found and "blacklist" in found:
        wrong.append("blacklist and whitelist exclude each other")
    return found


def _list(
    given: Any, name: str, read_one: Callable[[str], Lookup | Passing], form: str, wrong: list[str]
) -> str:
    """``a,b`` or a list of such texts (or of the objects that the fc3 tool writes) -> ``a,b``."""
    items = given.split(",") if isinstance(given, str) else given
    if not isinstance(items, list | tuple):
        wrong.append(f"{name} is not a comma-separated list")
        return ""
    found = []
    for number, item in enumerate(items):
        text = _as_text(item)
        if name == "claimPassBy" and text.strip(":") in ("", *PLACES):
            continue  # the fc3 tool writes query:: when there is nothing
        try:
            found.append(str(read_one(text)))
        except ValueError:
            wrong.append(f"{name}.{number} must be {form}")
    if name == "tokenLookup" and not found and not wrong:
        wrong.append(f"{name} is empty")
    return ",".join(found)


def _as_text(item: Any) -> str:
    if isinstance(item, Mapping):
        keys = (
            ("mappingParameterPosition", "claimName", "mappingParameterName")
            if "mappingParameterName" in item
            else ("readPosition", "parameterName", "prefix")
        )
        return ":".join(str(item[key]).strip() for key in keys if item.get(key))
    return str(item).strip()


def _lookup(text: str) -> Lookup:
    place, _, rest = text.partition(":")
    name, _, prefix = rest.partition(":")
    prefix = prefix.strip()
    fits = place in PLACES and _NAME.fullmatch(name) and (not prefix or place == "header")
    if not fits or not prefix.isprintable() or " " in prefix:
        raise ValueError
    return Lookup(place, name, prefix)


def _passing(text: str) -> Passing:
    # a claim may have colons of its own: https://example.com/role
    place, _, rest = text.partition(":")
    claim, _, name = rest.rpartition(":")
    if place not in PLACES or not claim or not _NAME.fullmatch(name):
        raise ValueError
    return Passing(place, claim, name)


def _paths(given: Any, name: str, wrong: list[str]) -> list[str]:
    items = [given] if isinstance(given, str) else given
    if not isinstance(items, list | tuple) or len(items) > MAX_PATHS:
        wrong.append(f"{name} is not a list of at most {MAX_PATHS} paths")
        return []
    fits = [isinstance(p, str) and p.startswith("/") and "*" not in p[:-1] and len(p) <= 2048 for p in items]
    wrong += [f"{name}.{number} must be {_PATH}" for number, fit in enumerate(fits) if not fit]
    return [str(path) for path in items]


# ---------------------------------------------------------------- bearer


def _bearer(given: Mapping[str, Any], wrong: list[str]) -> dict[str, Any]:
    tokens = _named(given, ("tokens",), wrong).get("tokens")
    if not isinstance(tokens, list | tuple) or not 0 < len(tokens) <= MAX_TOKENS:
        wrong.append(f"tokens must be a list of 1 to {MAX_TOKENS}")
        return {}
    found = [_token(token, f"tokens.{number}", wrong) for number, token in enumerate(tokens)]
    for key in ("tokenName", "tokenData"):
        if len({token.get(key) for token in found}) < len(found) and not wrong:
            wrong.append(f"tokens has the same {key} twice")
    return {"tokens": found}


def _token(given: Any, place: str, wrong: list[str]) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        wrong.append(f"{place} is not an object")
        return {}
    inside: list[str] = []
    token = {"enable": True, **_named(given, ("tokenName", "tokenData", "enable"), inside)}
    name, data = token.get("tokenName"), token.get("tokenData")
    if not isinstance(name, str) or not _TOKEN_NAME.fullmatch(name):
        inside.append("tokenName must have 1 to 128 letters, digits, _ or -, not starting with a digit or -")
    if not isinstance(data, str) or not (_TOKEN.fullmatch(data) or is_masked(data)):
        inside.append("tokenData must have 32 to 128 of A-Z a-z 0-9 + / = - ~ .")
    if not isinstance(token["enable"], bool):
        inside.append("enable is not true or false")
    wrong += [f"{place}.{what}" for what in inside]
    return {key: token.get(key) for key in ("tokenName", "tokenData", "enable")}


_READERS: dict[str, Callable[[Mapping[str, Any], list[str]], dict[str, Any]]] = {
    "jwt": _jwt,
    "bearer": _bearer,
}


# ---------------------------------------------------------------- what may be said


def public(config: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The config with a fingerprint in the place of each secret."""
    return None if config is None else _each_secret(config, fingerprint)


def has_masks(config: Mapping[str, Any] | None) -> bool:
    """Whether a secret is only a fingerprint, as in an answer."""
    found: list[str] = []

    def note(text: str) -> str:
        found.append(text)
        return text

    _each_secret(config or {}, note)
    return any(map(is_masked, found))


def fingerprint(secret: str) -> str:
    if is_masked(secret):
        return secret
    return MASK + hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _each_secret(config: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    found = dict(config)
    if "jwks" in found:
        keys = [{**k, "k": change(k["k"])} if "k" in k else dict(k) for k in found["jwks"].get("keys", ())]
        found["jwks"] = {"keys": keys}
    if "tokens" in found:
        found["tokens"] = [{**t, "tokenData": change(t["tokenData"])} for t in found["tokens"]]
    return found

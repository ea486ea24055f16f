"""``authType`` jwt and bearer: a token comes with the request; claims of a JSON Web Token go on to the function."""

from __future__ import annotations

import asyncio
import hmac
import json
import posixpath
import re
import sys
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from fc_magic.errors import AccessDenied
from fc_magic.server import tokens
from fc_magic.server.auth import Verifier
from fc_magic.server.gateway.call import Call
from fc_magic.wire import auth_config
from fc_magic.wire.auth_config import Lookup

#: UNCONFIRMED for FC 3.0: no token, or one that is not valid
STATUS_OF_BAD_TOKEN = 403
BEARER = "Bearer"
#: what is written before a token
SCHEMES = ("bearer", "jwt", "token")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


async def check_jwt(call: Call, verifier: Verifier) -> None:
    config = call.trigger.auth_config or {}
    if not _is_guarded(config, unquote(call.asked or call.raw_path)):
        await _pass_on(call, config, {})
        return
    place, token = await _found(call, config)
    if "jwt" not in sys.modules:
        # cryptography takes its time to be imported, and the caller of another function shall not wait for it
        await asyncio.to_thread(tokens.prepare)
    try:
        claims = tokens.claims(config, token)
    except tokens.InvalidToken as error:
        raise _refusal(error, place, token) from None
    await _pass_on(call, config, claims)


def _is_guarded(config: Mapping[str, Any], path: str) -> bool:
    """Whether a token is needed here. A path with dots in it is looked at both as it is and as it would be walked."""
    paths = {path, _walked(path)}
    if "whitelist" in config:
        return not all(any(_covers(own, path) for own in config["whitelist"]) for path in paths)
    if "blacklist" in config:
        return any(_covers(own, path) for own in config["blacklist"] for path in paths)
    return True


def _walked(path: str) -> str:
    """Without dots and empty parts, as many a framework looks at it."""
    end = "/" if path.endswith(("/", "/.", "/..")) else ""
    return (posixpath.normpath(path).rstrip("/") + end).replace("//", "/", 1) if path.strip("/") else "/"


def _covers(own: str, path: str) -> bool:
    return path.startswith(own[:-1]) if own.endswith("*") else path == own


def _refusal(error: tokens.InvalidToken, place: Lookup, token: str) -> AccessDenied:
    """A word before the token is what tokenLookup did not say to take away."""
    scheme, space, _ = token.partition(" ")
    if not space or scheme.lower() not in SCHEMES:
        return _refused(f"the JSON Web Token is refused: {error}", "get a new token")
    text = f"the JSON Web Token is refused: by tokenLookup {place} it is all of that, {scheme} too"
    return _refused(text, f"have the trigger say {place}:{scheme}, or send the token without {scheme}")


async def _found(call: Call, config: Mapping[str, Any]) -> tuple[Lookup, str]:
    """The first token there is, by the order of tokenLookup, and where it was."""
    places = auth_config.lookups(config)
    for place in places:
        token = await _token(call, place)
        if token:
            return place, token
    where = " or ".join(map(str, places))
    hint = next((_prefixed(place) for place in places if place.prefix and call.header(place.name)), "")
    raise _refused(
        f"the request has no JSON Web Token at {where}", hint or "send one there: see its tokenLookup"
    )


def _prefixed(place: Lookup) -> str:
    return f"the header {place.name} is there, but does not begin with {place.prefix} and a space"


async def _token(call: Call, place: Lookup) -> str:
    if place.place == "header":
        return _after(call.header(place.name), place.prefix)
    if place.place == "form":
        found = await call.form()
    else:
        found = call.query() if place.place == "query" else list(call.cookies())
    return next((value for name, value in found if name == place.name), "")


def _after(header: str, prefix: str) -> str:
    if not prefix:
        return header.strip()
    start = f"{prefix} "
    return header[len(start) :].strip() if header.startswith(start) else ""


async def _pass_on(call: Call, config: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
    """Whatever the caller sent under a claim's name is replaced, also by nothing: the function may rely on it."""
    for passing in auth_config.passings(config):
        value = claims.get(passing.claim)
        text = None if value is None else _CONTROL.sub("", _as_text(value))
        if passing.place == "header":
            call.set_header(passing.name, text)
        elif passing.place == "query":
            call.set_query(passing.name, text)
        elif passing.place == "cookie":
            call.set_cookie(
                passing.name, None if text is None else quote(text, safe="!#$&'()*+-./:<=>?@[]^_`{|}~")
            )
        else:
            await call.set_form(passing.name, text)


def _as_text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    # JSON can say half of a surrogate pair, UTF-8 cannot
    return text.encode(errors="replace").decode()


async def check_bearer(call: Call, verifier: Verifier) -> None:
    header = call.header("authorization")
    if not header:
        raise _refused("the request has no header Authorization", "send Authorization: Bearer TOKEN")
    token = _after(header, BEARER).encode()
    known = [t["tokenData"].encode() for t in (call.trigger.auth_config or {})["tokens"] if t["enable"]]
    # every one is compared: how long it takes tells nothing of which is near
    if not sum(hmac.compare_digest(token, own) for own in known):
        raise _refused(
            "the token in Authorization is none of this trigger's", "send Authorization: Bearer TOKEN"
        )


def _refused(text: str, hint: str) -> AccessDenied:
    return AccessDenied(text, hint=hint, status=STATUS_OF_BAD_TOKEN)

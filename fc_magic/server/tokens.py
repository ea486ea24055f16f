"""JSON Web Tokens of http triggers: verified with the keys of ``authConfig``. PyJWT is imported when one is needed.

What a key may verify is the key's own business (``wire.jwks.algorithms``): a token that says ``none``, or HS256 where
the key is an RSA key, finds no key at all.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fc_magic.wire import jwks

#: seconds that the clock of whoever made a token may differ; UNCONFIRMED for FC
LEEWAY_S = 60
#: a token is a head of a request, or part of one
MAX_TOKEN = 8 * 1024


class InvalidToken(Exception):
    """Why a token is not taken, in a few words and without the token."""


@dataclass(frozen=True)
class _Key:
    kid: str | None
    algorithms: tuple[str, ...]
    key: Any


def prepare() -> None:
    """Imports what verifying needs."""
    import jwt  # noqa: F401


def unusable(config: Mapping[str, Any]) -> str:
    """Why a key of the config cannot verify anything, each by its place; nothing if all can."""
    found = []
    for number, key in enumerate(config["jwks"]["keys"]):
        try:
            _loaded(key)
        except Exception as error:  # noqa: BLE001 - whatever the library says of a key that somebody wrote
            found.append(f"jwks.keys.{number} is no key ({type(error).__name__})")
    return "; ".join(found)


def claims(config: Mapping[str, Any], token: str) -> dict[str, Any]:
    """The claims of a token that one of the keys has signed and that is valid now. Raises InvalidToken."""
    import jwt

    if len(token) > MAX_TOKEN:
        raise InvalidToken("it is too long")
    try:
        head = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise InvalidToken("it is no JSON Web Token") from None
    keys = _fitting(_keys(json.dumps(config["jwks"], sort_keys=True)), head)
    why = "its signature is not of any of the keys"
    for key in keys:
        try:
            return _decoded(token, key, str(head["alg"]))
        except jwt.InvalidSignatureError:
            continue
        except jwt.PyJWTError as error:
            raise InvalidToken(_WHY.get(type(error).__name__, "it is not valid")) from None
    raise InvalidToken(why if keys else "no key is for its alg and kid")


_WHY = {
    "ExpiredSignatureError": "it has expired",
    "ImmatureSignatureError": "it is not valid yet",
    "DecodeError": "it is no JSON Web Token",
}


def _decoded(token: str, key: _Key, algorithm: str) -> dict[str, Any]:
    import jwt

    # who issued it and for whom is for the function: the trigger names neither
    unasked = dict.fromkeys(("verify_aud", "verify_iss", "verify_sub", "verify_jti", "verify_iat"), False)
    return dict(jwt.decode(token, key.key, [algorithm], options=unasked, leeway=LEEWAY_S))  # type: ignore[arg-type]


def _fitting(keys: tuple[_Key, ...], head: Mapping[str, Any]) -> list[_Key]:
    """The keys a token may have been signed with: of its alg; of its kid where both say one."""
    alg, kid = head.get("alg"), head.get("kid")
    fit = [key for key in keys if alg in key.algorithms]
    return [key for key in fit if kid is None or key.kid in (None, kid)]


@functools.lru_cache(maxsize=64)
def _keys(text: str) -> tuple[_Key, ...]:
    return tuple(_Key(key.get("kid"), jwks.algorithms(key), _loaded(key)) for key in json.loads(text)["keys"])


def _loaded(key: Mapping[str, Any]) -> Any:
    import jwt

    return jwt.PyJWK(dict(key), algorithm=jwks.algorithms(key)[0]).key

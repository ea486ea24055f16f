"""What of a value may be seen. A secret is shown as ``…``, and ``…`` that comes back stands for the secret.

A widget's state is saved with the notebook, so nothing that is shown may have more in it than this.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from fc_magic.errors import UsageError
from fc_magic.export.secrets import looks_secret
from fc_magic.notebook.line.options import option
from fc_magic.wire import trigger_advice
from fc_magic.wire.source import public

MASK = "…"
#: what of a trigger or a container is secret, besides what its name says: a key's private parts, and a token
_SECRET = frozenset({"k", "d", "p", "q", "dp", "dq", "qi", "tokenData", "payload"})
#: an address of something: what lets one fetch it is in its query, or before its host
_ADDRESSES = ("code", "zip_file", "image_url")
#: JSON in a trigger, where it may come as a text
_PARTS = ("config", "authConfig")
_URL = re.compile(r"[A-Za-z][\w+.-]*://\S+")
#: of an image, whose address has no scheme
_USER = re.compile(r"[^/@\s]*:[^/\s]*@")

#: settings that have something hidden
HIDING = ("environment", "triggers", "custom_container_config", "requirements", *_ADDRESSES)

#: what stands in the place of a secret
Sign = Callable[[str], str]


def refuse(values: Mapping[str, Any]) -> None:
    """Raises UsageError if ``…`` in one of the fields stands for nothing that is known, so that it is never sent."""
    for name in HIDING:
        if has_mask(values.get(name)):
            said = " ".join(filter(None, (option(name), _hiding(values[name]))))
            raise UsageError(
                f"{said} has …, which stands for a value that this notebook does not know",
                hint=f"{said} with the value itself",
            )


def _hiding(value: Any) -> str:
    """Which of several have something hidden: variables, triggers."""
    if isinstance(value, Mapping):
        return ", ".join(str(key) for key, inner in value.items() if has_mask(inner))
    several = value if isinstance(value, list | tuple) else ()
    return ", ".join(
        trigger_advice.label(item) for item in several if isinstance(item, Mapping) and has_mask(item)
    )


def masked(name: str, value: Any, sign: Sign | None = None) -> Any:
    """The value of the setting ``name`` as it may be shown. ``sign``: for a secret, instead of ``…``."""
    if name == "environment" and isinstance(value, Mapping):
        return {key: sign(str(text)) if sign and text != "" else MASK for key, text in value.items()}
    if name in _ADDRESSES and isinstance(value, str):
        return _address(value, sign)
    if name == "requirements" and isinstance(value, list):
        return _hidden(value, name, sign)
    if name == "triggers" and isinstance(value, list):
        return [_whole(item, sign) for item in value]
    return _whole(value, sign) if name == "custom_container_config" else value


def _whole(value: Any, sign: Sign | None) -> Any:
    """An object; a text in its place is one that could not be read, and nobody can tell what in it is secret."""
    if isinstance(value, str) and value:
        return _signed(value, sign)
    return _hidden(value, sign=sign)


def _hidden(value: Any, name: str = "", sign: Sign | None = None) -> Any:
    if isinstance(value, Mapping):
        return {key: _hidden(inner, str(key), sign) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(inner, name, sign) for inner in value]
    if not isinstance(value, str):
        return value
    if name == "requirements":
        return _address(value, sign)
    if is_secret(name, value):
        return _signed(value, sign)
    if value[:1] in ("{", "["):
        return _inside(value, sign)
    return _signed(value, sign) if name in _PARTS and value else _address(value, sign)


def _signed(value: str, sign: Sign | None) -> str:
    return sign(value) if sign else MASK


def _address(text: str, sign: Sign | None) -> str:
    """A text without what is secret in a URL that it has, and without what is behind that."""
    seen = text
    if user := _USER.match(text) if "://" not in text else None:
        seen = f"{text[user.end() :]}?{MASK}"
    for url in _URL.finditer(text):
        if public(url[0]) != url[0]:
            seen = f"{text[: url.start()]}{public(url[0])}?{MASK}"
            break
    return sign(text) if sign and seen != text else seen


def is_secret(name: str, value: str) -> bool:
    """Whether a text with this key is, in a trigger or in what a container is made with."""
    return bool(value) and (name in _SECRET or looks_secret(name, value))


def _inside(text: str, sign: Sign | None = None) -> str:
    """JSON in a text, as ``authConfig`` may be; where it cannot be read nobody can tell what in it is secret."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return _signed(text, sign)
    seen = _hidden(found, sign=sign)
    return text if seen == found else json.dumps(seen, ensure_ascii=False)


def unmasked(name: str, value: Any, known: Any) -> Any:
    """``value`` with what ``…`` stands for, as far as ``known``, the field's value before, has it."""
    if name not in HIDING or not has_mask(value):
        return value
    if known is not None and masked(name, known) == value:
        return known
    return _restored(value, known, name if name == "requirements" else "")


def _items(items: list[Any], known: list[Any], name: str) -> list[Any]:
    """Each item with what it hides. An item stands for the one that looks the same, wherever it was, else for the one
    that was in its place; and none of those that were is used twice."""
    looks = [_hidden(one, name) for one in known]
    pairs: dict[int, int] = {}
    for look in (item for place, item in enumerate(items) if item not in items[:place]):
        now = [n for n, item in enumerate(items) if item == look]
        then = [n for n, one in enumerate(looks) if one == look]
        if len(now) != len(
            then
        ):  # one was added or is gone: the others are where they were, as far as they can be
            stay = [n for n in now if n in then]
            now = [*stay, *(n for n in now if n not in stay)]
            then = [*stay, *(n for n in then if n not in stay)]
        pairs.update(zip(now, then, strict=False))
    free = set(range(len(known))) - set(pairs.values())
    pairs.update({n: n for n in range(len(items)) if n not in pairs and n in free})
    return [_of_one(item, known[pairs[n]], name) if n in pairs else item for n, item in enumerate(items)]


def _of_one(item: Any, before: Any, name: str) -> Any:
    if isinstance(item, Mapping) and isinstance(before, Mapping) and item.get("type") != before.get("type"):
        return item  # another kind of trigger
    return _restored(item, before, name)


def _restored(value: Any, known: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        at = known if isinstance(known, Mapping) else {}
        return {key: _restored(inner, at.get(key), str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return _items(value, list(known) if isinstance(known, list | tuple) else [], name)
    if isinstance(value, str) and isinstance(known, str) and value != MASK and _hidden(known, name) == value:
        return known  # JSON in a text
    return known if value == MASK and known is not None else value


#: a number behind it: of a text that could not be read
_ONLY = re.compile(rf"(.*\?)?{MASK}\d*", re.DOTALL)
_IN_JSON = re.compile(rf'"{MASK}\d*"')


def has_mask(value: Any) -> bool:
    """Whether something in it is only ``…``."""
    if isinstance(value, Mapping):
        return any(map(has_mask, value.values()))
    if isinstance(value, list | tuple):
        return any(map(has_mask, value))
    return isinstance(value, str) and bool(_ONLY.fullmatch(value) or _IN_JSON.search(value))

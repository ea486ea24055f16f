"""What of a value may be seen. A secret is shown as ``…``, and ``…`` that comes back stands for the secret.

A widget's state is saved with the notebook, so nothing that is shown may have more in it than this.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from fc_magic.errors import UsageError
from fc_magic.export.secrets import looks_secret
from fc_magic.notebook.line.options import option
from fc_magic.wire.source import public

MASK = "…"
#: what of a trigger or a container is secret, besides what its name says: a key's private parts, and a token
_SECRET = frozenset({"k", "d", "p", "q", "dp", "dq", "qi", "tokenData", "payload"})
#: fields with the address of a ZIP: what lets one fetch it is in its query
_ADDRESSES = ("code", "zip_file")


#: fields that have something hidden
HIDING = ("environment", "triggers", "custom_container_config", *_ADDRESSES)


def refuse(values: Mapping[str, Any]) -> None:
    """Raises UsageError if ``…`` in one of the fields stands for nothing that is known, so that it is never sent."""
    for name in HIDING:
        if has_mask(values.get(name)):
            raise UsageError(
                f"{option(name)} has …, which stands for a value that this notebook does not know",
                hint=f"{option(name)} with the value itself",
            )


def masked(name: str, value: Any) -> Any:
    """The value of the field ``name`` as it may be shown."""
    if name == "environment" and isinstance(value, Mapping):
        return dict.fromkeys(value, MASK)
    if name in _ADDRESSES and isinstance(value, str) and "://" in value:
        seen = public(value)
        return value if seen == value else f"{seen}?{MASK}"
    if name == "triggers" and isinstance(value, list):
        return [_hidden(item) for item in value]
    return _hidden(value, name) if name == "custom_container_config" else value


def _hidden(value: Any, name: str = "") -> Any:
    if isinstance(value, Mapping):
        return {key: _hidden(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(inner, name) for inner in value]
    if isinstance(value, str) and is_secret(name, value):
        return MASK
    return _inside(value) if isinstance(value, str) and value[:1] in "{[" else value


def is_secret(name: str, value: str) -> bool:
    """Whether a text with this key is, in a trigger or in what a container is made with."""
    return bool(value) and (name in _SECRET or looks_secret(name, value))


def _inside(text: str) -> str:
    """JSON in a text, as ``authConfig`` may be; where it cannot be read nobody can tell what in it is secret."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return MASK
    seen = _hidden(found)
    return text if seen == found else json.dumps(seen, ensure_ascii=False)


def unmasked(name: str, value: Any, known: Any) -> Any:
    """``value`` with what ``…`` stands for, as far as ``known``, the field's value before, has it."""
    if name not in HIDING or not has_mask(value):
        return value
    if known is not None and masked(name, known) == value:
        return known
    return _restored(value, known)


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

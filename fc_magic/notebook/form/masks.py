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
    if isinstance(value, str) and value and (name in _SECRET or looks_secret(name, value)):
        return MASK
    return _inside(value) if isinstance(value, str) and value[:1] in "{[" else value


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
    if name == "triggers" and isinstance(value, list) and isinstance(known, list):
        return [_found(item, known, place) for place, item in enumerate(value)]
    return _restored(value, known)


def _found(item: Any, known: list[Any], place: int) -> Any:
    """The trigger that looks the same, wherever it was; else the one that was in this place."""
    same = next((one for one in known if _hidden(one) == item), None)
    if same is not None:
        return same
    before = known[place] if place < len(known) else None
    alike = (
        isinstance(before, Mapping) and isinstance(item, Mapping) and before.get("type") == item.get("type")
    )
    return _restored(item, before) if alike else item


def _restored(value: Any, known: Any) -> Any:
    if isinstance(value, Mapping):
        at = known if isinstance(known, Mapping) else {}
        return {key: _restored(inner, at.get(key)) for key, inner in value.items()}
    if isinstance(value, list):
        items = list(known) if isinstance(known, list | tuple) else []
        return [_restored(inner, items[n] if n < len(items) else None) for n, inner in enumerate(value)]
    return known if value == MASK and isinstance(known, str) else value


_ONLY = re.compile(rf"(.*\?)?{MASK}", re.DOTALL)


def has_mask(value: Any) -> bool:
    """Whether something in it is only ``…``."""
    if isinstance(value, Mapping):
        return any(map(has_mask, value.values()))
    if isinstance(value, list | tuple):
        return any(map(has_mask, value))
    return isinstance(value, str) and bool(_ONLY.fullmatch(value) or f'"{MASK}"' in value)

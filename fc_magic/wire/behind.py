"""What stands behind an error of a function, as a header: its notes, then its causes. A region does not say it.

Each is as the payload of an error, with ``notes`` and ``how`` it stands there: ``cause`` of the one before, or
``member`` of a group. The first has nothing but the notes of the error itself.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

#: a head of all headers together is some KB; the innermost frames say most
BYTES, FRAMES, CHARACTERS, NOTES = 6000, 6, 500, 5


def encode(found: Iterable[Mapping[str, Any]]) -> str:
    """Of what would be too much the farthest causes are left out."""
    short = [_short(one) for one in found if isinstance(one, dict)]
    while len(raw := base64.b64encode(json.dumps(short).encode())) > BYTES and short:
        short.pop()
    return raw.decode() if short else ""


def decode(text: str) -> tuple[Mapping[str, Any], ...]:
    """Whatever came: what cannot be read is nothing."""
    try:
        said = json.loads(base64.b64decode(text)) if text else []
    except (ValueError, RecursionError):
        return ()
    return tuple(_short(one) for one in said if isinstance(one, dict)) if isinstance(said, list) else ()


def _short(error: Mapping[str, Any]) -> dict[str, Any]:
    notes = [str(note)[:CHARACTERS] for note in _listed(error.get("notes"))][:NOTES]
    if "errorType" not in error:
        return {"notes": notes}
    return {
        "errorType": str(error["errorType"]),
        "errorMessage": str(error.get("errorMessage"))[:CHARACTERS],
        "stackTrace": _listed(error.get("stackTrace"))[-FRAMES:],
        "how": "member" if error.get("how") == "member" else "cause",
        "notes": notes,
    }


def _listed(value: Any) -> list[Any]:
    """A function may have made its error itself."""
    return value if isinstance(value, list) else []

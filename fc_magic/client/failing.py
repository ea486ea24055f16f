"""The error of a function that failed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fc_magic.errors import FunctionError
from fc_magic.wire.results import Invocation

#: errors of a function that wanted JSON
_NO_JSON = ("JSONDecodeError", "SyntaxError")
#: a line of Python that reads the event; of Node.js no line is told, only that it is one of the function's own
_READS = re.compile(r"\bloads?\(.*\bevent\b")
_PARSES = re.compile(r"^ +at JSON\.parse \(<anonymous>\)\n +at (?!.*/node_modules/).*/code/", re.MULTILINE)
#: what stands there instead of JSON, as Node.js says it
_TOKEN = re.compile(r"Unexpected token (?:'(.)'|(.) )")
#: of an error of a function as an exception says it
LONGEST_MESSAGE = 4000
#: of an error that is kept beside thousands of others: bytes that are not cut; else characters of all its texts
#: together, and items of each list
KEPT_BYTES, KEPT_CHARACTERS, KEPT_ITEMS = 4096, 32_000, 20


def failure(invocation: Invocation, hint: str = "") -> FunctionError:
    error = invocation.error
    kind, text = error.get("errorType"), str(error.get("errorMessage", "no message"))
    if len(text) > LONGEST_MESSAGE:
        text = (
            f"{text[:LONGEST_MESSAGE]}… {len(text) - LONGEST_MESSAGE:,} more characters in .invocation.error"
        )
    return FunctionError(invocation, f"{kind}: {text}" if kind else text, hint=hint)


def about_event(event: Any, invocation: Invocation) -> str:
    """What a person meant who sent this to a function that reads JSON, if it failed at that."""
    if not isinstance(event, str | bytes | None):
        return ""  # it was sent as JSON
    text = event.decode(errors="replace") if isinstance(event, bytes) else event or ""
    if invocation.error.get("errorType") not in _NO_JSON or not _is_of(text, invocation.error):
        return ""
    try:
        json.loads(text)
    except ValueError:
        if not text.strip():
            return 'the event was empty; the function reads JSON, such as {"key": "value"}'
        if text.lstrip().startswith(("{", "[")):
            return "the event looks like JSON and is not: names and texts stand in double quotes"
        return f"the event was plain text; as JSON it is {json.dumps(text.strip(), ensure_ascii=False)}"
    return ""


def _is_of(text: str, error: Mapping[str, Any]) -> bool:
    """Whether it was the event that was read there, and not what the function has from elsewhere."""
    stack = error.get("stackTrace")
    frames = stack if isinstance(stack, list) else []
    if any(isinstance(frame, list) for frame in frames):  # of Python, the innermost last
        own = (frame for frame in map(str, reversed(frames)) if 'File "/code/' in frame)
        return bool(_READS.search(next(own, "")))
    if not _PARSES.search("\n".join(map(str, frames))):
        return False
    said = str(error.get("errorMessage"))
    if found := _TOKEN.search(said):
        return (found[1] or found[2]) in text
    return bool(text.strip()) or said == "Unexpected end of JSON input"


def kept(error: FunctionError) -> FunctionError:
    """The same error in bounded room, as one of many: its type, the beginning of its message, its innermost lines."""
    invocation = error.invocation
    if len(invocation.payload) > KEPT_BYTES:
        short = _short(invocation.error, KEPT_CHARACTERS)
        invocation = replace(invocation, payload=json.dumps(short).encode())
    if invocation is error.invocation and not invocation.log:
        return error
    said = error.message.replace(" in .invocation.error", "")
    return FunctionError(replace(invocation, log=""), said, hint=error.hint)


def _short(value: Any, room: int) -> Any:
    """The beginning of a text or dict, the end of a list: the last frames are the innermost. What is in it shares
    the room."""
    if isinstance(value, str):
        most = min(room, LONGEST_MESSAGE)
        return value if len(value) <= most else f"{value[:most]}…"
    if isinstance(value, dict | list):
        each = room // max(min(len(value), KEPT_ITEMS), 1)
        if not each:
            return None
        if isinstance(value, list):
            return [_short(one, each) for one in value[-KEPT_ITEMS:]]
        first = list(value.items())[:KEPT_ITEMS]
        return {name[: min(each, 100)]: _short(one, each) for name, one in first}
    return value

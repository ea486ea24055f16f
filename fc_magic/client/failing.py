"""The error of a function that failed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from fc_magic.errors import FunctionError
from fc_magic.wire.results import Invocation

#: errors of a function that wanted JSON
_NO_JSON = ("JSONDecodeError", "SyntaxError")
#: of an error of a function as an exception says it
LONGEST_MESSAGE = 4000
#: of an error that is kept beside thousands of others: bytes, and what its texts and lists are cut to
KEPT_BYTES, KEPT_ITEMS = 4096, 20


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
    if invocation.error.get("errorType") not in _NO_JSON:
        return ""
    if not isinstance(event, str | bytes | None):
        return ""  # it was sent as JSON
    text = event.decode(errors="replace") if isinstance(event, bytes) else event or ""
    try:
        json.loads(text)
    except ValueError:
        if not text.strip():
            return 'the event was empty; the function reads JSON, such as {"key": "value"}'
        if text.lstrip().startswith(("{", "[")):
            return "the event looks like JSON and is not: names and texts stand in double quotes"
        return f"the event was plain text; as JSON it is {json.dumps(text.strip(), ensure_ascii=False)}"
    return ""


def kept(error: FunctionError) -> FunctionError:
    """The same error in bounded room, as one of many: its type, the beginning of its message, its innermost lines."""
    invocation = error.invocation
    if len(invocation.payload) > KEPT_BYTES:
        short = {
            str(name)[:100]: _short(value) for name, value in list(invocation.error.items())[:KEPT_ITEMS]
        }
        invocation = replace(invocation, payload=json.dumps(short).encode())
    if invocation is error.invocation and not invocation.log:
        return error
    said = error.message.replace(" in .invocation.error", "")
    return FunctionError(replace(invocation, log=""), said, hint=error.hint)


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > LONGEST_MESSAGE:
        return f"{value[:LONGEST_MESSAGE]}…"
    if isinstance(value, list):
        return [_short(one) for one in value[-KEPT_ITEMS:]]
    return value

"""The error of a function that failed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from fc_magic.errors import FunctionError
from fc_magic.wire.results import Invocation

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

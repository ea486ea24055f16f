"""pydantic's errors in our words: short, on one line, never quoting what may be secret."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

#: of what is wrong, in a message
MOST_SAID = 10

WORDS = {
    "missing": "is required",
    "extra_forbidden": "is not known",
    "int_from_float": "is not a whole number",
    "int_type": "is not a whole number",
    "string_type": "is not text",
    "dict_type": "is not a JSON object",
    "model_type": "is not a JSON object",
    "tuple_type": "is not a list",
    "string_pattern_mismatch": "does not have the right form",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
    "multiple_of": "is not a step of {multiple_of}",
    "string_too_long": "is longer than {max_length} characters",
    "string_too_short": "is empty",
    "too_long": "has more than {max_length}",
    "too_short": "is empty",
    "bytes_too_long": "is larger than {max_length} bytes",
    "literal_error": "must be {expected}",
}


def what(item: ErrorDetails) -> str:
    context: Mapping[str, Any] = item.get("ctx") or {}
    if item["type"] == "value_error":
        return str(context.get("error", item["msg"]))
    words = WORDS.get(item["type"])
    return words.format(**context) if words else item["msg"].lower()


def reason(error: Exception, spell: Callable[[int | str], str] = str) -> str:
    """Why a value could not be read, on one line; ``spell``: how a part of a place is written."""
    from pydantic_core import ValidationError  # late: a server that starts has nothing that is wrong yet

    if isinstance(error, ValidationError):
        return "; ".join(f"{where(item, spell)} {what(item)}" for item in error.errors())
    return type(error).__name__


def where(item: ErrorDetails, spell: Callable[[int | str], str] = str) -> str:
    return clipped(".".join(map(spell, item["loc"])))


def clipped(text: str) -> str:
    """Short enough for a line of an error, on one line, and always writable as UTF-8."""
    text = text if len(text) <= 60 else text[:57] + "…"
    text = re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda found: repr(found[0])[1:-1], text)
    return text.encode("utf-8", "backslashreplace").decode()


def first_few(problems: Sequence[object]) -> str:
    """What is wrong, in a message: official SDKs show nothing else of a refusal."""
    more = f"; and {len(problems) - MOST_SAID} more" if len(problems) > MOST_SAID else ""
    return "; ".join(map(str, problems[:MOST_SAID])) + more

"""From a text back to the template that it was made from, so that it can be said in another language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

_VALUE = re.compile(r"\{(\d+)\}")
#: how deep a value may be a sentence itself
_DEPTH = 3


def translated(text: str, known: Mapping[str, str], depth: int = _DEPTH) -> str:
    """By the template with the most words of its own; values that are sentences are translated too."""
    if text in known:
        return known[text]
    for pattern, template, first in _patterns(tuple(known)):
        if first not in text:
            continue
        found = pattern.fullmatch(text)
        if found:
            values = [translated(v, known, depth - 1) if depth and v else v for v in found.groups()]
            order = [int(n) for n in _VALUE.findall(template)]
            placed = dict(zip(order, values, strict=True))
            return known[template].format(*(placed.get(n, "") for n in range(max(order) + 1)))
    return text


@lru_cache(maxsize=4)
def _patterns(templates: tuple[str, ...]) -> list[tuple[re.Pattern[str], str, str]]:
    """Each with a value, the most particular first, and its longest literal piece, which a text of it must have."""
    found = []
    for template in templates:
        pieces = _VALUE.split(template)
        if len(pieces) == 1:
            continue
        literal = pieces[::2]
        form = "".join(re.escape(p) if i % 2 == 0 else "(.*?)" for i, p in enumerate(pieces))
        longest = max(literal, key=len)
        found.append((len("".join(literal)), re.compile(form, re.DOTALL), template, longest))
    found.sort(key=lambda row: -row[0])
    return [(pattern, template, longest) for _, pattern, template, longest in found if longest.strip()]

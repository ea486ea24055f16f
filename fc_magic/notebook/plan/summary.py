"""Rows of a deployment's card: what it changed, and what of the notebook went along."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fc_magic.language.speech import say
from fc_magic.notebook.card import Pieces, Span
from fc_magic.wire.results import Function

#: changes, names and cells that are named
SHOWN, NAMES, CELLS = 5, 6, 4


def rows(function: Function) -> Iterator[tuple[Pieces, ...]]:
    if function.changed:
        yield Span(say("changes"), "dim"), _few(function.changed, SHOWN)
    names, cells = function.along
    if names:
        said = _few(names, NAMES)
        yield Span(say("with"), "dim"), say("{0} from {1}", said, _few(cells, CELLS)) if cells else said


def _few(texts: Sequence[str], most: int) -> str:
    """One more than that is no more than saying that there is one more."""
    shown = texts if len(texts) <= most + 1 else texts[:most]
    said = say(", ").join(shown)
    return said if len(shown) == len(texts) else say("{0} and {1} more", said, len(texts) - len(shown))

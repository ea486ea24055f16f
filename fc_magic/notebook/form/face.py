"""The form as a card: for terminals, GitHub and nbconvert, where there are no widgets."""

from __future__ import annotations

from collections.abc import Iterable

from fc_magic.errors import Problem
from fc_magic.language.speech import say
from fc_magic.notebook.card import Block, Card, Line, Listing, Pieces, Rows, Span, joined
from fc_magic.notebook.form import written
from fc_magic.notebook.form.masks import masked
from fc_magic.notebook.form.parts import sentence
from fc_magic.notebook.form.state import FLAGS, State
from fc_magic.wire import checks, trigger_advice
from fc_magic.wire.spec import FIELDS

#: what is said even if nobody has set it
ALWAYS = ("runtime", "memory", "timeout", "triggers", "environment")


def waiting_card(state: State, since: str) -> Card:
    """No value is known yet."""
    return Card((_head(state, since),))


def _head(state: State, since: str) -> Line:
    return Line(joined([say("form of {0}", state.name), since]), "head")


def form_card(state: State, problems: Iterable[Problem], lines: tuple[str, ...], since: str = "") -> Card:
    wrong = list(problems)
    rows = [
        _row(state, name, [p for p in wrong if checks.field_of(p.field) == name])
        for name in (*ALWAYS, *(n for n in state.values if n not in ALWAYS))
        if name in ALWAYS or state.values[name] != state.defaults[name]
    ]
    blocks: list[Block] = [_head(state, since), Rows(tuple(rows))]
    return Card((*blocks, Listing(lines, kind="source")), "error" if wrong else "")


def with_unread(card: Card, text: str, wrong: Iterable[str]) -> Card:
    """With a line that was typed and cannot be read, and what is wrong with it: the form does not say that line."""
    head = Line(Span(say("a line was typed that the form could not read:"), "strong"))
    said = (Line(f"✗ {one}", indent=2) for one in wrong)
    return Card(
        (*card.blocks, head, Listing(tuple(text.split("\n")), indent=2, kind="source"), *said), "error"
    )


def _row(state: State, name: str, wrong: list[Problem]) -> tuple[Pieces, ...]:
    unit = f" {FIELDS[name].unit}" if name in FIELDS and FIELDS[name].unit else ""
    said = ", ".join(_texts(state, name)) or "–"
    signs = "; ".join(f"✗ {sentence(trigger_advice.of_short_form(p))}" for p in wrong)
    return Span(name, "code"), f"{said}{unit if said != '–' else ''}", signs


def _texts(state: State, name: str) -> list[str]:
    value = state.values[name]
    if name in FLAGS:
        return [say("yes")] if value else []
    if name in FIELDS:
        return written.texts(name, value) if value not in (None, "") else []
    value = masked(name, value)
    return list(value) if isinstance(value, list) else [str(value)] if value else []

"""The card of instances: what each does, how old it is, what it holds."""

from __future__ import annotations

from fc_magic.language.speech import say, word
from fc_magic.notebook import words
from fc_magic.notebook.card import Card, Line, Pieces, Rows, Span
from fc_magic.wire.results import Instance, Instances

_HEADER = ("instance", "state", "version", "age", "calls", "memory now")
_NUMBERS = frozenset({3, 4, 5})


def instances_card(instances: Instances) -> Card:
    name = instances.function
    if not instances:
        nothing = (
            say("{0} has no instance now; a call starts one.", name)
            if name
            else say("No function has an instance now.")
        )
        step = Span(f"%fcinvoke {name}" if name else "%fclist", "code")
        return Card((Line(nothing), Line(step, indent=2)))
    rows = tuple(_row(instance) for instance in instances)
    if name:
        return Card((Line(Span(name, "strong"), "head"), Rows(rows, tuple(map(say, _HEADER)), _NUMBERS)))
    all_rows = tuple((Span(i.function, "strong"), *row) for i, row in zip(instances, rows, strict=True))
    numbers = frozenset(number + 1 for number in _NUMBERS)
    return Card((Rows(all_rows, tuple(map(say, ("name", *_HEADER))), numbers, indent=0),))


def _row(instance: Instance) -> tuple[Pieces, ...]:
    return (
        Span(instance.instance_id, "code"),
        word(instance.state),
        instance.version or "–",
        Span(words.seconds(instance.age_s), title=instance.created_time),
        # a region says neither
        "–" if instance.calls is None else str(instance.calls),
        "–" if instance.memory_mb is None else f"{instance.memory_mb:.1f} MB",
    )

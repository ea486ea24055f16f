"""The triggers of the form: a row for each, with the fields of its kind, and buttons that add one by what it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import ipywidgets as widgets

from fc_magic.errors import Problem
from fc_magic.language.speech import say, translated
from fc_magic.notebook.form.kinds import KINDS, Config, Fields, JsonFields, Kind
from fc_magic.notebook.form.look import Look, Note, classed, gone
from fc_magic.notebook.form.parts import button, sentence
from fc_magic.notebook.form.state import State
from fc_magic.notebook.form.written import normal
from fc_magic.wire import oss
from fc_magic.wire.event_sources import EXAMPLES
from fc_magic.wire.spec import read_trigger
from fc_magic.wire.triggers import unfired

JSON = "json"
#: what a person wants -> the kind of row
WHEN = {
    "when an HTTP request comes": "http",
    "on a schedule": "timer",
    "when an object is put": "oss",
    "something else, as JSON": JSON,
}
NEW: dict[str, Config] = {
    "http": {"type": "http", "config": {}},
    "timer": {"type": "timer", "config": {"cronExpression": "@every 5m"}},
    "oss": {"type": "oss", "config": {"sourceArn": "my-bucket", "events": [oss.CREATED]}},
    JSON: {"type": "mns_topic", "config": {"sourceArn": EXAMPLES["mns_topic"]}},
}


class Row:
    """One trigger: what calls the function, and the fields of that kind. A kind that was left keeps what it had."""

    def __init__(
        self, item: Any, changed: Callable[[], None], remove: Callable[[Row], None], look: Look
    ) -> None:
        self._changed, self._look = changed, look
        self.value: Any = dict(item) if isinstance(item, Mapping) else item
        kind = item["type"] if any(_fits(item, one) for one in KINDS) else JSON
        self._kinds: dict[str, Kind] = {}
        self._kind = widgets.Dropdown(
            options=[(say(words), one) for words, one in WHEN.items()],
            value=kind,
            description=say("Called"),
            style=look.short_choice,
            layout=look.wide,
        )
        self._note = Note("")
        self._remove = button(look, say("Remove"), lambda: remove(self), say("Remove this trigger"))
        self._fields = classed(widgets.HBox([]), "fields")
        head = classed(widgets.HBox([self._kind, self._note.widget]), "field")
        self.widget = classed(widgets.VBox([head, self._fields]), "row")
        self._kind.observe(lambda _: self._turned(), "value")
        self._show()

    @property
    def _editor(self) -> Kind:
        kind = self._kind.value
        if kind not in self._kinds:
            if kind == JSON:
                self._kinds[kind] = JsonFields(self.value, self._typed, self._look)
            else:
                said = normal(self.value)  # what was JSON may be anything
                config = (said if _fits(said, kind) else NEW[kind]).get("config") or {}
                self._kinds[kind] = KINDS[kind](dict(config), self._typed, self._look)
        return self._kinds[kind]

    def _turned(self) -> None:
        before = self._kinds.get(JSON)
        if self._kind.value == JSON and isinstance(before, JsonFields) and not before.is_unread:
            del self._kinds[JSON]  # it begins with what the fields say
        self._show()
        self._typed()

    def _typed(self) -> None:
        editor = self._editor
        if isinstance(editor, Fields):
            self.value = self._of(editor)
        elif isinstance(editor, JsonFields):
            self.value = editor.item
        self._changed()

    def _of(self, editor: Fields) -> Config:
        made: Config = normal({"type": self._kind.value, "config": editor.config()})
        return made

    def _show(self) -> None:
        boxes = (*self._editor.boxes, self._remove)
        if self._fields.children != boxes:
            self._fields.children = boxes
        self.judge(())

    def close(self) -> None:
        for kind in self._kinds.values():
            for box in kind.boxes:
                gone(box)
        gone(self.widget)

    def judge(self, problems: Iterable[Problem]) -> None:
        """What is allowed is left out: it is about how a trigger is written on the line."""
        wrong = [translated(_without_kind(p.problem, self._kind.value)) for p in problems]
        self._note.show(wrong, self._editor.note())


def _fits(item: Any, kind: str) -> bool:
    """Whether the fields of a kind can show all of it; anything else is seen, and corrected, as JSON."""
    if not isinstance(item, Mapping) or item.get("type") != kind or not {*item} <= {"type", "config"}:
        return False
    return item.get("config") is None or isinstance(item["config"], Mapping)


def _without_kind(text: str, kind: str) -> str:
    """What the row and its only field say already."""
    return text.removeprefix(f"{kind}: ").removeprefix("cronExpression ").removeprefix("sourceArn ")


def unfired_here(state: State) -> Iterable[Problem]:
    """Triggers that are right elsewhere, and that the local Function Compute refuses."""
    for number, given in enumerate(state.values["triggers"]):
        with suppress(ValueError):  # wrong anywhere, and said to be
            if what := unfired(read_trigger(given)):
                yield Problem(f"triggers.{number}", what)


class Triggers:
    """The rows, and the buttons that add one."""

    names = ("triggers",)

    def __init__(self, state: State, look: Look) -> None:
        self._state, self._look = state, look
        self._rows: list[Row] = []
        self._place = widgets.VBox([])
        self._note = Note("")
        adds = [
            button(look, f"+ {say(words)}", lambda kind=kind: self._add(kind), say("Add a trigger"))  # type: ignore[misc]
            for words, kind in WHEN.items()
        ]
        self.widget = widgets.VBox(
            [self._place, classed(widgets.HBox([*adds, self._note.widget]), "field")],
        )
        self.show()

    def show(self) -> None:
        if [row.value for row in self._rows] != self._state.values["triggers"]:
            before, self._rows = self._rows, [self._row(item) for item in self._state.values["triggers"]]
            self._lay()
            for row in before:
                row.close()
        self._lay()

    def _row(self, item: Any) -> Row:
        return Row(item, self._tell, self._drop, self._look)

    def _add(self, kind: str) -> None:
        self._rows.append(self._row(NEW[kind]))
        self._lay()
        self._tell()

    def _drop(self, row: Row) -> None:
        self._rows.remove(row)
        self._lay()
        row.close()
        self._tell()

    def _lay(self) -> None:
        children = tuple(row.widget for row in self._rows)
        if self._place.children != children:
            self._place.children = children
        self._note.help = "" if self._rows else say("Nothing calls it yet but you.")

    def _tell(self) -> None:
        self._state.set("triggers", [row.value for row in self._rows])

    def judge(self, problems: Iterable[Problem]) -> None:
        found = list(problems)
        for place, row in enumerate(self._rows):
            row.judge([p for p in found if p.field == f"triggers.{place}"])
        self._note.show([sentence(p) for p in found if p.field == "triggers"])

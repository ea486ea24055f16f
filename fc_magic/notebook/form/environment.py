"""The variables of the form: a name that is seen, and a value that is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import ipywidgets as widgets

from fc_magic.errors import Problem
from fc_magic.language.speech import say
from fc_magic.notebook.form.look import Look, Note, classed, gone
from fc_magic.notebook.form.parts import Hidden, button, meaning, sentence
from fc_magic.notebook.form.state import State
from fc_magic.wire import checks


class Variable:
    """One row."""

    def __init__(
        self,
        key: str,
        value: str,
        changed: Callable[[], None],
        remove: Callable[[Variable], None],
        look: Look,
    ) -> None:
        self._key = widgets.Text(
            key, description=say("Variable"), placeholder="KEY", style=look.short, layout=look.narrow
        )
        self._hidden = Hidden(value, changed, look, say("Value"), say("empty"))
        self._key.observe(lambda _: changed(), "value")
        drop = button(look, say("Remove"), lambda: remove(self), say("Remove this variable"))
        self.widget = widgets.HBox([self._key, self._hidden.box, self._hidden.clear, drop])

    @property
    def key(self) -> str:
        return str(self._key.value).strip()

    @property
    def value(self) -> str:
        return self._hidden.value


class Environment:
    """The rows, and the button that adds one."""

    names = ("environment",)

    def __init__(self, state: State, look: Look) -> None:
        self._state, self._look = state, look
        self._rows: list[Variable] = []
        self._place = widgets.VBox([])
        self._note = Note(f"{meaning('environment')} · {say('values are never shown or saved')}")
        add = button(look, say("Add variable"), self._add)
        self.widget = widgets.VBox([self._place, classed(widgets.HBox([add, self._note.widget]), "field")])
        state.rules["environment"] = self._twice
        self.show()

    def show(self) -> None:
        if self._said() != self._state.values["environment"]:
            said = self._state.values["environment"].items()
            before, self._rows = self._rows, [self._row(key, value) for key, value in said]
            self._lay()
            for row in before:
                gone(row.widget)
        self._lay()

    def _row(self, key: str = "", value: str = "") -> Variable:
        return Variable(key, value, self._tell, self._drop, self._look)

    def _said(self) -> dict[str, str]:
        return {row.key: row.value for row in self._rows if row.key or row.value}

    def _twice(self) -> Iterable[Problem]:
        """A deployment has a name once, so only the rows can know."""
        keys = [row.key for row in self._rows]
        twice = sorted({key for key in keys if key and keys.count(key) > 1})
        if twice:
            yield checks.problem("environment", say("has {0} twice", ", ".join(twice)), hint="")

    def _add(self) -> None:
        self._rows.append(self._row())
        self._lay()

    def _drop(self, row: Variable) -> None:
        self._rows.remove(row)
        self._lay()
        gone(row.widget)
        self._tell()

    def _lay(self) -> None:
        children = tuple(row.widget for row in self._rows)
        if self._place.children != children:
            self._place.children = children

    def _tell(self) -> None:
        self._state.set("environment", self._said())

    def judge(self, problems: Iterable[Problem]) -> None:
        self._note.show([sentence(p) for p in problems if p.field == "environment"])

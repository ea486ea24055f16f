"""One setting on the screen: its label, its box, and beside it what it means or what is wrong with it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets as widgets

from fc_magic.errors import Problem, UsageError
from fc_magic.language.speech import say, translated
from fc_magic.notebook.form import written
from fc_magic.notebook.form.look import Look, Note, classed
from fc_magic.notebook.form.masks import HIDING, masked, unmasked
from fc_magic.notebook.form.state import State
from fc_magic.notebook.form.unread import Unread
from fc_magic.notebook.line import options
from fc_magic.wire import checks
from fc_magic.wire.spec import FIELDS

#: sizes that a person may choose from; every step of 64 MB is one that can be typed
MEMORY = tuple(str(n) for n in (128, 192, 256, 384, 512, 768, *(1024 * n for n in (1, 2, 3, 4, 8, 16, 32))))


class Field:
    """A setting and its box. ``read``: what the box says -> the value; ``write``: the other way round."""

    def __init__(
        self,
        state: State,
        name: str,
        box: widgets.ValueWidget,
        read: Callable[[Any], Any] = str.strip,
        write: Callable[[Any], Any] = str,
        note: Note | None = None,
    ) -> None:
        self.state, self.name, self.box = state, name, box
        self._read, self._write, self._showing = read, write, False
        self.note = note or Note(meaning(name))
        box.observe(self._typed, "value")
        self.widget = classed(widgets.HBox([box, self.note.widget]), "field")
        self.show()

    def _typed(self, change: Any) -> None:
        if not self._showing:
            self.state.set(self.name, self._read(change["new"]))

    def show(self) -> None:
        """The state's value, unless the box says that already, in whatever words."""
        value = self.state.values[self.name]
        if self._read(self.box.value) != value or (value and not self.box.value):
            self._showing = True
            try:
                self.box.value = self._write(value)
            finally:
                self._showing = False

    def judge(self, problems: Iterable[Problem]) -> None:
        self.note.show([sentence(p) for p in problems if checks.field_of(p.field) == self.name])


def meaning(name: str) -> str:
    """What a setting is, and what is allowed, if its box does not show that."""
    doc = FIELDS.get(name)
    if doc is None:
        return translated(options.EXTRA.get(name) or options.FLAGS[name])
    if name == "runtime" or doc.kind == "bool":
        return translated(doc.help)
    return " · ".join(translated(text) for text in (doc.help, doc.allowed) if text)


def sentence(problem: Problem) -> str:
    """What is wrong, what is allowed, and what to type instead."""
    wrong, allowed = translated(problem.problem), translated(problem.allowed)
    said = say("{0}: {1}", wrong, allowed) if allowed else wrong
    hint = problem.hint if len(problem.hint) <= 40 else ""
    return f"{said} · {say('try {0}', hint)}" if hint else said


def label(name: str, text: str) -> str:
    unit = FIELDS[name].unit if name in FIELDS else ""
    return f"{say(text)} ({unit})" if unit else say(text)


# ---------------------------------------------------------------- kinds of boxes


def text(state: State, look: Look, name: str, title: str, hidden: bool = False) -> Field:
    """A line of text. ``hidden``: what is shown of it may be less than it is."""
    # as it is typed here, where nothing needs a quote
    example = translated(FIELDS[name].example.strip("'")) if name in FIELDS else ""
    box = widgets.Text(
        description=label(name, title),
        placeholder=example,
        style=look.text,
        layout=look.field,
        continuous_update=not hidden,
    )
    if not hidden:
        return Field(state, name, box, str if name == "description" else str.strip)

    def read(said: str) -> Any:
        return unmasked(name, said.strip(), state.values[name])

    field = Field(state, name, box, read, lambda value: str(masked(name, value)))
    box.observe(lambda _: _hide(field, lambda value: str(masked(name, value))), "value")
    return field


def _hide(field: Field, write: Callable[[Any], str]) -> None:
    """What a person typed is in the state now, and the box shows what may be shown of it."""
    seen = write(field.state.values[field.name])
    if (
        masked(field.name, field.state.values[field.name]) != field.state.values[field.name]
        and field.box.value != seen
    ):
        field.box.value = seen


def number(state: State, look: Look, name: str, title: str, sizes: Iterable[str] = ()) -> Field:
    """A box that takes anything, so that what is wrong can be shown to be wrong. Empty: the default."""
    default = state.defaults[name]

    def read(said: str) -> Any:
        said = said.strip()
        # what is no number stays as it is, as on the line
        return (int(said) if re.fullmatch(r"[+-]?[0-9]{1,18}", said) else said) if said else default

    kind = widgets.Combobox if sizes else widgets.Text
    more = {"options": tuple(sizes)} if sizes else {}
    box = kind(
        description=label(name, title),
        placeholder=str(default),
        style=look.text,
        layout=look.field,
        **more,
    )
    return Field(state, name, box, read)


def choice(state: State, look: Look, name: str, title: str, known: Iterable[str]) -> Field:
    """One of a list; what is not in it, and was said anyway, is added to it."""
    box = widgets.Dropdown(
        options=tuple(known), description=label(name, title), style=look.choice, layout=look.field
    )

    def write(value: str) -> str:
        if value not in box.options:
            box.options = (*box.options, value)
        return value

    return Field(state, name, box, str, write)


def tick(state: State, look: Look, name: str, title: str) -> Field:
    box = widgets.Checkbox(description=say(title), indent=True, style=look.tick, layout=look.field)
    return Field(state, name, box, bool, bool)


def several(state: State, look: Look, name: str, title: str, example: str) -> Field:
    """A list, one item a line."""
    box = widgets.Textarea(
        description=label(name, title),
        placeholder=example,
        style=look.text,
        layout=look.tall,
        rows=3,
        continuous_update=name not in HIDING,
    )
    note = Note(f"{meaning(name)} · {say('one a line')}", "note", "tall")
    is_layer = name == "layers"

    def read(said: str) -> list[Any]:
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        held = state.values[name]
        if said == write(held):
            return list(held)  # an item may have more in it than a line can show
        return [item for line in lines for item in _layer(line)] if is_layer else unmasked(name, lines, held)

    def write(value: list[Any]) -> str:
        return "\n".join(written.layer(item) if is_layer else item for item in masked(name, value))

    field = Field(state, name, box, read, write, note)
    if name in HIDING:
        box.observe(lambda _: _hide(field, write), "value")
    return field


def _layer(line: str) -> list[Any]:
    try:
        found: list[Any] = options.parse(f"name --layer={shlex.quote(line)}").overrides["layers"]
    except UsageError:
        return [line]
    return found


def json_box(state: State, look: Look, name: str, title: str) -> Field:
    """An object as JSON: what of it is secret is shown as ``…`` when it was typed."""
    box = widgets.Textarea(
        description=label(name, title),
        placeholder=FIELDS[name].example,
        style=look.text,
        layout=look.tall,
        continuous_update=False,
    )
    classed(box, "code")

    unread = Unread()

    def read(said: str) -> Any:
        if not said.strip():
            return None
        try:
            found = unread.read(said)
        except (ValueError, RecursionError):
            return unread.json(said)
        return unmasked(name, found, state.values[name])

    def write(value: Any) -> str:
        if value is None or isinstance(value, str):
            return unread.json(value or "")
        return json.dumps(masked(name, value), ensure_ascii=False)

    field = Field(state, name, box, read, write, Note(meaning(name), "note", "tall"))

    def hide(_: object) -> None:
        value = state.values[name]
        if value is not None and box.value != write(value):
            box.value = write(value)

    box.observe(hide, "value")
    return field


def button(look: Look, title: str, act: Callable[[], None], tip: str = "", kind: str = "") -> widgets.Button:
    made = widgets.Button(description=title, tooltip=tip or title, button_style=kind, layout=look.button)
    # a click can be on its way when the button is disabled, such as by what was typed just before it
    made.on_click(lambda _: None if made.disabled else act())
    return made


class Hidden:
    """A secret: the value lives here, and its box is empty but while somebody types into it. ``clear`` is a button:
    an empty box says nothing."""

    def __init__(
        self, value: str, changed: Callable[[], None], look: Look, title: str, example: str = ""
    ) -> None:
        self.value, self._changed, self._example = value, changed, example
        self.box = widgets.Password(
            description=title,
            style=look.short,
            layout=look.narrow,
            continuous_update=False,
        )
        self.box.observe(self._take, "value")

        self.clear = button(look, say("Clear"), self._cleared, say("{0}: nothing", title))
        self._tell()

    def put(self, value: str) -> None:
        self.value = value
        self._tell()

    def _cleared(self) -> None:
        self.put("")
        self._changed()

    def _tell(self) -> None:
        self.box.placeholder = say("•••••• set") if self.value else self._example
        self.clear.disabled = not self.value

    def _take(self, change: Any) -> None:
        if change["new"]:
            self.put(change["new"])
            self.box.value = ""
            self._changed()

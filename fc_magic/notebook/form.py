"""A form of core ipywidgets <-> the overrides of a deployment, the same shape a magic line gives.

It does not deploy: it calls back. What is wrong with a value is said by ``wire``, in the server's own words.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets as widgets

from fc_magic.errors import FcError, InvalidArgument, Problem
from fc_magic.notebook import display, options
from fc_magic.notebook.rows import WIDE, TriggerRow, Variable, error_html
from fc_magic.wire import checks, runtimes, triggers, v2
from fc_magic.wire.source import Inline
from fc_magic.wire.spec import FIELDS

#: the fields the form has, in the order of its sentence: as RUNTIME with MEMORY and TIMEOUT, called by TRIGGERS
NAMES = ("runtime", "memory", "timeout", "environment", "triggers")
_DEFAULTS: dict[str, Any] = {
    "runtime": runtimes.DEFAULT,
    "memory": FIELDS["memory"].default,
    "timeout": FIELDS["timeout"].default,
    "environment": {},
    "triggers": [],
}
#: stands for what the form does not know, so that a whole deployment can be checked
_REST = {
    "name": "name",
    "handler": "index.handler",
    "entrypoint": "index.handler",
    "role": "acs:ram::1234567890123456:role/role",
    "code": Inline(zip=b""),
}


class Form:
    """``overrides()`` is its one output; ``deploy`` is called with its name when the button is pressed.

    ``defaults``: what a deployment has that says nothing; ``where``: the name of the target, for the result's card.
    """

    def __init__(
        self,
        name: str,
        deploy: Callable[[str], object],
        defaults: Mapping[str, Any] | None = None,
        where: Callable[[], str] = str,
    ) -> None:
        self.name, self._deploy, self._where = name, deploy, where
        self._defaults = {**_DEFAULTS, **(defaults or {})}
        self._variables: list[Variable] = []
        self._triggers: list[TriggerRow] = []
        self._filling = False
        self._build()
        self.fill(self._defaults)

    # ------------------------------------------------------------ values

    def values(self) -> dict[str, Any]:
        """Every field of the form as it stands."""
        return {
            "runtime": self._runtime.value,
            "memory": self._memory.value,
            "timeout": self._timeout.value,
            "environment": {v.key: v.value for v in self._variables if v.key or v.value},
            "triggers": [row.value for row in self._triggers],
        }

    def overrides(self) -> dict[str, Any]:
        """What differs from the defaults."""
        return {n: v for n, v in self.values().items() if v != self._defaults[n]}

    def fill(self, values: Mapping[str, Any]) -> None:
        """Shows ``values``; fields that are not in it stay. What the form has no field for is left out."""
        self._filling = True
        try:
            runtime = values.get("runtime", self._runtime.value)
            if runtime not in self._runtime.options:
                self._runtime.options = (*self._runtime.options, runtime)
            self._runtime.value = runtime
            for name, widget in (("memory", self._memory), ("timeout", self._timeout)):
                if isinstance(values.get(name), int):
                    widget.value = values[name]
            if "environment" in values:
                self._variables[:] = [self._variable(k, v) for k, v in values["environment"].items()]
            if "triggers" in values:
                self._triggers[:] = [self._trigger(t) for t in values["triggers"]]
        finally:
            self._filling = False
        self._lay_rows()

    def problems(self) -> dict[str, str]:
        """field -> what is wrong with it, in words; nothing if the server would take it."""
        body = {**_REST, **self.values()}
        found = {}
        try:
            v2.decode(body)
        except InvalidArgument as error:
            for name in dict.fromkeys(checks.field_of(p.field) for p in error.problems):
                about = [p for p in error.problems if checks.field_of(p.field) == name]
                lines = [_numbered(p, len(about)) for p in about]
                found[name] = "\n".join(
                    [*lines[:-1], "; ".join(filter(None, (lines[-1], about[-1].allowed)))]
                )
        keys = [v.key for v in self._variables]
        twice = sorted({key for key in keys if key and keys.count(key) > 1})
        if twice:  # a deployment has a name once, so only the form can know
            found.setdefault("environment", f"has {', '.join(twice)} twice")
        return found

    def line(self, masked: bool = True) -> str:
        """The ``%%fcdeploy`` line that means the same; values of variables as ``…`` unless asked for."""
        words = ["%%fcdeploy", self.name]
        for name, value in self.overrides().items():
            words += [f"{options.option(name)} {shlex.quote(text)}" for text in _texts(name, value, masked)]
        return " ".join(words)

    # ------------------------------------------------------------ widgets

    def _build(self) -> None:
        self._runtime = widgets.Dropdown(
            options=(*runtimes.PYTHON, *runtimes.NODE),
            value=runtimes.DEFAULT,
            description="Runtime",
            style=WIDE,
        )
        self._memory = self._number("memory", "Memory")
        self._timeout = self._number("timeout", "Timeout")
        self._errors = {name: widgets.HTML() for name in NAMES}
        self._environment = widgets.VBox([])
        self._called_by = widgets.VBox([])
        add_variable = self._button("Add variable", lambda: self._variables.append(self._variable("", "")))
        add_trigger = self._button(
            "Add trigger", lambda: self._triggers.append(self._trigger(self._next_trigger()))
        )
        self._line = widgets.HTML()
        self._go = widgets.Button(
            description="Deploy",
            button_style="primary",
            tooltip="Deploy the last cell",
            layout=_under_fields(),
        )
        self._go.on_click(lambda _: self._pressed())
        self._result = widgets.HTML()
        self._runtime.observe(lambda _: self._changed(), "value")
        self.widget = widgets.VBox(
            [
                widgets.HTML(f"<b>{escape(self.name)}</b>"),
                # beside, not beneath: nothing moves when an error appears
                *(widgets.HBox([getattr(self, f"_{name}"), self._errors[name]]) for name in NAMES[:3]),
                self._environment,
                widgets.HBox([add_variable, self._errors["environment"]]),
                self._called_by,
                widgets.HBox([add_trigger, self._errors["triggers"]]),
                self._line,
                self._go,
                self._result,
            ]
        )

    def _number(self, name: str, title: str) -> widgets.IntText:
        doc = FIELDS[name]
        widget = widgets.IntText(
            doc.default,
            step=doc.step or 1,
            description=f"{title} ({doc.unit})",
            tooltip=f"{doc.help}: {doc.allowed}",
            continuous_update=True,
            style=WIDE,
        )
        widget.observe(lambda _: self._changed(), "value")
        return widget

    def _button(self, title: str, act: Callable[[], None]) -> widgets.Button:
        button = widgets.Button(description=title, layout=_under_fields())

        def pressed(_: object) -> None:
            act()
            self._lay_rows()

        button.on_click(pressed)
        return button

    def _variable(self, key: str, value: str) -> Variable:
        return Variable(key, value, self._changed, lambda row: self._drop(self._variables, row))

    def _trigger(self, trigger: Mapping[str, Any]) -> TriggerRow:
        return TriggerRow(trigger, self._changed, lambda row: self._drop(self._triggers, row))

    def _next_trigger(self) -> dict[str, Any]:
        """What "Add trigger" begins with: http, which a function has once, and then schedules."""
        if any(row.value["type"] == "http" for row in self._triggers):
            return {"type": "timer", "config": {"cronExpression": "@every 5m"}}
        return {"type": "http", "config": {}}

    def _drop(self, rows: list[Any], row: Any) -> None:
        rows.remove(row)
        self._lay_rows()

    def _lay_rows(self) -> None:
        self._environment.children = [row.widget for row in self._variables]
        self._called_by.children = [row.widget for row in self._triggers]
        self._changed()

    def _changed(self) -> None:
        if self._filling:
            return
        wrong = self.problems()
        for name, place in self._errors.items():
            place.value = error_html(wrong[name].splitlines() if name in wrong else [])
        self._go.disabled = bool(wrong)
        self._line.value = f"<pre style='margin-left:136px'>{escape(self.line())}</pre>"

    def _pressed(self) -> None:
        self._result.value = ""
        try:
            result: object = self._deploy(self.name)
        except FcError as error:
            result = error
        shown = getattr(result, "info", result)
        self._result.value = "" if shown is None else display.bundle(shown, self._where())["text/html"]

    # ------------------------------------------------------------ faces

    def __repr__(self) -> str:
        """The whole form as text: for terminals, GitHub and nbconvert."""
        values = self.values()
        wrong = self.problems()
        rows = [
            (
                FIELDS[n].name,
                ", ".join(_texts(n, values[n], True)) or "–",
                wrong.get(n, "").replace("\n", "; "),
            )
            for n in NAMES
        ]
        lines = [f"  {n:<12} {v}" + (f"   ✗ {w}" if w else "") for n, v, w in rows]
        return "\n".join([f"form of {self.name}", *lines, self.line()])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {**(self.widget._repr_mimebundle_() or {}), "text/plain": repr(self)}


def _numbered(problem: Problem, count: int) -> str:
    """A problem of one trigger of several says which."""
    _, _, number = problem.field.partition(".")
    return f"{int(number) + 1}. {problem.problem}" if number and count > 1 else problem.problem


def _under_fields() -> widgets.Layout:
    return widgets.Layout(margin="2px 2px 2px 138px")


def _texts(name: str, value: Any, masked: bool) -> list[str]:
    """A value as the words one types after its option; a list or map as one word an item."""
    if name == "environment":
        return [_variable_text(k, "…" if masked else str(v)) for k, v in value.items()]
    if name != "triggers":
        return [str(value)]
    return [_trigger_text(item, masked) for item in value]


def _variable_text(key: str, value: str) -> str:
    # a magic's line is one line; in JSON a line break is written with two other characters
    return f"{key}={value}" if _is_one_line(value) else json.dumps({key: value})


def _trigger_text(item: Mapping[str, Any], masked: bool) -> str:
    config = dict(item["config"])
    try:
        trigger = triggers.from_config(item["type"], config)
        text = triggers.text(triggers.public(trigger) if masked else trigger)
    except ValueError:
        return ":".join([item["type"], *map(str, config.values())])
    return text if _is_one_line(text) else json.dumps(json.loads(text))


def _is_one_line(text: str) -> bool:
    return text.splitlines() in ([text], [])

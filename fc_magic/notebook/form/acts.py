"""The buttons of the form, and the place where what came of them is shown. They call back, and know no server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from fc_magic.errors import FcError, Problem
from fc_magic.language.speech import say
from fc_magic.notebook import samples
from fc_magic.notebook.form.labels import labelled
from fc_magic.notebook.form.look import Look, Note, classed
from fc_magic.notebook.form.parts import button
from fc_magic.wire import checks

if TYPE_CHECKING:
    from fc_magic.notebook.form.form import Form


def _nothing(*_: Any) -> None:
    return None


def _unknown(form: Form) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True)
class Acts:
    """What the buttons do. ``write`` returns what is said of it; ``html``: how a result is shown; ``namespace``:
    where expressions of a line are evaluated; ``elsewhere``: the target of the form, if a line that names none goes
    to another; ``deployed``: the values of what is, as far as they are known."""

    deploy: Callable[[Form], object] = _nothing
    dry_run: Callable[[Form], object] = _nothing
    invoke: Callable[[Form, str], object] = _nothing
    write: Callable[[Form], str | None] | None = None
    html: Callable[[object], str] = str
    where: Callable[[], str] = str
    namespace: Callable[[], Mapping[str, Any]] = dict
    elsewhere: Callable[[], str] = str
    deployed: Callable[[Form], Mapping[str, Any]] = _unknown


class Buttons:
    """Deploy, Dry run, Write to cell; an event and Invoke; and beneath them the result."""

    def __init__(self, form: Form, acts: Acts, look: Look) -> None:
        self._form, self._acts = form, acts
        self.result: object = None
        self.deploy = button(look, say("Deploy"), self._deployed, say("Deploy the last cell"), "primary")
        self._dry = button(look, say("Dry run"), self._tried, say("Show what would be sent"))
        self._write = button(
            look, say("Write to cell"), self._wrote, say("Write the line, and the last cell below it")
        )
        self._invoke = button(
            look, say("Invoke"), self._invoked, say("Call what is deployed with this event")
        )
        self._status = Note()
        self._sample = ""
        self._event = classed(
            widgets.Textarea(
                description=say("Event"),
                style=look.text,
                layout=look.low,
            ),
            "code",
        )
        self.shown = widgets.HTML()
        row = [self.deploy, self._dry, *([self._write] if acts.write else []), self._status.widget]
        self.widgets = [
            classed(widgets.HBox(row), "acts"),
            self._event,
            classed(widgets.HBox([self._invoke]), "acts"),
            self.shown,
        ]

    def judge(
        self, problems: Iterable[Problem], is_line_wrong: bool = False, is_waiting: bool = False
    ) -> None:
        """What is wrong is not sent, and of a line that cannot be read nothing is, nor written: the values are not
        those that it shows; nor of a form that waits for its values. And the event fits what calls the function,
        until somebody writes another."""
        found = list(dict.fromkeys(checks.field_of(p.field) for p in problems))
        for one in (self.deploy, self._dry):
            one.disabled = bool(found) or is_line_wrong or is_waiting
        self._write.disabled = is_line_wrong or is_waiting
        count = (
            say("1 setting needs attention")
            if len(found) == 1
            else say("{0} settings need attention", len(found))
        )
        said = [say("{0}: {1}", count, ", ".join(map(labelled, found)))] if found else []
        self._status.show([*([say("the line needs attention")] if is_line_wrong else []), *said], "")
        sample = json.dumps(samples.event_of(self._form.state.called_by()), ensure_ascii=False)
        if self._event.value == self._sample:
            self._event.value = sample
        self._sample = sample

    # ------------------------------------------------------------ pressed

    def _deployed(self) -> None:
        doing = say("deploying to {0} …", self._acts.where())
        self._do(doing, lambda: self._acts.deploy(self._form))

    def _tried(self) -> None:
        self._do(say("building …"), lambda: self._acts.dry_run(self._form))

    def _invoked(self) -> None:
        self._do(
            say("calling {0} …", self._form.name), lambda: self._acts.invoke(self._form, self._event.value)
        )

    def _wrote(self) -> None:
        try:
            said = self._acts.write(self._form) if self._acts.write else None
        except FcError as error:
            self.shown.value = self._acts.html(error)
            return
        self._status.show((), said or "")

    def _do(self, doing: str, act: Callable[[], object]) -> None:
        """What takes long is told while it goes on, and what it refuses with is shown where its result would be."""
        with self._busy(doing):
            try:
                self.result = act()
            except FcError as error:
                self.result = error
            except Exception as error:
                # a front end shows nobody what a callback raises
                self.shown.value = Note.text([type(error).__name__])
                raise
            self.shown.value = "" if self.result is None else self._acts.html(self.result)

    @contextmanager
    def _busy(self, doing: str) -> Iterator[None]:
        buttons = (self.deploy, self._dry, self._invoke, self._write)
        self.shown.value = ""
        self._status.show((), doing)
        before = [one.disabled for one in buttons]
        for one in buttons:
            one.disabled = True
        try:
            yield
        finally:
            for one, was in zip(buttons, before, strict=True):
                one.disabled = was
            self._form.judge()

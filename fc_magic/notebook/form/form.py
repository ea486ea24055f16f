"""The form of one deployment. It does not deploy: it calls back. What is wrong with a value is said by ``wire``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import Any

import ipywidgets as widgets

from fc_magic.errors import Problem, UsageError
from fc_magic.language.speech import say, translated
from fc_magic.notebook.card import as_text
from fc_magic.notebook.form import filling, masks, sections, written
from fc_magic.notebook.form.acts import Acts, Buttons
from fc_magic.notebook.form.displays import Displays
from fc_magic.notebook.form.face import form_card, waiting_card, with_unread
from fc_magic.notebook.form.line_box import LineBox
from fc_magic.notebook.form.look import Look, classed, gone, style
from fc_magic.notebook.form.state import FLAGS, LISTS, PLACE, TEXTS, State
from fc_magic.notebook.form.unread import Unread
from fc_magic.notebook.html import NO_FORMULAS, as_html
from fc_magic.notebook.line import head, options
from fc_magic.wire import trigger_advice

_MAGIC = re.compile(rf"\s*(?:{written.MAGIC}(?!\S))?")
#: options that a line may have and that are no fields; ``form`` asks for what there is
_OPTIONS = (*PLACE, *TEXTS, *LISTS, *FLAGS, "form")


class Form:
    """``state`` has the values; ``line()`` is what they say; ``acts`` are called by the buttons.

    ``defaults``: what a deployment has that says nothing; ``place``: what its line says of where it goes.
    """

    def __init__(
        self,
        name: str,
        acts: Acts | None = None,
        defaults: Mapping[str, Any] | None = None,
        place: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.state = name, State(name, defaults, place)
        self._look, self._showing = Look(), False
        self._basics = sections.basics(self.state, self._look)
        self._tabs = sections.Tabs(self.state, self._look, self.judge)
        self._unread = Unread()
        self._line = LineBox(self._look, self._read, self._unread.line, self._replace, self.judge)
        self._acts = acts or Acts()
        self.buttons = Buttons(self, self._acts, self._look)
        self._head = widgets.HTML()
        self.widget = classed(
            widgets.VBox(
                [
                    style(),
                    self._head,
                    *(part.widget for part in self._basics),
                    self._tabs.widget,
                    *self._line.widgets,
                    *self.buttons.widgets,
                ]
            ),
            "form",
        )
        self.state.changed = lambda name: self._judge()
        self._coming: Callable[[], None] | None = None
        # one that waits is filled by what comes
        self.state.deployed = lambda: {} if self._coming else self._acts.deployed(self)
        self._is_known = True
        self._display = Displays(self._repr_mimebundle_)
        self.begun("")

    def begun(self, since: str, stays: bool = False) -> None:
        """``since``: where the values are from, in words: said until they are others, unless it ``stays``."""
        self._since, self._begun_with = since, None if stays else dict(self.state.values)
        self._judge()

    def close(self) -> None:
        """Its function was deleted: nothing of it can be pressed any more, and nothing comes."""
        gone(self.widget)
        self._coming = None
        self._display.update()
        self.begun(say("deleted from {0}", self._acts.where()), stays=True)

    def awaits(self, since: str, coming: Callable[[], None]) -> None:
        """``coming`` fills it; until then nothing is deployed, since values are missing that may be there."""
        self._coming, self._is_known = coming, False
        self.state.touched.clear()
        self.begun(since, stays=True)

    def settle(self) -> None:
        """Now: what comes is waited for. Whoever interrupts that leaves a form that waits."""
        coming, self._coming = self._coming, None  # it asks the form itself
        if not coming:
            return
        try:
            coming()
        except BaseException:
            self._coming = coming
            self.judge()
            raise
        self._is_known = True
        self._display.update()

    def _origin(self) -> str:
        if self._since and self._begun_with in (None, self.state.values):
            return self._since  # which says where, too
        return say("on {0}", self._acts.where()) if self._acts.elsewhere() else ""

    def _say_head(self) -> None:
        said = f" <span class='fcm-help'>{escape(since)}</span>" if (since := self._origin()) else ""
        head = f"<div class='fcm-title {NO_FORMULAS}'><b>{escape(self.name)}</b>{said}</div>"
        if self._head.value != head:
            self._head.value = head

    # ------------------------------------------------------------ values

    def values(self, masked: bool = True) -> dict[str, Any]:
        """Every setting as it stands; what is secret as ``…`` unless asked for."""
        self.settle()
        return _seen(self.state.values, masked)

    def overrides(self, masked: bool = True) -> dict[str, Any]:
        """The fields of the deployment that differ from the defaults; what is secret as ``…`` unless asked for."""
        self.settle()
        return _seen(self.state.overrides(), masked)

    def arrived(self, live: Mapping[str, Any]) -> None:
        """What is deployed; what somebody has set since it ``awaits`` that stays."""
        self.fill({name: value for name, value in live.items() if name not in self.state.touched})

    def fill(self, values: Mapping[str, Any]) -> None:
        """Shows ``values``; settings that are not in it stay. They may be spelled as on the line: ``env``,
        ``{"trigger": "http"}``. Raises UsageError if there is something that no form has."""
        given = filling.read(values)
        self.settle()
        self.state.fill(given)
        self.refresh()

    def take(self, line: options.Line) -> None:
        """A cell was run with this line: the form is in step with it."""
        self.settle()
        self.state.take(line)
        self.refresh()
        self.begun("")

    def tried(self, line: options.Line) -> options.Line:
        """What it would say if a cell with this line were run; nothing of it changes."""
        self.settle()
        return self.state.tried(line).line()

    def problems(self) -> dict[str, str]:
        """field -> what is wrong with it, in words; nothing if the server would take it. ``line``: of one that was
        typed and cannot be read."""
        self.settle()
        found: dict[str, list[str]] = {}
        for one in self.state.problems():
            name, _, number = one.field.partition(".")
            short = trigger_advice.of_short_form(one)
            wrong, allowed = translated(short.problem), translated(short.allowed)
            wrong = wrong if short is one else f"{one.given} {wrong}"
            said = f"{int(number) + 1}. {wrong}" if number else wrong
            found.setdefault(name, []).append(say("{0}: {1}", said, allowed) if allowed else said)
        if self._line.wrong:
            found["line"] = list(self._line.wrong)
        return {name: "\n".join(lines) for name, lines in found.items()}

    def line(self, masked: bool = True) -> str:
        """The ``%%fcdeploy`` line that means the same; what is secret as ``…`` unless asked for."""
        self.settle()
        return written.line(self.said(), masked)

    def said(self) -> options.Line:
        """What the form says as a line that was read; it names the target if the notebook goes to another."""
        line, target = self.state.line(), self._acts.elsewhere()
        return replace(line, extra={"target": target, **line.extra}) if target else line

    @property
    def result(self) -> object:
        """What came of the last button: a function, a plan, an invocation, or the error."""
        return self.buttons.result

    # ------------------------------------------------------------ in step

    def refresh(self) -> None:
        """Every widget shows the state as it is now."""
        self._showing = True
        try:
            for part in (*self._basics, self._tabs):
                part.show()
        finally:
            self._showing = False
        self._judge()

    def _judge(self) -> None:
        """The values are others: all of the form says so, also its line."""
        if not self._showing:
            self._line.show("\n".join(self.lines()))
            self.judge()

    def judge(self) -> None:
        """The values are what they were; a line that cannot be read stays to be corrected."""
        found = self.state.problems()
        for part in (*self._basics, self._tabs):
            part.judge(found)
        self._say_head()
        self.buttons.judge(found, bool(self._line.wrong), bool(self._coming))

    def lines(self) -> list[str]:
        """The same as the top of a cell: several lines, if one would be long."""
        return written.lines(self.said())

    def moved(self) -> None:
        """The notebook goes to another target, or to this one again. A line that cannot be read stays."""
        if self._line.wrong:
            self.judge()
        else:
            self._judge()

    def _replace(self, line: options.Line) -> None:
        self.state.replace(line)
        self.refresh()

    def _read(self, text: str) -> options.Line:
        first, _, rest = _MAGIC.sub("", text, count=1).partition("\n")
        above = head.read(first, rest)
        _all_of_it(above)
        read = options.of_head(above, self._acts.namespace())
        found = self._unread.known_in(read)
        other = [option for option in found.extra if option not in _OPTIONS]
        if other:
            raise UsageError(
                "the line was not understood",
                problems=[Problem(f"--{option}", "is not a setting of the form") for option in other],
            )
        own = self.said().extra.get("target", "")
        there = found.extra.get("target", "")
        if (found.name, there) != (self.name, own):
            # what is hidden is nothing to type
            name = "NAME" if masks.has_mask(found.name) else found.name or "NAME"
            another = " ".join(["%fcform", name, *(["--target", there] if there else [])])
            raise UsageError(say("this is the form of {0}; {1} opens another", self.name, another))
        extra = {**found.extra, "target": self.state.place.get("target", "")}
        return replace(found, extra={option: text for option, text in extra.items() if text})

    # ------------------------------------------------------------ faces

    def __repr__(self) -> str:
        return as_text(self._card())

    def _card(self) -> Any:
        if not self._is_known:
            return waiting_card(self.state, self._origin())
        card = form_card(self.state, self.state.problems(), tuple(self.lines()), self._origin())
        return with_unread(card, self._line.unread, self._line.wrong) if self._line.wrong else card

    def _ipython_display_(self) -> None:
        """One that waits is shown so that it can be shown again: what is saved in the end is what came."""
        if not self._coming:
            raise NotImplementedError  # as any other result
        self._display.show()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """A front end with widgets takes the widget; without them, as on GitHub, the card is what is seen."""
        card = self._card()
        shown = self.widget._repr_mimebundle_  # None of one that is closed
        widget = (shown() if shown else None) or {}
        return {**widget, "text/plain": as_text(card), "text/html": as_html(card)}


def _seen(values: Mapping[str, Any], is_masked: bool) -> dict[str, Any]:
    """What is returned to a cell is shown below it, and saved with the notebook."""
    return {name: masks.masked(name, value) if is_masked else value for name, value in values.items()}


def _all_of_it(above: head.Head) -> None:
    """Raises UsageError if there is more than the top of a cell: the form has no place for it."""
    body = above.body.strip()
    if not body and not above.warnings:
        return
    first = body.partition("\n")[0]
    hint = f"options below the first line: end that in \\, or write #| fc: {first}"
    raise UsageError(
        "here is only the top of the cell; code stands below it", hint=hint if first.startswith("--") else ""
    )

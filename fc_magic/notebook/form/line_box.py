"""The top of the cell as a box: it shows what the form says, and what is typed into it fills the form."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from fc_magic.errors import Problem, UsageError
from fc_magic.language.speech import say, translated
from fc_magic.notebook.form.look import Look, Note, classed
from fc_magic.notebook.form.parts import sentence
from fc_magic.notebook.line import options

#: how many rows the box has, at least and at most; about so many characters fit into one
_ROWS = (2, 12)
_COLUMNS = 100


class LineBox:
    """``read``: what a text says; ``taken`` is told of it; ``hidden``: a text with marks for what is secret in it.

    ``wrong`` has what is wrong with a text that cannot be read, which stays to be corrected, and ``refused`` is
    called then: the form does not say what the box says.
    """

    def __init__(
        self,
        look: Look,
        read: Callable[[str], options.Line],
        hidden: Callable[[str], str],
        taken: Callable[[options.Line], None],
        refused: Callable[[], None],
    ) -> None:
        self.wrong: tuple[str, ...] = ()
        self._read, self._hidden, self._taken, self._refused = read, hidden, taken, refused
        self._said, self._showing = "", False
        self._box = widgets.Textarea(
            description=say("Line"), continuous_update=False, style=look.text, layout=look.line
        )
        self._note = Note(say("the top of the cell; edit it, and the form follows"), "beneath", "tall")
        self._box.observe(self._typed, "value")
        self.widgets = [classed(self._box, "code"), self._note.widget]

    @property
    def unread(self) -> str:
        """The text that cannot be read."""
        return self._box.value.strip() if self.wrong else ""

    def show(self, text: str) -> None:
        """What the form says now. A text that could not be read is given up."""
        self._said, self.wrong = text, ()
        self._put(text)
        self._note.show(())

    def _put(self, text: str) -> None:
        if self._box.value != text:
            self._showing = True
            self._box.value = text
            self._showing = False
        self._grow()

    def _typed(self, change: Any) -> None:
        if self._showing:
            return
        self._grow()
        self.wrong = ()
        text = change["new"].strip()
        try:
            # what is hidden in the form's own line need not be read
            line = None if text == self._said else self._legible(text)
        except UsageError as error:
            self.wrong = _told(error)
        self._note.show(self.wrong)
        if self.wrong or line is None:
            self._refused()
        else:
            self._taken(line)

    def _legible(self, text: str) -> options.Line:
        """Raises UsageError, which may cite the line: so of one whose secrets are marks by then."""
        with contextlib.suppress(UsageError):
            return self._read(text)
        hidden = self._hidden(text)
        self._put(hidden)
        self._read(hidden)
        # what was wrong with it cannot be told: it may be secret
        raise UsageError("what is hidden in the line now was not understood", hint="type it again")

    def _grow(self) -> None:
        """As many rows as there are lines, with those that are too long for one."""
        needed = sum(1 + len(line) // _COLUMNS for line in self._box.value.splitlines())
        self._box.rows = min(max(needed, _ROWS[0]), _ROWS[1])


def _told(error: UsageError) -> tuple[str, ...]:
    """All that is wrong with a line, as the card of a cell says it."""
    found = tuple(_of(problem) for problem in error.problems)
    return found or (_with(translated(error.message), error.hint),)


def _of(problem: Problem) -> str:
    where = translated(problem.field) if " " in problem.field else problem.field
    # the type of a trigger is in the sentence, too
    is_said = problem.given and problem.problem.startswith(f"{problem.given} ")
    given = where if is_said else f"{where} {problem.given}".strip()
    return _with(
        f"{given} {sentence(Problem(problem.field, problem.problem, problem.allowed))}", problem.hint
    )


def _with(said: str, hint: str) -> str:
    return f"{said} · {translated(hint)}" if hint else said

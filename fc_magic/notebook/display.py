"""Two faces of every result: text and html, from one card. Holds no state, speaks no HTTP, starts nothing.

``bundle`` is the mimebundle of a thing; ``present`` is what IPython shows of an error that ended a cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fc_magic.client.fanout.results import Results
from fc_magic.errors import CallsFailed, FcError, FunctionError, Interrupted, Problem
from fc_magic.export.result import Pulled, Written
from fc_magic.language.speech import explained, say, translated
from fc_magic.notebook import words
from fc_magic.notebook.card import Block, Card, Line, Listing, Pieces, Rows, Span, as_text, joined
from fc_magic.notebook.export_cards import pulled_card, written_card
from fc_magic.notebook.failures import hints
from fc_magic.notebook.failures.cells import Sources
from fc_magic.notebook.failures.failures import (
    Failure,
    clipped,
    failure_card,
    head_lines,
    hint_of,
    place_line,
)
from fc_magic.notebook.following import Followed, followed_card
from fc_magic.notebook.functions import function_card, functions_card
from fc_magic.notebook.html import as_html
from fc_magic.notebook.instances import instances_card
from fc_magic.notebook.invocations import invocation_card
from fc_magic.notebook.layer_cards import layer_card, layers_card
from fc_magic.notebook.logs import log_card
from fc_magic.notebook.map_cards import calls_failed_card, results_card
from fc_magic.notebook.package_cards import package_card
from fc_magic.notebook.plan.cost_card import Costs, cost_card
from fc_magic.notebook.preview import Preview, preview_card
from fc_magic.notebook.stats_cards import stats_card
from fc_magic.notebook.tasks import accepted_card, task_card, tasks_card
from fc_magic.notebook.version_cards import alias_card, versions_card
from fc_magic.notebook.watched import is_in_front_end, is_voila
from fc_magic.package.report import Report
from fc_magic.wire.aliases import Alias
from fc_magic.wire.layers import LayerVersion, LayerVersions
from fc_magic.wire.results import Function, Functions, Instances, Invocation, Log
from fc_magic.wire.stats import Stats
from fc_magic.wire.tasks import Accepted, Task, Tasks
from fc_magic.wire.versions import FunctionVersions


@dataclass(frozen=True)
class View:
    """What a card needs to know besides the thing: the target's name, the time, where cells are found."""

    where: str
    now: datetime
    cells: Sources | None


def bundle(
    thing: object, where: str = "", now: datetime | None = None, cells: Sources | None = None
) -> dict[str, str]:
    """``text/plain`` and ``text/html`` of a thing of :data:`_CARDS`, an FcError, or a list of them."""
    made = card(thing, where, now, cells)
    return {face: write(made) for face, write in FACES.items()}


def text(thing: object, where: str = "", now: datetime | None = None, cells: Sources | None = None) -> str:
    return as_text(card(thing, where, now, cells))


def card(thing: object, where: str = "", now: datetime | None = None, cells: Sources | None = None) -> Card:
    view = View(where, now or words.now(), cells)
    for kind, make in CARDS.items():
        if isinstance(thing, kind):
            return make(thing, view)
    raise TypeError(f"no card for {type(thing).__name__}")


FACES: dict[str, Callable[[Card], str]] = {"text/plain": as_text, "text/html": as_html}


# ---------------------------------------------------------------- errors


def _invocation(invocation: Invocation, view: View, hint: str = "") -> Card:
    return (
        invocation_card(invocation, view.cells)
        if invocation.ok
        else failure_card(invocation, view.cells, hint)
    )


def _error(error: FcError) -> Card:
    return Card((*_message(error), *_advice(error), *_code(error)), "error")


def _message(error: FcError, title: str = "") -> list[Block]:
    """The sentence; lines of code that it quotes keep their columns. What FC says itself stays below ours."""
    said = explained(error.code, error.message) if error.request_id else translated(error.message)
    sentence, *code = (said or error.message).split("\n")
    blocks: list[Block] = [Line(f"{title}{sentence}", "head")]
    blocks += [Listing(tuple(code), kind="source")] if code else []
    return [*blocks, Line(error.message, "dim")] if error.request_id and said else blocks


def _advice(error: FcError) -> list[Block]:
    out: list[Block] = []
    if error.problems:
        out.append(Rows(tuple(_problem(p) for p in error.problems)))
    hint = hints.typed(error.code, error.message) or error.hint or hints.BY_CODE.get(error.code, "")
    if hint:
        out.append(Line(translated(hint), "hint"))
    return out


#: a hint that is not to be typed as it stands
_PROSE = re.compile(r"(?!try |import |from |aliyun |export |pip )[a-z]+ [\w-]")


def _problem(problem: Problem) -> tuple[Pieces, ...]:
    sentence = translated(problem.problem)
    if problem.allowed:
        sentence = say("{0}: {1}", sentence.rstrip("."), translated(problem.allowed))
    hint = Span(translated(problem.hint), "" if _PROSE.match(problem.hint) else "typed")
    # a name stays; where an access key was looked for is said in words
    field = translated(problem.field) if " " in problem.field else problem.field
    given = translated(problem.given) if problem.given.endswith(" (warning)") else problem.given
    kind = "code" if given or " " not in problem.field else ""
    return Span(f"{field} {given}".strip(), kind), sentence, hint


def _code(error: FcError) -> list[Block]:
    if not error.request_id:  # nobody was asked, and the error's name is said already
        return []
    return [Line(joined([error.code, say("request {0}", error.request_id)]), "dim")]


#: The order matters where one is a kind of another.
CARDS: dict[type, Callable[[Any, View], Card]] = {
    Functions: lambda thing, view: functions_card(thing, view.now),
    Function: lambda thing, view: function_card(thing, view.where, view.now),
    FunctionVersions: lambda thing, view: versions_card(thing, view.now),
    Alias: lambda thing, view: alias_card(thing, view.where, view.now),
    LayerVersions: lambda thing, view: layers_card(thing, view.now),
    LayerVersion: lambda thing, view: layer_card(thing, view.where, view.now),
    Report: lambda thing, view: package_card(thing, view.where),
    Written: lambda thing, view: written_card(thing),
    Pulled: lambda thing, view: pulled_card(thing, view.where),
    Preview: lambda thing, view: preview_card(thing, view.where),
    Costs: lambda thing, view: cost_card(thing, view.where),
    Instances: lambda thing, view: instances_card(thing),
    Invocation: _invocation,
    Accepted: lambda thing, view: accepted_card(thing, view.now),
    Tasks: lambda thing, view: tasks_card(thing, view.now),
    Task: lambda thing, view: task_card(thing, view.now),
    Log: lambda thing, view: log_card(thing, view.now, view.cells),
    Followed: lambda thing, view: followed_card(thing),
    Stats: lambda thing, view: stats_card(thing, view.now),
    Results: lambda thing, view: results_card(thing, view.cells),
    CallsFailed: lambda thing, view: calls_failed_card(thing, view.cells),
    FunctionError: lambda thing, view: _invocation(thing.invocation, view, thing.hint),
    FcError: lambda thing, view: _error(thing),
}


# ---------------------------------------------------------------- an error that ended a cell


def present(error: FcError | Interrupted, cells: Sources | None, shell: Any) -> list[str]:
    """The lines for ``FcError._render_traceback_``.

    A terminal gets the whole text. A front end gets the whole card, and below it, as what failed the cell, one
    line if a person is there to read the card; else the short form, which has all that is needed to act, since
    nbconvert, papermill and CI keep only that.
    """
    if isinstance(error, Interrupted):
        return _interrupted(error, cells, shell)
    if getattr(shell, "kernel", None) is None:
        # as one piece: some of IPython's modes (%xmode Plain) put nothing between the pieces
        return [as_text(_titled(error, cells))]
    _show_once(error, error, cells, shell)
    short = _short(error, cells)
    has_reader = is_in_front_end(shell) or is_voila()
    return as_text(Card(short.blocks[:1]) if has_reader else short).split("\n")


def _interrupted(error: Interrupted, cells: Sources | None, shell: Any) -> list[str]:
    """Above the word of it what came until then."""
    said, came = f"KeyboardInterrupt: {translated(str(error))}", error.results
    if getattr(shell, "kernel", None) is None:
        above = card(came, cells=cells).blocks if came is not None else ()
        return [as_text(Card((*above, Line(said))))]
    if came is not None:
        _show_once(error, came, cells, shell)
    return [said]


def _show_once(error: FcError | Interrupted, thing: object, cells: Sources | None, shell: Any) -> None:
    """IPython asks twice: for the cell, and for its history."""
    running = shell.get_parent().get("header", {}).get("msg_id", "")
    if error.shown_in != running:
        error.shown_in = running
        shell.display_pub.publish(bundle(thing, cells=cells))


def _titled(error: FcError, cells: Sources | None) -> Card:
    whole = card(error, cells=cells)
    if isinstance(error, FunctionError):
        return whole
    return Card((*_title(error), *whole.blocks[len(_message(error)) :]), whole.kind)


def _title(error: FcError) -> list[Block]:
    return _message(error, f"{type(error).__name__}: ")


def _short(error: FcError, cells: Sources | None) -> Card:
    if not isinstance(error, FunctionError):
        return Card((*_title(error), *_advice(error), *_code(error)))
    invocation = error.invocation
    failure = Failure.of(invocation)
    hint = translated(error.hint or hint_of(invocation, cells))
    lines = [*map(clipped, failure.details), place_line(invocation, cells), hint]
    kind = Line(joined([invocation.error_type, say("request {0}", invocation.request_id)]))
    return Card((*head_lines(invocation, failure), *(Line(line) for line in lines if line), kind))

"""The card of a map: what came, how it went, and what failed, by kind."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterator

from fc_magic.client.fanout.results import Outcome, Results
from fc_magic.errors import CallsFailed, FunctionError
from fc_magic.language.speech import say, translated
from fc_magic.notebook import words
from fc_magic.notebook.card import Block, Card, Line, Listing, Piece, Rows, Span, columns, joined
from fc_magic.notebook.failures.cells import Sources
from fc_magic.notebook.failures.failures import Failure, clipped, line_of
from fc_magic.notebook.timeline import timeline
from fc_magic.wire import prices
from fc_magic.wire.fc3 import cpu_problem

#: kinds of errors that are shown
KINDS = 4
#: what of a message is often other for each event
_VALUES = re.compile(r"\d+(?:\.\d+)?|'[^']{0,200}'|\"[^\"]{0,200}\"")


def results_card(results: Results, cells: Sources | None = None) -> Card:
    blocks: list[Block] = [_head(results)]
    if len(results):
        label = _length(results)
        blocks.append(Listing((_values(results, words.width(label)),), indent=2, label=label))
    if len(results.times):
        blocks += [Line(pieces, "dim", indent=2) for pieces in _numbers(results)]
    chart = timeline(results.function, results.times, results.seconds)
    blocks += [chart] if chart else []
    blocks += _trouble(results, cells)
    return Card(tuple(blocks), "ok" if results.ok else "error" if results.stopped else "warn")


def calls_failed_card(error: CallsFailed, cells: Sources | None = None) -> Card:
    blocks: list[Block] = [Line(translated(error.message), "head")]
    if isinstance(error.results, Results):
        blocks += _errors(error.results, cells)
    if error.hint:
        blocks.append(Line(translated(error.hint), "hint"))
    return Card(tuple(blocks), "error")


def _head(results: Results) -> Line:
    """What does not change from run to run."""
    called, failed = len(results.times), len(results.errors) - results.unsent
    sign = "✓" if results.ok else "⚠"
    parts: list[Piece] = [_count(called, say("1 call"), "{0} calls")]
    if failed:
        parts.append(Span(_count(failed, say("1 failed"), "{0} failed"), "strong"))
    if results.unsent:
        parts.append(Span(_count(results.unsent, say("1 not sent"), "{0} not sent"), "strong"))
    if results.cancelled:
        parts.append(_count(len(results.cancelled), say("1 cancelled"), "{0} cancelled"))
    there = results.present()
    if there > called - failed:  # some of them are of an earlier map
        parts.append(_count(there, say("1 value"), "{0} values"))
    left = _left(results, there)
    if left:
        parts.append(say("{0} not called", f"{left:,}"))
    if results.stopped:
        parts.append(translated(results.stopped))
    name = Span(f"{sign} {results.function}", "strong")
    return Line([name, "  ", *(Span(p, "plain") if isinstance(p, str) else p for p in joined(parts))], "head")


def _left(results: Results, there: int) -> int:
    known = results.total
    if known is None or not results.stopped:
        return 0
    return max(known - there - len(results.errors) - len(results.cancelled), 0)


def _count(number: int, one: str, many: str) -> str:
    return one if number == 1 else say(many, f"{number:,}")


class _Short(reprlib.Repr):
    """The beginning of many values on a line."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlist = self.maxdict = self.maxtuple = 4
        self.maxstring = self.maxother = 24
        self.maxlevel = 3

    def repr__Missing(self, value: object, level: int) -> str:  # noqa: N802 - by the name of the type
        return "–"


def _length(results: Results) -> str:
    """Where calls before the last answer were cancelled, no number of calls says how long these results are."""
    count = len(results)
    has_gaps = results.ordered and results.present() + len(results.errors) < count
    return say("first {0} events", f"{count:,}") if has_gaps else ""


def _values(results: Results, used: int) -> str:
    """As many as fit on a line, of which so many columns are used."""
    made: list[str] = []
    room = columns() - 8 - used
    for value in results._values[:40]:
        said = words.clean(_Short().repr(value)).replace("\n", " ")
        if made and sum(map(len, made)) + 2 * len(made) + words.width(said) > room:
            break
        made.append(said)
    more = ", …" if len(made) < len(results) else ""
    return f"[{', '.join(made)}{more}]"


def _numbers(results: Results) -> Iterator[list[Piece]]:
    """What is other each time: how it went as a whole, and how each call did."""
    cold = results.cold_starts
    yield joined(
        [
            say("in {0}", words.seconds(results.seconds)),
            say("{0} calls a second", _rate(results.per_second)),
            say("{0} at once", results.at_once) if results.at_once > 1 else "",
            _count(cold, say("1 cold start"), "{0} cold starts") if cold else "",
            say("{0} called again", f"{results.repeated:,}") if results.repeated else "",
        ]
    )
    took = results.times.took_ms()
    middle, most = took[len(took) // 2], took[min(int(len(took) * 0.95), len(took) - 1)]
    yield joined(
        [
            f"p50 {words.duration(middle)}",
            f"p95 {words.duration(most)}",
            say("longest {0}", words.duration(took[-1])),
            _cost(results),
        ]
    )


def _rate(per_second: float) -> str:
    return f"{per_second:,.0f}" if per_second >= 10 else f"{per_second:.1f}"


def _cost(results: Results) -> Span | str:
    if not results.memory_mb:
        return ""
    cpu = results.cpu if results.cpu and not cpu_problem(results.cpu, results.memory_mb) else 0.0
    found = prices.of_calls(results.times.worked_ms, results.memory_mb, cpu=cpu, disk_mb=results.disk_mb)
    figure = words.money(found.figure)
    text = say("{0} in a region", figure) if results.target == "local" else figure
    return Span(text, title=say("by the list of {0}", found.dated))


# ---------------------------------------------------------------- what failed


def _trouble(results: Results, cells: Sources | None) -> Iterator[Block]:
    yield from _errors(results, cells)
    if not results.ok:
        name = words.variable(results.function) or "_"
        steps = [f"{name}.mapped.errors", f"{name}.mapped.values(None)", f"{name}.mapped.retry()"]
        shown = steps if results.errors else steps[1:]
        if not (results.errors or results.cancelled) and results.rest and results.rest.is_empty:
            shown = shown[:-1]  # where its events ended, nothing is left to be called
        yield Line(joined([Span(step, "code") for step in shown], "   ·   "), "hint", indent=2)


def _errors(results: Results, cells: Sources | None) -> Iterator[Block]:
    """By kind and the form of the message, the most frequent first, each with its first event, and where that was."""
    kinds: dict[tuple[str, str], list[Outcome]] = {}
    for one in results.errors:
        kinds.setdefault((_kind(one), _VALUES.sub("…", _message(one))), []).append(one)
    found = sorted(kinds.values(), key=len, reverse=True)
    if found:
        yield Rows(tuple(_row(group, cells) for group in found[:KINDS]), right=frozenset({0}))
    if len(found) > KINDS:
        yield Line(say("… {0} more kinds of errors", len(found) - KINDS), "dim", indent=2)
    firsts = [group[0].error for group in found[:KINDS]]
    for hint in dict.fromkeys(one.hint for one in firsts if isinstance(one, FunctionError) and one.hint):
        yield Line(translated(hint), "hint", indent=2)


def _kind(outcome: Outcome) -> str:
    error = outcome.error
    if isinstance(error, FunctionError):
        return str(error.invocation.error.get("errorType") or error.invocation.error_type)
    return error.code if error else ""


def _message(outcome: Outcome) -> str:
    error = outcome.error
    raised = Failure.of(error.invocation).raised if isinstance(error, FunctionError) else ""
    return (raised or error.message).partition("\n")[0] if error else ""


def _row(group: list[Outcome], cells: Sources | None) -> tuple[list[Piece], ...]:
    first = group[0].error
    assert first is not None
    message = _message(group[0])
    # an exception of the function's own is nothing of ours
    said: list[Piece] = [clipped(message if isinstance(first, FunctionError) else translated(message))]
    others = len({_message(one) for one in group}) - 1
    if others:
        more = say("and 1 other message") if others == 1 else say("and {0} other messages", f"{others:,}")
        said = joined([*said, Span(more, "dim")])
    place = line_of(first.invocation, cells) if isinstance(first, FunctionError) else ""
    where = say("event {0}", f"{group[0].index:,}")
    if len(group) > 1:
        where = say("first event {0}", f"{group[0].index:,}")
    return [f"{len(group):,} ×"], said, [say("{0}, {1}", where, place) if place else where]

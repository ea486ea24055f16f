"""The blocks of a plan: what differs as a table, the source line by line, what would be sent and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fc_magic.language.speech import say
from fc_magic.notebook import words
from fc_magic.notebook.card import Block, Line, Listing, Pieces, Rows, Span, more
from fc_magic.notebook.plan import costs
from fc_magic.notebook.plan.comparing import CREATED, UNCHANGED, UPDATED, Plan
from fc_magic.notebook.plan.files import FileChange

#: lines of a diff that are seen at once, and rows of a table
SHOWN, ROWS = 24, 60
#: characters of a line of a diff: data may stand in one
WIDEST = 400
_NOTHING = "–"
_SIGNS = {CREATED: "+", UPDATED: "±"}


def sign(plan: Plan | None) -> str:
    return _SIGNS.get(plan.outcome, "–") if plan else "–"


def headline(plan: Plan | None, where: str) -> str:
    """What deploying would do."""
    if plan is None or not where:
        return say("would go to {0}", where) if where else ""
    if plan.outcome == CREATED:
        return say("would be created on {0}", where)
    if plan.outcome == UPDATED:
        return say("would be updated on {0}", where)
    if plan.outcome == UNCHANGED:
        return say("unchanged on {0}", where)
    return say("would go to {0}", where)


def difference(plan: Plan) -> Iterator[Block]:
    """The table, and the lines of the files."""
    rows: list[tuple[Pieces, ...]] = [
        (Span(one.setting, "code"), one.before or _NOTHING, one.after or _NOTHING) for one in plan.changes
    ]
    rows += [_file(one) for one in sorted(plan.files, key=lambda one: not _is_of_handler(one, plan))]
    yield from bounded(rows, (say("setting"), say("live"), say("new")))
    yield from _lines(plan)


def settings(plan: Plan) -> Iterator[Block]:
    """Of a function that is not there yet, or not known to be."""
    new: list[tuple[Pieces, ...]] = [(Span(one.setting, "code"), one.after) for one in plan.changes]
    yield from bounded(new)


def bounded(
    rows: Sequence[tuple[Pieces, ...]], header: tuple[str, ...] = (), right: frozenset[int] = frozenset()
) -> Iterator[Block]:
    """A table of any length: the rows beyond what is read are counted."""
    if rows:
        yield Rows(tuple(rows[:ROWS]), header, right)
    if len(rows) > ROWS:
        yield Line(say("… and {0} more", len(rows) - ROWS), "dim", indent=2)


def _is_of_handler(file: FileChange, plan: Plan) -> bool:
    return file.path.rpartition(".")[0] == plan.handler.rpartition(".")[0]


def _file(file: FileChange) -> tuple[Pieces, ...]:
    before, after = (words.size(n) if n is not None else _NOTHING for n in (file.before, file.after))
    lines = [f"  {counted(file)}"] if file.is_counted else []
    return Span(file.path, "code"), before, [after, *lines]


def counted(file: FileChange) -> str:
    """``+3 −1 lines``, in the order in which they are read."""
    parts = [f"+{file.added}"] * bool(file.added) + [f"−{file.removed}"] * bool(file.removed)
    many = "{0} line" if file.added + file.removed == 1 else "{0} lines"
    return say(many, " ".join(parts))


def _lines(plan: Plan) -> Iterator[Block]:
    """Of the file of the handler, or of the only one; those of other files are folded."""
    shown = [one for one in plan.files if one.diff]
    for one in shown:
        if len(plan.files) == 1 or _is_of_handler(one, plan):
            yield Line(Span(one.path, "dim"), indent=2)
            yield Listing(_shown(one), SHOWN, indent=2, kind="diff", whole=True)
    for one in shown:
        if one.is_counted and len(plan.files) > 1 and not _is_of_handler(one, plan):
            yield Listing(_shown(one), indent=2, kind="diff", fold=f"{one.path}  {counted(one)}")


def _shown(file: FileChange) -> tuple[str, ...]:
    lines = [line if len(line) <= WIDEST else f"{line[:WIDEST]}…" for line in file.diff]
    return (*lines, f"… {more(file.more)}") if file.more else tuple(lines)


def ending(plan: Plan) -> Iterator[Block]:
    """What would be sent, and what calls cost."""
    yield from (Line(f"⚠ {note}", "warn", indent=2) for note in plan.notes)
    if plan.outcome == UNCHANGED:
        yield Line(say("Nothing to change."))
        return
    estimate = plan.estimate
    if estimate:
        yield from (Line(text, "hint", indent=2) for text in costs.advice(estimate))
        yield Rows(((Span(say("cost"), "dim"), costs.sentence(estimate)),))
    yield Line(say(" ").join(filter(None, [say("Nothing was sent."), _sending(plan)])), "dim")


def _sending(plan: Plan) -> str:
    what = say(", ").join(say("{0} ({1})", what, words.size(size)) for what, size in plan.sent)
    if what and plan.publishes:
        return say("A deployment sends {0}, and publishes a version.", what)
    if what:
        return say("A deployment sends {0}.", what)
    return say("A deployment publishes a version.") if plan.publishes else ""

"""Statements that are needed -> the parts of one file, in the notebook's order, and the modules that go beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from fc_magic.errors import Problem, SliceRefused
from fc_magic.slicing.compose import file
from fc_magic.slicing.excluding import Excluding, word
from fc_magic.slicing.names import Names
from fc_magic.slicing.refusal import left_out
from fc_magic.slicing.result import Part, Slice
from fc_magic.slicing.static import beside
from fc_magic.slicing.static.program import Program
from fc_magic.slicing.static.slicer import Needs
from fc_magic.slicing.static.statements import Statement

#: names of one refusal that are told
MOST_SHOWN = 12


def composed(
    program: Program, found: Needs, source: str, names: Names, number: int | None, folder: Path
) -> Slice:
    """``number``: what the notebook shows for the deployed cell. Raises SliceRefused."""
    wanted = [program.statements[index] for index in sorted(found.wanted)]
    every = {**_unfit(wanted, found), **found.refused}
    refused = dict(sorted(every.items(), key=lambda item: item[1][1].index if item[1][1] else -1))
    if refused:
        what = "a name" if len(refused) == 1 else f"{len(refused)} names"
        shown = list(refused.items())[:MOST_SHOWN]
        raise SliceRefused(
            f"{what} of this notebook cannot go with the function: its file does not tell all of them",
            problems=[Problem(name, _told(why, at)) for name, (why, at) in shown],
            hint="deploy from the notebook, where it is known"
            + left_out(word(name, [name]) for name in refused),
        )
    files, reasons = beside.modules(wanted, source, folder, program.written)
    futures = frozenset().union(*(each.futures for each in wanted))
    parts = _parts([statement for statement in wanted if not _is_future(statement)])
    whole = file(source, number, parts, futures)
    reads = tuple(sorted({path for s in wanted if not s.defines for path in _read_files(s, folder)}))
    unneeded = Excluding(found.exclude - found.left_out, {}).warnings()
    known = frozenset(name for one in program.statements for name in (*one.names.bound, *one.names.maybe))
    return Slice(whole, files, reasons, (*_warnings(wanted, names), *unneeded), reads, known)


def _told(why: str, at: Statement | None) -> str:
    return f"{why} ({_place(at)})" if at else why


def _unfit(wanted: Sequence[Statement], found: Needs) -> dict[str, tuple[str, Statement | None]]:
    """What would run otherwise in a file than in a notebook."""
    out: dict[str, tuple[str, Statement | None]] = {}
    for statement in wanted:
        name = (
            next(iter([*statement.names.bound, *statement.names.maybe]), "") or statement.text.split("\n")[0]
        )
        if statement.may_not_run:
            out.setdefault(
                name, ("its cell is tagged raises-exception: how far it runs is not known", statement)
            )
        if "input" in statement.names.now and found.program.at("input", statement.index) is None:
            out.setdefault(
                name, ("input() asks a person, and there is none where a function starts", statement)
            )
        if _awaits(statement.node):
            out.setdefault(name, ("only a notebook can await at its top level", statement))
        if "__name__" in statement.names.now and "__main__" in statement.text:
            out.setdefault(
                name, ("__name__ is __main__ in a notebook, and index where it is deployed", statement)
            )
    return out


def _awaits(node: ast.AST | None) -> bool:
    """Whether a statement awaits outside of every function."""
    if node is None or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        return False
    if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith) or getattr(node, "is_async", None):
        return True
    return any(_awaits(child) for child in ast.iter_child_nodes(node))


def _nodes(statement: Statement) -> list[ast.AST]:
    return [*ast.walk(statement.node)] if statement.node else []


def _place(statement: Statement) -> str:
    return f"{_cell(statement)}, line {statement.line}"


def _read_files(statement: Statement, folder: Path) -> Iterator[str]:
    """Files beside the notebook that a statement names."""
    for node in _nodes(statement):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 200:
            try:
                is_file = "\n" not in node.value and (folder / node.value).is_file()
            except (OSError, ValueError):
                is_file = False
            if is_file:
                yield node.value


def _warnings(wanted: Sequence[Statement], names: Names) -> Iterator[str]:
    """Nothing that is wrong, but what a person may not expect of a file."""
    numbers = [s.cell.number for s in wanted if s.cell.number is not None]
    if numbers != sorted(numbers):
        yield "its cells ran in another order than they stand in the file, which is the order that counts here"
    for place in dict.fromkeys(_cell(s) for s in wanted if s.cell.failed):
        yield f"{place} ended in an error when it ran last"
    for statement in wanted:
        missing = names.futures - statement.futures
        if missing and any(
            getattr(n, "annotation", None) or getattr(n, "returns", None) for n in _nodes(statement)
        ):
            yield (
                f"the cell has from __future__ import {', '.join(sorted(missing))}, and its file has it, too: "
                f"annotations of {_place(statement)} are texts there"
            )
    if any(statement.names.stars for statement in wanted):
        modules = ", ".join(dict.fromkeys(m for s in wanted for m, _ in s.names.stars))
        yield f"from {modules} import * goes along: which names it binds is not known from the file"


# ---------------------------------------------------------------- the text


def _parts(wanted: Sequence[Statement]) -> list[Part]:
    """Each in its place, with a line between those of two cells."""
    made: list[Part] = []
    before: Statement | None = None
    for statement in wanted:
        is_apart = _is_definition(statement) or (before is not None and _is_definition(before))
        is_same_cell = before is not None and before.position == statement.position
        heading = "" if before is None else "\n\n" if is_apart else "" if is_same_cell else "\n"
        names = (*statement.names.bound, *statement.names.maybe)
        text, head = f"{heading}{statement.text}\n", heading.count("\n")
        made.append(Part(names, text, _kind(statement), statement.cell.number, statement.line, head=head))
        before = statement
    return made


def _cell(statement: Statement) -> str:
    number = statement.cell.number
    return f"In[{number if number is not None else statement.position + 1}]"


def _is_definition(statement: Statement) -> bool:
    return isinstance(statement.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _is_future(statement: Statement) -> bool:
    return isinstance(statement.node, ast.ImportFrom) and statement.node.module == "__future__"


def _kind(statement: Statement) -> str:
    if isinstance(statement.node, ast.Import | ast.ImportFrom):
        return "import"
    return "definition" if _is_definition(statement) else "statement"

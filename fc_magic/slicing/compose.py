"""Pieces -> one file: ``from __future__`` first, then imports, then the rest in an order that runs, the cell last."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fc_magic.slicing.history import WORD, Cell, History
from fc_magic.slicing.names import Names, analyse
from fc_magic.slicing.order import Node, ordered
from fc_magic.slicing.pieces import Piece
from fc_magic.slicing.result import Part
from fc_magic.slicing.values import Statement

_FIRST, _IMPORTS = -1, 0


@dataclass
class Line:
    """A piece in the order, or one statement about it. ``binds``: the names that are there after it."""

    piece: Piece
    text: str
    found: Names
    binds: tuple[str, ...]
    about: str = ""
    place: tuple[Any, ...] = ()
    late: bool = False
    part: Part = field(default_factory=lambda: Part((), "", ""))


def lines(pieces: Mapping[str, Piece], statements: Iterable[Statement], history: History) -> dict[str, Line]:
    """Each piece, statement about a piece, and statement of a value, by a key of its own."""
    found: dict[str, Line] = {}
    for name, piece in {id(piece): (piece.names[0], piece) for piece in pieces.values()}.values():
        place = _place(piece, history)
        found[name] = Line(piece, piece.text, piece.found, piece.names, place=place)
        for number, text in enumerate((*piece.more, *piece.late)):
            key = f"{name} #{number + 1}"
            late = number >= len(piece.more)
            found[key] = Line(piece, text, analyse(text), (), name, (*place, number + 1), late)
    for number, statement in enumerate(statements):
        piece = Piece((statement.name,), statement.text, "value", note=statement.note)
        place = (*_place(piece, history)[:3], number)
        names = _of_value(statement)
        binds = (statement.name, *statement.also)
        found[f"{statement.name} ={number}"] = Line(
            piece, statement.text, names, binds, statement.name, place
        )
    return found


def _of_value(statement: Statement) -> Names:
    """A table of numbers is not parsed to find that it needs nothing."""
    if not {*WORD.findall(statement.text)} - {statement.name, "True", "False", "None"}:
        return Names(bound={statement.name: 1})
    found = analyse(statement.text)
    # what reads a file calls the functions that it is given at once
    return replace(found, now={**found.later, **found.now}, later={})


def _place(piece: Piece, history: History) -> tuple[Any, ...]:
    if piece.kind == "import":
        return (_IMPORTS, _number(piece.cell), piece.first)
    if piece.cell is not None and piece.first:
        return (1, _number(piece.cell), piece.first)
    statement = next(history.binding(piece.names[0]), None)
    return (1, _number(statement.cell if statement else None), statement.line if statement else 0)


def _number(cell: Cell | None) -> float:
    return math.inf if cell is None or cell.number is None else cell.number


def arranged(found: Mapping[str, Line]) -> list[Line]:
    """Raises CannotGo for a cycle."""
    binding, about = _by_name(found)
    position = {key: number for number, key in enumerate(found)}
    nodes = {key: Node(line.place) for key, line in found.items()}
    for key, line in found.items():
        node = nodes[key]
        for name in line.found.now:
            node.now |= binding.get(name, set()) - {key}
            others = about.get(name, set()) - {key}
            # what a class or function gets later should be there as well, where that is possible
            node.later |= {other for other in others if not found[other].late}
            if all(found[other].piece.kind == "value" for other in others):
                for other in others:
                    # values are written in their own order
                    comes_after = line.piece.kind == "value" and position[other] > position[key]
                    nodes[other if comes_after else key].now.add(key if comes_after else other)
        for name in line.found.later:
            node.later |= binding.get(name, set()) | about.get(name, set())
        if line.about:
            earlier = [other for other in about[line.about] if position[other] < position[key]]
            node.now.update(earlier, binding.get(line.about, set()) - {key})
    for key, line in found.items():
        if line.late:
            # making a subclass may change what its base holds
            nodes[key].now |= _made_of(key, line.about, found, nodes)
    return [found[key] for key in ordered(nodes)]


def _made_of(key: str, name: str, found: Mapping[str, Line], nodes: Mapping[str, Node]) -> set[str]:
    """The definitions that need ``name`` when they are made, unless they need this line too."""
    made: set[str] = set()
    waiting = [each for each, line in found.items() if name in line.binds]
    while waiting:
        one = waiting.pop()
        for other, node in nodes.items():
            is_definition = found[other].piece.kind == "definition" and not found[other].about
            if one in node.now and is_definition and other not in made and key not in node.now:
                made.add(other)
                waiting.append(other)
    return made


def _by_name(found: Mapping[str, Line]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Name -> the lines that bind it, and those that are about it."""
    binding: dict[str, set[str]] = {}
    about: dict[str, set[str]] = {}
    for key, line in found.items():
        for name in line.binds:
            binding.setdefault(name, set()).add(key)
        if line.about:
            about.setdefault(line.about, set()).add(key)
    return binding, about


def parts(arranged_lines: Iterable[Line]) -> list[Part]:
    """Parts with what keeps them apart, and with a heading that says what was made."""
    made: list[Part] = []
    before: Line | None = None
    for line in arranged_lines:
        piece = line.piece
        follows = before is not None and ((line.about and before.piece is piece) or _same_cell(before, line))
        heading = "" if follows else _heading(line)
        if before is not None and not follows:
            heading = ("\n\n" if "definition" in (piece.kind, before.piece.kind) else "\n") + heading
        number = piece.cell.number if piece.cell is not None and not line.about else None
        first = (
            piece.cell.line(piece.first) if piece.cell is not None and piece.first and not line.about else 0
        )
        kind = "statement" if line.about and piece.kind != "value" else piece.kind
        made.append(
            Part(line.binds, heading + line.text, kind, number, first, piece.note, heading.count("\n"))
        )
        before = line
    return made


def _same_cell(before: Line, line: Line) -> bool:
    return before.piece.kind == line.piece.kind == "import" and before.piece.cell == line.piece.cell


def _heading(line: Line) -> str:
    piece = line.piece
    if line.about and piece.kind != "value":
        return f"# {line.about}: what it has now\n"
    if piece.note:
        return "".join(f"# {line}\n" for line in piece.note.splitlines())
    # the number of a cell is no part of the source: the same notebook, run again, becomes the same bytes
    return ""


def file(source: str, number: int | None, before: list[Part], futures: frozenset[str]) -> tuple[Part, ...]:
    """The parts with the cell behind them, and the features of ``__future__`` in front of all."""
    names = tuple(analyse(source).bound)
    if not before and not futures:
        return (Part(names, source, "cell", number, 1),)
    text, own = without_futures(source)
    every = sorted(futures | own)
    if before:
        before = [*before[:-1], replace(before[-1], text=before[-1].text + "\n\n")]
    if every:
        gap = "\n" if before else ""
        line = f"from __future__ import {', '.join(every)}\n{gap}"
        before = [Part(tuple(every), line, "import"), *before]
    return (*before, Part(names, text, "cell", number, 1))


def without_futures(source: str) -> tuple[str, frozenset[str]]:
    """A cell whose ``from __future__`` lines became comments, since they must be the first of a file; and what they
    had. Line N stays line N."""
    rows = source.split("\n")
    found: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            found.update(alias.name for alias in node.names)
            first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
            alone = not rows[last].encode()[node.end_col_offset :].decode().strip() and not node.col_offset
            if alone:
                rows[first : last + 1] = [f"# {row}" for row in rows[first : last + 1]]
            else:
                before = rows[first].encode()[: node.col_offset].decode()
                after = rows[last].encode()[node.end_col_offset :].decode()
                rows[first : last + 1] = [f"{before}pass", *[""] * (last - first)]
                rows[last] = f"{rows[last] or 'pass'}{after}" if last == first else f"pass{after}"
    return "\n".join(rows), frozenset(found)

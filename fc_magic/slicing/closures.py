"""Functions that were made inside of a function: a function around them is called with what they hold now."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CellType, FunctionType
from typing import Any

from fc_magic.slicing.history import tree
from fc_magic.slicing.pieces import CannotGo, Piece, Writing
from fc_magic.slicing.proof import Source

_MOST = 1000


@dataclass
class Member:
    """One function of a group: the name that it gets, itself, and the lines of its text."""

    name: str
    function: FunctionType
    source: Source
    text: str
    more: tuple[str, ...]
    #: what a cache made of it is, and the call that makes it
    wrapper: Any = None
    wrapping: str = ""

    @property
    def local(self) -> str:
        """How it is called inside of the function around it."""
        return getattr(self.source.node, "name", "") or f"_{self.name.strip('_')}"

    @property
    def cells(self) -> dict[str, CellType]:
        return dict(zip(self.function.__code__.co_freevars, self.function.__closure__ or (), strict=True))


@dataclass
class Group:
    """Functions that share what they hold, since one of them changes it, or that hold one another."""

    piece: Piece
    make: str = ""
    members: list[Member] = field(default_factory=list)
    #: the functions that are in it, or will be
    inside: dict[int, Any] = field(default_factory=dict)


def joined(member: Member, writing: Writing, groups: dict[int, Group]) -> Piece:
    """The piece of the group that a function belongs to. ``groups``: the id of a function or a cell -> its group."""
    if "__class__" in member.cells:
        raise CannotGo("it is a method outside of its class")
    changed = [cell for name, cell in member.cells.items() if _is_rebound(name, member.source)]
    known = {id(groups[key]): groups[key] for key in map(id, [member.function, *changed]) if key in groups}
    if len(known) > 1:
        raise CannotGo("it shares variables with functions of two other ones")
    group = next(iter(known.values()), None) or Group(Piece((), "", "definition", member.source.cell))
    group.members.append(member)
    for function in [member.function, *_holding(member.function)]:
        group.inside[id(function)] = function
    if member.wrapper is not None:
        group.inside[id(member.wrapper)] = member.wrapper
    for key in [*map(id, changed), *group.inside]:
        groups[key] = group
    group.make = group.make or writing.free(f"_make_{member.name.strip('_')}")
    _write(group, writing)
    return group.piece


def _is_rebound(name: str, source: Source) -> bool:
    """Whether some function beside this one binds the variable anew."""
    around = [
        n for n in tree(source.cell.source).body if n.lineno <= source.node.lineno <= (n.end_lineno or 0)
    ]
    return any(isinstance(n, ast.Nonlocal) and name in n.names for top in around for n in ast.walk(top))


def _holding(function: FunctionType) -> Iterator[FunctionType]:
    """The functions that a function holds and that hold it in turn."""
    for inner in _held(function):
        if function in _reached(inner):
            yield inner


def _held(function: FunctionType) -> Iterator[FunctionType]:
    for cell in function.__closure__ or ():
        content = _content(cell)
        if isinstance(content, FunctionType) and content is not function:
            yield content


def _reached(function: FunctionType) -> list[FunctionType]:
    found = [function]
    for each in found:
        found += [inner for inner in _held(each) if not any(inner is known for known in found)]
        if len(found) > _MOST:
            raise CannotGo("it holds too many functions")
    return found


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _write(group: Group, writing: Writing) -> None:
    """The text of the group as far as it is known."""
    members = sorted(group.members, key=lambda m: (m.source.node.lineno, m.source.node.col_offset))
    locals_ = [m.local for m in members]
    indent = min((m.source.node.col_offset for m in members if isinstance(m.source.node, _DEFS)), default=4)
    if len(set(locals_)) < len(members) or any(_indent(m) not in (indent, 0) for m in members):
        raise CannotGo("it shares variables with functions that are made in different places")
    given, same = _arguments(group, members, writing)
    space = " " * indent
    rows = [f"def {group.make}({', '.join(given)}):\n"]
    for member in members:
        lambdas = isinstance(member.source.node, ast.Lambda)
        rows.append(f"{space}{member.local} = {member.text}\n" if lambdas else member.text)
        if member.wrapping:
            rows.append(f"{space}{member.local} = {member.wrapping}({member.local})\n")
    alone = len(members) == 1 and not members[0].wrapping
    if alone and isinstance(members[0].source.node, ast.Lambda) and not same:
        rows[-1:] = [f"{space}return {members[0].text}\n"]
    else:
        rows += [f"{space}{name} = {other}\n" for name, other in same.items()]
        rows.append(f"{space}return {', '.join(locals_)}\n")
    names = ", ".join(member.name for member in members)
    rows.append(f"{names} = {group.make}({', '.join(given.values())})\n")
    piece = group.piece
    piece.names, piece.text = tuple(m.name for m in members), "".join(rows)
    piece.cell, piece.first = members[0].source.cell, members[0].source.node.lineno - 1
    piece.scope = members[0].function.__globals__
    piece.more = tuple(text for member in members for text in member.more)


_DEFS = ast.FunctionDef | ast.AsyncFunctionDef


def _indent(member: Member) -> int:
    return member.source.node.col_offset if isinstance(member.source.node, _DEFS) else 0


def _arguments(
    group: Group, members: list[Member], writing: Writing
) -> tuple[dict[str, str], dict[str, str]]:
    """Variable -> what it is given; and variables that are members by another name."""
    cells: dict[str, CellType] = {}
    for member in members:
        for name, cell in member.cells.items():
            if cells.setdefault(name, cell) is not cell:
                raise CannotGo(f"it shares variables with a function that has another {name}")
    given, same = dict[str, str](), dict[str, str]()
    for name, cell in cells.items():
        try:
            content = cell.cell_contents
        except ValueError:
            raise CannotGo(f"its variable {name} has no value yet") from None
        if id(content) not in group.inside:
            given[name] = writing.spelled(content, f"{members[0].name}.{name}")
            continue
        local = next((m.local for m in members if content is m.function or content is m.wrapper), None)
        if local is None:
            # the other one comes into the group by its own name
            writing.spell(content, f"{members[0].name}.{name}")
        elif local != name:
            same[name] = local
    if set(given) & {m.local for m in members}:
        raise CannotGo("it has the name of a variable that it holds")
    return given, same

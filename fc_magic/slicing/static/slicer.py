"""Which statements of the cells above a deployed cell needs, so that it finds what "Run All" would have made."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable

from fc_magic.slicing.names import Names, analyse
from fc_magic.slicing.static.known import Kind, words
from fc_magic.slicing.static.program import Program
from fc_magic.slicing.static.statements import Statement

_BUILTINS = frozenset(dir(builtins))
#: names that a kernel has and a function has not
KERNEL = {
    "display": "only a notebook has display",
    "get_ipython": "only a notebook has get_ipython",
    "In": "only a notebook has In",
    "Out": "only a notebook has Out",
    "exit": "only a notebook has exit",
    "quit": "only a notebook has quit",
}
#: builtins that the usual star imports hide
_HIDDEN = words("abs all any max min round sum pow divmod open slice")


class Needs:
    """Follows names back through a program. ``wanted``: indexes of the statements that are needed; ``refused``: what
    cannot go, by name, with why and the statement if there is one."""

    def __init__(self, program: Program, exclude: frozenset[str] = frozenset()) -> None:
        self.exclude, self.left_out = exclude, set[str]()
        self.program, self.end = program, len(program.statements)
        self.wanted: set[int] = set()
        self.refused: dict[str, tuple[str, Statement | None]] = {}
        self._seen: set[tuple[int, int]] = set()
        self._asked: set[tuple[int, int]] = set()
        self._todo: list[tuple[int, int, str]] = []
        self._states: set[tuple[str, int]] = set()

    def follow(self, tree: ast.Module, names: Names) -> None:
        """``tree``: the deployed cell."""
        for name in names.needed:
            self._name(name, self.end)
        self._reach_states([tree], self.end)
        self._work()
        if self.wanted:
            self._state("@", self.end)
            self._work()

    # ------------------------------------------------------------ what is asked for

    def _name(self, name: str, at: int) -> None:
        if name in self.exclude:
            self.left_out.add(name)
            return
        version = self.program.at(name, at)
        if version is not None and self._is_deleted(version) and name in _BUILTINS:
            version = None
        if version is None:
            self._state("@builtins", at)
        made = self.program.versions[version].makers[0] if version is not None else -1
        self._stars(name, made, at, version is not None)
        # what is evaluated may change a value, but does not bind a name
        may_change = self.program.world.kind(name) in (Kind.DATA, Kind.OTHER) and version is not None
        doubted = self.program.anything if version is not None or name not in _BUILTINS else []
        for index in (*doubted, *(self.program.evaluating if may_change else ())):
            if made < index < at:
                self._refuse(name, index)
        if version is not None:
            if self._is_deleted(version):
                self.refused.setdefault(name, ("it is deleted here", self.program.statements[made]))
            self._version(version, at, name)
            self._keep(name, at)
        elif name in KERNEL | {"_": "", "__": "", "___": ""}:
            self.refused.setdefault(name, (KERNEL.get(name, "only a notebook has the last answer"), None))

    def _keep(self, name: str, at: int) -> None:
        """What a function or class keeps is a part of it."""
        if name in self.program.world.keepers:
            self._version(self.program.kept_by(name), at, name)

    def _is_deleted(self, version: int) -> bool:
        found = self.program.versions[version]
        return found.is_deleted and len(found.makers) == 1

    def _stars(self, name: str, made: int, at: int, is_bound: bool) -> None:
        """``from m import *`` may bind it, too; of builtins, those that such imports are known to hide."""
        if not is_bound and name in _BUILTINS and name not in _HIDDEN:
            return
        for index in self.program.stars:
            if made < index < at:
                self._want(index, at, name)

    def _version(self, version: int, at: int, name: str) -> None:
        if (version, at) not in self._seen:
            self._seen.add((version, at))
            self._todo.append((version, at, name))

    def _work(self) -> None:
        while self._todo:
            version, at, name = self._todo.pop()
            for index in (*self.program.versions[version].makers, *self.program.changers(version)):
                if index < at:
                    self._want(index, at, name)

    def _want(self, index: int, at: int, name: str) -> None:
        """The statement is needed for what ``name`` is at the place ``at``."""
        if (index, at) in self._asked:
            return
        self._asked.add((index, at))
        statement = self.program.statements[index]
        if statement.doubt or statement.takes or statement.node is None:
            self._refuse(name, index)
            return
        is_new = index not in self.wanted
        self.wanted.add(index)
        for used in {*statement.later, *statement.names.hinted}:
            for place in {at, self.end} if _is_quiet(statement.node) else {index + 1, at, self.end}:
                self._name(used, place)
        if statement.defines or statement.holds:
            # what a function has as a default, or a class as an attribute, may be changed after that
            for used in statement.names.now:
                for place in {at, self.end}:
                    if (version := self.program.at(used, index)) is not None:
                        self._version(version, place, used)
        if not is_new:
            return
        if statement.names.opaque:
            self._refuse(name, index)
        for used in statement.names.now:
            self._name(used, index)
            version = self.program.at(used, index)
            if version is not None and self.program.world.kind(used) > Kind.OTHER:
                # held by what is made here, and a function or class may still get attributes
                self._version(version, self.end, used)
                self._keep(used, self.end)
        self._reach_states([statement.node], self.end if statement.defines else index)

    def _reach_states(self, nodes: Iterable[ast.AST], at: int) -> None:
        for state in states(self.program, nodes):
            self._state(state, at)

    def _state(self, state: str, at: int) -> None:
        if (state, at) in self._states:
            return
        self._states.add((state, at))
        for index in self.program.changers_of_state.get(state, ()):
            if index < at:
                self._want(index, at, state[1:])

    def _refuse(self, name: str, index: int) -> None:
        statement = self.program.statements[index]
        if name in statement.takes:
            why = statement.takes[name]
        elif statement.doubt:
            why = statement.doubt.why
        elif statement.names.opaque:
            why = f"{statement.names.opaque[0].what} may set or read any name"
        else:
            why = f"{statement.text.splitlines()[0]!r} may set or change it, and a file cannot tell"
        self.refused.setdefault(name, (why, statement))


def _is_quiet(node: ast.stmt) -> bool:
    """A function that nobody calls while it is made."""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.decorator_list


def states(program: Program, nodes: Iterable[ast.AST]) -> set[str]:
    """The states of libraries that code reads, with what it imports itself."""
    imports = {k: v for k, v in program.world.imports.items() if program.world.kind(k) == Kind.MODULE}
    every = [node for top in nodes for node in ast.walk(top)]
    for node in every:
        if isinstance(node, ast.Import):
            imports |= {
                a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0]
                for a in node.names
            }
        elif isinstance(node, ast.ImportFrom):
            imports |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    found: set[str] = set()
    for node in every:
        names: list[str] = []
        inner = node
        while isinstance(inner, ast.Attribute):
            names.append(inner.attr)
            inner = inner.value
        if isinstance(inner, ast.Name) and inner.id in imports:
            known = imports[inner.id]
            path = ".".join([known, *reversed(names)])
            found |= {program.world.state(path), f"@{path.partition('.')[0]}"}
            for name in reversed(names):  # a module inside of it may be there by another import
                known = f"{known}.{name}"
                found.add(f"@import {known}")
    return found


def needed(program: Program, source: str, exclude: frozenset[str] = frozenset()) -> tuple[Needs, Names]:
    """For the source of the deployed cell; ``exclude``: names that are not followed."""
    tree = ast.parse(source)
    names = analyse(tree)
    found = Needs(program, exclude)
    found.follow(tree, names)
    return found, names

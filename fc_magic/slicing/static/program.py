"""Statements in a row -> which version of a name each reads, makes or may change.

A name that is surely bound again begins a new version; what may bind it adds to the one there is. Versions that may
share an object are a family, and a change of one is a change of all.
"""

from __future__ import annotations

import ast
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from fc_magic.slicing.static.anything import Anything, evaluates, writes_any_name
from fc_magic.slicing.static.effects import Walk
from fc_magic.slicing.static.known import Kind
from fc_magic.slicing.static.statements import Statement
from fc_magic.slicing.static.tokens import BELOW, Effects
from fc_magic.slicing.static.world import World

DELETED = "it is deleted before"


@dataclass
class Version:
    """What a name is from one place to the next. ``makers``: statements that (may) bind it, in order."""

    name: str
    makers: list[int] = field(default_factory=list)
    is_sure: bool = True
    is_deleted: bool = False
    family: int = -1


class Program:
    """Built once for all statements; asked what a name is at a place, and what changed it before."""

    def __init__(self, statements: list[Statement]) -> None:
        self.statements = statements
        self.world = World([s.node for s in statements if s.node], [n for s in statements for n in s.nodes])
        for statement in statements:
            for name in (*statement.takes, *(statement.doubt.names or () if statement.doubt else ())):
                self.world.unknown(name)
        self.versions: list[Version] = []
        self._history: dict[str, list[tuple[int, int]]] = {}
        self._parents: list[int] = []
        self._kept: dict[str, int] = {}
        self._changes: list[tuple[int, int, int]] = []
        self._holds: dict[int, set[int]] = {}
        self._functions_in: dict[int, set[int]] = {}
        self.changers_of_state: dict[str, list[int]] = {}
        self.anything: list[int] = []
        self.evaluating: list[int] = []
        self._any = Anything(statements, writes_any_name)
        self._evaluates = Anything(statements, evaluates)
        #: files that a cell writes -> their text
        self.written: dict[str, str] = {path: text for s in statements for path, text in s.writes.items()}
        self.stars: list[int] = []
        self._wild: list[Effects] = []
        self._escaped: set[str] = set()
        for statement in statements:
            self._add(statement)
        self._families: dict[int, set[int]] = {}
        self._holds, self._functions_in = self._by_family(self._holds), self._by_family(self._functions_in)
        for version, depth, index in self._changes:
            for family in self._reached(self._root(version), depth):
                self._families.setdefault(family, set()).add(index)

    # ------------------------------------------------------------ asking

    def at(self, name: str, index: int) -> int | None:
        """The version of a name just before the statement ``index``."""
        history = self._history.get(name, [])
        place = bisect_left(history, (index, -1))
        return history[place - 1][1] if place else None

    def kept_by(self, name: str) -> int:
        """The version that stands for what a function or class keeps."""
        if name not in self._kept:
            self.versions.append(Version(f"={name}"))
            self._parents.append(len(self._parents))
            self._kept[name] = len(self.versions) - 1
        return self._kept[name]

    def changers(self, version: int) -> Iterable[int]:
        return self._families.get(self._root(version), ())

    # ------------------------------------------------------------ building

    def _add(self, statement: Statement) -> None:
        index, names = statement.index, statement.names
        effects = self._effects(statement)
        if names.stars:
            self.stars.append(index)
        if self._any.may(statement, effects) or (statement.doubt and statement.doubt.names is None):
            self.anything.append(index)
        elif self._evaluates.may(statement, effects):
            self.evaluating.append(index)
        roots = _roots(statement.node)
        for name in names.bound:
            if name in roots and self._is_import(name, index):
                self._extend(name, index)  # the same package, with one more module in it
            else:
                self._make(name, index)
        for name in statement.takes:
            self._make(name, index)
        deleted = _deleted(statement.node)
        for name in deleted:
            self.versions[self._make(name, index)].is_deleted = True
        maybe = {*names.maybe, *(n for each in effects for n in each.rebinds)} - {*names.bound} - deleted
        if statement.doubt:
            maybe |= statement.doubt.names or set()
        for name in maybe:
            self._extend(name, index)
        for each in effects:
            self._changed(each, index)
            for one, other in each.links:
                self._link(one, other, index)

    def _effects(self, statement: Statement) -> list[Effects]:
        """Those of the statement, and of what may be called behind its back."""
        tree: list[ast.stmt] = [statement.node] if statement.node else []
        if statement.measured:
            tree = statement.measured.body
        if not tree:
            return []
        walk = Walk(self.world)
        walk.run(tree)
        found = walk.found
        out = [found, *_all(found.inner)]
        if found.lively:
            out += self._wild
        self._wild += [each for each in _all([*found.inner, *found.later]) if _does(each)]
        for name in found.escapes - self._escaped:
            self._escaped.add(name)
            for function in self.world.functions.get(name, ()):
                does = self.world.summary(function)
                self._wild += [each for each in (does, *_all(does.inner)) if _does(each)]
                out += [does] if found.lively else []
        return out

    def _is_import(self, name: str, index: int) -> bool:
        version = self.at(name, index)
        makers = self.versions[version].makers if version is not None else []
        return bool(makers) and all(name in _roots(self.statements[maker].node) for maker in makers)

    def _make(self, name: str, index: int) -> int:
        self.versions.append(Version(name, [index]))
        self._parents.append(len(self._parents))
        self._history.setdefault(name, []).append((index, len(self.versions) - 1))
        return len(self.versions) - 1

    def _extend(self, name: str, index: int) -> None:
        version = self.at(name, index + 1)
        if version is None:
            version = self._make(name, index)
            self.versions[version].is_sure = False
        elif self.versions[version].makers[-1] != index:
            self.versions[version].makers.append(index)

    def _both(self, token: str, index: int) -> set[int]:
        """The versions of a name before and after a statement."""
        if token.startswith("="):
            return {self.kept_by(token[1:])}
        found = (self.at(token, index), self.at(token, index + 1))
        return {version for version in found if version is not None}

    def _changed(self, effects: Effects, index: int) -> None:
        for token, depth in effects.changes.items():
            if token.startswith("@"):
                self.changers_of_state.setdefault(token, []).append(index)
            elif not token.startswith("$") and self.world.matters(token, depth):
                self._changes += [(version, depth, index) for version in self._both(token, index)]

    def _reached(self, family: int, depth: int) -> set[int]:
        """Also what a function or class holds, and, if it goes deep, the functions that something holds."""
        found: set[int] = set()
        waiting = [family, *(self._functions_in.get(family, ()) if depth >= BELOW else ())]
        while waiting:
            each = waiting.pop()
            if each not in found:
                found.add(each)
                waiting += self._holds.get(each, ())
        return found

    def _by_family(self, pairs: dict[int, set[int]]) -> dict[int, set[int]]:
        out: dict[int, set[int]] = {}
        for one, others in pairs.items():
            out.setdefault(self._root(one), set()).update(self._root(other) for other in others)
        return out

    def _link(self, one: str, other: str, index: int) -> None:
        if one[0] in "@$" or other[0] in "@$":
            return
        holder, held = (self.world.kind(token) > Kind.OTHER for token in (one, other))
        self.statements[index].holds |= holder or one.startswith("=")
        for a in self._both(one, index):
            for b in self._both(other, index):
                if holder and not held:
                    self._holds.setdefault(a, set()).add(b)
                elif held and not holder:
                    self._functions_in.setdefault(a, set()).add(b)
                else:
                    self._parents[self._root(a)] = self._root(b)

    def _root(self, version: int) -> int:
        while self._parents[version] != version:
            self._parents[version] = self._parents[self._parents[version]]
            version = self._parents[version]
        return version


def _roots(node: ast.stmt | None) -> set[str]:
    """``a`` of ``import a.b``."""
    aliases = node.names if isinstance(node, ast.Import) else []
    return {alias.name.partition(".")[0] for alias in aliases if not alias.asname}


def _all(effects: Iterable[Effects]) -> list[Effects]:
    """With what is made inside, however deep."""
    out: dict[int, Effects] = {}
    waiting = list(effects)
    while waiting:
        each = waiting.pop()
        if id(each) not in out:
            out[id(each)] = each
            waiting += [*each.inner, *each.later]
    return list(out.values())


def _does(effects: Effects) -> bool:
    return bool(effects.changes or effects.rebinds)


def _deleted(node: ast.stmt | None) -> set[str]:
    targets = node.targets if isinstance(node, ast.Delete) else []
    return {
        t.id
        for target in targets
        for t in ast.walk(target)
        if isinstance(t, ast.Name) and isinstance(t.ctx, ast.Del)
    }

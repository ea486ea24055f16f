"""What was executed, as data: the texts of cells in their order, and the statements in them that bind a name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

WORD = re.compile(r"[^\W\d]\w*")
_IMPORTED = re.compile(r"\bimport\b\s*(\([^)]*\)|(?:[^\n\\]|\\\n|\\)*)")
_STAR = re.compile(r"import\s*\(?\s*\*")
_KEPT = 2000


@dataclass(frozen=True)
class Cell:
    """One text that was executed. ``source`` is the Python of it, ``raw`` what the person wrote; ``number`` is the
    cell's, and without one ``file`` says what it was."""

    number: int | None
    source: str
    raw: str = ""
    file: str = ""

    @property
    def place(self) -> str:
        return f"In[{self.number}]" if self.number is not None else self.file

    def line(self, number: int) -> int:
        """The line of ``raw`` that line ``number`` of ``source`` is: a magic may have stood before it."""
        if not self.raw or self.raw == self.source:
            return number
        ran, wrote = self.source.splitlines(), self.raw.splitlines()
        text = ran[number - 1] if 0 < number <= len(ran) else ""
        at = [n for n, line in enumerate(wrote, 1) if line.endswith(text) and (text or not line)]
        return min(at, key=lambda n: (n < number, abs(n - number))) if at else number


@dataclass(frozen=True)
class Statement:
    """A statement at the top level of a cell, or in a branch there."""

    cell: Cell
    node: ast.stmt

    @property
    def line(self) -> int:
        decorators: list[ast.expr] = getattr(self.node, "decorator_list", [])
        return min([self.node.lineno, *(d.lineno for d in decorators)])

    @property
    def text(self) -> str:
        """Its lines with their comments, but without what stands behind a semicolon."""
        node = self.node
        rows = self.cell.source.split("\n")[node.lineno - 1 : node.end_lineno]
        rest = rows[-1].encode()[node.end_col_offset :].decode().strip()
        if rest and not rest.startswith("#"):
            return f"{ast.get_source_segment(self.cell.source, node)}\n"
        return "\n".join(rows) + "\n"


@dataclass(frozen=True)
class History:
    """``cells`` in the order in which they ran; ``files``: the name that Python has for a text -> the text."""

    cells: tuple[Cell, ...] = ()
    files: Mapping[str, Cell] = field(default_factory=dict)

    @cached_property
    def _having(self) -> Mapping[str, list[Cell]]:
        """Word -> the cells in whose text it stands, the last one first."""
        found: dict[str, list[Cell]] = {}
        for cell in reversed(self.cells):
            for word in words(cell.source):
                found.setdefault(word, []).append(cell)
        return found

    def binding(self, name: str) -> Iterator[Statement]:
        """The statements that bind ``name`` outside of functions, the last one first."""
        for cell in self._having.get(name, ()):
            for node in reversed(bindings(cell.source).get(name, [])):
                yield Statement(cell, node)

    def importing(self, name: str) -> Iterator[Statement]:
        for cell in self._having.get(name, ()):
            if name in words_of_imports(cell.source):
                for node in reversed(bindings(cell.source).get(name, [])):
                    if isinstance(node, ast.Import | ast.ImportFrom):
                        yield Statement(cell, node)

    @cached_property
    def stars(self) -> list[Statement]:
        """``from m import *``, the last one first."""
        return [
            Statement(cell, node)
            for cell in self._having.get("import", ())
            if has_star(cell.source)
            for node in reversed(bindings(cell.source).get("*", []))
        ]

    def containing(self, name: str) -> Iterator[Cell]:
        """Cells in whose text a word stands, the last one first; each text once."""
        seen: set[str] = set()
        for cell in self._having.get(name, ()):
            if cell.source not in seen:
                seen.add(cell.source)
                yield cell


@lru_cache(_KEPT)
def words(text: str) -> frozenset[str]:
    return frozenset(WORD.findall(text))


@lru_cache(_KEPT)
def words_of_imports(text: str) -> frozenset[str]:
    """The words behind each ``import``: what is imported is among them."""
    return frozenset(WORD.findall(" ".join(_IMPORTED.findall(text))))


@lru_cache(_KEPT)
def has_star(text: str) -> bool:
    """Whether it may have ``from m import *``."""
    return bool(_STAR.search(text))


@lru_cache(_KEPT)
def tree(text: str) -> ast.Module:
    """The syntax tree of a text; empty if it is no Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module([], [])


@lru_cache(_KEPT)
def bindings(text: str) -> dict[str, list[ast.stmt]]:
    """Name -> the statements outside of functions and classes that bind it, in their order; ``*`` has stars."""
    found: dict[str, list[ast.stmt]] = {}
    for statement in simple(tree(text).body):
        for name in dict.fromkeys(bound(statement)):
            found.setdefault(name, []).append(statement)
    return found


def simple(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements with those inside of branches and loops after what they are in."""
    for statement in body:
        yield statement
        for name in ("body", "orelse", "handlers", "finalbody", "cases"):
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                break
            for inner in getattr(statement, name, ()):
                yield from simple(inner.body if not isinstance(inner, ast.stmt) else [inner])


def bound(statement: ast.stmt) -> Iterator[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        whole = isinstance(statement, ast.ImportFrom)
        for alias in statement.names:
            yield alias.asname or (alias.name if whole else alias.name.partition(".")[0])
    else:
        for node in _outside_of_functions(statement):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                yield node.id
            elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
                yield node.name


def _outside_of_functions(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    # the names of a comprehension are its own
    children = [node.iter, *node.ifs] if isinstance(node, ast.comprehension) else ast.iter_child_nodes(node)
    for child in children:
        # statements inside are told by themselves
        if not isinstance(child, ast.stmt | ast.Lambda | ast.ExceptHandler | ast.match_case):
            yield from _outside_of_functions(child)

"""Which cell a function came from, so that a failure up there can show the line down here."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from fc_magic.errors import FcError
from fc_magic.language.speech import say

if TYPE_CHECKING:
    from fc_magic.notebook.failures.kept_cells import Kept
    from fc_magic.slicing.result import Slice

#: a session that deploys all day must not keep every version of every cell
KEEP = 200
_MEASURES = re.compile(r"\s*%%(?:time|capture|prun|timeit)\b")


class CellSource(NamedTuple):
    """One executed cell, whole: line N of ``source`` is line N of the function's ``/code/index.py`` or its like,
    unless that was completed from other cells, or is a file of its own: then ``at`` says what a line of it is."""

    execution_count: int | None
    source: str
    #: the file, if it has parts of other cells, and these by their number
    sliced: Slice | None = None
    others: Mapping[int, CellSource] = MappingProxyType({})
    #: how a place in it is said: {0} is its number, {1} its notebook
    said: str = "Cell In[{0}]"
    notebook: str = ""
    #: lines that stand above it in the file
    above: int = 0
    #: lines that it begins with, which are in no file: IPython drops empty ones
    skipped: int = 0
    #: the function of the cell that is called, as it was deployed; nothing if that is not known
    handler: str = ""

    @property
    def place(self) -> str:
        if self.execution_count is None:
            return self.notebook or say("Cell")
        return say(self.said, self.execution_count, self.notebook)

    def at(self, number: int) -> tuple[CellSource | None, int]:
        """The cell that line ``number`` of the file is from, and the line in it; no cell for what was made."""
        if self.sliced is None:
            inside = number > self.above
            return (self, number - self.above + self.skipped) if inside else (None, number)
        part, line = self.sliced.origin(number) or (None, 0)
        if part is None or not line or part.cell is None:
            return None, number
        if part.kind == "cell":
            return self._replace(sliced=None), line
        return self.others.get(part.cell) or CellSource(part.cell, ""), line

    @property
    def lines(self) -> list[str]:
        """As Python and the editor count them: a form feed ends none."""
        return self.source.removesuffix("\n").split("\n")

    def line(self, number: int) -> str:
        lines = self.lines
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def called(self, name: str, number: int) -> str:
        """``inner`` -> ``inner(x)``: the function of this name around line ``number``, with parameters. A longer
        name, which the cell has nowhere, was made of its own for the file."""
        around = [f for f in _functions(self.source) if f.lineno <= number <= _end(f)]
        is_made = name.isidentifier() and not re.search(rf"\b{name}\b", self.source)
        found = [f for f in around if f.name == name or (is_made and f.name in name)]
        if not found:
            return name
        innermost = max(found, key=lambda f: f.lineno)
        name = innermost.name
        shown = f"{name}({ast.unparse(innermost.args)})"
        return shown if len(shown) <= 60 else f"{name}(…)"


def skipped(raw: str) -> int:
    """How many lines of a cell come before those that IPython runs, or gives to the magic of ours: empty ones, and a
    magic that only measures."""
    for number, line in enumerate(raw.split("\n")):
        if line.strip() and not _MEASURES.match(line):
            return number
    return 0


class Sources(Protocol):
    """Whatever can find a cell again."""

    def find(self, function_name: str, code_checksum: str) -> CellSource | None: ...


class Cells:
    """The cells deployed in this session, by function, code and target; the oldest are forgotten first. What was
    deployed elsewhere is asked of ``kept``, which other sessions wrote to."""

    def __init__(self, kept: Callable[[], Kept] | None = None) -> None:
        self._known: dict[tuple[str, str, str], CellSource] = {}
        self._kept = kept

    def remember(
        self,
        name: str,
        checksum: str,
        source: CellSource,
        whole: bool = False,
        target: str = "",
        keep: bool = True,
    ) -> None:
        """``keep``: also beyond this session; ``whole``: with its text, else only what it takes to know it again;
        ``target``: where it was deployed to, if that lasts."""
        key = (name, checksum, target)
        self._known.pop(key, None)
        self._known[key] = source
        while len(self._known) > KEEP:
            del self._known[next(iter(self._known))]
        if self._kept and keep:
            self._kept().put(name, checksum, source, whole, target)

    def find(self, function_name: str, code_checksum: str) -> CellSource | None:
        """That of the last deployment, wherever it went: the same code has the same lines."""
        wanted = (function_name, code_checksum)
        known = next((found for key, found in reversed(self._known.items()) if key[:2] == wanted), None)
        if known or not self._kept:
            return known
        try:
            return self._kept().find(function_name, code_checksum)
        except FcError:  # settings that cannot be read now; an error is being shown already
            return None

    def forget(self, name: str, target: str) -> None:
        """The function was deleted there."""
        for key in [key for key in self._known if (key[0], key[2]) == (name, target)]:
            del self._known[key]
        if self._kept:
            self._kept().forget(name, target)


_Def = ast.FunctionDef | ast.AsyncFunctionDef


def tree(source: str) -> ast.Module | None:
    """A cell as Python has it, each line at its place; None if it is not Python."""
    # magics and shell lines are not Python; they become comments so that line numbers stay
    python = re.sub(r"(?m)^(\s*)[%!]", r"\1#", source)
    try:
        return ast.parse(python)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _functions(source: str) -> list[_Def]:
    found = tree(source)
    return [node for node in ast.walk(found) if isinstance(node, _Def)] if found else []


def _end(function: _Def) -> int:
    return function.end_lineno or function.lineno

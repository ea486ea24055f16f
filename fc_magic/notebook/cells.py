"""Which cell a function came from, so that a failure up there can show the line down here."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from fc_magic.slicing.result import Slice

#: a session that deploys all day must not keep every version of every cell
KEEP = 200


class CellSource(NamedTuple):
    """One executed cell, whole: line N of ``source`` is line N of the function's ``/code/index.py`` or its like,
    unless that was completed from other cells: then ``at`` says what a line of it is."""

    execution_count: int | None
    source: str
    #: the file, if it has parts of other cells, and the texts of these by their number
    sliced: Slice | None = None
    texts: Mapping[int, str] = MappingProxyType({})

    @property
    def place(self) -> str:
        return "Cell" if self.execution_count is None else f"Cell In[{self.execution_count}]"

    def at(self, number: int) -> tuple[CellSource | None, int]:
        """The cell that line ``number`` of the file is from, and the line in it; no cell for what was made."""
        if self.sliced is None:
            return self, number
        part, line = self.sliced.origin(number) or (None, 0)
        if part is None or not line or part.cell is None:
            return None, number
        if part.kind == "cell":
            return CellSource(self.execution_count, self.source), line
        return CellSource(part.cell, self.texts.get(part.cell, "")), line

    def line(self, number: int) -> str:
        lines = self.source.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def called(self, name: str, number: int) -> str:
        """``inner`` -> ``inner(x)``: the function of this name around line ``number``, with parameters."""
        found = [f for f in _functions(self.source) if f.name == name and f.lineno <= number <= _end(f)]
        if not found:
            return name
        innermost = max(found, key=lambda f: f.lineno)
        shown = f"{name}({ast.unparse(innermost.args)})"
        return shown if len(shown) <= 60 else f"{name}(…)"


class Sources(Protocol):
    """Whatever can find a cell again."""

    def find(self, function_name: str, code_checksum: str) -> CellSource | None: ...


class Cells:
    """The cells deployed in this session, by function and code; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CellSource] = {}

    def remember(self, name: str, checksum: str, source: CellSource) -> None:
        self._known.pop((name, checksum), None)
        self._known[name, checksum] = source
        while len(self._known) > KEEP:
            del self._known[next(iter(self._known))]

    def find(self, function_name: str, code_checksum: str) -> CellSource | None:
        return self._known.get((function_name, code_checksum))


_Def = ast.FunctionDef | ast.AsyncFunctionDef


def _functions(source: str) -> list[_Def]:
    # magics and shell lines are not Python; they become comments so that line numbers stay
    python = re.sub(r"(?m)^(\s*)[%!]", r"\1#", source)
    try:
        tree = ast.parse(python)
    except (SyntaxError, ValueError):
        return []
    return [node for node in ast.walk(tree) if isinstance(node, _Def)]


def _end(function: _Def) -> int:
    return function.end_lineno or function.lineno

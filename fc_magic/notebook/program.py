"""A cell that is a whole program, for a custom runtime: which file it becomes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fc_magic.errors import CellError, EmptyCell
from fc_magic.notebook.cell import FIRST_LINE, parsed

BOOTSTRAP = "bootstrap"
SHEBANG = "#!"
#: words of a start command that name a file of the package, the surest first
_SCRIPT = re.compile(
    r"(?<![^\s'\"=])(?:\./|/code/)?(\w[\w./-]*\.(?:py|[cm]?js|ts|sh|rb|pl|php|lua|jl|R))(?![^\s'\"])"
)
_APPLICATION = re.compile(r"(?<![^\s'\"])([A-Za-z_][\w.]*):[A-Za-z_]\w*(?![^\s'\":])")
_MODULE = re.compile(r"\s-m\s+([A-Za-z_][\w.]*)")
_EXECUTABLE = re.compile(r"^\s*(?:\./|/code/)([\w./-]+)")


@dataclass(frozen=True)
class Program:
    """The file of the package; a program with a ``#!`` line can be run as it is."""

    path: str
    source: str

    @property
    def files(self) -> dict[str, bytes]:
        return {self.path: self.source.encode()}

    @property
    def executable(self) -> frozenset[str]:
        return frozenset([self.path]) if self.source.startswith(SHEBANG) else frozenset()


def read(text: str, command: str = "", skipped: int = 0) -> Program:
    """``command`` starts the program; ``skipped``: of a Python file, as for a cell. Raises EmptyCell,
    CellSyntaxError, or CellError if no file can be told."""
    if not text.strip():
        raise EmptyCell(
            "the cell is empty: there is no program to deploy",
            hint="write a program that serves HTTP on 0.0.0.0:9000 below the %%fcdeploy line",
        )
    # a file from Windows would not be found by its own first line
    source = (text if text.endswith("\n") else text + "\n").replace("\r\n", "\n")
    path = _named(command)
    if source.lstrip("\n").startswith(SHEBANG):
        source = source.lstrip("\n")  # nothing may stand above that line, not even what options left
    if source.startswith(SHEBANG):
        return Program(path or BOOTSTRAP, source)
    if not path:
        raise CellError(
            f"which file is this cell? {f'--entrypoint {command!r}' if command else 'No start command'} names none",
            hint="--entrypoint 'python3 app.py'; or begin the cell with #!/usr/bin/env python3, then it is bootstrap",
        )
    if path.endswith(".py"):
        source = "\n" * skipped + FIRST_LINE + source
        parsed(source)
    return Program(path, source)


def _named(command: str) -> str:
    """The file that a start command names, or nothing."""
    if found := _SCRIPT.search(command):
        return found[1]
    if found := _APPLICATION.search(command) or _MODULE.search(command):
        return found[1].replace(".", "/") + ".py"
    found = _EXECUTABLE.search(command)
    return found[1] if found else ""

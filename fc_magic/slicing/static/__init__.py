"""Without a kernel: what a cell needs of the cells above it, from a notebook's file, as "Run All" would make it.

Statements and not whole cells: those that bind what the cell needs or may change it, in their order, with what they
need in turn. What cannot be known from the file is refused by name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from fc_magic.errors import CellError
from fc_magic.slicing.result import Slice
from fc_magic.slicing.static.compose import composed
from fc_magic.slicing.static.program import Program
from fc_magic.slicing.static.slicer import needed
from fc_magic.slicing.static.statements import NotebookCell, read

__all__ = ["NotebookCell", "slicer"]


def slicer(
    above: Sequence[NotebookCell], number: int | None, folder: Path, exclude: Iterable[str] = ()
) -> Callable[[str], Slice]:
    """What makes a slice of the source of a cell below ``above``. ``number`` is what the notebook shows for the cell,
    ``folder`` where the notebook is; ``exclude``: names that are left out."""

    def sliced(source: str) -> Slice:
        try:
            program = Program(read(above, folder))
            found, names = needed(program, source, frozenset(exclude) - _beside(folder))
            return composed(program, found, source, names, number, folder)
        except RecursionError:
            raise CellError("the notebook cannot be read: its code is nested too deeply") from None

    return sliced


def _beside(folder: Path) -> set[str]:
    """Modules beside the notebook: excluded or not, they go as their files are."""
    return {path.stem for path in folder.glob("*.py")} | {
        path.parent.name for path in folder.glob("*/__init__.py")
    }

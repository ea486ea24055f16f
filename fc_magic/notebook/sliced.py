"""A cell completed from its notebook: the file that it becomes, and the files that go beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from fc_magic.notebook.cell import FIRST_LINE
from fc_magic.package.contents import CELL, Contents
from fc_magic.slicing.result import Part, Slice

#: the source of a cell as it becomes a file -> the same with what it needs from the rest of the notebook
Slicer = Callable[[str], Slice]


def excluded(texts: Iterable[str]) -> frozenset[str]:
    """The names that ``--exclude`` leaves out: ``a,b`` are two."""
    return frozenset(name for text in texts for name in text.replace(",", " ").split())


def sliced(contents: Contents, slicer: Slicer | None) -> tuple[Contents, Slice | None]:
    """The same contents if the cell is no Python file, or needs nothing. Empty lines before the first of the cell are
    only counted: no number of them makes another file. And the whole file begins as that of a cell does, so that it
    is the same when it becomes a cell itself."""
    path = next((p for p, why in contents.reasons.items() if why == CELL and p.endswith(".py")), "")
    if slicer is None or not path or contents.files[path].startswith(b"#!"):
        return contents, None
    found = slicer(contents.files[path].decode())
    first, *rest = [_begun(p) if p.kind == "cell" else p for p in found.parts]
    if rest:
        first = replace(first, text=FIRST_LINE + first.text, head=first.head + FIRST_LINE.count("\n"))
    found = replace(found, parts=(first, *rest))
    with_slice = Contents(
        {**contents.files, path: found.source.encode()}, contents.executable, contents.reasons
    )
    return with_slice.beside(Contents(found.files, reasons=found.reasons)), found


def _begun(cell: Part) -> Part:
    text = cell.text.lstrip("\n")
    return replace(cell, text=text, line=cell.line + len(cell.text) - len(text))

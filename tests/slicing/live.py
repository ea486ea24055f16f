"""A notebook without a front end: cells run one after the other in a module, and their texts are kept."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

from fc_magic.slicing.history import Cell, History
from fc_magic.slicing.live import Notebook, slice_live
from fc_magic.slicing.result import Slice

MAGIC = "# %%fcdeploy\n"


class Cells:
    """``main`` is what functions and classes of the cells say they are of."""

    def __init__(self, *texts: str, folder: Path = Path()) -> None:
        self.main = types.ModuleType("__main__")
        self.names: dict[str, Any] = self.main.__dict__
        self.texts: list[Cell] = []
        self.files: dict[str, Cell] = {}
        self.folder = folder
        for text in texts:
            self.run(text)

    def run(self, text: str) -> None:
        number = len(self.texts) + 1
        file, cell = f"<cell {number}>", Cell(number, text)
        self.files[file] = cell
        self.texts.append(cell)
        sys.modules["__main__"], before = self.main, sys.modules["__main__"]
        try:
            exec(compile(text, file, "exec", dont_inherit=True), self.names)
        finally:
            sys.modules["__main__"] = before

    def slice(self, cell: str, *exclude: str) -> Slice:
        history = History(tuple(self.texts), self.files)
        notebook = Notebook(self.names, history, self.folder, number=len(self.texts) + 1)
        sys.modules["__main__"], before = self.main, sys.modules["__main__"]
        try:
            return slice_live(MAGIC + cell, notebook, frozenset(exclude))
        finally:
            sys.modules["__main__"] = before

    def here(self, cell: str) -> Any:
        """What the cell's handler returns in the notebook."""
        self.run(cell)
        return self.names["handler"](b"{}", None)


def there(found: Slice) -> Any:
    """What the handler returns in a module of its own that has nothing but the file."""
    module = types.ModuleType("index")
    sys.modules["index"] = module
    try:
        exec(compile(found.source, "index.py", "exec", dont_inherit=True), module.__dict__)
        return module.__dict__["handler"](b"{}", None)
    finally:
        del sys.modules["index"]

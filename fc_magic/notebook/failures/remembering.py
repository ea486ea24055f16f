"""What a notebook remembers of its cells when they become functions, in memory and beyond the session.

Imported by ``%load_ext``, so what takes time to import is imported when it is used.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from fc_magic.client.function import RemoteFunction
    from fc_magic.notebook.failures.cells import CellSource
    from fc_magic.notebook.failures.kept_cells import Kept
    from fc_magic.notebook.line.head import Head
    from fc_magic.notebook.line.options import Line
    from fc_magic.slicing.result import Slice


def kept(magics: Any) -> Kept:
    """Where cells of other sessions are found, as the notebook is now."""
    from fc_magic.notebook import history
    from fc_magic.notebook.failures import kept_cells

    shell, unstored = magics.shell, magics.unstored
    return kept_cells.Kept(
        magics.settings.folder / kept_cells.FOLDER,
        notebook_path(shell),
        lambda: history.texts(shell, unstored),
    )


def notebook_path(shell: Any) -> str:
    """The notebook's file, where a front end or its server tells it."""
    told = shell.user_ns.get("__vsc_ipynb_file__") or os.environ.get("JPY_SESSION_NAME")
    return told if isinstance(told, str) and told.endswith(".ipynb") else ""


def remember(magics: Any, function: RemoteFunction, asked: Line, above: Head, sliced: Slice | None) -> None:
    """The deployed cell, and those that its file has parts of; from now on it can run here, too."""
    from fc_magic.notebook import local_run
    from fc_magic.notebook.sliced import excluded

    name = function.info.name
    found = source(magics, f"%%fcdeploy {name}", function.info.handler, above, sliced)
    left_out = excluded(asked.repeated.get("exclude", ()))
    whole = sliced.source if sliced else above.body
    local_run.attach(magics.shell, function, above, found.execution_count, left_out, whole)
    target = function.target
    magics.cells.remember(name, function.info.code_checksum, found, not target.is_cloud, target.name)


def source(magics: Any, line: str, handler: str, above: Head, sliced: Slice | None) -> CellSource:
    """The cell that ``above`` is of, with those that its file has parts of; ``line`` stands for that of its magic."""
    from fc_magic.notebook.failures.cells import CellSource
    from fc_magic.notebook.history import number, texts

    text = "\n" * above.skipped + f"{line}\n{above.shown}"
    at = above.number or number(magics.shell, magics.unstored)
    found = CellSource(at, text, skipped=above.skipped, handler=_function(handler))
    if sliced and len(sliced.parts) > 1:
        return completed(found, sliced, texts(magics.shell, magics.unstored))
    return found


def _function(handler: str) -> str:
    """``index.main`` -> ``main``"""
    return handler.rpartition(".")[2]


def skipped(magics: Any) -> int:
    """How many lines the present cell has before the magic of ours; none if it calls that in another way."""
    from fc_magic.notebook.failures import cells
    from fc_magic.notebook.history import present

    raw = present(magics.shell, magics.unstored)
    count = cells.skipped(raw)
    return count if raw.split("\n")[count].lstrip().startswith("%%fc") else 0


def completed(source: CellSource, sliced: Slice, known: Mapping[int, str]) -> CellSource:
    """``known``: the text of each cell by its number; parts count their lines from its first."""
    numbers = {part.cell for part in sliced.parts if part.cell is not None and part.kind != "cell"}
    others = {
        n: source._replace(execution_count=n, source=known.get(n, ""), above=0, skipped=0) for n in numbers
    }
    return source._replace(sliced=sliced, others=others)


def of_file(folder: Path, at: Any, path: Path, function: RemoteFunction, sliced: Slice | None) -> None:
    """A function that the command line deployed: its cells are those of a file."""
    from fc_magic.notebook.failures.cells import CellSource
    from fc_magic.notebook.failures.kept_cells import FOLDER, Kept

    name, is_notebook = function.info.name, path.suffix == ".ipynb"
    text = "\n" * at.head.skipped + (f"%%fcdeploy {name}\n{at.head.shown}" if is_notebook else at.head.shown)
    above = 0 if is_notebook else 1
    source = CellSource(
        at.number,
        text,
        notebook=path.name,
        above=above,
        skipped=at.head.skipped,
        handler=_function(function.info.handler),
    )
    if sliced and len(sliced.parts) > 1:
        source = completed(source, sliced, {each.number: each.source for each in at.above})
    kept_ = Kept(folder / FOLDER, str(path.absolute()), is_file=True)
    target = function.target
    kept_.put(name, function.info.code_checksum, source, not target.is_cloud, target.name)

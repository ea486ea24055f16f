"""The notebook of a shell as data: what was executed, what its names are, and where its files stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from fc_magic.notebook.sliced import excluded
from fc_magic.notebook.unstored import Unstored
from fc_magic.slicing.history import Cell, History
from fc_magic.slicing.live import Notebook, slice_live
from fc_magic.slicing.proof import features
from fc_magic.slicing.result import Slice

#: cell magics whose body is run in the notebook, and line magics whose rest is
_RUN = re.compile(r"\s*%%(?:time|capture|prun|timeit)\b[^\n]*\n")
_RUN_LINE = re.compile(r"^([ \t]*)%time[ \t]+", re.MULTILINE)
#: magics whose cell is run as a function, and not in the notebook
_ELSEWHERE = ("%%fcdeploy", "%%fcrun")
#: what the texts of cells are called
_OF_CELL = re.compile(r"^<ipython-input-|[/\\]ipykernel_\d+[/\\]\d+\.py$")


def slicer(
    shell: Any, exclude: Iterable[str] = (), unstored: Unstored | None = None
) -> Callable[[str], Slice]:
    """What completes the source of a cell from the notebook as it is now. ``exclude``: names that are left out;
    ``unstored``: knows the cells that ``In`` has not."""
    left_out = excluded(exclude)
    return lambda source: slice_live(source, notebook(shell, unstored), left_out)


def notebook(shell: Any, unstored: Unstored | None = None) -> Notebook:
    return Notebook(
        shell.user_ns,
        History(tuple(cells(shell, unstored)), _Files(shell, unstored)),
        Path.cwd(),
        features(shell.compile.flags),
        number(shell, unstored),
    )


def number(shell: Any, unstored: Unstored | None = None) -> int | None:
    """That of the present cell."""
    if unstored and unstored.is_running:
        return unstored.number(len(unstored.cells) - 1)
    # `In` holds the running cell; execution_count is its number in some IPythons and the next one's in others
    return len(shell.user_ns.get("In", " ")) - 1 or None


def present(shell: Any, unstored: Unstored | None = None) -> str:
    """What the person wrote in the cell that is running."""
    if unstored and unstored.is_running:
        return unstored.cells[-1][1]
    return str(shell.history_manager.input_hist_raw[-1])


def cells(shell: Any, unstored: Unstored | None = None) -> Iterable[Cell]:
    """The cells before the present one, in the order in which they ran; those of other notebooks before all."""
    known = _Files(shell, unstored)
    yield from (known[name] for name in _of_other_notebooks(shell))
    manager = shell.history_manager
    raw, ran = manager.input_hist_raw, manager.input_hist_parsed
    is_stored = not (unstored and unstored.is_running)
    end = min(len(raw), len(ran), len(shell.user_ns.get("In", " ")) - is_stored)
    beside = _beside(shell, unstored)
    for at in range(1, end):
        yield from (cell for before, cell in beside if before == at)
        if raw[at].lstrip().startswith(_ELSEWHERE):
            continue  # it ran somewhere else
        source = ran[at] if ran[at].endswith("\n") else ran[at] + "\n"
        plain = _without_timing(raw[at])
        if plain != raw[at]:
            source = _transformed(shell, plain)
        yield Cell(at, source, raw[at])
    yield from (cell for before, cell in beside if before >= end)


def _beside(shell: Any, unstored: Unstored | None) -> list[tuple[int, Cell]]:
    """The cells that are not stored, each with the number of the stored one that came next."""
    if unstored is None:
        return []
    found = []
    for at, (before, raw) in enumerate(unstored.cells):
        if raw and not raw.lstrip().startswith(_ELSEWHERE):
            found.append((before, Cell(unstored.number(at), _transformed(shell, _without_timing(raw)), raw)))
    return found


def texts(shell: Any, unstored: Unstored | None = None) -> Mapping[int, str]:
    """The number of each cell -> what the person wrote."""
    beside = {cell.number: cell.raw for _, cell in _beside(shell, unstored) if cell.number is not None}
    return {**dict(enumerate(shell.history_manager.input_hist_raw)), **beside}


class _Files(Mapping[str, Cell]):
    """Reads a text when it is asked for: a long session has many."""

    def __init__(self, shell: Any, unstored: Unstored | None) -> None:
        self._shell, self._known = shell, getattr(shell.compile, "_filename_map", {})
        self._unstored = unstored

    def __getitem__(self, name: str) -> Cell:
        import linecache

        at = self._known.get(name)
        if at is None and not (_is_cell(name) or (name.endswith((".py", ".ipy")) and _is_script(name))):
            raise KeyError(name)
        source = "".join(linecache.getlines(name))
        if at is None:
            return Cell(None, source, source, "another notebook" if _is_cell(name) else Path(name).name)
        for _, cell in _beside(self._shell, self._unstored):
            if cell.source.rstrip() == source.rstrip():
                return cell
        raw = self._shell.history_manager.input_hist_raw
        is_stored = 0 < at < len(raw)
        return Cell(at if is_stored else None, source, raw[at] if is_stored else source)

    def __iter__(self) -> Any:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def _of_other_notebooks(shell: Any) -> list[str]:
    import linecache

    own = getattr(shell.compile, "_filename_map", {})
    return [name for name in list(linecache.cache) if name not in own and _is_cell(name)]


def _is_cell(name: str) -> bool:
    """Whether it is a cell of a notebook that ``%run`` ran: it has a compiler of its own."""
    import linecache

    known = linecache.cache.get(name, ())
    return len(known) == 4 and known[1] is None and bool(_OF_CELL.search(name))


@lru_cache(1000)
def _is_script(name: str) -> bool:
    """Whether it may be a file that ``%run`` ran; a library's is not."""
    return not re.search(r"/(?:site-packages|dist-packages|lib/python3\.\d+)/", name)


def _without_timing(raw: str) -> str:
    """A cell without the magics that only measure or keep what it does; each line keeps its number."""
    if "%" not in raw:
        return raw
    return _RUN_LINE.sub(r"\1", _RUN.sub("\n", raw, count=1) if _RUN.match(raw) else raw)


@lru_cache(500)
def _transformed_by(manager: Any, raw: str) -> str:
    return str(manager.transform_cell(raw))


def _transformed(shell: Any, raw: str) -> str:
    return _transformed_by(shell.input_transformer_manager, raw)

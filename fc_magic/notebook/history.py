"""The notebook of a shell as data: what was executed, what its names are, and where its files stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from fc_magic.slicing.history import Cell, History
from fc_magic.slicing.live import Notebook, slice_live
from fc_magic.slicing.proof import features
from fc_magic.slicing.result import Slice

#: cell magics whose body is run in the notebook, and line magics whose rest is
_RUN = re.compile(r"\s*%%(?:time|capture|prun|timeit)\b[^\n]*\n")
_RUN_LINE = re.compile(r"^([ \t]*)%time[ \t]+", re.MULTILINE)
#: what the texts of cells are called
_OF_CELL = re.compile(r"^<ipython-input-|[/\\]ipykernel_\d+[/\\]\d+\.py$")


def slicer(shell: Any, exclude: Iterable[str] = ()) -> Callable[[str], Slice]:
    """What completes the source of a cell from the notebook as it is now. ``exclude``: names that are left out."""
    left_out = frozenset(name.strip() for text in exclude for name in text.split(",") if name.strip())
    return lambda source: slice_live(source, notebook(shell), left_out)


def notebook(shell: Any) -> Notebook:
    return Notebook(
        shell.user_ns,
        History(tuple(cells(shell)), files(shell)),
        Path.cwd(),
        features(shell.compile.flags),
        number(shell),
    )


def number(shell: Any) -> int | None:
    # `In` holds the running cell; execution_count is its number in some IPythons and the next one's in others
    return len(shell.user_ns.get("In", " ")) - 1 or None


def cells(shell: Any) -> Iterable[Cell]:
    """The cells before the present one, in the order in which they ran; those of other notebooks before all."""
    known = files(shell)
    yield from (known[name] for name in _of_other_notebooks(shell))
    manager = shell.history_manager
    raw, ran = manager.input_hist_raw, manager.input_hist_parsed
    for at in range(1, min(len(raw), len(ran), number(shell) or 0)):
        if raw[at].startswith("%%fcdeploy"):
            continue  # it ran somewhere else
        source = ran[at] if ran[at].endswith("\n") else ran[at] + "\n"
        plain = _without_timing(raw[at])
        if plain != raw[at]:
            source = _transformed(shell, plain)
        yield Cell(at, source, raw[at])


def texts(shell: Any) -> Mapping[int, str]:
    """The number of each cell -> what the person wrote."""
    return dict(enumerate(shell.history_manager.input_hist_raw))


def files(shell: Any) -> Mapping[str, Cell]:
    """What the code of a function says it is from -> the text that was executed under that name."""
    return _Files(shell)


class _Files(Mapping[str, Cell]):
    """Reads a text when it is asked for: a long session has many."""

    def __init__(self, shell: Any) -> None:
        self._shell, self._known = shell, getattr(shell.compile, "_filename_map", {})

    def __getitem__(self, name: str) -> Cell:
        import linecache

        at = self._known.get(name)
        if at is None and not (_is_cell(name) or (name.endswith((".py", ".ipy")) and _is_script(name))):
            raise KeyError(name)
        source = "".join(linecache.getlines(name))
        if at is None:
            return Cell(None, source, source, "another notebook" if _is_cell(name) else Path(name).name)
        raw = self._shell.history_manager.input_hist_raw
        return Cell(at, source, raw[at] if 0 < at < len(raw) else source)

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

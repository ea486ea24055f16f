"""A notebook as a file: its code cells in their order, and those that deploy a function. Nothing is run."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fc_magic.errors import CellError, UsageError
from fc_magic.notebook.line import head
from fc_magic.notebook.line.head import Head
from fc_magic.slicing.static import NotebookCell
from fc_magic.slicing.static.lines import read as read_lines

MAGIC = "%%fcdeploy"
IGNORED, IGNORE_TAG, RAISES_TAG = "# fc: ignore", "fc-ignore", "raises-exception"


@dataclass(frozen=True)
class Deployable:
    """A cell (or line) that deploys a function: its ``head`` with the code below that, and the cells above.

    ``number``: what the notebook shows for it.
    """

    head: Head
    number: int | None = None
    above: tuple[NotebookCell, ...] = ()


def deployables(path: Path) -> list[Deployable]:
    """In the order of the file; of a Python file, itself. Raises UsageError, CellError."""
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "there is no such file"
        raise UsageError(f"{path}: {what}", hint="fc-magic deploy NOTEBOOK.ipynb")
    if path.suffix == ".py":
        return [Deployable(head.read(path.stem, _text(path)))]
    cells = _cells(path)
    return [found for at, cell in enumerate(cells) for found in _of(cell, tuple(cells[:at]))]


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CellError(f"{path} cannot be read: {error}") from None


def _cells(path: Path) -> list[NotebookCell]:
    """Code cells that are not to be ignored, with the numbers that the notebook shows."""
    code = [cell for cell in _notebook(path).cells if cell.cell_type == "code"]
    shown = [cell.get("execution_count") for cell in code if cell.source.strip()]
    # after "Run All" the numbers are those of the order; cells of which some never ran are counted
    are_known = None not in shown and len(shown) == len(set(shown))
    numbers = [cell.get("execution_count") if are_known else n for n, cell in enumerate(code, 1)]
    return [
        NotebookCell(cell.source, number, RAISES_TAG in _tags(cell), _failed(cell))
        for cell, number in zip(code, numbers, strict=True)
        if not (IGNORE_TAG in _tags(cell) or cell.source.lstrip().startswith(IGNORED))
    ]


def _tags(cell: Any) -> list[str]:
    tags = cell.metadata.get("tags", [])
    return tags if isinstance(tags, list) else []


def _failed(cell: Any) -> bool:
    return any(output.get("output_type") == "error" for output in cell.get("outputs", []))


def _notebook(path: Path) -> Any:
    import nbformat

    text = _text(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an old file has cells without ids
            found = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
            nbformat.validate(found)
    # nbformat raises whatever a broken file makes it stumble over
    except Exception as error:  # noqa: BLE001
        said = str(error).strip().splitlines()
        raise CellError(
            f"{path} is not a notebook: {said[0] if said else type(error).__name__}",
            hint="open it in Jupyter and save it again",
        ) from None
    return found


def _of(cell: NotebookCell, above: tuple[NotebookCell, ...]) -> Iterator[Deployable]:
    source = cell.source.lstrip("\n")
    if source.startswith(MAGIC):
        line, _, body = source.partition("\n")
        empty = len(cell.source) - len(source)
        yield Deployable(head.read(line.removeprefix(MAGIC).strip(), body, empty), cell.number, above)
        return
    for magic in read_lines(cell.source).magics:
        if magic.name == MAGIC.strip("%"):
            yield Deployable(head.read(magic.rest.strip(), None), cell.number, above)

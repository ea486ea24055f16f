"""Runs a notebook and prints it as it goes: each cell, and what a person would see under it.

``python notebooks/show.py notebooks/01_quickstart.ipynb``
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

DIM, BOLD, PLAIN = ("\033[2m", "\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


def main(path: str) -> int:
    """Returns 0 if every cell did what it should."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=120,
        resources={"metadata": {"path": str(Path(path).parent)}},
        # a kernel warns that what it says on this machine is not encrypted; nothing else is to be read here
        extra_arguments=["--log-level=ERROR"],
    )
    began = time.monotonic()
    try:
        with client.setup_kernel():
            for number, cell in enumerate(notebook.cells):
                show_source(cell)
                if cell.cell_type == "code":
                    client.execute_cell(cell, number)
                    show_outputs(cell.outputs)
    except CellExecutionError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    print(f"{BOLD}{Path(path).name}: every cell ran, {time.monotonic() - began:.1f} s{PLAIN}")
    print("The same live, in JupyterLab: make lab")
    return 0


def show_source(cell: Any) -> None:
    if cell.cell_type == "markdown":
        print(f"{BOLD}{cell.source}{PLAIN}\n")
    elif cell.source:
        lines = cell.source.splitlines()
        print("\n".join(f"{DIM}{'>>>' if n == 0 else '...'} {line}{PLAIN}" for n, line in enumerate(lines)))


def show_outputs(outputs: list[Any]) -> None:
    card = ""
    for output in outputs:
        if output.output_type == "stream":
            print(output.text.rstrip())
        elif output.output_type == "error":
            # the card above says it all; a notebook keeps both, because some tools keep only the error
            if not card or output.traceback[0] not in card:
                print("\n".join(output.traceback))
        else:
            card = output.data.get("text/plain", "")
            print(card)
    print()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

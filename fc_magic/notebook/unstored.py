"""Cells that run and leave no trace in ``In``, as ``pytest --nbval`` runs them and some front ends do.

Imported by ``%load_ext``.
"""

from __future__ import annotations

from typing import Any


class Unstored:
    """Hears of each cell before and after it runs, and keeps the text of those that are not stored.

    ``cells``: how many cells had been stored by then, and the text.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self.cells: list[tuple[int, str]] = []
        #: those that run now, the outer one first: ``%%capture`` runs what is below it as a cell of its own
        self._running: list[str] = []
        stored = shell.user_ns.get("In") or [""]
        if "load_ext" not in stored[-1]:
            self.cells.append((len(stored), ""))  # the cell that loads the extension is the first of them

    def began(self, info: Any) -> None:
        if info.store_history:
            self._running.clear()
        is_rest = bool(self._running) and self._running[-1].rstrip().endswith(info.raw_cell.rstrip())
        self._running.append(info.raw_cell)
        if not info.store_history and not is_rest:
            self.cells.append((self.stored, info.raw_cell))

    def ended(self, result: Any) -> None:
        if self._running:  # the one that loaded the extension had begun before
            self._running.pop()

    @property
    def stored(self) -> int:
        return len(self._shell.user_ns.get("In", " "))

    @property
    def is_running(self) -> bool:
        """Whether the present cell is one of them: a stored one stands in ``In`` by now."""
        return bool(self.cells) and self.cells[-1][0] == self.stored and self.cells[-1][1] != ""

    def number(self, at: int) -> int | None:
        """What a notebook would show for the one at ``at``, if it can be told: where nothing else is stored."""
        return at + 1 if self.stored == 1 else None


def listen(shell: Any) -> Unstored:
    found = Unstored(shell)
    shell.events.register("pre_run_cell", found.began)
    shell.events.register("post_run_cell", found.ended)
    return found


def forget(shell: Any) -> None:
    """Nobody listens any more."""
    for event in ("pre_run_cell", "post_run_cell"):
        for heard in list(shell.events.callbacks[event]):
            if isinstance(getattr(heard, "__self__", None), Unstored):
                shell.events.unregister(event, heard)

"""An interrupt of a cell ends the calls that it submitted, also those it did not wait for just then.

Imported by ``%load_ext``.
"""

from __future__ import annotations

import sys
from typing import Any


def _now() -> float:
    import time  # not what everybody waits for who loads the extension

    return time.monotonic()


class Interrupted:
    """Hears of each cell before and after it runs."""

    def __init__(self) -> None:
        self._began = _now()

    def begins(self, info: Any) -> None:
        self._began = _now()

    def ends(self, result: Any) -> None:
        error = getattr(result, "error_in_exec", None)
        # an awaited call is interrupted by cancelling the cell
        is_interrupted = isinstance(error, KeyboardInterrupt) or type(error).__name__ == "CancelledError"
        submitted = sys.modules.get("fc_magic.client.fanout.submitted")
        if is_interrupted and submitted:  # else there are none
            submitted.cancel_since(self._began)


def listen(shell: Any) -> None:
    heard = Interrupted()
    shell.events.register("pre_run_cell", heard.begins)
    shell.events.register("post_run_cell", heard.ends)


def forget(shell: Any) -> None:
    """Nobody listens any more."""
    for when in ("pre_run_cell", "post_run_cell"):
        for heard in list(shell.events.callbacks[when]):
            if isinstance(getattr(heard, "__self__", None), Interrupted):
                shell.events.unregister(when, heard)

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
        #: what carries a cell that awaits
        self._task: Any = None

    def begins(self, info: Any) -> None:
        self._began, self._task = _now(), _task()

    def ends(self, result: Any) -> None:
        error = getattr(result, "error_in_exec", None)
        submitted = sys.modules.get("fc_magic.client.fanout.submitted")
        if submitted and (isinstance(error, KeyboardInterrupt) or self._is_cancelled(error)):
            submitted.cancel_since(self._began)
        self._task = None

    def _is_cancelled(self, error: Any) -> bool:
        """Whether the cell was, which is how a kernel interrupts one that awaits; and not only what it waited for."""
        asyncio = sys.modules.get("asyncio")
        if self._task is None or asyncio is None or not isinstance(error, asyncio.CancelledError):
            return False
        # Python 3.10 does not know who was cancelled
        return bool(getattr(self._task, "cancelling", lambda: True)())


def _task() -> Any:
    asyncio = sys.modules.get("asyncio")
    try:
        return asyncio.current_task() if asyncio else None
    except RuntimeError:  # no loop runs
        return None


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

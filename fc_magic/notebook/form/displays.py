"""Outputs of cells that are shown now and become others later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4


class Displays:
    """``bundle``: what is to be seen at the moment."""

    def __init__(self, bundle: Callable[[], dict[str, Any]]) -> None:
        self._bundle = bundle
        self._shown: list[str] = []

    def show(self) -> None:
        self._shown.append(uuid4().hex)
        self._publish(self._shown[-1], update=False)

    def update(self) -> None:
        """All that were shown become what is to be seen, once, at the end of the cell that runs or runs next: a front
        end draws them anew, and who is typing in one of them would lose their place."""
        from IPython import get_ipython

        def publish(_: Any = None) -> None:
            events.unregister("post_run_cell", publish)
            shown, self._shown = self._shown, []
            for display in shown:
                self._publish(display, update=True)

        shell = get_ipython()
        if self._shown and shell:
            events = shell.events
            events.register("post_run_cell", publish)

    def _publish(self, display: str, update: bool) -> None:
        from IPython.display import publish_display_data

        publish_display_data(self._bundle(), transient={"display_id": display}, update=update)

"""A deployment of several calls: what is done and what is not, told when one of them fails."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from fc_magic.errors import FcError

AGAIN = "{verb} it again: what is done is not done twice"


class Steps:
    """``with steps.step("trigger web"): …`` for each; an error that comes out of one says where things stand."""

    def __init__(self, name: str, verb: str = "deploy") -> None:
        self._name, self._verb = name, verb
        self.done: list[str] = []

    @contextlib.contextmanager
    def step(self, what: str, kept: str = "") -> Iterator[None]:
        """``what`` is to be done, such as ``create trigger web``; ``kept`` what still holds if it fails."""
        try:
            yield
        except FcError as error:
            if self.done or kept:
                error.message = f"{error.message.rstrip('.')}. {self._state(what, kept)}"
                error.args = (error.message,)
                error.hint = error.hint or AGAIN.format(verb=self._verb)
            raise
        self.done.append(what)

    def _state(self, what: str, kept: str) -> str:
        done = f"done: {', '.join(self.done)}; " if self.done else ""
        return f"{self._name}: {done}not done: {what}{f'; {kept}' if kept else ''}"

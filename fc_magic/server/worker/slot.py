"""Where the answer of a call comes to that no task waits for: as a future is used, without a turn of the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

#: the header of an answer, and its payload
Heard = tuple[Mapping[str, Any], bytes]


class Slot:
    """``heard`` is called once, when there is an answer or an error."""

    __slots__ = ("answer", "error")

    def __init__(self) -> None:
        self.answer: Heard | None = None
        self.error: Exception | None = None

    def heard(self) -> None:
        """What is to be done then."""

    def done(self) -> bool:
        return self.answer is not None or self.error is not None

    @property
    def good(self) -> Heard | None:
        """An answer that is no error, and as it should be: the function can write there too."""
        answer = self.answer
        if answer is None or not isinstance(answer[0], dict) or answer[0].get("error_type"):
            return None
        return answer if isinstance(answer[0].get("memory_kb"), int) else None

    def set_result(self, answer: Heard) -> None:
        self.answer = answer
        self.heard()

    def set_exception(self, error: Exception) -> None:
        self.error = error
        self.heard()

    def pass_on(self, waiting: asyncio.Future[Heard]) -> None:
        """What came already is what a task finds that waits from now on."""
        if self.error is not None:
            waiting.set_exception(self.error)
        elif self.answer is not None:
            waiting.set_result(self.answer)

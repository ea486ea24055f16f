"""What takes long is asked in a thread, while something is shown already."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


def asked(ask: Callable[[], T]) -> Future[T]:
    answer: Future[T] = Future()

    def run() -> None:
        from fc_magic.notebook.progress import told_otherwise

        with told_otherwise():
            try:
                answer.set_result(ask())
            except BaseException as error:  # noqa: BLE001 - raised where the answer is taken
                answer.set_exception(error)

    threading.Thread(target=run, name="fc-magic ahead", daemon=True).start()
    return answer


def soon(shell: Any, answer: Future[T], take: Callable[[], None]) -> bool:
    """Calls ``take`` between two cells, once the answer is there. False where nobody would see what it changes: in a
    terminal, or when a program runs the notebook."""
    from fc_magic.notebook.watched import is_in_front_end

    loop = getattr(getattr(shell, "kernel", None), "io_loop", None)
    if loop is None or not is_in_front_end(shell):
        return False
    answer.add_done_callback(lambda _: loop.add_callback(take))
    return True

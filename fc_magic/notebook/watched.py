"""Whether a person sees what a cell shows while it runs, and afterwards."""

from __future__ import annotations

import os
import sys
from typing import Any


def is_in_front_end(shell: Any) -> bool:
    """Whether it is a kernel, and somebody sees its cells: programs that run notebooks say that they cannot ask one
    for input."""
    return bool(getattr(getattr(shell, "kernel", None), "_allow_stdin", False))


def is_voila() -> bool:
    """Whether the outputs of the cells are a page. Nobody can be asked there, or interrupt one."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila")


def is_watched(shell: Any) -> bool:
    """Whether a person sees what is printed while a cell runs."""
    if getattr(shell, "kernel", None) is None:
        return is_terminal()
    return is_in_front_end(shell)


def is_terminal() -> bool:
    """Whether what is printed goes to a terminal: what stands in for one may have no more than ``write``."""
    return bool(getattr(sys.stdout, "isatty", bool)())

"""What waits in a pipe."""

from __future__ import annotations

import fcntl
import termios

_count, _NOTHING = bytearray(4), bytes(4)


def is_empty(pipe: int) -> bool:
    """Whether nothing can be read there now: to ask takes a third of the time of a read that fails."""
    try:
        fcntl.ioctl(pipe, termios.FIONREAD, _count)
    except OSError:
        return True
    return _count == _NOTHING

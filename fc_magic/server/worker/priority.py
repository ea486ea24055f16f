"""Who answers comes before who computes, and who computes for long after everybody.

Standard library only, Python 3.9 to 3.14: it runs in the server, in the fork server and in instances. None of it
needs a right, and none of it gives or takes a share of the machine: it is about who comes first, not how much.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys

#: <linux/sched/types.h>, <linux/sched.h>
SYS_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
SCHED_OTHER, SCHED_BATCH, SCHED_RESET_ON_FORK = 0, 3, 0x01
#: in nanoseconds, the shortest and the longest that the kernel takes; an ordinary process has some milliseconds
SHORT_NS, LONG_NS = 100_000, 100_000_000

_number = SYS_SCHED_SETATTR.get(os.uname().machine, 0) if sys.platform == "linux" else 0
_libc = ctypes.CDLL(None) if _number else None


def prompt(thread: int = 0) -> bool:
    """A thread, 0 is this one, takes turns that are short and therefore come soon; what it starts does not.

    Needs Linux 6.12. Before, and on other systems, nothing changes.
    """
    return _set(thread, SCHED_OTHER, SCHED_RESET_ON_FORK, SHORT_NS)


def patient(thread: int = 0) -> bool:
    """It pushes nobody aside when it wakes, and whoever wakes meanwhile comes first; so does what this one starts."""
    # who takes turns like ``prompt`` may not be told, without a right, that what it starts does so too
    return _set(thread, SCHED_BATCH, SCHED_RESET_ON_FORK if thread else 0, LONG_NS)


def _set(thread: int, policy: int, flags: int, slice_ns: int) -> bool:
    if _libc is None:
        return False
    try:
        nice = os.getpriority(os.PRIO_PROCESS, thread)
    except ProcessLookupError:
        return False
    # size, policy, flags, nice, priority, runtime, deadline, period
    attributes = struct.pack("IIQiIQQQ", 48, policy, flags, nice, 0, slice_ns, 0, 0)
    return not _libc.syscall(_number, thread, attributes, 0)

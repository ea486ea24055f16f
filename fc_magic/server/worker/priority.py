"""Who answers comes before who computes, and who only prepares pushes nobody aside.

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
#: in nanoseconds, the shortest that the kernel takes; an ordinary process has some milliseconds
SLICE_NS = 100_000

_number = SYS_SCHED_SETATTR.get(os.uname().machine, 0) if sys.platform == "linux" else 0
_libc = ctypes.CDLL(None) if _number else None


def prompt() -> bool:
    """This thread takes turns that are short and therefore come soon; what it starts does not.

    Needs Linux 6.12. Before, and on other systems, nothing changes.
    """
    return _set(SCHED_OTHER, SCHED_RESET_ON_FORK, SLICE_NS)


def patient() -> bool:
    """This thread, and what it starts, waits for its turn when it wakes, however soon that would be."""
    return _set(SCHED_BATCH, 0, 0)


def _set(policy: int, flags: int, slice_ns: int) -> bool:
    if _libc is None:
        return False
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    # size, policy, flags, nice, priority, runtime, deadline, period
    attributes = struct.pack("IIQiIQQQ", 48, policy, flags, nice, 0, slice_ns, 0, 0)
    return not _libc.syscall(_number, 0, attributes, 0)

"""Who answers comes before who computes: the server and what waits for a call are run at once when they wake.

Standard library only, Python 3.9 to 3.14: it runs in the server, in the fork server and in instances.
"""

from __future__ import annotations

import ctypes
import os
import struct

#: <linux/sched/types.h>, <linux/sched.h>
SYS_SCHED_SETATTR = {"x86_64": 314, "aarch64": 274}
SCHED_OTHER, SCHED_RESET_ON_FORK = 0, 0x01
#: in nanoseconds, the shortest that the kernel takes; an ordinary process has some milliseconds
SLICE_NS = 100_000


def prompt(slice_ns: int = SLICE_NS) -> bool:
    """This thread takes turns that are short and therefore come soon (Linux from 6.12 on); what it starts does not.

    Needs no right. Before, and on other systems, nothing changes.
    """
    number = SYS_SCHED_SETATTR.get(os.uname().machine)
    if number is None:
        return False
    nice = os.getpriority(os.PRIO_PROCESS, 0)
    # size, policy, flags, nice, priority, runtime, deadline, period
    attributes = struct.pack("IIQiIQQQ", 48, SCHED_OTHER, SCHED_RESET_ON_FORK, nice, 0, slice_ns, 0, 0)
    return not ctypes.CDLL(None).syscall(number, 0, attributes, 0)

"""The lines of a call's log that the function did not write itself: the runtime's marks, and what the call took."""

from __future__ import annotations

import json
import math

from fc_magic.server.worker.process import Answer

#: what a Node.js handler gives to its callback
HANDLED = "HandledInvocationError"
#: ours, for the log: nobody is there to be answered
CANCELED = "InvocationCanceled"


def section(kind: str, request_id: str, answer: Answer) -> str:
    """What was printed, between the runtime's own marks. The runtime prints them itself on Function Compute; here
    that would wake the server twice a call, and a process that was killed could not write the second."""
    printed = answer.log if answer.log.endswith("\n") or not answer.log else answer.log + "\n"
    if f"FC {kind} Start RequestId: {request_id}" in printed:
        return printed  # the program of a custom runtime wrote the marks, as it should
    failed = ", Error: Unhandled function error" if answer.error_type else ""
    if answer.error_type == HANDLED:
        failed = ", Error: Handled function error"
    if answer.error_type == CANCELED:
        failed = f", Error: {json.loads(answer.payload)['errorMessage']}"
    return (
        f"FC {kind} Start RequestId: {request_id}\n{printed}FC {kind} End RequestId: {request_id}{failed}\n"
    )


def summary(ms: float, memory_mb: int, used_mb: float) -> str:
    return (
        f"\nDuration: {ms:.2f} ms, Billed Duration: {math.ceil(ms)} ms, "
        f"Memory Size: {memory_mb} MB, Max Memory Used: {used_mb:.2f} MB"
    )


def of_good(request_id: str, printed: str, ms: float, memory_mb: int, used_mb: float) -> str:
    """The whole text of a warm call that went well, with both."""
    if printed and not printed.endswith("\n"):
        printed += "\n"
    return (
        f"FC Invoke Start RequestId: {request_id}\n{printed}FC Invoke End RequestId: {request_id}\n"
        f"\nDuration: {ms:.2f} ms, Billed Duration: {math.ceil(ms)} ms, "
        f"Memory Size: {memory_mb} MB, Max Memory Used: {used_mb:.2f} MB"
    )

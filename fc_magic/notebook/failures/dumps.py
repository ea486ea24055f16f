"""Where a function was when its time was over: the stacks that the runtime writes into the log then."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: how a thread of it begins, and a call in it, the innermost first
_THREAD = re.compile(r"(?:Current thread|Thread) 0x[0-9a-f]+.*\(most recent call first\):$")
_CALL = re.compile(r' +File "([^"]{1,500})", line (\d{1,9}) in (\S.{0,200})$')
_BEGIN = "Dumping stack trace after function timeout"
#: the calls of the runtime itself: the thread that has them runs the handler
_RUNTIME = re.compile(r"/(?:bootstrap|zygote)\.py$")

#: path, line and function
Call = tuple[str, int, str]


def handler_calls(log: str) -> list[Call]:
    """The calls of the thread that ran the handler, the innermost first; none without a dump."""
    return _handler(log)[0]


def without_handler(log: str) -> str:
    """The log without what is shown of the handler's thread already; other threads stay."""
    calls, lines = _handler(log)
    if not calls:
        return log
    kept = [line for at, line in enumerate(log.splitlines()) if at not in lines and line != _BEGIN]
    return "\n".join(kept) + "\n"


def _handler(log: str) -> tuple[list[Call], range]:
    lines = log.splitlines()
    if _BEGIN not in lines:
        return [], range(0)
    threads = [_calls(lines, at) for at, line in enumerate(lines) if _THREAD.match(line)]
    threads = [found for found in threads if any(call[0].startswith("/code/") for call in found[0])]
    # without calls of the runtime it is the current thread, which comes last
    threads.sort(key=lambda found: any(_RUNTIME.search(call[0]) for call in found[0]))
    if not threads:
        return [], range(0)
    calls, where = threads[-1]
    return [call for call in calls if not _RUNTIME.search(call[0])], where


def _calls(lines: Sequence[str], begin: int) -> tuple[list[Call], range]:
    calls: list[Call] = []
    end = begin + 1
    while end < len(lines) and (found := _CALL.match(lines[end])):
        calls.append((found[1], int(found[2]), found[3]))
        end += 1
    return calls, range(begin, end)

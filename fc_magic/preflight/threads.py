"""What goes on after the handler has answered: between two requests an instance stands still, with its threads."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from fc_magic.preflight.finding import Finding
from fc_magic.preflight.view import Module

_MADE = frozenset({"threading.Thread", "threading.Timer", "_thread.start_new_thread"})
#: methods that wait for a thread, or for what it does
_WAITS = frozenset({"join", "wait", "result", "get", "acquire"})


def examine(module: Module) -> Iterator[Finding]:
    """A module that waits for anything is left alone: it may well be the thread."""
    if module.view.is_program or any(_waits(call) for call, _ in module.flow.calls):
        return
    for call, when in module.flow.calls:
        name = module.flow.dotted(call.func)
        if name in _MADE and when.late:
            said = f"{name}() is never waited for"
            there = "it stands still once the handler has answered, until the next request"
            hint = (
                "call join() before returning, or have the work called asynchronously: %fcinvoke NAME --async"
            )
            yield Finding("runs-on", module.place(call.lineno), said, there, hint)


def _waits(call: ast.Call) -> bool:
    """``thread.join()`` or ``queue.get(timeout=3)``, and not ``", ".join(names)`` or ``event.get("name")``."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _WAITS:
        return False
    first = call.args[0] if call.args else None
    return first is None or (isinstance(first, ast.Constant) and not isinstance(first.value, str))

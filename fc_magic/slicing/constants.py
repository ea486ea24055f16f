"""Constants as they were written, comments and all, if that is still what they are."""

from __future__ import annotations

import ast
from typing import Any

from fc_magic.slicing.exact import same_value
from fc_magic.slicing.history import History
from fc_magic.slicing.pieces import Piece


def constant(name: str, value: Any, history: History) -> Piece | None:
    """The last statement that binds ``name``, if it says just this and nothing else. None if that is not sure."""
    statement = next(history.binding(name), None)
    node = statement and statement.node
    if statement is None or not isinstance(node, ast.Assign) or len(node.targets) > 1 or node.col_offset:
        return None
    try:
        written = ast.literal_eval(node.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    if not isinstance(node.targets[0], ast.Name) or not same_value(written, value):
        return None
    return Piece((name,), statement.text, "value", statement.cell, statement.line)

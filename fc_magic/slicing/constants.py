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
    rows = statement.cell.source.split("\n")[node.lineno - 1 : node.end_lineno]
    rest = rows[-1].encode()[node.end_col_offset :].decode().strip()
    # with its comment, but without what stands behind a semicolon
    text = (
        "\n".join(rows)
        if not rest or rest.startswith("#")
        else ast.get_source_segment(statement.cell.source, node)
    )
    return Piece((name,), f"{text}\n", "value", statement.cell, statement.line)

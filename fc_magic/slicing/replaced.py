"""Methods of a class that are others now: which these are, and how what they hold of the class is kept."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import FunctionType

from fc_magic.slicing import decorated, functions, known
from fc_magic.slicing.class_body import Body


@dataclass(frozen=True)
class Original:
    """A method as its ``def`` makes it, that another one holds; ``key``: its name in the class."""

    key: str
    function: FunctionType
    decorators: list[ast.expr]


def replacing(body: Body) -> Iterator[FunctionType]:
    """The functions that say that they are methods of the class, and are, but not by its statement."""
    for name, value in body.live.items():
        member = known.as_member(value) if isinstance(value, FunctionType) else None
        is_own = member is not None and member[0] is body.cls and member[1] == name
        if is_own and (name not in body.bound or (body.is_method(name) and not body.made(name))):
            yield value


def originals(body: Body) -> Iterator[Original]:
    """The methods that only their class can give, and that others have taken the place of."""
    for name, nodes in body.bound.items():
        decorators: list[ast.expr] = getattr(nodes[-1], "decorator_list", [])
        if not body.is_method(name) or body.made(name):
            continue
        function = body.method(name).written()
        if function is None or vars(function) or not _needs_its_class(body, function, nodes[-1]):
            continue
        if not any(decorated.of_library(each, body.scope) for each in decorators):
            yield Original(name, function, decorators)


def _needs_its_class(body: Body, function: FunctionType, node: ast.stmt) -> bool:
    code = function.__code__
    begin = f"_{body.node.name.lstrip('_')}__"
    held = code.co_freevars == ("__class__",) or any(n.startswith(begin) for n in code.co_names)
    return held and functions.has_defaults(function, body.source(node))


def bare(text: str, first: int, decorators: list[ast.expr]) -> str:
    """The text of a class from its line ``first`` on, in which decorators are comments."""
    rows = text.split("\n")
    for each in decorators:
        for at in range(each.lineno - first, (each.end_lineno or each.lineno) - first + 1):
            rows[at] = f"{' ' * (len(rows[at]) - len(rows[at].lstrip()))}# {rows[at].lstrip()}"
    return "\n".join(rows)

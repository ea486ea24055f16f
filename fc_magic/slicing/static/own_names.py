"""The names that one block of code binds itself, without those of functions, classes and comprehensions in it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

_Function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_Comprehension = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


def parameters(arguments: ast.arguments) -> list[str]:
    """In the order in which positions count, then the rest."""
    given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    more = [each for each in (arguments.vararg, arguments.kwarg) if each]
    return [each.arg for each in [*given, *more]]


def stored(body: Iterable[ast.AST]) -> set[str]:
    """Without those that are declared ``global`` or ``nonlocal`` there."""
    bound: set[str] = set()
    declared: set[str] = set()
    for node in block(body):
        if isinstance(node, ast.Global | ast.Nonlocal):
            declared.update(node.names)
        else:
            bound.update(binds(node))
    return bound - declared


def binds(node: ast.AST) -> Iterator[str]:
    """The names that this node itself binds."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names if alias.name != "*")
    elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest


def block(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Every node of a block that runs with it, in the order of the text; of what has a scope of its own the head."""
    for node in body:
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            heads: list[ast.AST] = [*node.args.defaults, *(d for d in node.args.kw_defaults if d)]
            yield from block([*getattr(node, "decorator_list", []), *heads])
        elif isinstance(node, ast.ClassDef):
            yield from block([*node.decorator_list, *node.bases, *node.keywords])
        elif isinstance(node, _Comprehension):
            # of what is inside, only := and what it reads are the block's
            targets = {id(n) for g in node.generators for n in ast.walk(g.target)}
            yield from (n for n in block(ast.iter_child_nodes(node)) if id(n) not in targets)
        else:
            yield from block(ast.iter_child_nodes(node))


def imported_modules(node: ast.Import | ast.ImportFrom) -> set[str]:
    """Modules inside of others that it loads: they are attributes of those from then on, whatever it binds."""
    if isinstance(node, ast.Import):
        paths = [alias.name for alias in node.names]
    else:
        paths = [f"{node.module}.{alias.name}" for alias in node.names if node.module and not node.level]
    found: set[str] = set()
    for path in paths:
        names = path.split(".")
        found |= {".".join(names[:length]) for length in range(2, len(names) + 1)}
    return found

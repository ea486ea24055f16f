"""Whether a text is the source of a function that lives: it is compiled and the code is compared, nothing is run."""

from __future__ import annotations
import __future__

import ast
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType
from typing import Any, TypeVar, cast

from fc_magic.slicing.history import Cell, History, bindings, tree

Def = ast.FunctionDef | ast.AsyncFunctionDef
Function = Def | ast.Lambda
_FEATURES = {name: getattr(__future__, name).compiler_flag for name in __future__.all_feature_names}
_FUTURE = 0
for _flag in _FEATURES.values():
    _FUTURE |= _flag
#: says only where a function stands
_NESTED = 0x10
_KEPT = 1000
T = TypeVar("T", bound=ast.AST)


def futures(code: CodeType) -> frozenset[str]:
    """The features of ``__future__`` that a function was compiled with."""
    return features(code.co_flags)


def features(flags: int) -> frozenset[str]:
    return frozenset(
        name for name, flag in _FEATURES.items() if flags & flag and flag not in (0, _NESTED)
    ) & {"annotations", "barry_as_FLUFL"}


def same(a: CodeType, b: CodeType) -> bool:
    """Whether two pieces of code do the same, wherever they stand."""
    return _signature(a) == _signature(b)


def _signature(code: CodeType) -> tuple[Any, ...]:
    return (
        code.co_name,
        code.co_code,
        getattr(code, "co_exceptiontable", b""),
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_cellvars,
        (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount),
        code.co_flags & ~_NESTED,
        tuple(_constant(c) for c in code.co_consts),
    )


def _constant(value: Any) -> Any:
    """A constant as what is equal only if it is the same: 1, True and 1.0 are three, as 0.0 and -0.0 are two."""
    if isinstance(value, CodeType):
        return _signature(value)
    if isinstance(value, tuple):
        return (tuple, *map(_constant, value))
    if isinstance(value, frozenset):
        return (frozenset, frozenset(map(_constant, value)))
    return type(value), repr(value) if isinstance(value, float | complex) else value


@dataclass(frozen=True)
class Source:
    """A function in a cell: its node, and the names of the classes that it stands in."""

    cell: Cell
    node: Function
    classes: tuple[str, ...] = ()

    @property
    def first(self) -> int:
        """The line of its first decorator, else its own."""
        decorators: list[ast.expr] = getattr(self.node, "decorator_list", [])
        return min([self.node.lineno, *(d.lineno for d in decorators)])


Found = dict[str, list[tuple[Function, tuple[str, ...]]]]


@lru_cache(_KEPT)
def functions(text: str) -> Found:
    """Name -> the functions of a text that are called so, wherever they stand; without lambdas."""
    found: Found = {}
    waiting: list[tuple[ast.AST, tuple[str, ...]]] = [(node, ()) for node in reversed(tree(text).body)]
    while waiting:
        node, classes = waiting.pop()
        if isinstance(node, Def):
            found.setdefault(node.name, []).append((node, classes))
        inside = (*classes, node.name) if isinstance(node, ast.ClassDef) else classes
        # functions with a name are statements, and these stand in blocks
        for block in ("cases", "finalbody", "orelse", "handlers", "body"):
            waiting += [(child, inside) for child in reversed(getattr(node, block, ()))]
    return found


@lru_cache(_KEPT)
def lambdas(text: str) -> list[tuple[Function, tuple[str, ...]]]:
    found: list[tuple[Function, tuple[str, ...]]] = []

    def walk(node: ast.AST, classes: tuple[str, ...]) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Lambda):
                found.append((child, classes))
            walk(child, (*classes, child.name) if isinstance(child, ast.ClassDef) else classes)

    with suppress(RecursionError):
        walk(tree(text), ())
    return found


def _called(name: str, text: str) -> list[tuple[Function, tuple[str, ...]]]:
    return lambdas(text) if name == "<lambda>" else functions(text).get(name, [])


def find(code: CodeType, history: History) -> Source | None:
    """The text that a function was made from. None if no text that was executed is surely it."""
    for source in _candidates(code, history):
        if proves(source, code):
            return source
    return None


def _candidates(code: CodeType, history: History) -> Iterator[Source]:
    cell = history.files.get(code.co_filename)
    if cell:
        # of two that are the same, the one that stands where the function says
        here = [Source(cell, *found) for found in _called(code.co_name, cell.source)]
        yield from (s for s in here if s.first == code.co_firstlineno)
    word = "lambda" if code.co_name == "<lambda>" else code.co_name
    for cell in history.containing(word):
        for node, classes in reversed(_called(code.co_name, cell.source)):
            yield Source(cell, node, classes)


@lru_cache(_KEPT)
def proves(source: Source, code: CodeType) -> bool:
    """Whether a text, compiled where such a function stands, is ``code``."""
    flags = code.co_flags & _FUTURE & ~_NESTED
    # how a method of a module is called depends on whether the same text imports that name; IPython compiles
    # each statement by itself, a file is compiled whole
    for imports in dict.fromkeys([(), imported(source.cell.source)]):
        made = compiled(source, code.co_freevars, flags, imports)
        if made is not None and same(made, code):
            return True
    return False


def compiled(
    source: Source, free: tuple[str, ...], flags: int, imports: tuple[str, ...] = ()
) -> CodeType | None:
    """The code of a function, as if it stood in its classes, in a function that has the free names, and in a text
    that has the imports."""
    alone = _alone(source.node)
    name = getattr(alone, "name", "<lambda>")
    body: list[ast.stmt] = [_placed(ast.Expr(alone)) if isinstance(alone, ast.Lambda) else alone]
    for each in reversed(source.classes):  # for names with two underscores, and __class__
        body = [_empty(f"class {each}: pass", body)]
    if free:
        arguments = ", ".join(each for each in free if each != "__class__")
        outermost = source.classes[0] if source.classes else name
        own = [] if outermost in free or outermost == "<lambda>" else [_placed(ast.Global([outermost]))]
        body = [_empty(f"def around({arguments}): pass", [*own, *body])]
    before = [_placed(ast.Import([_placed(ast.alias(each))])) for each in imports]
    module = ast.Module([*before, *body], [])
    try:
        made = compile(module, "<slice>", "exec", flags, True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _named(made, name)


def _placed(node: T) -> T:
    """A node that was made; the others know where they stand."""
    node.lineno = node.end_lineno = 1  # type: ignore[attr-defined]
    node.col_offset = node.end_col_offset = 0  # type: ignore[attr-defined]
    return node


def _empty(text: str, body: list[ast.stmt]) -> ast.stmt:
    around: Any = ast.parse(text).body[0]
    around.body = body
    return cast(ast.stmt, around)


@lru_cache(_KEPT)
def imported(text: str) -> tuple[str, ...]:
    """The names that a text imports outside of functions."""
    return tuple(
        name
        for name, nodes in bindings(text).items()
        if name.isidentifier() and any(isinstance(node, ast.Import | ast.ImportFrom) for node in nodes)
    )


def _alone(node: Function) -> Function:
    """The function without what is evaluated around it: decorators, defaults, annotations."""
    old = node.args

    def bare(argument: ast.arg) -> ast.arg:
        return ast.copy_location(ast.arg(argument.arg), argument)

    arguments = ast.arguments(
        posonlyargs=[bare(a) for a in old.posonlyargs],
        args=[bare(a) for a in old.args],
        vararg=old.vararg and bare(old.vararg),
        kwonlyargs=[bare(a) for a in old.kwonlyargs],
        kw_defaults=[None for _ in old.kwonlyargs],
        kwarg=old.kwarg and bare(old.kwarg),
        defaults=[],
    )
    if isinstance(node, ast.Lambda):
        return ast.copy_location(ast.Lambda(arguments, node.body), node)
    fields = {name: getattr(node, name) for name in node._fields if hasattr(node, name)}
    fields.update(args=arguments, decorator_list=[], returns=None)
    return ast.copy_location(type(node)(**fields), node)


def _named(code: CodeType, name: str) -> CodeType | None:
    """The outermost code of a name inside of another."""
    level = [code]
    while level:
        inner = [c for each in level for c in each.co_consts if isinstance(c, CodeType)]
        for found in inner:
            if found.co_name == name:
                return found
        level = inner
    return None

"""A function that lives -> the text that makes it again: its source, and what it has beyond its source."""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections.abc import Iterator, Mapping
from functools import _lru_cache_wrapper, lru_cache
from types import FunctionType
from typing import Any

from fc_magic.slicing import closures, imports
from fc_magic.slicing.exact import same_value
from fc_magic.slicing.history import Cell
from fc_magic.slicing.pieces import CannotGo, Piece, Writing
from fc_magic.slicing.proof import Source, find, futures, proves

DEFS = ast.FunctionDef | ast.AsyncFunctionDef
_UNKNOWN = "no cell that was executed has its source as it is now"


def define(
    name: str, function: FunctionType, writing: Writing, wrapper: Any = None, wrapping: str = ""
) -> Piece:
    """The piece that binds ``name`` to such a function, or to what a call made of it. Raises CannotGo."""
    code = function.__code__
    source = find(code, writing.history)
    if source is None:
        raise CannotGo(_UNKNOWN)
    writing.futures.update(futures(code))
    changes = _defaults(name, function, source, writing)
    text = edited(source.cell, source.node, changes, source.node.lineno)
    more = tuple(state(name, function, source, writing))
    if code.co_freevars:
        text = _one(text) if isinstance(source.node, ast.Lambda) else text
        named = _named_so(name, function, code.co_name)
        member = closures.Member(name, function, source, text, (*named, *more), wrapper, wrapping)
        return closures.joined(member, writing, writing.groups)
    if isinstance(source.node, ast.Lambda):
        text, own = f"{name} = {_one(text)}\n", code.co_name
    else:
        text, own = _def(name, text, function, source), name
    text += "".join(_named_so(name, function, own))
    text += f"{name} = {wrapping}({name})\n" if wrapping else ""
    first, scope = source.node.lineno, function.__globals__
    piece = Piece((name,), text, "definition", source.cell, first, scope=scope, more=more)
    if not futures(code):
        piece.annotations = _annotations(name, source.node)
    return piece


def _annotations(name: str, node: DEFS | ast.Lambda) -> str:
    """The statement that evaluates its annotations, where they would be texts; empty if it has none to evaluate."""
    if isinstance(node, ast.Lambda):
        return ""
    arguments = node.args
    every = [
        *arguments.posonlyargs,
        *arguments.args,
        *arguments.kwonlyargs,
        arguments.vararg,
        arguments.kwarg,
    ]
    said = [(a.arg, a.annotation) for a in every if a and a.annotation] + [("return", node.returns)]
    found = {key: ast.unparse(text) for key, text in said if text}
    if all(isinstance(text, ast.Constant) for _, text in said if text):
        return ""
    return f"{name}.__annotations__ = {{{', '.join(f'{key!r}: {text}' for key, text in found.items())}}}\n"


def _named_so(name: str, function: FunctionType, made: str) -> list[str]:
    return [] if function.__name__ == made else [f"{name}.__name__ = {function.__name__!r}\n"]


def lines(cell: Cell, first: int, last: int) -> str:
    return "\n".join(cell.source.split("\n")[first - 1 : last]) + "\n"


# ------------------------------------------------------------ its text


def _def(name: str, text: str, function: FunctionType, source: Source) -> str:
    node = source.node
    assert not isinstance(node, ast.Lambda)
    if node.col_offset:
        text = _dedented(text, source, function)
    return text if node.name == name else text.replace(f"def {node.name}", f"def {name}", 1)


def _dedented(text: str, source: Source, function: FunctionType) -> str:
    """The same function at the left margin; a text of several lines in it must not change by that."""
    for moved in (textwrap.dedent(text), f"if True:\n{text}"):
        try:
            tree = ast.parse(moved)
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if isinstance(node, DEFS) and proves(Source(source.cell, node), function.__code__):
                return moved
    raise CannotGo("its source means something else outside of where it stands")


def _one(text: str) -> str:
    """An expression of several lines needs something around it."""
    return f"({text})" if "\n" in text else text


# ------------------------------------------------------------ defaults


def _defaults(
    name: str, function: FunctionType, source: Source, writing: Writing
) -> list[tuple[ast.expr, str]]:
    """The defaults whose text does not say what they are now, with what does."""
    pairs = defaults(function, source)
    if pairs is None:
        raise CannotGo("its defaults were replaced by others")
    return [
        (expression, writing.spelled(value, f"{name}.{argument}"))
        for expression, value, argument in pairs
        if not says(expression, value, _visible(function)) and not _is_lambda(expression, value, source)
    ]


def _is_lambda(expression: ast.expr, value: Any, source: Source) -> bool:
    """Whether a default is the lambda that stands there, and holds nothing."""
    return (
        isinstance(expression, ast.Lambda)
        and isinstance(value, FunctionType)
        and not (value.__closure__ or value.__defaults__ or value.__kwdefaults__ or vars(value))
        and proves(Source(source.cell, expression, source.classes), value.__code__)
    )


def _visible(function: FunctionType) -> Mapping[str, Any]:
    """What its defaults may name: not what only the function around it had."""
    held = function.__code__.co_freevars
    scope = function.__globals__
    return {name: thing for name, thing in scope.items() if name not in held} if held else scope


def defaults(function: FunctionType, source: Source) -> list[tuple[ast.expr, Any, str]] | None:
    """What the source says, what it is now, and of which argument. None if these are not the same ones."""
    arguments = source.node.args
    positional, by_name = function.__defaults__ or (), function.__kwdefaults__ or {}
    if len(positional) != len(arguments.defaults):
        return None
    names = [a.arg for a in [*arguments.posonlyargs, *arguments.args]][-len(positional) or None :]
    pairs = [*zip(arguments.defaults, positional, names, strict=False)]
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if (default is not None) != (argument.arg in by_name):
            return None
        if default is not None:
            pairs.append((default, by_name[argument.arg], argument.arg))
    return pairs


def has_defaults(function: FunctionType, source: Source) -> bool:
    """Whether its defaults are what its text says."""
    pairs = defaults(function, source)
    return pairs is not None and all(says(e, v, function.__globals__) for e, v, _ in pairs)


def later_defaults(path: str, function: FunctionType, source: Source, writing: Writing) -> Iterator[str]:
    """Statements that give a method its defaults as they are now, if its text does not."""
    if has_defaults(function, source):
        return
    if function.__kwdefaults__:
        raise CannotGo("defaults of its methods were replaced by others")
    items = [writing.spelled(value, f"{path}.default") for value in function.__defaults__ or ()]
    yield f"{path}.__defaults__ = ({', '.join(items)}{',' if len(items) == 1 else ''})\n"


def says(expression: ast.expr, value: Any, scope: Mapping[str, Any]) -> bool:
    """Whether the expression is surely the value, and the value of nothing else that lives."""
    try:
        literal = ast.literal_eval(expression)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return named(expression, scope) is value
    if not same_value(literal, value):
        return False
    # what can be changed may be shared by others
    return not isinstance(value, list | dict | set) or _references(expression, value, scope) <= _alone()


def _references(expression: ast.expr, value: Any, scope: Mapping[str, Any]) -> int:
    """How many times a value is held, those who look at it among them."""
    return sys.getrefcount(value)


@lru_cache(1)
def _alone() -> int:
    """The same of a default that nothing else holds, counted in the same way: Pythons differ in that."""

    def probe(x: list[int] = []) -> None:  # noqa: B006  # it is what is counted
        pass

    node = ast.parse("def probe(x=[]): pass").body[0]
    assert isinstance(node, ast.FunctionDef)
    assert isinstance(probe, FunctionType)
    found = defaults(probe, Source(Cell(None, ""), node)) or []
    return max([_held_so(expression, value, {}) for expression, value, _ in found])


def _held_so(expression: ast.expr, value: Any, scope: Mapping[str, Any]) -> int:
    # stands for says()
    return _references(expression, value, scope)


_NOTHING = object()


def named(expression: ast.expr, scope: Mapping[str, Any]) -> Any:
    """What a name, or an attribute of a module, is now; nothing else is looked up."""
    if isinstance(expression, ast.Name):
        if expression.id in scope:
            return scope[expression.id]
        return vars(sys.modules["builtins"]).get(expression.id, _NOTHING)
    if isinstance(expression, ast.Attribute):
        module = named(expression.value, scope)
        if type(module) is type(sys):
            return imports.member(module.__name__, expression.attr)
    return _NOTHING


def edited(
    cell: Cell, node: DEFS | ast.ClassDef | ast.Lambda, changes: list[tuple[ast.expr, str]], first: int
) -> str:
    """The text of a definition from its line ``first`` on, with other expressions in it."""
    rows = cell.source.split("\n")[: node.end_lineno]
    for old, new in sorted(changes, key=lambda c: (c[0].lineno, c[0].col_offset), reverse=True):
        begin, last = old.lineno - 1, (old.end_lineno or old.lineno) - 1
        before = rows[begin].encode()[: old.col_offset].decode()
        after = rows[last].encode()[old.end_col_offset :].decode()
        # an expression of several lines leaves as many, so that what follows keeps its line
        rows[begin : last + 1] = [before + new + after, *[""] * (last - begin)]
    if isinstance(node, ast.Lambda):
        return _segment(node, rows, changes)
    return "\n".join(rows[first - 1 :]) + "\n"


def _segment(node: ast.Lambda, rows: list[str], changes: list[tuple[ast.expr, str]]) -> str:
    """The text of an expression; what changed in its last line moved its end."""
    moved = sum(
        len(new.encode()) - ((old.end_col_offset or 0) - old.col_offset)
        for old, new in changes
        if old.lineno == node.end_lineno == old.end_lineno
    )
    rows = rows[node.lineno - 1 :]
    rows[-1] = rows[-1].encode()[: (node.end_col_offset or 0) + moved].decode()
    rows[0] = rows[0].encode()[node.col_offset :].decode()
    return "\n".join(rows)


# ------------------------------------------------------------ what it has beyond its source


def state(name: str, function: Any, source: Source, writing: Writing) -> Iterator[str]:
    """Statements that give a function its documentation and its attributes."""
    node = source.node
    said = None if isinstance(node, ast.Lambda) else ast.get_docstring(node, False)
    if not isinstance(node, ast.Lambda) and is_other_documentation(said, function.__doc__):
        yield f"{name}.__doc__ = {writing.spelled(function.__doc__, f'{name}.doc')}\n"
    for key, value in vars(function).items():
        if not key.isidentifier():
            raise CannotGo(f"it has an attribute {key!r}")
        yield f"{name}.{key} = {writing.spelled(value, f'{name}.{key}')}\n"


def is_other_documentation(said: str | None, now: Any) -> bool:
    """Whether a text is not what a docstring gives; newer Pythons take its indentation away."""
    return (
        not (isinstance(said, str) and isinstance(now, str) and _clean(said) == _clean(now)) and said != now
    )


def _clean(text: str) -> str:
    return inspect.cleandoc(text)


# ------------------------------------------------------------ behind something of a library


def cached(name: str, function: Any, writing: Writing) -> Piece:
    """What ``functools.lru_cache`` made of a function, at once or later."""
    inner, own = function.__wrapped__, vars(function)
    functools = writing.spell(sys.modules["functools"]) or "functools"
    how = ", ".join(f"{key}={value!r}" for key, value in function.cache_parameters().items())
    around = f"{functools}.lru_cache({how})"
    copied, gone = getattr(inner, "__dict__", {}), list[str]()
    alike = all(own.get(key) is value for key, value in copied.items())
    named_too = any(value is inner for value in writing.namespace.values())
    if isinstance(inner, FunctionType) and alike and not named_too:
        piece = define(name, inner, writing, function, around)
    else:  # a function that is something by itself, a class, a method, a partial
        piece = Piece((name,), f"{name} = {around}({writing.spelled(inner, name)})\n", "statement")
        if isinstance(inner, FunctionType):
            # what it was given before the call was copied, and the order of both is not known here
            gone = [f"{name}.__dict__.pop({key!r}, None)\n" for key in copied if key not in own]
            copied = {}
    added = [
        f"{name}.{key} = {writing.spelled(value, f'{name}.{key}')}\n"
        for key, value in own.items()
        if not (key.startswith("__") or key == "cache_parameters" or copied.get(key) is value)
    ]
    piece.more = (*piece.more, *gone, *added)
    return piece


def is_cached(thing: Any) -> bool:
    return type(thing) is _lru_cache_wrapper

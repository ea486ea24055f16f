"""What a decorator of a library made of a function: the statement as it was written, if that surely gives it."""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections.abc import Iterator
from types import FunctionType, ModuleType
from typing import Any

from fc_magic.slicing import imports
from fc_magic.slicing.functions import DEFS, defaults, is_cached, lines, named, says
from fc_magic.slicing.functions import define as define_function
from fc_magic.slicing.history import History
from fc_magic.slicing.pieces import CannotGo, Piece, Writing
from fc_magic.slicing.proof import Source, futures, proves

#: attributes by which libraries keep the function that they made something of
_KEEPING = ("__wrapped__", "__func__", "func", "fget", "py_func", "pyfunc", "_function")
_DEEP = 8


def define(name: str, thing: Any, writing: Writing) -> Piece | None:
    """The piece of a ``def`` whose decorators are of libraries. None if the last statement of the name is not it."""
    statement = next(writing.history.binding(name), None)
    if statement is None or not isinstance(statement.node, DEFS) or not statement.node.decorator_list:
        return None
    scope = dict(writing.namespace)
    decorators = statement.node.decorator_list
    if not all(of_library(d, scope) for d in decorators):
        return None
    source = Source(statement.cell, statement.node)
    inner = next((f for f in inside(thing) if proves(source, f.__code__)), None)
    if inner is None or is_wrapped_again(thing, inner, len(decorators), writing.history):
        return None
    if not _as_written(inner, source) or not has_parameters(thing, decorators[0], scope):
        return None
    writing.futures.update(futures(inner.__code__))
    text = lines(statement.cell, statement.line, statement.node.end_lineno or statement.node.lineno)
    more = (*_registered(name, thing, inner, writing), *_given(name, thing, inner, writing))
    scope_of = inner.__globals__
    return Piece((name,), text, "definition", statement.cell, statement.line, scope=scope_of, more=more)


def of_library(decorator: ast.expr, scope: dict[str, Any]) -> bool:
    """Whether a decorator is what a module that was imported, or Python, has."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    thing = named(called, scope)
    if isinstance(thing, ModuleType):
        return False
    return imports.where(thing) is not None or getattr(thing, "__module__", "") == "builtins"


def inside(thing: Any) -> Iterator[FunctionType]:
    """The functions that something made of a function keeps, itself among them."""
    waiting, seen = [(thing, 0)], set()
    while waiting:
        each, depth = waiting.pop(0)
        if id(each) in seen or depth > _DEEP:
            continue
        seen.add(id(each))
        if isinstance(each, FunctionType):
            yield each
            waiting += [(content, depth + 1) for content in _cells(each)]
        for attribute in _KEEPING:
            inner = _attribute(each, attribute)
            if inner is not None:
                waiting.append((inner, depth + 1))


def _cells(function: FunctionType) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:
            continue


def _attribute(thing: Any, name: str) -> Any:
    """An attribute without properties or ``__getattr__`` of the notebook's classes."""
    if type(thing).__module__ == "__main__" or isinstance(thing, type | ModuleType):
        return None
    try:
        return getattr(thing, name, None)
    except Exception:  # noqa: BLE001  # what a library does there is its own
        return None


def is_wrapped_again(thing: Any, inner: FunctionType, decorators: int, history: History) -> bool:
    """Whether something else was made of it later: by a function of the notebook, or by more than the decorators."""
    count = 0
    while thing is not inner and thing is not None:
        if isinstance(thing, FunctionType) and thing.__code__.co_filename in history.files:
            return True
        thing, count = _attribute(thing, "__wrapped__"), count + 1
        if count > _DEEP:
            return True
    return thing is inner and count > decorators


def _as_written(inner: FunctionType, source: Source) -> bool:
    pairs = defaults(inner, source)
    return pairs is not None and all(
        says(expression, value, inner.__globals__) and not isinstance(value, list | dict | set)
        for expression, value, _ in pairs
    )


def has_parameters(thing: Any, decorator: ast.expr, scope: dict[str, Any]) -> bool:
    """Whether a cache has the parameters that its decorator says, if it is a cache."""
    if not hasattr(type(thing), "cache_parameters") and not callable(_attribute(thing, "cache_parameters")):
        return True
    said: dict[str, Any] = {"maxsize": 128, "typed": False}
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    if getattr(named(called, scope), "__name__", "") == "cache":
        said["maxsize"] = None
    if isinstance(decorator, ast.Call):
        given = dict(zip(said, decorator.args, strict=False))
        given |= {k.arg: k.value for k in decorator.keywords if k.arg in said}
        try:
            said |= {key: ast.literal_eval(value) for key, value in given.items()}
        except ValueError:
            return False
    return bool(thing.cache_parameters() == said)


def _registered(name: str, thing: Any, inner: FunctionType, writing: Writing) -> Iterator[str]:
    """The functions that ``functools.singledispatch`` has for types."""
    registry = _attribute(thing, "registry")
    if not callable(_attribute(thing, "dispatch")) or registry is None:
        return
    for kind, implementation in registry.items():
        if implementation is inner:
            continue
        of = writing.spell(kind)
        does = writing.spell(implementation, f"{name}.{kind.__name__}")
        if of is None or does is None:
            raise CannotGo(f"what it does for {kind.__name__} cannot be written")
        yield f"{name}.register({of}, {does})\n"


def _given(name: str, thing: Any, inner: FunctionType, writing: Writing) -> Iterator[str]:
    """The attributes that cells gave it; what its decorator gave it has it there too."""
    if not (isinstance(thing, FunctionType) or is_cached(thing)):
        return
    for key, value in vars(thing).items():
        if (
            key.startswith("__")
            or key == "cache_parameters"
            or (thing is not inner and _has(inner, key, value))
        ):
            continue
        setting = re.compile(rf"\.{re.escape(key)}\s*(?:[-+*/%@&|^<>]+)?=(?!=)|\bsetattr\b")
        if any(setting.search(cell.source) for cell in writing.history.containing(key)):
            yield f"{name}.{key} = {writing.spelled(value, f'{name}.{key}')}\n"


def _has(inner: FunctionType, key: str, value: Any) -> bool:
    return key in vars(inner) and vars(inner)[key] is value


def dispatching(name: str, thing: Any, writing: Writing) -> Piece | None:
    """A ``singledispatch`` that was made by a call, or of which the statement was not found."""
    if not isinstance(thing, FunctionType) or thing.__code__.co_filename != _FUNCTOOLS:
        return None
    registry = _attribute(thing, "registry")
    if registry is None:
        return None
    inner = registry[object]
    piece = define_function(name, inner, writing)
    piece.text += f"{name} = {writing.spell(sys.modules['functools'])}.singledispatch({name})\n"
    piece.more = (*piece.more, *_registered(name, thing, inner, writing))
    return piece


_FUNCTOOLS = functools.__file__

"""What became of a ``def`` in a class: whether its decorators surely make what the class has now."""

from __future__ import annotations

import abc
import ast
import functools
import typing
from collections.abc import Callable
from dataclasses import dataclass
from types import FunctionType
from typing import Any

from fc_magic.slicing import decorated
from fc_magic.slicing.attributes import parts_of
from fc_magic.slicing.functions import DEFS, named
from fc_magic.slicing.history import History
from fc_magic.slicing.proof import Def, find

#: whether a statement is the source of a function
Proves = Callable[[ast.stmt, FunctionType], bool]

#: decorators that return what they were given
_SAME: tuple[Any, ...] = (abc.abstractmethod, typing.final, getattr(typing, "override", typing.final))
#: and what others make of it
_MADE: tuple[tuple[Any, type], ...] = (
    *((kind, kind) for kind in (staticmethod, classmethod)),
    *((kind, kind) for kind in (functools.cached_property, functools.singledispatchmethod)),
    *((cache, functools._lru_cache_wrapper) for cache in (functools.lru_cache, functools.cache)),
)
_ACCESSORS = {"getter": "fget", "setter": "fset", "deleter": "fdel"}


@dataclass(frozen=True)
class Method:
    """The statements that bind one name of a class, in their order, and what the class has by that name."""

    name: str
    nodes: list[ast.stmt]
    value: Any
    scope: dict[str, Any]
    history: History
    proves: Proves

    def made(self) -> FunctionType | None:
        """The function of the last statement, if all that is around it is what its decorators make."""
        node = self.nodes[-1]
        if not isinstance(node, DEFS):
            return None
        if node.decorator_list and self._accessor(node.decorator_list[0]):
            return self._of_property()
        return self._inner(node, self.value, node.decorator_list)

    def written(self) -> FunctionType | None:
        """The function of the last statement, wherever in the value it is."""
        found = (f for part in parts_of(self.value) for f in decorated.inside(part))
        return next((f for f in found if self.proves(self.nodes[-1], f)), None)

    # ------------------------------------------------------------ properties

    def _accessor(self, decorator: ast.expr) -> str:
        """Which function of a property a decorator gives: ``@property``, ``@name.setter``."""
        if named(decorator, self.scope) is property:
            return "fget"
        if isinstance(decorator, ast.Attribute) and isinstance(decorator.value, ast.Name):
            return _ACCESSORS.get(decorator.attr, "") if decorator.value.id == self.name else ""
        return ""

    def _of_property(self) -> FunctionType | None:
        if type(self.value) is not property:
            return None
        said: dict[str, Def] = {}
        of = ""
        for node in self.nodes:
            decorators = node.decorator_list if isinstance(node, DEFS) else []
            of = self._accessor(decorators[0]) if decorators else ""
            if not of or not isinstance(node, DEFS):
                return None
            anew = named(decorators[0], self.scope) is property
            said = {of: node} if anew else {**said, of: node}
        live = {each: getattr(self.value, each) for each in _ACCESSORS.values()}
        if {each for each, function in live.items() if function is not None} != {*said}:
            return None
        found = {each: self._inner(node, live[each], node.decorator_list[1:]) for each, node in said.items()}
        return found[of] if all(found.values()) else None

    # ------------------------------------------------------------ from the outermost decorator on

    def _inner(self, node: ast.stmt, value: Any, decorators: list[ast.expr]) -> FunctionType | None:
        for number, decorator in enumerate(decorators):
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            thing = named(called, self.scope)
            if any(thing is same for same in _SAME):
                continue
            kind = next((kind for each, kind in _MADE if thing is each), None)
            if kind is not None:
                if type(value) is not kind or not decorated.has_parameters(value, decorator, self.scope):
                    return None
                value = _opened(value)
            elif isinstance(thing, FunctionType) and thing.__code__.co_filename in self.history.files:
                value = _given(thing, decorator, value, self)
            elif decorated.of_library(decorator, self.scope):
                return self._somewhere(node, value, len(decorators) - number)
            else:
                return None
        return value if isinstance(value, FunctionType) and self.proves(node, value) else None

    def _somewhere(self, node: ast.stmt, value: Any, most: int) -> FunctionType | None:
        """Below a decorator of a library that is not known here."""
        inner = next((f for f in decorated.inside(value) if self.proves(node, f)), None)
        again = inner is None or decorated.is_wrapped_again(value, inner, most, self.history)
        return None if again else inner


def _opened(value: Any) -> Any:
    if isinstance(value, functools.cached_property | functools.singledispatchmethod):
        return value.func
    return value.__func__ if isinstance(value, staticmethod | classmethod) else value.__wrapped__


def _given(decorator: FunctionType, written: ast.expr, value: Any, method: Method) -> Any:
    """What a decorator of the notebook was given, if it can have done nothing but to put one function around it."""
    if not isinstance(value, FunctionType) or not isinstance(written, ast.Name):
        return None
    code, cells = value.__code__, value.__closure__ or ()
    made = any(code is each for each in decorator.__code__.co_consts)
    if not made or code.co_freevars != decorator.__code__.co_varnames[:1] or not _is_plain(decorator, method):
        return None
    inner = cells[0].cell_contents
    own = {**vars(value), **getattr(inner, "__dict__", {})}.keys() - {"__wrapped__"}
    return inner if not own and vars(value).get("__wrapped__", inner) is inner else None


def _is_plain(decorator: FunctionType, method: Method) -> bool:
    """Whether a decorator is a function in a function, and nothing beside: ``def d(f): def g(): …; return g``."""
    source = find(decorator.__code__, method.history)
    node = source and source.node
    if not isinstance(node, ast.FunctionDef) or ast.unparse(node.args) != node.args.args[0].arg:
        return False
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    if len(body) != 2 or not isinstance(body[0], DEFS):
        return False
    inner, last = body
    assert isinstance(inner, DEFS)
    calls = [d.func if isinstance(d, ast.Call) else d for d in inner.decorator_list]
    returned = (
        isinstance(last, ast.Return) and isinstance(last.value, ast.Name) and last.value.id == inner.name
    )
    plain = not (inner.args.defaults or any(inner.args.kw_defaults))
    rebound = any(isinstance(n, ast.Nonlocal) for n in ast.walk(inner))
    return (
        returned and plain and not rebound and all(named(c, method.scope) is functools.wraps for c in calls)
    )

"""What a call may change, by what is called: a builtin, a library's function, one of the notebook, a method."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

from fc_magic.slicing.static import known
from fc_magic.slicing.static.known import Kind
from fc_magic.slicing.static.tokens import BELOW, CONST, HARD, NONE, SOFT, Tokens, Value, part

if TYPE_CHECKING:
    from fc_magic.slicing.static.expressions import Expressions as Walk
    from fc_magic.slicing.static.world import Function


class Given:
    """The arguments of a call."""

    def __init__(self, walk: Walk, node: ast.Call) -> None:
        self.node = node
        self.positional = [walk.expression(each) for each in node.args]
        self.by_name = {k.arg or "**": walk.expression(k.value) for k in node.keywords}
        for each, value in zip(node.args, self.positional, strict=True):
            if isinstance(each, ast.Starred):
                walk.use_up(value)

    @property
    def all(self) -> list[Value]:
        return [value.kept for value in [*self.positional, *self.by_name.values()]]

    @property
    def whole(self) -> Value:
        return CONST.and_(*self.all)

    @property
    def data(self) -> Value:
        """Of those that are no functions, classes or modules."""
        return CONST.and_(*(value for value in self.all if value.kind <= Kind.OTHER))

    @property
    def first(self) -> Value:
        return self.positional[0] if self.positional else CONST


def call(walk: Walk, node: ast.Call) -> Value:
    given = Given(walk, node)
    func = node.func
    walk.found.lively |= not (isinstance(func, ast.Name) and _runs_nothing(walk, func.id))
    if path := walk.path(func):
        return _library(walk, path, given)
    if isinstance(func, ast.Attribute):
        return _method(walk, func, given)
    if not isinstance(func, ast.Name) or func.id in walk.local:
        return _unknown(walk, walk.expression(func), given)
    if walk.world.is_builtin(func.id):
        return _builtin(walk, func.id, given)
    kind = walk.world.kind(func.id)
    results = [_own(walk, func.id, each, given) for each in walk.world.functions.get(func.id, ())]
    if kind == Kind.FUNC and results:
        return results[0].and_(*results[1:])
    return CONST.and_(*results, _unknown(walk, walk.name(func.id), given))


def _runs_nothing(walk: Walk, name: str) -> bool:
    """A builtin that calls nothing of the notebook, unless a class there has a method such as ``__repr__``."""
    if name in walk.local or not walk.world.is_builtin(name) or name not in known.LOOKING:
        return False
    return not any(method.startswith("__") and method != "__init__" for method in walk.world.methods)


def _unknown(walk: Walk, called: Value, given: Given) -> Value:
    """It may change what it is given, and itself, as a closure does, and put each into the other."""
    parts = [called, *given.all]
    for value in parts:
        walk.found.change(value.tokens, SOFT)
        walk.found.link(called.tokens, value.tokens)
    _link(walk, given)
    return CONST.and_(*parts)._replace(kind=Kind.OTHER)


def _link(walk: Walk, given: Given) -> None:
    for one, other in zip(given.all, given.all[1:], strict=False):
        walk.found.link(one.tokens, other.tokens)


# ---------------------------------------------------------------- functions of the notebook


def _own(walk: Walk, name: str, function: Function, given: Given) -> Value:
    does, found = walk.world.summary(function), walk.found
    values = function.given(
        given.node, [v.kept for v in given.positional], {k: v.kept for k, v in given.by_name.items()}
    )
    kept = function.defaults

    def mapped(token: str) -> Tokens:
        if not token.startswith("$"):
            return frozenset([token])
        if token[1:] in values:
            return values[token[1:]].tokens
        if token[1:] not in kept:
            return NONE
        # a default that is changed is there at the next call, and may be something that has a name
        return walk.world.expression(kept[token[1:]]).tokens | walk.world.tokens(name)

    for token, depth in does.changes.items():
        is_default = token.startswith("$") and token[1:] not in values
        found.change(mapped(token), max(depth, HARD) if is_default else depth)
    for one, other in does.links:
        found.link(mapped(one), mapped(other))
    found.rebinds |= does.rebinds
    found.escapes |= does.escapes
    found.inner += [each for each in does.inner if not any(each is other for other in found.inner)]
    found.calls |= {name, *does.calls}
    result = does.result or CONST
    tokens = frozenset(t for token in result.tokens for t in mapped(token))
    return Value(tokens, result.kind)


# ---------------------------------------------------------------- builtins


def _builtin(walk: Walk, name: str, given: Given) -> Value:
    if name in known.CHANGING_BUILTINS:
        walk.found.change(given.first.tokens, SOFT if name.endswith("next") else BELOW)
        walk.found.link(given.first.tokens, given.whole.tokens)
        return part(given.first)
    if name in known.LAZY_BUILTINS:
        values = [*given.positional, *given.by_name.values()]
        whole = CONST.and_(*(v._replace(lazy=False) for v in values if v.kind <= Kind.OTHER))
        return Value(whole.tokens, max(whole.kind, Kind.DATA), lazy=True)
    if name not in known.LOOKING:
        for value in [*given.positional, *given.by_name.values()]:
            walk.use_up(value)
    if name in known.CONST_BUILTINS:
        return CONST
    if name in known.HOLDING_BUILTINS:
        held = CONST.and_(*(v._replace(lazy=False) for v in given.positional))
        if name in ("sum", "min", "max"):
            return held
        return CONST if name == "tuple" and held.kind == Kind.CONST else held.held()
    return Value(given.whole.tokens, Kind.OTHER)


# ---------------------------------------------------------------- libraries


def _library(walk: Walk, path: str, given: Given) -> Value:
    found, root, last = walk.found, path.partition(".")[0], path.rpartition(".")[2]
    state = walk.world.state(path)
    is_held = path.count(".") > 1 and last in known.HOLDING_METHODS
    if state == "@" or state[1:] in known.DRAWING or last.startswith(known.SETTING) or is_held:
        found.change([state], HARD)
    if path in known.CHANGING_FUNCTIONS:
        found.change(given.first.tokens, HARD)
        found.link(given.first.tokens, given.whole.tokens)
    if "out" in given.by_name:
        found.change(given.by_name["out"].tokens, HARD)
    if root not in known.READING_MODULES:
        for value in given.all:
            found.change(value.tokens, SOFT)
        _link(walk, given)
    elif root not in known.SHOWING and root not in known.CONST_MODULES:
        for value in [*given.positional, *given.by_name.values()]:
            walk.use_up(value)
    return _of_library(path, root, given)


def _of_library(path: str, root: str, given: Given) -> Value:
    if root in known.CONST_MODULES or path in known.CONST_FUNCTIONS:
        return CONST
    if root in ("numpy", "pandas") or path in known.DATA_FUNCTIONS:
        return Value(given.data.tokens, Kind.DATA)
    if root in known.DATA_MODULES:
        return given.data.held()
    return Value(given.whole.tokens, Kind.OTHER)


# ---------------------------------------------------------------- methods


def _method(walk: Walk, func: ast.Attribute, given: Given) -> Value:
    found, name = walk.found, func.attr
    of = walk.held(func.value)
    is_own = name in walk.world.methods
    if name.startswith(known.SETTING):
        walk.module_state(func)
    if "inplace" in given.by_name:
        found.change(of.tokens, HARD)
    if name in known.USING_METHODS:
        for value in given.positional:
            walk.use_up(value)
    if not is_own and (of.kind == Kind.CONST or name in known.READING_METHODS):
        return _read(of, name, given)
    if not is_own and name in known.HOLDING_METHODS:
        found.change(of.tokens, HARD)
        found.link(of.tokens, given.whole.tokens)
        return part(of)
    # a method that a class has from elsewhere, such as register, may be one that changes it
    is_soft = of.kind == Kind.MODULE or (of.kind == Kind.CLASS and is_own)
    found.change(of.tokens, SOFT if is_soft else HARD)
    for value in given.all:
        found.change(value.tokens, SOFT)
        found.link(of.tokens, value.tokens)
    _link(walk, given)
    if name in ("read", "readline") and not is_own:
        return CONST
    if name in known.FRESH_METHODS and not is_own:
        return Value(NONE, Kind.DATA)
    return CONST.and_(of, *given.all)._replace(kind=Kind.OTHER)


def _read(of: Value, name: str, given: Given) -> Value:
    if name in known.FRESH_METHODS:
        return Value(NONE, Kind.DATA)
    if name in known.CONST_METHODS and of.kind != Kind.DATA:
        return CONST
    return CONST.and_(of, given.data).held()


# ---------------------------------------------------------------- decorators


def is_plain(walk: Walk, decorator: ast.expr) -> bool:
    """Whether it leaves a function that answers as the written one: a library's, or a builtin."""
    func = decorator.func if isinstance(decorator, ast.Call) else decorator
    if isinstance(func, ast.Name) and walk.world.is_builtin(func.id):
        return True
    return bool(walk.path(func))


def decorated(walk: Walk, node: Any, held: Value) -> Value:
    """What a function or class is when its decorators have seen it."""
    for each in reversed(node.decorator_list):
        if is_plain(walk, each):
            walk.expression(each)
            continue
        walk.found.lively = True
        walk.found.escapes.add(node.name)
        as_call = ast.Call(func=each, args=[], keywords=[])
        value = call(walk, ast.copy_location(as_call, each))
        walk.found.change(value.tokens, SOFT)
        held = held.and_(value)
    return held

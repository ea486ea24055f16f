"""What an expression is, and what it may change when it is evaluated."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from fc_magic.slicing.static.calls import call
from fc_magic.slicing.static.known import Kind
from fc_magic.slicing.static.own_names import parameters, stored
from fc_magic.slicing.static.tokens import BELOW, CONST, HARD, NONE, SOFT, Effects, Value, part

if TYPE_CHECKING:
    from fc_magic.slicing.static.world import World

_Comprehension = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)


class Expressions:
    """Reads expressions. ``local``: the names that are the block's own, with what they are so far."""

    def __init__(self, world: World, local: dict[str, Value] | None = None, inside: bool = False) -> None:
        self.world, self.local, self.inside = world, {} if local is None else local, inside
        self.found = Effects()

    # ------------------------------------------------------------ names

    def name(self, name: str) -> Value:
        if name in self.local:
            return self.local[name]
        kind = self.world.kind(name)
        if kind <= Kind.OTHER:
            return CONST if kind == Kind.CONST else Value(frozenset([name]), kind)
        return Value(self.world.tokens(name), kind)

    def assign(self, target: ast.AST, value: Value) -> None:
        value = value.kept
        if isinstance(target, ast.Name):
            if target.id in self.local:
                self.local[target.id] = self.local[target.id].and_(value)
                return
            self.found.link(self.name(target.id).tokens, value.tokens)
            if self.inside:
                self.found.rebinds.add(target.id)
        elif isinstance(target, ast.Tuple | ast.List):
            self.use_up(value)
            for each in target.elts:
                self.assign(each, part(value))
            if value.kind != Kind.CONST:
                self._alike(target.elts, value)
        elif isinstance(target, ast.Starred):
            self.assign(target.value, value.held())
        elif isinstance(target, ast.Attribute | ast.Subscript):
            of = self.expression(target.value)
            if isinstance(target, ast.Subscript):
                self.expression(target.slice)
            self.found.change(of.tokens, BELOW if isinstance(target, ast.Attribute) else HARD)
            self.found.link(of.tokens, value.tokens)
            self.module_state(target)

    def _alike(self, targets: list[ast.expr], value: Value) -> None:
        """What was made together may be the same thing."""
        tokens = [self.name(each.id).tokens for each in targets if isinstance(each, ast.Name)]
        for one, other in pairwise(tokens):
            self.found.link(one, other)

    def module_state(self, target: ast.expr) -> None:
        """``getcontext().prec = 50``, ``os.environ["A"] = "b"``: the state of a library."""
        node: ast.AST = target
        while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
            node = node.func if isinstance(node, ast.Call) else node.value
            if path := self.path(node):
                self.found.change([self.world.state(path)], HARD)
                return

    def path(self, node: ast.AST) -> str:
        """``numpy.random.seed`` for ``np.random.seed``; empty for what is not a library's."""
        names: list[str] = []
        while isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id in self.local or node.id not in self.world.imports:
            return ""
        if self.world.kind(node.id) != Kind.MODULE:
            return ""
        return ".".join([self.world.imports[node.id], *reversed(names)])

    def use_up(self, value: Value) -> None:
        """It is run through: an iterator is another one afterwards."""
        if value.kind >= Kind.OTHER:
            self.found.change(value.tokens, SOFT)

    # ------------------------------------------------------------ expressions

    def expression(self, node: ast.AST | None) -> Value:
        if node is None or isinstance(node, ast.Constant):
            return CONST
        if isinstance(node, ast.Name):
            value = self.name(node.id)
            if value.kind == Kind.FUNC:
                self.found.escapes.add(node.id)
            return value
        handler = _EXPRESSIONS.get(type(node))
        return handler(self, node) if handler else self._together(node)

    def _together(self, node: ast.AST) -> Value:
        """An operator, a display: it may hold all that it is made of."""
        parts = []
        for child in ast.iter_child_nodes(node):
            if isinstance(child, _VALUES):
                parts.append(self.expression(child))
                if isinstance(child, ast.Starred):
                    self.use_up(parts[-1])
        return parts[0].and_(*parts[1:]) if parts else CONST

    def _display(self, node: Any) -> Value:
        made = self._together(node)
        is_const = isinstance(node, ast.Tuple) and made.kind == Kind.CONST
        return CONST if is_const else made.held()

    def _operator(self, node: ast.BinOp) -> Value:
        rights: list[ast.expr] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):  # a long sum is nested as deeply
            rights.append(left.right)
            left = left.left
        return self._touched(self.expression(left).and_(*(self.expression(each) for each in rights)))

    def _attribute(self, node: ast.Attribute) -> Value:
        if self.path(node):
            return Value(self.expression(node.value).tokens, Kind.MODULE)
        return self._touched(part(self.held(node.value)))

    def held(self, node: ast.expr) -> Value:
        # f.cache is no use of f as a value
        return self.name(node.id) if isinstance(node, ast.Name) else self.expression(node)

    def _subscript(self, node: ast.Subscript) -> Value:
        self.expression(node.slice)
        of = self.expression(node.value)
        return self._touched(part(of).held() if isinstance(node.slice, ast.Slice) else part(of))

    def _touched(self, value: Value) -> Value:
        """Some class of the notebook changes when it is looked at."""
        if self.world.touchy:
            self.use_up(value)
            self.found.lively = True
        return value

    def _compare(self, node: ast.Compare) -> Value:
        held = [self.expression(node.left)]
        for operator, each in zip(node.ops, node.comparators, strict=True):
            value = self.expression(each)
            held.append(value)
            if isinstance(operator, ast.In | ast.NotIn):
                self.use_up(value)
        found = CONST.and_(*held)
        return CONST if found.kind == Kind.CONST else self._touched(found).held()

    def _text(self, node: Any) -> Value:
        self._together(node)
        return CONST

    def _lambda(self, node: ast.Lambda) -> Value:
        self.defaults(node.args)
        return self.nested(node)

    def nested(self, node: Any) -> Value:
        """A function that is made here: what it does is not done now, and it holds what it reads."""
        own = {name: Value(NONE, Kind.OTHER) for name in parameters(node.args)}
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        mine = stored(body)
        local = {**self.local, **dict.fromkeys(mine, CONST), **own}
        walk = type(self)(self.world, local, inside=True)
        walk.run(body)
        for name in self.local.keys() - mine - own.keys():  # a nonlocal one may have been bound in there
            self.local[name] = self.local[name].and_(local[name])
        self.found.inner.append(walk.found)
        self.found.calls |= walk.found.calls
        held = {n.id for each in body for n in ast.walk(each) if isinstance(n, ast.Name)} - own.keys()
        known = [
            self.name(name) for name in held if name in self.local or self.world.kind(name) <= Kind.OTHER
        ]
        return CONST.and_(*known)._replace(kind=Kind.OTHER)

    def _comprehension(self, node: Any) -> Value:
        outer = self.local
        self.local = dict(outer)
        used: list[Value] = []
        for each in node.generators:
            value = self.expression(each.iter)
            self.use_up(value)
            used.append(value._replace(lazy=False))
            for name in {n.id for n in ast.walk(each.target) if isinstance(n, ast.Name)}:
                self.local[name] = CONST
            self.assign(each.target, part(value))
            for test in each.ifs:
                self.expression(test)
        made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        result = CONST.and_(*(self.expression(each) for each in made))
        inner, self.local = self.local, outer
        for name in outer:
            outer[name] = (
                outer[name].and_(inner[name]) if name in inner and inner[name] != CONST else outer[name]
            )
        if isinstance(node, ast.GeneratorExp):
            return CONST.and_(result, *used).held()._replace(lazy=True)
        return result.held()

    def _walrus(self, node: ast.NamedExpr) -> Value:
        value = self.expression(node.value)
        self.assign(node.target, value)
        return value if value.kind == Kind.CONST else value.and_(self.name(node.target.id))

    def _yielded(self, node: Any) -> Value:
        value = self.expression(node.value)
        self.returned(Value(value.tokens, Kind.OTHER))
        return Value(NONE, Kind.OTHER)

    def _awaited(self, node: ast.Await) -> Value:
        value = self.expression(node.value)
        self.use_up(value)
        return Value(value.tokens, Kind.OTHER)

    def _call(self, node: ast.Call) -> Value:
        return call(self, node)

    # ------------------------------------------------------------ what the other half does

    def run(self, body: Iterable[ast.AST]) -> None:
        raise NotImplementedError

    def returned(self, value: Value) -> None:
        self.found.result = self.found.result.and_(value) if self.found.result else value

    def defaults(self, arguments: ast.arguments) -> Value:
        given = [*arguments.defaults, *(each for each in arguments.kw_defaults if each)]
        return CONST.and_(*(self.expression(each) for each in given))


_VALUES = (ast.expr, ast.comprehension, ast.keyword, ast.FormattedValue)
_EXPRESSIONS: dict[type, Any] = {
    ast.Call: Expressions._call,
    ast.BinOp: Expressions._operator,
    ast.Attribute: Expressions._attribute,
    ast.Subscript: Expressions._subscript,
    ast.Compare: Expressions._compare,
    ast.JoinedStr: Expressions._text,
    ast.FormattedValue: Expressions._text,
    ast.Lambda: Expressions._lambda,
    ast.NamedExpr: Expressions._walrus,
    ast.Yield: Expressions._yielded,
    ast.YieldFrom: Expressions._yielded,
    ast.Await: Expressions._awaited,
    **dict.fromkeys((ast.Tuple, ast.List, ast.Set, ast.Dict), Expressions._display),
    **dict.fromkeys(_Comprehension, Expressions._comprehension),
}

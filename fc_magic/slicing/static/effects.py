"""What a statement, or a call of a function, may change beside the names that it binds. When in doubt, it may.

How deep a change goes: a SOFT one, such as of what an unknown function is given, does not count for functions,
classes and modules; a HARD one is of the thing itself; one BELOW may be of a function that it holds, as
``x["f"].n = 1`` is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

from fc_magic.slicing.static import known
from fc_magic.slicing.static.calls import decorated, is_plain
from fc_magic.slicing.static.expressions import Expressions
from fc_magic.slicing.static.known import Kind
from fc_magic.slicing.static.own_names import imported_modules, stored
from fc_magic.slicing.static.tokens import CONST, HARD, NONE, Value, part

_Def = (ast.FunctionDef, ast.AsyncFunctionDef)
_QUIET = (ast.Constant, ast.Pass, ast.Global, ast.Nonlocal, ast.Break, ast.Continue)


class Walk(Expressions):
    """Reads one block of code."""

    def run(self, body: Iterable[ast.AST]) -> None:
        """Until nothing new is found: what is bound below may come back in a loop."""
        nodes = list(body)
        for _ in range(8):
            before, known = self.found.size, dict(self.local)
            self.found.inner.clear()
            self.found.later.clear()
            for node in nodes:
                self.statement(node)
            if not self.inside or (self.found.size == before and self.local == known):
                return

    def statement(self, node: ast.AST) -> None:
        if isinstance(node, _QUIET):
            return
        if isinstance(node, ast.expr):  # the body of a lambda
            self.returned(self.expression(node))
            return
        handler = _STATEMENTS.get(type(node))
        if handler:
            handler(self, node)
        else:
            self.children(node)

    def children(self, node: ast.AST) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.expression(child)
            elif not isinstance(child, ast.expr_context):
                self.statement(child)

    def _assigned(self, node: ast.Assign) -> None:
        first, *more = node.targets
        self._pairs(first, node.value)
        for target in more:
            self.assign(target, self._of(first))

    def _pairs(self, target: ast.expr, node: ast.expr) -> None:
        """``a, b = [], []`` are two assignments."""
        pairs = _elements(target, node)
        values = [self.expression(value) for _, value in pairs]
        for (each, _), value in zip(pairs, values, strict=True):
            self.assign(each, value)

    def _of(self, target: ast.expr) -> Value:
        """What was just put there, for who gets it as well."""
        if isinstance(target, ast.Name):
            return self.name(target.id)
        if isinstance(target, ast.Attribute | ast.Subscript):
            return self.expression(target)
        inner = [target.value] if isinstance(target, ast.Starred) else getattr(target, "elts", [])
        return CONST.and_(*(self._of(each) for each in inner))

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.assign(node.target, self.expression(node.value))

    def _augmented(self, node: ast.AugAssign) -> None:
        value = self.expression(node.value)
        if isinstance(node.target, ast.Name):
            of = self.name(node.target.id)
            if of.kind != Kind.CONST:
                self.found.change(of.tokens, HARD)
                self.use_up(value)
            self.found.link(of.tokens, value.tokens)
            if self.inside or node.target.id in self.local:
                self.assign(node.target, of.and_(value))
        else:
            self.assign(node.target, value)

    def _loop(self, node: ast.For | ast.AsyncFor) -> None:
        value = self.expression(node.iter)
        self.use_up(value)
        self.assign(node.target, part(value))
        for each in [*node.body, *node.orelse]:
            self.statement(each)

    def _with(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            value = self.expression(item.context_expr)
            if value.kind != Kind.CONST:
                self.found.change(value.tokens, HARD)
                self.found.lively = True
            if item.optional_vars:
                self.assign(item.optional_vars, Value(value.tokens, Kind.OTHER))
        for each in node.body:
            self.statement(each)

    def _match(self, node: ast.Match) -> None:
        value = self.expression(node.subject)
        for case in node.cases:
            for pattern in ast.walk(case.pattern):
                for name in (getattr(pattern, "name", None), getattr(pattern, "rest", None)):
                    if isinstance(name, str):
                        self.assign(ast.Name(name, ast.Store()), part(value))
            self.expression(case.guard)
            for each in case.body:
                self.statement(each)

    def _caught(self, node: ast.ExceptHandler) -> None:
        self.expression(node.type)
        if node.name:
            self.assign(ast.Name(node.name, ast.Store()), Value(NONE, Kind.OTHER))
        for each in node.body:
            self.statement(each)

    def _deleted(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Attribute | ast.Subscript):
                self.assign(target, CONST)
            elif isinstance(target, ast.Name) and self.inside and target.id not in self.local:
                self.found.rebinds.add(target.id)

    def _bare(self, node: ast.Expr) -> None:
        """A call whose answer nobody takes is made for what it does: it may set something in its library."""
        self.expression(node.value)
        path = self.path(node.value.func) if isinstance(node.value, ast.Call) else ""
        if path and path.partition(".")[0] not in known.READING_MODULES:
            self.found.change([self.world.state(path)], HARD)

    def _returns(self, node: ast.Return) -> None:
        self.returned(self.expression(node.value))

    def _imports(self, node: ast.Import | ast.ImportFrom) -> None:
        self.found.change([f"@import {path}" for path in imported_modules(node)], HARD)
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            self.assign(ast.Name(name, ast.Store()), Value(NONE, Kind.OTHER))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        held = self.defaults(node.args)
        is_plainly = all(is_plain(self, each) for each in node.decorator_list)
        is_own = self.inside or node.name in self.local or not is_plainly
        if is_own:  # called by its name, any other function is looked at there
            held = held.and_(self.nested(node))
        own = decorated(self, node, held)
        self.assign(ast.Name(node.name, ast.Store()), own if is_own else Value(own.tokens, Kind.FUNC))

    def _class(self, node: ast.ClassDef) -> None:
        bases = [self.held(base) for base in node.bases] + [self.expression(k.value) for k in node.keywords]
        held = CONST.and_(*bases)
        for base in bases:
            if any(token.startswith("=") for token in base.tokens):
                self.found.change(base.tokens, HARD)
        outer = self.local
        self.local = {**outer, **dict.fromkeys(stored(node.body), CONST)}
        inside, self.inside = self.inside, False
        for each in node.body:
            if isinstance(each, _Def):
                self.defaults(each.args)
                below = Walk(self.world, {k: v for k, v in self.local.items() if k in outer}, inside=True)
                below.nested(each)
                self.found.later += below.found.inner
            else:
                self.statement(each)
        self.inside = inside
        held = held.and_(*(self.local[name] for name in stored(node.body)))
        self.local = outer
        self.assign(ast.Name(node.name, ast.Store()), decorated(self, node, held)._replace(kind=Kind.CLASS))


def _elements(target: ast.expr, node: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Targets and what each gets, as far as they stand side by side."""
    if isinstance(target, ast.Tuple) and isinstance(node, ast.Tuple):
        is_plain = not any(isinstance(each, ast.Starred) for each in (*target.elts, *node.elts))
        if is_plain and len(target.elts) == len(node.elts):
            return list(zip(target.elts, node.elts, strict=True))
    return [(target, node)]


_STATEMENTS: dict[type, Any] = {
    ast.Expr: Walk._bare,
    ast.Assign: Walk._assigned,
    ast.AnnAssign: Walk._annotated,
    ast.AugAssign: Walk._augmented,
    ast.With: Walk._with,
    ast.AsyncWith: Walk._with,
    ast.For: Walk._loop,
    ast.AsyncFor: Walk._loop,
    ast.Match: Walk._match,
    ast.ExceptHandler: Walk._caught,
    ast.Delete: Walk._deleted,
    ast.Return: Walk._returns,
    ast.Import: Walk._imports,
    ast.ImportFrom: Walk._imports,
    ast.FunctionDef: Walk._function,
    ast.AsyncFunctionDef: Walk._function,
    ast.ClassDef: Walk._class,
}

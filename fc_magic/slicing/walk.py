"""One walk through a syntax tree, in the order in which Python would run it: which names it uses and binds."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any

from fc_magic.slicing import reach
from fc_magic.slicing.scopes import Scope, Scopes, first

Def = ast.FunctionDef | ast.AsyncFunctionDef
#: fields that hold no names
_BARE = {
    *("ctx", "op", "ops", "kind", "type_comment", "attr", "arg"),
    *("conversion", "is_async", "simple", "level", "kwd_attrs"),
}
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}
#: a block that ends in one of these goes nowhere on
_ENDS = (ast.Raise, ast.Return, ast.Continue, ast.Break)


class Reader(Scopes):
    """Reads a tree once."""

    # ------------------------------------------------------------ the walk

    def visit(self, node: Any) -> None:
        kind = node.__class__
        if kind is ast.Name:
            self._name(node)
            return
        visitor = _VISITORS.get(kind)
        if visitor is not None:
            visitor(self, node)
            return
        for name in _FIELDS.get(kind) or _fields(kind):
            value = getattr(node, name, None)
            if value.__class__ is list:
                for item in value:
                    if item is not None:
                        self.visit(item)
            elif value is not None and isinstance(value, ast.AST):
                self.visit(value)

    def every(self, nodes: Iterable[ast.AST | None]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def block(self, body: Iterable[ast.stmt]) -> None:
        for statement in body:
            self.visit(statement)

    def _name(self, node: ast.Name) -> None:
        if node.ctx.__class__ is ast.Load:
            self.use(node.id, node.lineno)
        elif node.ctx.__class__ is ast.Store:
            self.bind(node.id, node.lineno)
        else:
            self.unbind(node.id, node.lineno)

    def _chain(self, node: ast.BinOp) -> None:
        """``a + b + … + z`` is nested to the left, however long it is."""
        rights: list[ast.expr] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            rights.append(left.right)
            left = left.left
        self.visit(left)
        for right in reversed(rights):
            self.visit(right)

    # ------------------------------------------------------------ scopes

    def _typed(self, node: Any, read: Callable[[], None]) -> None:
        """Type parameters (Python 3.12) have a scope of their own around what they belong to."""
        parameters = getattr(node, "type_params", ())
        if not parameters:
            read()
            return
        scope = Scope("comprehension", self.here)

        def inner() -> None:
            for parameter in parameters:
                self.bind(parameter.name, parameter.lineno)
            self.every(parameters)
            read()

        self.inside(scope, inner)

    def _function(self, node: Def) -> None:
        self.every(node.decorator_list)
        self._defaults(node.args)
        self._typed(node, lambda: self._function_inside(node))
        self.bind(node.name, node.lineno)

    def _function_inside(self, node: Def) -> None:
        arguments = node.args
        for argument in [*_all(arguments), arguments.vararg, arguments.kwarg]:
            self._annotation(argument.annotation if argument else None)
        self._annotation(node.returns)
        self._body(arguments, lambda: self.block(node.body))

    def _body(self, arguments: ast.arguments, read: Callable[[], None]) -> None:
        scope = Scope("function", self.here)

        def inner() -> None:
            for argument in [*_all(arguments), arguments.vararg, arguments.kwarg]:
                if argument:
                    self.bind(argument.arg, argument.lineno)
            read()

        self.inside(scope, inner)

    def _lambda(self, node: ast.Lambda) -> None:
        self._defaults(node.args)
        self._body(node.args, lambda: self.visit(node.body))

    def _defaults(self, arguments: ast.arguments) -> None:
        self.every([*arguments.defaults, *arguments.kw_defaults])

    def _class(self, node: ast.ClassDef) -> None:
        self.every(node.decorator_list)
        self._typed(node, lambda: self._class_inside(node))
        self.bind(node.name, node.lineno)

    def _class_inside(self, node: ast.ClassDef) -> None:
        self.every([*node.bases, *(k.value for k in node.keywords)])
        scope = Scope("class", self.here, node.name)
        scope.sure.update(("__module__", "__qualname__", "__class__"))
        self.inside(scope, lambda: self.block(node.body))

    def _comprehension(self, node: Any) -> None:
        first = node.generators[0]
        self.visit(first.iter)
        self.inside(Scope("comprehension", self.here), lambda: self._generated(node, first))

    def _generated(self, node: Any, first: ast.comprehension) -> None:
        for each in node.generators:
            if each is not first:
                self.visit(each.iter)
            self.visit(each.target)
            self.every(each.ifs)
        self.every([node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt])

    def _walrus(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        scope = self.here
        while scope.kind == "comprehension" and scope.parent:
            scope = scope.parent
        self.bind(node.target.id, node.lineno, scope)

    def _hint(self, text: str, line: int) -> None:
        """Names in an annotation that is a text."""
        for name in reach.names_in(text):
            first(self.hinted, name, line)

    def _annotation(self, node: ast.expr | None) -> None:
        if node is None:
            return
        if "annotations" in self.futures:
            self._hint(ast.unparse(node), node.lineno)
        else:
            self.visit(node)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                self._hint(inner.value, inner.lineno)

    # ------------------------------------------------------------ statements

    def _annotated(self, node: ast.AnnAssign) -> None:
        if node.value:
            self.visit(node.value)
        if self.here.kind != "function":
            self._annotation(node.annotation)
        elif isinstance(node.target, ast.Name):
            self.bind(node.target.id, node.lineno)  # local, though nothing is bound
        if node.value or not isinstance(node.target, ast.Name):
            self.visit(node.target)

    def _assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        self.every(node.targets)

    def _augmented(self, node: ast.AugAssign) -> None:
        if isinstance(node.target, ast.Name):
            self.use(node.target.id, node.lineno)
        self.visit(node.value)
        self.visit(node.target)

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        source = getattr(node, "module", None) if not getattr(node, "level", 0) else None
        for alias in node.names:
            module = alias.name if isinstance(node, ast.Import) else source
            if module:
                first(self.imports, module, node.lineno)
            if alias.name == "*":
                module = "." * getattr(node, "level", 0) + (getattr(node, "module", "") or "")
                self.stars.append((module, node.lineno))
                continue
            if alias.name == "__main__" or getattr(node, "module", "") == "__main__":
                self.opaque.append((node.lineno, "import of __main__"))
            name = alias.asname or (
                alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name
            )
            self.bind(name, node.lineno)

    def _global(self, node: ast.Global) -> None:
        self.here.globals.update(node.names)
        if self.here.kind == "class":
            self.here.sure.difference_update(node.names)

    def _nonlocal(self, node: ast.Nonlocal) -> None:
        self.here.globals.difference_update(node.names)

    def _branches(self, blocks: list[list[ast.stmt]], may_skip: bool) -> None:
        """Blocks of which one is run (or none): sure is what each that goes on has bound."""
        before = set(self.here.sure)
        after: list[set[str]] = [before] if may_skip else []
        for block in blocks:
            self.here.sure = set(before)
            self.block(block)
            if not (block and isinstance(block[-1], _ENDS)):
                after.append(self.here.sure)
        self.here.sure = set.intersection(*after) if after else before

    def _if(self, node: ast.If) -> None:
        if reach.is_type_checking(node.test):
            self.block(node.orelse)
            return
        self.visit(node.test)
        self._branches([node.body, node.orelse], may_skip=False)

    def _loop(self, node: Any) -> None:
        if isinstance(node, ast.While):
            self.visit(node.test)
            self._branches([node.body], may_skip=not reach.is_true(node.test))
        else:
            self.visit(node.iter)
            before = set(self.here.sure)
            self.visit(node.target)
            self.block(node.body)
            self.here.sure &= before
        self.block(node.orelse)

    def _try(self, node: Any) -> None:
        before = set(self.here.sure)
        missing = any(reach.catches_missing_names(handler) for handler in node.handlers)
        self.expects_missing += missing
        self.block(node.body)
        self.expects_missing -= missing
        self.block(node.orelse)
        after = [self.here.sure]
        for handler in node.handlers:
            self.here.sure = set(before)
            self.visit(handler)
            if not (handler.body and isinstance(handler.body[-1], _ENDS)):
                after.append(self.here.sure)
        self.here.sure = set.intersection(*after)
        self.block(node.finalbody)

    def _handler(self, node: ast.ExceptHandler) -> None:
        if node.type:
            self.visit(node.type)
        if node.name:
            self.bind(node.name, node.lineno)
        self.block(node.body)
        if node.name:
            self.here.sure.discard(node.name)

    def _match(self, node: ast.Match) -> None:
        self.visit(node.subject)
        before = set(self.here.sure)
        for case in node.cases:
            self.visit(case)
            self.here.sure &= before

    def _pattern(self, node: Any) -> None:
        for name in _FIELDS.get(node.__class__) or _fields(node.__class__):
            value = getattr(node, name, None)
            if isinstance(value, list):
                self.every(v for v in value if isinstance(v, ast.AST))
            elif isinstance(value, ast.AST):
                self.visit(value)
        bound = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if bound:
            self.bind(bound, node.lineno)

    def _type_alias(self, node: Any) -> None:
        # what it stands for is looked up when it is asked
        self._typed(node, lambda: self.inside(Scope("function", self.here), lambda: self.visit(node.value)))
        self.bind(node.name.id, node.lineno)

    def _call(self, node: ast.Call) -> None:
        reach.call(self, node)
        self.visit(node.func)
        self.every(node.args)
        self.every(keyword.value for keyword in node.keywords)

    def _subscript(self, node: ast.Subscript) -> None:
        if not reach.subscript(self, node):
            self.visit(node.value)
        self.visit(node.slice)

    def _attribute(self, node: ast.Attribute) -> None:
        if node.attr in reach.FRAMES:
            self.opaque.append((node.lineno, node.attr))
        self.visit(node.value)

    def _compare(self, node: ast.Compare) -> None:
        if not reach.compare(self, node):
            self.every([node.left, *node.comparators])


def _all(arguments: ast.arguments) -> list[ast.arg]:
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    return _FIELDS.setdefault(kind, tuple(f for f in kind._fields if f not in _BARE))


def _nothing(reader: Reader, node: Any) -> None:
    pass


_VISITORS: dict[type[ast.AST], Callable[[Any, Any], None]] = {
    ast.Constant: _nothing,
    ast.BinOp: Reader._chain,
    ast.FunctionDef: Reader._function,
    ast.AsyncFunctionDef: Reader._function,
    ast.Lambda: Reader._lambda,
    ast.ClassDef: Reader._class,
    **dict.fromkeys((ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp), Reader._comprehension),
    ast.NamedExpr: Reader._walrus,
    ast.AnnAssign: Reader._annotated,
    ast.Assign: Reader._assign,
    ast.AugAssign: Reader._augmented,
    ast.Import: Reader._import,
    ast.ImportFrom: Reader._import,
    ast.Global: Reader._global,
    ast.Nonlocal: Reader._nonlocal,
    ast.If: Reader._if,
    **dict.fromkeys((ast.For, ast.AsyncFor, ast.While), Reader._loop),
    ast.Try: Reader._try,
    ast.ExceptHandler: Reader._handler,
    ast.Match: Reader._match,
    **dict.fromkeys((ast.MatchAs, ast.MatchStar, ast.MatchMapping), Reader._pattern),
    ast.Call: Reader._call,
    ast.Subscript: Reader._subscript,
    ast.Attribute: Reader._attribute,
    ast.Compare: Reader._compare,
}
# what newer Pythons have
for _newer, _visitor in (("TryStar", Reader._try), ("TypeAlias", Reader._type_alias)):
    if hasattr(ast, _newer):
        _VISITORS[getattr(ast, _newer)] = _visitor

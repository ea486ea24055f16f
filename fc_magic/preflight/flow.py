"""One walk through a module: its imports, calls and attributes, and when each of them would run.

Branches that the runtime does not take, such as ``if TYPE_CHECKING`` or a question for another version of Python,
are left out.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Version = tuple[int, int]
_ANYTHING = frozenset({"Exception", "BaseException"})
MISSING = frozenset({"ImportError", "ModuleNotFoundError"}) | _ANYTHING
ABSENT = frozenset({"AttributeError", "NameError", "TypeError"}) | MISSING
_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.GtE: operator.ge,
    ast.Gt: operator.gt,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
#: from this version on annotations are evaluated when somebody asks for them
DEFERRED = (3, 14)
#: nothing that is looked for is in these
_LEAVES = frozenset(
    {ast.Name, ast.Constant, ast.Pass, ast.Break, ast.Continue, ast.Global, ast.Nonlocal, ast.alias}
)


@dataclass(frozen=True)
class When:
    """``late``: inside a function; ``sure``: nothing decides whether it runs; ``caught``: exceptions expected."""

    late: bool = False
    sure: bool = True
    caught: frozenset[str] = frozenset()

    def expects(self, kinds: frozenset[str]) -> bool:
        return bool(self.caught & kinds)


@dataclass(frozen=True)
class Imported:
    """``from module import name`` or, without a name, ``import module``; ``level``: the dots before it."""

    module: str
    name: str
    line: int
    when: When
    level: int = 0


@dataclass
class Flow:
    """What was found. ``aliases``: a local name -> what it was imported as, dotted."""

    imports: list[Imported] = field(default_factory=list)
    calls: list[tuple[ast.Call, When]] = field(default_factory=list)
    attributes: list[tuple[ast.Attribute, When]] = field(default_factory=list)
    loops: list[tuple[ast.While, When]] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)
    dead: list[range] = field(default_factory=list)

    def is_dead(self, line: int) -> bool:
        """Whether a line is in a branch that is not taken there."""
        return any(line in lines for lines in self.dead)

    def dotted(self, node: ast.expr) -> str:
        """``np.linalg.norm`` -> numpy.linalg.norm; nothing if it is no chain of names."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.aliases.get(node.id, node.id), *reversed(parts)])


def read(tree: ast.Module, version: Version, is_main: bool = False) -> Flow:
    """``version``: of the Python that would run it; ``is_main``: as a program, and not as a module."""
    found = Flow()
    annotated = version < DEFERRED and "annotations" not in futures(tree)
    _Walk(found, version, is_main, annotated).every(tree.body, When())
    return found


def futures(tree: ast.Module) -> set[str]:
    found = (node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__")
    return {alias.name for node in found for alias in node.names}


def types_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.expr]:
    """What is evaluated when a function is defined, unless annotations are put off."""
    given = node.args
    every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    yield from (one.annotation for one in every if one and one.annotation)
    if node.returns:
        yield node.returns


class _Walk:
    def __init__(self, found: Flow, version: Version, is_main: bool, annotated: bool) -> None:
        self.found, self.version, self.is_main, self.annotated = found, version, is_main, annotated

    def every(self, nodes: Iterable[ast.AST | None], when: When) -> None:
        for node in nodes:
            if node is not None:
                self.one(node, when)

    def one(self, node: ast.AST, when: When) -> None:
        kind = node.__class__
        if kind in _LEAVES:
            return
        walk = _WALKS.get(kind)
        if walk:
            walk(self, node, when)
        else:
            self.inside(node, when)

    def inside(self, node: ast.AST, when: When) -> None:
        for name in node._fields:
            value = getattr(node, name, None)
            if value.__class__ is list:
                for item in value:
                    if isinstance(item, ast.AST):
                        self.one(item, when)
            elif isinstance(value, ast.AST):
                self.one(value, when)

    def _call(self, node: ast.Call, when: When) -> None:
        self.found.calls.append((node, when))
        self._dynamic(node, when)
        self.inside(node, when)

    def _attribute(self, node: ast.Attribute, when: When) -> None:
        self.found.attributes.append((node, when))
        self.one(node.value, when)

    def _import(self, node: ast.Import, when: When) -> None:
        for alias in node.names:
            top = alias.name.partition(".")[0]
            self.found.imports.append(Imported(alias.name, "", node.lineno, when))
            self.found.aliases[alias.asname or top] = alias.name if alias.asname else top

    def _import_from(self, node: ast.ImportFrom, when: When) -> None:
        for alias in node.names:
            module = node.module or ""
            self.found.imports.append(Imported(module, alias.name, node.lineno, when, node.level))
            self.found.aliases[alias.asname or alias.name] = f"{module}.{alias.name}".strip(".")

    def _loop(self, node: ast.While | ast.For, when: When) -> None:
        if isinstance(node, ast.While):
            self.found.loops.append((node, when))
        self.inside(node, When(when.late, False, when.caught))

    def _match(self, node: ast.Match, when: When) -> None:
        self.one(node.subject, when)
        self.every(node.cases, When(when.late, False, when.caught))

    def _annotated(self, node: ast.AnnAssign, when: When) -> None:
        evaluated = self.annotated and not when.late
        self.every([node.target, node.annotation if evaluated else None, node.value], when)

    def _dynamic(self, node: ast.Call, when: When) -> None:
        """``importlib.import_module("yaml")``"""
        named = node.args[0] if len(node.args) == 1 else None
        if self.found.dotted(node.func) not in ("importlib.import_module", "__import__"):
            return
        if isinstance(named, ast.Constant) and isinstance(named.value, str) and named.value[:1] != ".":
            self.found.imports.append(Imported(named.value, "", node.lineno, when))

    def _lambda(self, node: ast.Lambda, when: When) -> None:
        self._arguments(node.args, when)
        self.one(node.body, When(True, False, frozenset()))

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, when: When) -> None:
        self.every(node.decorator_list, when)
        self._arguments(node.args, when)
        self.every(types_of(node) if self.annotated else (), when)
        self.every(node.body, When(True, False, frozenset()))

    def _arguments(self, arguments: ast.arguments, when: When) -> None:
        self.every([*arguments.defaults, *arguments.kw_defaults], when)

    def _if(self, node: ast.If | ast.IfExp, when: When) -> None:
        holds = self.holds(node.test)
        taken, otherwise = _branch(node.body), _branch(node.orelse)
        if holds is None:
            self.one(node.test, when)
            asked = {"AttributeError"} if _asks_for_attribute(node.test) else set()
            self.every([*taken, *otherwise], When(when.late, False, when.caught | asked))
        else:
            self.every(taken if holds else otherwise, when)
            left = otherwise if holds else taken
            self.found.dead += [range(one.lineno, (one.end_lineno or one.lineno) + 1) for one in left]

    def _try(self, node: ast.Try, when: When) -> None:
        caught = frozenset(name for handler in node.handlers for name in _caught(handler))
        maybe = When(when.late, False, when.caught)
        # the first statement is reached for sure; the others are not if it raises
        self.every(node.body[:1], When(when.late, when.sure, when.caught | caught))
        self.every(node.body[1:], When(when.late, when.sure and not caught, when.caught | caught))
        for handler in node.handlers:
            # what stands there is for where the first choice is missing
            self.every(handler.body, When(when.late, False, when.caught | set(_caught(handler)) & MISSING))
        self.every(node.orelse, maybe)
        self.every(node.finalbody, when)

    def _with(self, node: ast.With | ast.AsyncWith, when: When) -> None:
        caught: set[str] = set()
        for item in node.items:
            self.one(item.context_expr, when)
            call = item.context_expr
            if isinstance(call, ast.Call) and self.found.dotted(call.func) == "contextlib.suppress":
                caught.update(_last(argument) for argument in call.args)
        self.every(node.body, When(when.late, when.sure, when.caught | caught))

    def holds(self, test: ast.expr) -> bool | None:
        """Whether a condition is true there; None if that is known only when it runs."""
        if isinstance(test, ast.Constant):
            return bool(test.value)
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            inner = self.holds(test.operand)
            return None if inner is None else not inner
        if isinstance(test, ast.BoolOp):
            return _together(test.op, [self.holds(value) for value in test.values])
        if isinstance(test, ast.Name | ast.Attribute):
            return False if _last(test) == "TYPE_CHECKING" else None
        return self._compared(test) if isinstance(test, ast.Compare) and len(test.ops) == 1 else None

    def _asked(self, node: ast.expr) -> str:
        """``sys.version_info``, its beginning or its first number, dotted."""
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and node.slice.value == 0:
            return f"{self.found.dotted(node.value)}.major"
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and node.slice.lower is None:
            return self.found.dotted(node.value)
        return self.found.dotted(node)

    def _compared(self, test: ast.Compare) -> bool | None:
        left, right = self._asked(test.left), test.comparators[0]
        compare = _COMPARED.get(type(test.ops[0]))
        given = _literal(right)
        if compare is None or given is None:
            return None
        if left == "sys.version_info" and isinstance(given, tuple) and all(isinstance(n, int) for n in given):
            return bool(compare((*self.version, 99)[: len(given)], given))
        if left == "sys.version_info.major" and isinstance(given, int):
            return bool(compare(self.version[0], given))
        known = {"__name__": "__main__" if self.is_main else "", "sys.platform": "linux", "os.name": "posix"}
        return bool(compare(known[left], given)) if left in known and isinstance(given, str) else None


def _asks_for_attribute(test: ast.expr) -> bool:
    """``hasattr(math, "cbrt")``"""
    calls = (node.func for node in ast.walk(test) if isinstance(node, ast.Call))
    return any(_last(called) == "hasattr" for called in calls)


#: kind of a node -> what walks it; others are walked from one field to the next
_WALKS: dict[type[ast.AST], Callable[[_Walk, Any, When], None]] = {
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef), _Walk._function),
    **dict.fromkeys((ast.If, ast.IfExp), _Walk._if),
    **dict.fromkeys((ast.With, ast.AsyncWith), _Walk._with),
    **dict.fromkeys((ast.For, ast.While), _Walk._loop),
    **dict.fromkeys([ast.Try, *([ast.TryStar] if hasattr(ast, "TryStar") else [])], _Walk._try),
    ast.Match: _Walk._match,
    ast.Lambda: _Walk._lambda,
    ast.Call: _Walk._call,
    ast.Attribute: _Walk._attribute,
    ast.Import: _Walk._import,
    ast.ImportFrom: _Walk._import_from,
    ast.AnnAssign: _Walk._annotated,
}


def _branch(body: Sequence[ast.stmt] | ast.expr) -> list[ast.stmt | ast.expr]:
    return [body] if isinstance(body, ast.expr) else list(body)


def _caught(handler: ast.ExceptHandler) -> Iterator[str]:
    """What a handler expects; one that raises again expects nothing."""
    if any(isinstance(node, ast.Raise) for node in handler.body):
        return
    if handler.type is None:
        yield "BaseException"
    elif isinstance(handler.type, ast.Tuple):
        yield from map(_last, handler.type.elts)
    else:
        yield _last(handler.type)


def _last(node: ast.expr) -> str:
    """``builtins.ImportError`` -> ImportError"""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _together(op: ast.boolop, known: list[bool | None]) -> bool | None:
    decides = isinstance(op, ast.Or)
    if decides in known:
        return decides
    return None if None in known else not decides

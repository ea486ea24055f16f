"""What is known of the names of a notebook from its text: what kind of thing each is, whatever it was bound to."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fc_magic.slicing.static import known
from fc_magic.slicing.static.calls import is_plain
from fc_magic.slicing.static.effects import Walk
from fc_magic.slicing.static.hidden import keepers
from fc_magic.slicing.static.known import Kind, words
from fc_magic.slicing.static.own_names import binds, block, parameters, stored
from fc_magic.slicing.static.tokens import CONST, HARD, NONE, SOFT, Effects, Value, part

_BUILTINS = frozenset(dir(builtins))
_PATTERNS = ast.MatchAs | ast.MatchStar | ast.MatchMapping
_Def = (ast.FunctionDef, ast.AsyncFunctionDef)
#: methods that are called where no call is seen; what they change of their object is seen elsewhere
_SEEN = words(
    "__init__ __new__ __post_init__ __setattr__ __delattr__ __setitem__ __delitem__ __call__ __enter__ __exit__ "
    "__next__ __set_name__ __init_subclass__ __class_getitem__ __del__"
)


@dataclass(frozen=True)
class Function:
    """A function that the notebook writes down at its top level."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

    @property
    def body(self) -> list[ast.AST]:
        return [self.node.body] if isinstance(self.node, ast.Lambda) else [*self.node.body]

    @property
    def defaults(self) -> dict[str, ast.expr]:
        """Parameters whose default may be changed, with it."""
        arguments = self.node.args
        ordered = [each.arg for each in [*arguments.posonlyargs, *arguments.args]]
        last = ordered[len(ordered) - len(arguments.defaults) :]
        pairs = [
            *zip(last, arguments.defaults, strict=True),
            *((a.arg, d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d),
        ]
        return {name: default for name, default in pairs if not isinstance(default, ast.Constant)}

    def given(self, node: ast.Call, positional: list[Value], by_name: dict[str, Value]) -> dict[str, Value]:
        """Parameter -> what a call gives it; with stars, each may be anything."""
        arguments = self.node.args
        names = parameters(arguments)
        if any(isinstance(each, ast.Starred) for each in node.args) or any(
            k.arg is None for k in node.keywords
        ):
            whole = CONST.and_(*positional, *by_name.values())._replace(kind=Kind.OTHER)
            return dict.fromkeys(names, whole)
        ordered = [each.arg for each in [*arguments.posonlyargs, *arguments.args]]
        found = dict(zip(ordered, positional, strict=False))
        if arguments.vararg:
            found[arguments.vararg.arg] = CONST.and_(*positional[len(ordered) :])
        more = {name: value for name, value in by_name.items() if name not in names}
        if arguments.kwarg:
            found[arguments.kwarg.arg] = CONST.and_(*more.values())
        return {**found, **{name: value for name, value in by_name.items() if name in names}}


class World:
    """Read from statements once; asked by name afterwards."""

    def __init__(self, statements: Iterable[ast.stmt], nodes: Sequence[ast.AST]) -> None:
        """``nodes``: all that is in the statements."""
        self.imports: dict[str, str] = {}
        self.functions: dict[str, list[Function]] = {}
        self.methods: set[str] = set()
        self.touchy = False
        self._bindings: dict[str, list[Value | tuple[str, ast.AST]]] = {}
        self._kinds: dict[str, Kind] = {}
        self._summaries: dict[int, Effects] = {}
        self._reading: dict[int, Function] = {}
        self._guessed = False
        self._classes: list[ast.ClassDef] = []
        self.keepers = keepers(nodes)
        for node in statements:
            self._read(node)
        # a function may bind those to anything
        for name in (name for each in nodes if isinstance(each, ast.Global) for name in each.names):
            self.unknown(name)
        self.touchy = any(self._is_touchy(node) for node in self._classes)

    # ------------------------------------------------------------ reading

    def _read(self, top: ast.stmt) -> None:
        for node in block([top]):
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    self._bound(target, node.value)
            elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value:
                self._bound(node.target, node.value)
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                self._bind(node.target.id, ("is", node.value))
            elif isinstance(node, ast.For):
                for name in _targets(node.target):
                    self._bind(name, ("part", node.iter))
            elif isinstance(node, _Def):
                self._bind(node.name, ("def", node))
                self.functions.setdefault(node.name, []).append(Function(node))
            elif isinstance(node, ast.ClassDef):
                self._class(node)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                self._import(node)
            else:
                for name in binds(node):
                    self._bindings.setdefault(name, [])
            if isinstance(node, ast.withitem | ast.AsyncFor | ast.ExceptHandler | _PATTERNS):
                for name in {*binds(node), *_targets(getattr(node, "optional_vars", None) or ast.Pass())}:
                    self.unknown(name)
                for name in _targets(node.target) if isinstance(node, ast.AsyncFor) else ():
                    self.unknown(name)

    def _bound(self, target: ast.AST, value: ast.AST) -> None:
        if isinstance(target, ast.Name):
            if isinstance(value, ast.Lambda):
                self._bind(target.id, Value(NONE, Kind.FUNC))
                self.functions.setdefault(target.id, []).append(Function(value))
            else:
                self._bind(target.id, ("is", value))
        else:
            for name in _targets(target):
                self._bind(name, ("part", value))

    def _bind(self, name: str, what: Value | tuple[str, ast.AST]) -> None:
        self._bindings.setdefault(name, []).append(what)

    def unknown(self, name: str) -> None:
        self._bind(name, Value(NONE, Kind.OTHER))

    def _class(self, node: ast.ClassDef) -> None:
        self._bind(node.name, Value(NONE, Kind.CLASS))
        self._classes.append(node)
        self.methods.update(each.name for each in node.body if isinstance(each, _Def))

    def _import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            if isinstance(node, ast.Import):
                name = alias.asname or alias.name.partition(".")[0]
                path = alias.name if alias.asname else name
            else:
                name = alias.asname or alias.name
                path = f"{'.' * node.level}{node.module or ''}.{alias.name}"
            if name == "*":
                continue
            same = self.imports.setdefault(name, path) == path
            self._bind(name, Value(NONE, Kind.MODULE if same else Kind.OTHER))

    # ------------------------------------------------------------ asking

    def kind(self, name: str) -> Kind:
        if name not in self._kinds:
            if name not in self._bindings:
                # what nobody bound is a builtin, or from a star import
                return Kind.MODULE if name in _BUILTINS else Kind.OTHER
            self._kinds[name] = Kind.OTHER  # for who asks while it is found out
            bound = [self._what(each).kind for each in self._bindings[name]]
            self._kinds[name] = Kind.joined(bound) if bound else Kind.OTHER
        return self._kinds[name]

    def is_builtin(self, name: str) -> bool:
        return name not in self._bindings and name in _BUILTINS

    def _what(self, bound: Value | tuple[str, ast.AST]) -> Value:
        if isinstance(bound, Value):
            return bound
        how, node = bound
        if isinstance(node, _Def):
            plain = all(is_plain(Walk(self), each) for each in node.decorator_list)
            return Value(NONE, Kind.FUNC if plain else Kind.OTHER)
        value = Walk(self).expression(node)
        return value.kept if how == "is" else part(value)

    def expression(self, node: ast.expr) -> Value:
        """What an expression at the top level is."""
        return Walk(self).expression(node)

    def tokens(self, name: str) -> frozenset[str]:
        """Of a name: what a function or class keeps has one of its own, and so have those who got it from there."""
        return frozenset([name, f"={name}"] if name in self.keepers else [name])

    def matters(self, token: str, depth: int) -> bool:
        """Whether a change of this token is one."""
        return depth > SOFT or token.startswith("@") or self.kind(token) <= Kind.OTHER

    def state(self, path: str) -> str:
        """The token for the state of the library that ``path`` is of."""
        path = known.REACHES.get(path, path)
        if path in known.EVERYWHERE:
            return "@"
        whole = next((s for s in known.STATEFUL if path == s or path.startswith(f"{s}.")), "")
        return f"@{whole or path.partition('.')[0]}"

    def _is_touchy(self, node: ast.ClassDef) -> bool:
        """Whether looking at an object of the class may change it: a property that counts, say."""
        for each in node.body:
            if not isinstance(each, _Def) or not each.args.args or each.name in _SEEN:
                continue
            if any(ast.unparse(d).endswith("cached_property") for d in each.decorator_list):
                return True
            is_property = any(isinstance(d, ast.Name) and d.id == "property" for d in each.decorator_list)
            if is_property or (each.name.startswith("__") and not each.name.startswith("__i")):
                own = each.args.args[0].arg
                if self.summary(Function(each)).changes.get(f"${own}", SOFT) >= HARD:
                    return True
        return False

    # ------------------------------------------------------------ functions

    def summary(self, function: Function) -> Effects:
        """What a call does, in terms of its parameters; recursive ones are read until nothing new is found."""
        key = id(function.node)
        if key in self._summaries:
            self._guessed |= key in self._reading
            return self._summaries[key]
        outermost = not self._reading
        self._summaries[key] = Effects()
        self._reading[key] = function
        self._summaries[key] = self._walked(function)
        if outermost:
            while self._guessed and self._grown():
                pass
            self._reading.clear()
            self._guessed = False
        return self._summaries[key]

    def _grown(self) -> bool:
        """Reads all again that were read in this round: whether one of them does more than was known."""
        more = False
        for key, function in list(self._reading.items()):
            found = self._walked(function)
            more |= found.size != self._summaries[key].size
            self._summaries[key] = found
        return more

    def _walked(self, function: Function) -> Effects:
        names = parameters(function.node.args)
        local = dict.fromkeys(stored(function.body), CONST)
        local |= {name: Value(frozenset([f"${name}"]), Kind.OTHER) for name in names}
        walk = Walk(self, local, inside=True)
        walk.run(function.body)
        found = walk.found
        if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in block(function.body)) or isinstance(
            function.node, ast.AsyncFunctionDef
        ):
            # nothing runs before somebody asks: it holds all that it was given
            held = frozenset(f"${name}" for name in names) | {
                t for t in found.changes if not t.startswith("@")
            }
            found.inner.append(Effects(changes=dict(found.changes), rebinds=set(found.rebinds)))
            found.result = Value((found.result or CONST).tokens | held, Kind.OTHER)
        return found


def _targets(target: ast.AST) -> Iterable[str]:
    return {n.id for n in ast.walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}

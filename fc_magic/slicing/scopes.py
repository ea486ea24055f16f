"""Python's scopes: which name means which thing, and what of a module is surely bound at each place."""

from __future__ import annotations

from collections.abc import Callable


class Scope:
    """``kind``: module, class, comprehension or function. ``sure``: bound at the present place, where that counts."""

    __slots__ = ("bound", "deferred", "globals", "kind", "name", "parent", "sure", "uses")

    def __init__(self, kind: str, parent: Scope | None, name: str = "") -> None:
        self.kind, self.parent, self.name = kind, parent, name
        self.bound: dict[str, int] = {}
        self.sure: set[str] = set()
        self.globals: set[str] = set()
        self.uses: dict[str, int] = {}
        #: runs when it is called, or inside what does
        self.deferred: bool = kind == "function" or bool(parent and parent.deferred)

    def around(self) -> Scope:
        """The scope in which a name is looked for next: a class body is seen by nothing inside it."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
            if scope.kind != "class":
                break
        return scope


class Scopes:
    """The scopes of one text, filled by a walk through it; the attributes are what was found."""

    def __init__(self, futures: frozenset[str]) -> None:
        self.futures = futures
        self.module = self.here = Scope("module", None)
        self.scopes: list[Scope] = [self.module]
        self.now: dict[str, int] = {}
        self.hinted: dict[str, int] = {}
        self.guarded: set[str] = set()
        self.stars: list[tuple[str, int]] = []
        self.opaque: list[tuple[int, str]] = []
        self.imports: dict[str, int] = {}
        #: calls of globals() of which is known what they are for
        self.followed: set[object] = set()
        #: inside what catches NameError
        self.expects_missing = 0

    def later(self) -> dict[str, int]:
        """Names that functions take from the module: what their scopes use and none around them binds."""
        found: dict[str, int] = {}
        for scope in reversed(self.scopes[1:]):  # inner ones come after outer ones
            around = scope.around()
            target = found if around is self.module else around.uses
            for name, line in scope.uses.items():
                if name in scope.globals:
                    first(found, name, line)
                elif scope.kind == "class" or name not in scope.bound:
                    first(target, name, line)
        return found

    def inside(self, scope: Scope, read: Callable[[], None]) -> None:
        self.scopes.append(scope)
        outer, self.here = self.here, scope
        read()
        self.here = outer

    def use(self, name: str, line: int) -> None:
        if name.startswith("__") and not name.endswith("__"):
            name = self._mangled(name)
        here = self.here
        if self.expects_missing:
            self.guarded.add(name)
        if here.deferred:
            if not (here.kind == "class" and name in here.sure):
                first(here.uses, name, line)
        elif not self._is_sure(name):
            first(self.now, name, line)

    def use_global(self, name: str, line: int) -> None:
        """A use that finds the module's name, whatever else is called so around it."""
        outer, self.here = (
            self.here,
            Scope("function" if self.here.deferred else "comprehension", self.module),
        )
        if self.here.deferred:
            self.scopes.append(self.here)
        self.use(name, line)
        self.here = outer

    def _is_sure(self, name: str) -> bool:
        """Whether code that runs at once finds the name without help from outside."""
        scope: Scope | None = self.here
        if scope is not None and scope.kind == "class" and name not in scope.globals:
            if name in scope.sure:
                return True
            scope = scope.parent
        while scope is not None:
            if scope.kind == "comprehension" and name in scope.bound:
                return True
            if scope.kind == "module":
                return name in scope.sure
            scope = scope.parent
        return False

    def bind(self, name: str, line: int, scope: Scope | None = None, sure: bool = True) -> None:
        if name.startswith("__") and not name.endswith("__"):
            name = self._mangled(name)
        scope = scope or self.here
        if name in scope.globals:
            sure = sure and not scope.deferred
            scope = self.module
        first(scope.bound, name, line)
        if sure:
            scope.sure.add(name)

    def unbind(self, name: str, line: int) -> None:
        self.use(name, line)
        scope = self.module if name in self.here.globals else self.here
        first(scope.bound, name, line)
        scope.sure.discard(name)

    def _mangled(self, name: str) -> str:
        scope: Scope | None = self.here
        while scope is not None:
            if scope.kind == "class":
                return f"_{scope.name.lstrip('_')}{name}"
            scope = scope.parent
        return name


def first(found: dict[str, int], name: str, line: int) -> None:
    if name not in found or line < found[name]:
        found[name] = line

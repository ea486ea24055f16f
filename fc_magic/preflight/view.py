"""What is examined: the files of a package, and of those in Python the author's own, as they will be loaded."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fc_magic.package.contents import CELL, Contents
from fc_magic.preflight import flow, provided
from fc_magic.preflight.finding import Place
from fc_magic.slicing.names import Names, analyse
from fc_magic.slicing.result import Part, Slice
from fc_magic.wire import images, runtimes

#: of a deployment that names none
HANDLER = "index.handler"
#: where Python looks for modules, and what changes that: what it finds then is not known
_SEARCHED = ("sys.path", "sys.modules", "sys.meta_path", "sys.path_hooks")
_METHODS = ("append", "insert", "extend", "update", "setdefault")
_CHANGES = frozenset({"site.addsitedir", *(f"{name}.{method}" for name in _SEARCHED for method in _METHODS)})
#: what a program of an image whose Python nobody documents is read as
_SOME_PYTHON = (3, 9)


@dataclass(frozen=True)
class View:
    """``handler`` and ``initializer`` as the deployment names them; of a custom runtime the latter is its command.

    ``layers``: whether the function has layers, whose content is not known here. ``apart``: whether its libraries
    become layers, too. ``excluded``: names that a person left out.
    """

    contents: Contents
    runtime: str
    handler: str = ""
    initializer: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    layers: bool = False
    sliced: Slice | None = None
    apart: bool = False
    excluded: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls, fields: Mapping[str, Any], contents: Contents, runtime: str, sliced: Slice | None = None
    ) -> View:
        """``fields`` as a person gave them: what is wrong with them is said elsewhere."""
        given = fields.get("environment")
        environment = {str(k): str(v) for k, v in given.items()} if isinstance(given, Mapping) else {}
        handler, initializer = (str(fields.get(name) or "") for name in ("handler", "entrypoint"))
        return cls(
            contents,
            runtime,
            handler or HANDLER,
            initializer,
            environment,
            bool(fields.get("layers")),
            sliced,
        )

    @property
    def version(self) -> tuple[int, int] | None:
        """The Python of a built-in runtime."""
        return images.PYTHON.get(self.runtime)

    @property
    def is_program(self) -> bool:
        return runtimes.is_custom(self.runtime)

    @functools.cached_property
    def entry(self) -> str:
        """The path of the Python file that is loaded first; empty if there is none here."""
        if self.version:
            return path_of(self.handler)
        written = [
            path for path, why in self.contents.reasons.items() if why == CELL and path.endswith(".py")
        ]
        return written[0] if written and self.is_program else ""

    @functools.cached_property
    def vendored(self) -> frozenset[str]:
        """Files of distributions that were unpacked into the package."""
        files = self.contents.files
        records = [
            files[path].decode(errors="replace") for path in files if path.endswith(".dist-info/RECORD")
        ]
        inside = {path.rpartition("/")[0].rpartition("/")[0] for path in files if path.endswith("/RECORD")}
        lines = [line for record in records for line in record.splitlines()]
        named = (provided.vendored(provided.below(files, folder), lines) for folder in inside)
        start = {folder: f"{folder}/" if folder else "" for folder in inside}
        return frozenset(
            start[folder] + path for folder, paths in zip(inside, named, strict=True) for path in paths
        )

    @functools.cached_property
    def roots(self) -> tuple[str, ...]:
        """Folders of the package in which Python looks for modules."""
        places = self.environment.get("PYTHONPATH", "").split(":")
        return ("", *(place[6:].strip("/") for place in places if place.startswith("/code/")))

    @functools.cached_property
    def modules(self) -> frozenset[str]:
        """What the package brings."""
        own = [provided.modules(provided.below(self.contents.files, root)) for root in self.roots]
        return frozenset().union(*own, *map(provided.of_wheel, self.contents.wheels))

    def find(self, module: str) -> str:
        """The path of an own module; empty if it is not one."""
        stem = module.replace(".", "/")
        for root in self.roots:
            for path in (f"{stem}/__init__.py", f"{stem}.py"):
                at = f"{root}/{path}" if root else path
                if at in self.contents.files and at not in self.vendored:
                    return at
        return ""


@dataclass
class Module:
    """One Python file of the author's own. ``late``: it is imported when a function or a branch
    runs, if at all. ``elsewhere``: one of the files changes where Python looks for modules."""

    view: View
    path: str
    source: str
    tree: ast.Module
    late: bool = False
    elsewhere: bool = False

    @functools.cached_property
    def flow(self) -> flow.Flow:
        main = self.view.is_program and self.path == self.view.entry
        return flow.read(self.tree, self.view.version or _SOME_PYTHON, main)

    @functools.cached_property
    def names(self) -> Names:
        return analyse(self.tree)

    def binds(self, name: str) -> bool:
        """Whether it binds a name at its top level, surely or not."""
        return name in self.names.bound or name in self.names.maybe

    @functools.cached_property
    def nodes(self) -> list[ast.AST]:
        """All there are."""
        return list(ast.walk(self.tree))

    @functools.cached_property
    def of_classes(self) -> frozenset[str]:
        """Names that a class body binds somewhere."""
        bodies = (node for node in self.nodes if isinstance(node, ast.ClassDef))
        return frozenset(name for body in bodies for name in _bound_in(body))

    @functools.cached_property
    def moves_path(self) -> bool:
        """Whether this file changes where modules are looked for."""
        if any(self.flow.dotted(call.func) in _CHANGES for call, _ in self.flow.calls):
            return True
        assigned = (target for node in self.nodes for target in _assigned(node))
        return any(self.flow.dotted(target) in _SEARCHED for target in assigned)

    def place(self, line: int) -> Place:
        return place(self.view, self.path, line)


def _assigned(node: ast.AST) -> Iterator[ast.expr]:
    """``sys.path``, also of ``sys.path[:0] = …``"""
    if isinstance(node, ast.Assign | ast.AugAssign):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield target.value if isinstance(target, ast.Subscript) else target


def _bound_in(body: ast.ClassDef) -> Iterator[str]:
    todo: list[ast.AST] = [*body.body]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        else:
            todo += ast.iter_child_nodes(node)


def place(view: View, path: str, line: int) -> Place:
    """A line of a file as its author knows it."""
    if path != view.entry or view.contents.reasons.get(path) != CELL:
        return Place(f"{path}:{line}", line)
    origin = view.sliced.origin(line) if view.sliced and view.sliced.parts else None
    return Place(_origin(view.sliced, *origin) if view.sliced and origin else f"line {line}", line)


def _origin(sliced: Slice, part: Part, line: int) -> str:
    if part.kind == "cell":
        return f"line {line}"
    if not line:
        return ", ".join(sliced.named(part)) or part.note
    return f"line {line} of another cell" if part.cell is None else f"In[{part.cell}] line {line}"


def path_of(handler: str) -> str:
    """``src/app.main`` -> src/app.py, ``pkg.mod.main`` -> pkg/mod.py"""
    module, dot, _ = handler.rpartition(".")
    return module.replace(".", "/") + ".py" if dot else ""

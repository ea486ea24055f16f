"""A class statement beside the class that lives: whether that was made from it, and in what it differs now."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any

from fc_magic.slicing import decorated, functions, makers
from fc_magic.slicing.attributes import GIVEN, is_member, parts, registered, spelled
from fc_magic.slicing.exact import is_literal, same_value
from fc_magic.slicing.functions import DEFS
from fc_magic.slicing.history import Cell, Statement, bound, simple
from fc_magic.slicing.methods import Method
from fc_magic.slicing.pieces import Writing
from fc_magic.slicing.proof import Source, proves

_DATACLASS = ("dataclasses", "dataclass")
#: modules whose calls say what a field or a member is to be
_SPECIFYING = ("dataclasses", "enum", "attr", "attrs", "pydantic.fields")


@dataclass
class Body:
    """A class statement beside the class that may have come of it."""

    cls: type
    statement: Statement
    writing: Writing
    #: the classes that it stands in
    around: tuple[str, ...] = ()

    @property
    def _classes(self) -> tuple[str, ...]:
        return (*self.around, self.node.name)

    def _inner(self) -> Iterator[tuple[str, Body]]:
        """The classes that stand in the body and are still there."""
        for key, nodes in self.bound.items():
            node, cls = nodes[-1], self.live.get(key)
            if isinstance(node, ast.ClassDef) and isinstance(cls, type):
                body = Body(cls, Statement(self.cell, node), self.writing, self._classes)
                if cls.__qualname__ == f"{self.cls.__qualname__}.{node.name}" and body.is_it():
                    yield key, body

    @property
    def node(self) -> ast.ClassDef:
        assert isinstance(self.statement.node, ast.ClassDef)
        return self.statement.node

    @property
    def cell(self) -> Cell:
        return self.statement.cell

    @cached_property
    def bound(self) -> dict[str, list[ast.stmt]]:
        """Name -> the statements of the body that bind it."""
        found: dict[str, list[ast.stmt]] = {}
        for node in self.node.body:
            for inner in simple([node]):
                for name in bound(inner):
                    found.setdefault(self._mangled(name), []).append(node)
        return found

    def _mangled(self, name: str) -> str:
        private = name.startswith("__") and not name.endswith("__")
        return f"_{self.cls.__name__.lstrip('_')}{name}" if private else name

    @cached_property
    def live(self) -> dict[str, Any]:
        return dict(vars(self.cls))

    @cached_property
    def is_plain(self) -> bool:
        """Whether what the body binds is what the class has: no metaclass or decorator makes something else of it."""
        kind = type(self.cls)
        usual = kind.__module__ in ("builtins", "abc") or kind.__name__ == "_ProtocolMeta"
        made = any(decorated.of_library(d, self.scope) for d in self.node.decorator_list)
        return usual and not made and not hasattr(self.cls, "_fields")

    @cached_property
    def _are_makers_known(self) -> bool:
        called = [d.func if isinstance(d, ast.Call) else d for d in self.node.decorator_list]
        ours = {id(d) for d in self.node.decorator_list if not decorated.of_library(d, self.scope)}
        made = zip(self.node.decorator_list, called, strict=True)
        return makers.are_known(
            self.cls, [functions.named(c, self.scope) for d, c in made if id(d) not in ours]
        )

    def _is_kept(self, key: str) -> bool:
        """Whether what the body binds to a name is what the class has by it."""
        return self.is_plain or (self._are_makers_known and not makers.makes(self.cls, key))

    @cached_property
    def functions(self) -> list[FunctionType]:
        return [f for value in self.live.values() for f in parts(value)]

    # ------------------------------------------------------------ proof

    def is_whole(self) -> bool:
        """Whether all that is seen of the class is as this statement says."""
        said = self._annotated
        methods = {n for n, value in self.live.items() if any(self._is_ours(f) for f in parts(value))}
        annotated = self.live.get("__annotations__")
        if isinstance(annotated, dict) and {self._mangled(n) for n in annotated} != said:
            return False
        live, bound = {*self._own(self.live)} | methods, {*self._own(self.bound)} - said
        return self.is_it() and not self._doubts and bound <= live and live - said <= {*self.bound}

    def is_it(self) -> bool:
        """Whether the class was made from this statement: some of its methods are, or it has none."""
        if not self._has_its_form():
            return False
        methods = [n for n, nodes in self.bound.items() if isinstance(nodes[-1], DEFS)]
        if methods:
            return any(self.method(n).written() for n in methods)
        bases = {base.__name__ for base in self.cls.__mro__}
        said = {base.id for base in self.node.bases if isinstance(base, ast.Name)}
        return said <= bases or not self.is_plain

    def is_similar(self) -> bool:
        """Whether it can have been made from this statement, and then all of its methods were replaced."""
        annotated = self.live.get("__annotations__")
        if isinstance(annotated, dict) and {self._mangled(n) for n in annotated} != self._annotated:
            return False
        return (self.is_plain or self._are_makers_known) and self._has_its_form()

    def fits(self) -> bool:
        """Whether the names and the constants of its body are those of the class."""
        data = {*self._own(self.bound)} - self._annotated
        return data <= {*self.live} and not self._has_other_constants

    @cached_property
    def _annotated(self) -> set[str]:
        return {n for n, nodes in self.bound.items() if isinstance(nodes[-1], ast.AnnAssign)}

    def _has_its_form(self) -> bool:
        """Whether it has bases, fields and members if the statement has, and no others."""
        bases = [b for b in self.node.bases if functions.named(b, self.scope) is not object]
        bases += getattr(self.node, "type_params", [])  # which make it generic
        if bool(bases) != (self.cls.__bases__ != (object,)):
            return False
        is_dataclass = "__dataclass_fields__" in self.live
        if is_dataclass != self._says_dataclass and (self._says_dataclass or not self.node.decorator_list):
            return False
        fields = getattr(self.cls, "_fields", ()) if self.cls.__bases__ == (tuple,) else ()
        return {*fields, *getattr(self.cls, "__members__", ())} <= {*self.bound}

    @property
    def _says_dataclass(self) -> bool:
        called = [d.func if isinstance(d, ast.Call) else d for d in self.node.decorator_list]
        made = [functions.named(each, self.scope) for each in called]
        return any((getattr(m, "__module__", ""), getattr(m, "__name__", "")) == _DATACLASS for m in made)

    @cached_property
    def _doubts(self) -> bool:
        """Whether a method or a constant of the class is another one."""
        methods = (name for name in self.bound if self.is_method(name))
        return self._has_other_constants or not all(map(self._is_as_written, methods))

    @cached_property
    def _has_other_constants(self) -> bool:
        for name, nodes in self.bound.items():
            node, value = nodes[-1], self.live.get(name)
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and name in self.live:
                inner = vars(value).get("_value_", value) if hasattr(value, "__dict__") else value
                if isinstance(node.value, ast.Constant) and not same_value(node.value.value, inner):
                    return True
        return False

    def _own(self, names: Mapping[str, Any]) -> Iterator[str]:
        yield from (n for n in names if not (n.startswith("__") and n.endswith("__")) and n not in GIVEN)

    @property
    def has_private_names(self) -> bool:
        begin = f"_{self.node.name.lstrip('_')}__"
        used = [*self.live, *(n for f in self.functions for n in f.__code__.co_names)]
        return any(n.startswith(begin) for n in used)

    def _is_ours(self, function: FunctionType) -> bool:
        """Whether a function is from a cell, and no library's."""
        return function.__code__.co_filename in self.writing.history.files

    def _is_as_written(self, name: str) -> bool:
        """Whether a method is what its statement makes, decorators included."""
        return self.made(name) is not None

    def made(self, name: str) -> FunctionType | None:
        """The function of a method, if the class has what its statement makes."""
        return self.method(name).made() if name in self.live else None

    def method(self, name: str) -> Method:
        value, history = self.live.get(name), self.writing.history
        return Method(name, self.bound[name], value, self.scope, history, self._proves)

    def is_method(self, name: str) -> bool:
        return isinstance(self.bound[name][-1], DEFS)

    def source(self, node: ast.stmt) -> Source:
        assert isinstance(node, DEFS)
        return Source(self.cell, node, self._classes)

    def _proves(self, node: ast.stmt, function: FunctionType) -> bool:
        return isinstance(node, DEFS) and proves(self.source(node), function.__code__)

    @cached_property
    def scope(self) -> dict[str, Any]:
        # a property of the body decorates the next one: @x.setter
        own = {n: v for n, v in self.live.items() if isinstance(v, property)}
        return {**self.writing.namespace, **dict.fromkeys(own, property)}

    # ------------------------------------------------------------ what is not as it was written

    def differences(self, name: str) -> Iterator[tuple[bool, str]]:
        """Statements about the class, and whether each is about data."""
        for subclass in registered(self.cls):
            yield False, f"{name}.register({self.writing.spell(subclass)})\n"
        for key, value in self.live.items():
            if key in GIVEN or isinstance(value, GetSetDescriptorType | MemberDescriptorType):
                continue
            is_data = not any(parts(value))
            if key in self.bound:
                yield from ((is_data, text) for text in self._changed(name, key, value))
            elif self._was_added(key, value):
                yield is_data, self._assigned(name, key, value)
        yield from self._documented(name)
        for path, value in makers.of_members(self.cls):
            yield True, self._assigned(name, path, value)
        for key, body in self._inner():
            yield from body.differences(f"{name}.{key}")
        for key, nodes in self.bound.items():
            gone = key not in self.live and key not in GIVEN and _stays(nodes)
            if gone and self._is_kept(key) and (self.is_method(key) or not is_member(self.cls)):
                yield False, f"del {name}.{key}\n"

    def _documented(self, name: str) -> Iterator[tuple[bool, str]]:
        said, now = ast.get_docstring(self.node, False), self.live.get("__doc__")
        if functions.is_other_documentation(said, now) and (
            said is not None or (self._are_makers_known and not makers.documents(self.cls, now))
        ):
            yield False, self._assigned(name, "__doc__", now)

    def _was_added(self, key: str, value: Any) -> bool:
        """By the notebook, not by a decorator or metaclass of a library."""
        found = [*parts(value)]
        if not found:
            return self._is_kept(key) or self._is_assigned(key)
        return any(self._is_ours(f) or (self.is_plain and f.__module__ == "__main__") for f in found)

    def _is_assigned(self, key: str) -> bool:
        """Whether a cell says so, of a class of which a library made something that is not known here."""
        said = re.compile(rf"\b({self.cls.__name__}|cls)\.{key}\s*\W{{0,2}}=(?!=)")
        cells = () if self._are_makers_known else self.writing.history.containing(key)
        return any(said.search(cell.source) for cell in cells)

    def _changed(self, name: str, key: str, value: Any) -> Iterator[str]:
        node = self.bound[key][-1]
        if isinstance(node, DEFS):
            function, source = self.made(key), self.source(node)
            if function is None:
                yield self._assigned(name, key, value)
            elif value is function:
                path = f"{name}.{key}"
                yield from functions.later_defaults(path, function, source, self.writing)
                yield from functions.state(path, function, source, self.writing)
            elif not functions.has_defaults(function, source):
                yield self._assigned(name, key, value)
        elif isinstance(node, ast.ClassDef):
            if key not in dict(self._inner()):
                yield self._assigned(name, key, value)
        elif key in getattr(self.cls, "__dataclass_fields__", {}):
            default = self.cls.__dataclass_fields__[key].default  # type: ignore[attr-defined]
            if value is not default and not hasattr(type(value), "__get__"):
                yield self._assigned(name, key, value)
        elif key not in self._evaluated and not self._says(key, value, node):
            yield self._assigned(name, key, value)

    def evaluated(self, name: str) -> list[tuple[ast.expr, str]]:
        """Expressions of the body that may come to something else when they are evaluated again, and what it was."""
        return [
            (expression, spelled(value, f"{name}.{key}", self.writing))
            for key, (expression, value) in self._evaluated.items()
        ] + [change for key, body in self._inner() for change in body.evaluated(f"{name}.{key}")]

    @cached_property
    def _evaluated(self) -> dict[str, tuple[ast.expr, Any]]:
        found: dict[str, tuple[ast.expr, Any]] = {}
        for key, nodes in self.bound.items():
            node = nodes[-1]
            expression = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            if isinstance(node, ast.Assign) and not (
                len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
            ):
                continue
            if expression is None or is_literal(expression) or key in GIVEN:
                continue
            if self._is_kept(key):
                if key in self.live and not self._says(key, self.live[key], node):
                    found[key] = expression, self.live[key]
                continue
            for part, value in self._made_from(key, expression):
                own = isinstance(value, FunctionType) and self._made_of(part, value)
                if not (own or is_literal(part) or functions.says(part, value, self.scope)):
                    found[key] = part, value
        return found

    def _made_from(self, key: str, expression: ast.expr) -> Iterator[tuple[ast.expr, Any]]:
        """Of members and fields: an expression, and what it came to, where that is known."""
        field = getattr(self.cls, "__dataclass_fields__", {}).get(key)
        if isinstance(expression, ast.Call):
            made = functions.named(expression.func, self.scope)
            if getattr(made, "__module__", "") in _SPECIFYING:
                said = {
                    k.arg: k.value for k in expression.keywords if k.arg in ("default", "default_factory")
                }
                yield from ((part, getattr(field, name)) for name, part in said.items() if field and name)
                return
        if field:
            yield expression, field.default
        elif key in getattr(self.cls, "_field_defaults", {}):
            yield expression, self.cls._field_defaults[key]  # type: ignore[attr-defined]
        elif key in getattr(self.cls, "__members__", {}):
            yield expression, self.cls.__members__[key].value  # type: ignore[attr-defined]

    def _says(self, key: str, value: Any, node: ast.stmt) -> bool:
        """Whether a statement of the body still is what the class has."""
        expression = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if key in getattr(self.cls, "_fields", ()):
            return True
        if not self._is_kept(key) and (expression is None or not is_literal(expression) or is_member(value)):
            return True  # members and fields: what the statement says became something else
        if expression is None:
            return False
        if functions.says(expression, value, self.scope):
            return True
        made = [*parts(value)]
        if made:
            return all(self._made_of(expression, f) for f in made)
        # a lock that was made here is made there
        return type(value).__module__ == "_thread" and isinstance(expression, ast.Call)

    def _made_of(self, expression: ast.expr, function: FunctionType) -> bool:
        """Whether a function is a lambda of the expression, or what one of its names is."""
        for node in ast.walk(expression):
            if isinstance(node, ast.Lambda):
                if proves(Source(self.cell, node, self._classes), function.__code__):
                    return True
            elif isinstance(node, ast.Name):
                known = self.live.get(node.id, self.writing.namespace.get(node.id))
                if known is function and (node.id not in self.bound or self._is_as_written(node.id)):
                    return True
        return False

    def _assigned(self, name: str, key: str, value: Any) -> str:
        return f"{name}.{key} = {spelled(value, f'{name}.{key}', self.writing)}\n"


def _stays(nodes: list[ast.stmt]) -> bool:
    """Whether a name that these statements bind is surely there when the body ends."""
    last = nodes[-1]
    if isinstance(last, ast.AnnAssign):
        return last.value is not None
    return isinstance(last, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Assign)

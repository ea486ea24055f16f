"""How things are called in a slice: by the name that the notebook has for them, or by one that is made."""

from __future__ import annotations

import builtins
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

from fc_magic.slicing import functions, imports, known
from fc_magic.slicing.names import Names
from fc_magic.slicing.pieces import Piece

#: names that only a kernel has, whatever they are bound to
OF_KERNEL = re.compile(r"_+|_i*[0-9]*|_[dio]h|In|Out|get_ipython|display|__IPYTHON__|__session__")
#: constants that are written where they are used
SIMPLE = (int, float, complex, str, bytes, bool, type(None))
_SHORT = 60


class Spelling(ABC):
    """The names of one slice."""

    def __init__(self, namespace: Mapping[str, Any], cell: Names) -> None:
        self.namespace, self.cell = namespace, cell
        #: names that were made, with what they stand for, and how that is told to a person
        self.made: dict[str, Any] = {}
        self.labels: dict[str, str] = {}
        #: the id of a class or function -> how it is called
        self.spelled_so: dict[int, str] = {}
        #: the id of a function -> the function, if its class has it, but not by its statement
        self.replacing: dict[int, Any] = {}
        #: the id of a function that a class had before -> the piece of the class, which keeps it
        self.replaced: dict[int, Piece] = {}
        self._known: dict[int, str] | None = None

    @abstractmethod
    def need(self, name: str, used: str) -> None:
        """The slice has what is called so."""

    def spell(self, obj: Any, suggested: str = "") -> str | None:
        """How a class, function or module is called in the slice, which has it then; None if it has no such name."""
        if id(obj) in self.spelled_so and not isinstance(obj, ModuleType):
            name = self.spelled_so[id(obj)]
            self.need(name, name)
            return name
        if isinstance(obj, ModuleType):
            return self._spell_module(obj)
        own = obj.__name__ if _is_callable(obj) else ""
        if vars(builtins).get(own) is obj:
            if own not in self.namespace and own not in self.cell.bound:
                return own
            return f"{self._spell_module(builtins)}.{own}"
        found = self.of_library(obj)
        if found is not None:
            return found
        if not (isinstance(obj, type | FunctionType) or functions.is_cached(obj) or imports.where(obj)):
            return None
        place = imports.where(obj)
        if place and self._named(obj) is None:
            return f"{self._spell_module(sys.modules[place[0]])}.{place[1]}"
        name = self._named(obj) or self._hidden(obj, suggested or own)
        self.spelled_so[id(obj)] = name
        self.need(name, suggested or name)
        return name

    def spelled(self, value: Any, suggested: str) -> str:
        """Any value as an expression: a short constant as it is, else a name."""
        if type(value) in SIMPLE and len(repr(value)) <= _SHORT and _reads_back(value):
            return repr(value)
        name = self.spell(value, suggested)
        if name is None:
            name = self._named(value) or self._hidden(value, suggested)
            self.need(name, suggested)
        return name

    def _spell_module(self, module: ModuleType) -> str:
        own = module.__name__.rpartition(".")[2]
        if self.namespace.get(own) is module or self.made.get(own) is module:
            name = own
        elif own in self.namespace or own in self.made or own in self.cell.bound or own in self.cell.maybe:
            name = self._hidden(module, own)
        else:
            self.made[own] = module
            name = own
        self.need(name, name)
        return name

    def _named(self, thing: Any) -> str | None:
        """The name that the notebook has for an object: the object's own, if it has that, else the first."""
        own = getattr(thing, "__name__", None) if isinstance(thing, type | FunctionType) else None
        if isinstance(own, str) and self.namespace.get(own) is thing and not OF_KERNEL.fullmatch(own):
            return own
        if self._known is None:
            self._known = {}
            for name, each in [*self.namespace.items(), *self.made.items()]:
                if not OF_KERNEL.fullmatch(name):
                    self._known.setdefault(id(each), name)
        found = self._known.get(id(thing))
        return None if found in self.cell.bound else found

    def _hidden(self, thing: Any, suggested: str) -> str:
        words = re.sub(r"\W+|__+", "_", suggested).strip("_") or "made"
        name = self.free(f"_{words}")
        self.made[name], self.labels[name] = thing, suggested
        return name

    def free(self, suggested: str) -> str:
        """A name that neither the notebook nor the cell has."""
        name, number = suggested, 1
        while any(name in names for names in (self.namespace, self.made, self.cell.bound, self.cell.maybe)):
            number += 1
            name = f"{suggested}_{number}"
        return name

    def of_library(self, thing: Any) -> str | None:
        """A builtin, a method of a class, or what a library gives again by a name."""
        if _is_callable(thing) and vars(builtins).get(thing.__name__) is thing:
            return self.spell(thing)
        is_own = isinstance(thing, FunctionType) and id(thing) not in self.replacing
        if is_own and (member := known.as_member(thing)):
            owner = self.spell(member[0])
            return owner and f"{owner}.{member[1]}"
        return known.expression(thing, self._spell_module)


def _is_callable(thing: Any) -> bool:
    return isinstance(thing, type | FunctionType | BuiltinFunctionType)


def _reads_back(value: Any) -> bool:
    return not isinstance(value, float | complex) or "n" not in repr(value)

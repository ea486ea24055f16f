"""The slice of a notebook that lives: what a cell needs, followed from object to object as they are now."""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from fc_magic.slicing import (
    below,
    caches,
    classes,
    compose,
    creation,
    decorated,
    excluding,
    functions,
    hints,
    imports,
    modules,
    states,
    surroundings,
    values,
)
from fc_magic.slicing.constants import constant
from fc_magic.slicing.excluding import Excluding
from fc_magic.slicing.history import History
from fc_magic.slicing.names import Names, analyse
from fc_magic.slicing.pieces import CannotGo, Piece
from fc_magic.slicing.pythons_own import is_own
from fc_magic.slicing.refusal import Refused, refusal
from fc_magic.slicing.result import Part, Slice
from fc_magic.slicing.shipping import Shipping
from fc_magic.slicing.spelling import OF_KERNEL, SIMPLE, Spelling

#: names that every module has of its own
_OF_MODULE = {
    *("__name__", "__file__", "__doc__", "__builtins__", "__spec__", "__loader__"),
    *("__package__", "__annotations__", "__debug__", "__class__", "__path__", "__cached__"),
}
_ANY = "it may need any name of the notebook"
_KERNEL_HAS = "only a notebook has it"
_OF_NOTEBOOK = ("get_ipython", "display")
#: what a shell command gave: a list of texts that also knows to show them
_LINES = "IPython.utils.text.SList"
#: what one asks of it that no list has
_OF_LINES = r"\.(?:[nslp]|nlstr|spstr|list|paths|grep|fields|get_\w+)\b"
#: of what no word excludes
_NO_WORD = "-"


@dataclass(frozen=True)
class Notebook:
    """A notebook as it is in its kernel: the names, what was executed, the folder of its files, and the features of
    ``__future__`` that hold in it by now. ``number`` is that of the cell that is deployed."""

    namespace: Mapping[str, Any]
    history: History
    folder: Path = field(default_factory=Path)
    futures: frozenset[str] = frozenset()
    number: int | None = None


def slice_live(source: str, notebook: Notebook, exclude: frozenset[str] = frozenset()) -> Slice:
    """``source``: the file that the cell becomes. Raises SliceRefused with every name that cannot go."""
    return Live(source, notebook, exclude).run()


class Live(Spelling):
    """One slice while it is made."""

    def __init__(self, source: str, notebook: Notebook, exclude: frozenset[str]) -> None:
        self.source, self.notebook = source, notebook
        self.exclude = Excluding(exclude, notebook.namespace)
        self.history = notebook.history
        super().__init__(notebook.namespace, analyse(source, notebook.futures))
        self.futures: set[str] = set()
        self.groups: dict[int, Any] = {}
        self.pieces: dict[str, Piece] = {}
        self.values: dict[str, Any] = {}
        self.refused: dict[str, Refused] = {}
        self.shipping = Shipping(notebook.folder, exclude)
        self.warnings: dict[str, None] = {}
        #: name -> where it is needed
        self._used: dict[str, str] = {}
        self._waiting: list[str] = []
        #: the classes whose subclasses were looked for, by name
        self._asked: set[str] = set()
        self._lines: set[str] = set()

    # ------------------------------------------------------------ from the cell on

    def run(self) -> Slice:
        by_stars = {name for module, _ in self.cell.stars for name in imports.exported(module)}
        for opaque in self.cell.opaque:
            self.refuse(opaque.what, f"line {opaque.line}", CannotGo(_ANY, exclude=_NO_WORD))
        for name, line in self.cell.needed.items():
            if name not in by_stars:
                self.need(name, f"line {line}")
        for name, line in self.cell.hinted.items():
            self.hint(name, f"line {line}")
        self._ship(self.cell, "the cell")
        self._follow()
        if "annotations" in {*self.cell.futures, *self.futures}:
            self._evaluate_annotations()
        written = self._write()
        self._look_at_creations()
        parts = self._parts(written)
        self._surroundings()
        if self.refused:
            raise refusal(self.refused.values())
        return Slice(
            parts,
            {**self.shipping.files, **written.files},
            {**self.shipping.reasons, **written.reasons},
            (*self.warnings, *written.warnings, *self._excluded()),
            known=frozenset(name for name in self.notebook.namespace if isinstance(name, str)),
        )

    def _follow(self) -> None:
        while self._waiting or self._subclasses():
            name = self._waiting.pop(0)
            try:
                piece = self._piece(name, self.lookup(name))
            except CannotGo as error:
                self.refuse(name, self._used[name], error)
                continue
            except Exception as error:  # noqa: BLE001  # what an object does when it is looked at is its own
                why = f"it fails when it is looked at: {type(error).__name__}: {error}"
                self.refuse(name, self._used[name], CannotGo(why))
                continue
            if piece:
                self.pieces[name] = piece
                self._needs_of(piece)
                if piece.kind == "definition":
                    label = self.labels.get(name, name)
                    self.warnings |= dict.fromkeys(caches.emptied(label, self.lookup(name)))

    def _subclasses(self) -> bool:
        """Whether there is more to follow: subclasses of classes of the slice, which asks for them."""
        texts = (text for piece in self.pieces.values() for text in (piece.text, *piece.more))
        if not below.is_asked([self.source, *texts], self.shipping.files):
            return False
        known = {name: self.lookup(name) for name in self.pieces} | below.classes_of(self.shipping.names)
        new = {name: thing for name, thing in known.items() if name not in self._asked}
        self._asked |= new.keys()
        for cls in below.subclasses(new.values()) if new else ():
            # what the cell binds itself it makes anew
            if cls.__name__ not in self.exclude and cls.__name__ not in self.cell.bound:
                self.spell(cls, cls.__name__)
        return bool(self._waiting)

    def _write(self) -> values.Written:
        """All values at once, so that what they share stays shared; what they need is followed until that is all."""
        while True:
            before = len(self.values)
            written = values.write(self.values, self.spell, self._taken())
            self._follow()
            if len(self.values) == before:
                break
        for name, why in written.refused.items():
            self.refuse(name, self._used.get(name, "the slice"), CannotGo(why))
        return written

    def _evaluate_annotations(self) -> None:
        """Annotations that were evaluated in the notebook are so in a file that has them as texts."""
        for piece in list(self.pieces.values()):
            if piece.annotations:
                piece.more = (*piece.more, piece.annotations)
                for name in analyse(piece.annotations).now:
                    self.need(name, piece.place)
        self._follow()

    def _look_at_creations(self) -> None:
        for name, piece in self.pieces.items():
            thing = self.lookup(name)
            if isinstance(thing, type) and piece.kind == "definition":
                for value, by in creation.changeable(piece, thing, self.pieces, self.values):
                    why = f"making class {name} again runs {by}, which may change it"
                    self.refuse(value, self._used.get(value, "the slice"), CannotGo(why))

    def _surroundings(self) -> None:
        """What cells did to modules that the slice uses, and to the process."""
        shipped = [raw for path, raw in self.shipping.files.items() if path.endswith(".py")]
        beside = [raw.decode(errors="replace") for raw in shipped]
        source = "\n".join([self.source, *(piece.text for piece in self.pieces.values()), *beside])
        for name in self._lines:
            if re.search(rf"\b{name}{_OF_LINES}", source):
                kind = "it is an SList of IPython, and the function would ask a list for what only that has"
                self.refuse(name, self._used.get(name, "the slice"), CannotGo(kind, f"{name} = list({name})"))
        used = {*self.cell.imports, *(name for piece in self.pieces.values() for name in piece.found.imports)}
        used.update(name for raw in shipped for name in modules.imported(raw))
        self.warnings |= dict.fromkeys(states.said({name.partition(".")[0] for name in used}))
        for cell, effect in surroundings.felt(
            source, used, self.history, self.namespace, self.shipping.names
        ):
            if effect.changed:
                where = f"{cell.place}, line {cell.line(effect.line)}"
                why = CannotGo(f"{where} changed it: {effect.what}", exclude=effect.path)
                self.refuse(effect.path, "the slice", why)
            else:
                self.warnings[surroundings.said(cell, effect)] = None

    def _parts(self, written: values.Written) -> tuple[Part, ...]:
        lines = compose.lines(self.pieces, written.statements, self.history)
        try:
            made = compose.parts(compose.arranged(lines))
        except CannotGo as error:
            keys, _, why = error.why.partition(":")
            names = excluding.of_lines(keys)
            said = ", ".join(dict.fromkeys(self.labels.get(name, name) for name in names))
            word = next((name for name in names if name in self.namespace), _NO_WORD)
            self.refuse(said, "the slice", CannotGo(why.strip(), exclude=word))
            return ()
        # a cell whose annotations are texts in the notebook has them so in the file
        own = self.notebook.futures if self.cell.hinted else frozenset()
        return compose.file(self.source, self.notebook.number, made, frozenset({*self.futures, *own}))

    # ------------------------------------------------------------ names

    def need(self, name: str, used: str) -> None:
        """The slice has what the notebook calls so; ``used`` says where that is needed."""
        if name in self._used or name in _OF_MODULE:
            return
        self._used[name] = used
        if name in self.exclude and not self.shipping.has(self.namespace.get(name)):
            self.warnings[f"{name} was left out (--exclude); it is used in {used}"] = None
        elif name in self.made or (name in self.namespace and not is_own(name, self.namespace)):
            self._waiting.append(name)
        elif name in self.namespace and name not in _OF_NOTEBOOK:
            pass
        elif name in _OF_NOTEBOOK:
            self.refuse(name, used, CannotGo(_KERNEL_HAS, "print, or return the value"))
        elif hasattr(builtins, name) and not is_own(name, self.namespace):
            self.refuse(name, used, CannotGo("the notebook replaced the builtin of that name"))

    def _ship(self, found: Names, name: str) -> None:
        """The local modules that a text imports, wherever that stands in it."""
        try:
            for module in found.imports:
                self.shipping.module(module)
        except CannotGo as error:
            self.refuse(error.exclude or name, self._used.get(name, "the cell"), error)

    def hint(self, name: str, used: str) -> None:
        """A name of an annotation that is a text: it goes if it plainly can."""
        thing = self.namespace.get(name)
        if (
            isinstance(thing, type | ModuleType)
            or imports.of_attribute(name, thing, self.history)
            or hints.define(name, thing, self)
        ):
            self.need(name, used)

    def lookup(self, name: str) -> Any:
        return self.made[name] if name in self.made else self.namespace[name]

    def _needs_of(self, piece: Piece) -> None:
        piece.found = found = analyse(piece.text, frozenset(self.futures))
        self._ship(found, piece.names[0])
        for opaque in found.opaque:
            self.refuse(piece.names[0], self._used[piece.names[0]], CannotGo(f"it has {opaque.what}: {_ANY}"))
        for name in found.needed:
            if self._elsewhere(name, piece):
                continue
            if name in self.cell.bound and name not in found.now:
                self._warn_of_rebinding(name, piece)
            else:
                self.need(name, piece.place)
        for name in found.hinted:
            self.hint(name, piece.place)

    def _elsewhere(self, name: str, piece: Piece) -> bool:
        """Whether a function looks the name up in another place than the notebook, and what it finds there."""
        scope = piece.scope
        if scope is None or scope is self.namespace or name in self.made or name not in scope:
            return False
        here = self.namespace.get(name, scope[name])
        if here is not scope[name] and name not in self.exclude:
            why = f"{piece.place} means another {name} than the notebook"
            self.refuse(name, piece.place, CannotGo(why, ""))
            return True
        self.made.setdefault(name, scope[name])
        return False

    def _warn_of_rebinding(self, name: str, piece: Piece) -> None:
        known = self.namespace.get(name)
        if name in self.exclude or name not in self.namespace or imports.imports_it(self.source, name, known):
            return
        if type(known).__name__ != "RemoteFunction":
            self.warnings[f"{piece.place} uses {name}, which the cell binds anew"] = None

    # ------------------------------------------------------------ what a name is

    def _piece(self, name: str, thing: Any) -> Piece | None:
        """The text that binds a name to what it is now; None for a value, which is written with the others."""
        if name not in self.made and OF_KERNEL.fullmatch(name):
            raise CannotGo(_KERNEL_HAS, "give the value a name of its own")
        if thing is self.namespace:
            raise CannotGo("it has all names of the notebook", "globals() inside of the function")
        if id(thing) in self.replaced:
            return self.replaced[id(thing)]
        if isinstance(thing, ModuleType):
            return self._import_of_module(name, thing)
        found = imports.of_attribute(name, thing, self.history) if name not in self.made else None
        if found or (found := self._importable(name, thing)):
            return self._import(name, found)
        if type(thing).__module__.startswith("fc_magic."):
            raise CannotGo("what is deployed is called where it is", "call it by its URL, or with an SDK")
        expression = self.of_library(thing)
        if expression:
            return Piece((name,), f"{name} = {expression}\n", "statement")
        alias = self._alias(name, thing)
        if alias:
            return alias
        if isinstance(thing, type):
            return classes.define(name, thing, self)
        made = self._function(name, thing)
        if made:
            return made
        if hint := hints.define(name, thing, self):
            return hint
        if f"{type(thing).__module__}.{type(thing).__name__}" == _LINES:
            self._lines.add(name)
            thing = list(thing)
        if type(thing) in SIMPLE and (piece := constant(name, thing, self.history)):
            return piece
        self.values[name] = thing
        return None

    def _function(self, name: str, thing: Any) -> Piece | None:
        piece = decorated.define(name, thing, self) or decorated.dispatching(name, thing, self)
        if piece:
            return piece
        if functions.is_cached(thing):
            return functions.cached(name, thing, self)
        return functions.define(name, thing, self) if isinstance(thing, FunctionType) else None

    def _importable(self, name: str, thing: Any) -> imports.Import | None:
        if name not in self.made:
            return None
        place = imports.where(thing)
        if place and "." not in place[1]:
            return imports.Import(f"from {place[0]} import {place[1]} as {name}", place[0])
        return None

    def _alias(self, name: str, thing: Any) -> Piece | None:
        """A class or function that has another name already."""
        if not (isinstance(thing, type | FunctionType) or functions.is_cached(thing)):
            return None
        known = self.spelled_so.get(id(thing))
        if known and known != name:
            self.need(known, name)
            return Piece((name,), f"{name} = {known}\n", "statement")
        own = getattr(thing, "__name__", name)  # a cache around a partial has none
        if own != name and self.namespace.get(own) is thing and not OF_KERNEL.fullmatch(own):
            self.spelled_so[id(thing)] = own
            self.need(own, name)
            return Piece((name,), f"{name} = {own}\n", "statement")
        self.spelled_so[id(thing)] = name
        return None

    def _import_of_module(self, name: str, module: ModuleType) -> Piece:
        if module.__name__ == "__main__" or sys.modules.get(module.__name__) is not module:
            raise CannotGo("it is a module that was made in the notebook")
        found = imports.of_module(name, module, self.history)
        for each in found:
            self.shipping.module(each.module)
        text = "".join(f"{each.text}\n" for each in found)
        return Piece((name,), text, "import", found[0].cell, found[0].line)

    def _import(self, name: str, found: imports.Import) -> Piece:
        self.shipping.module(found.module)
        return Piece((name,), f"{found.text}\n", "import", found.cell, found.line)

    def _taken(self) -> frozenset[str]:
        return frozenset({*self.namespace, *self.made, *self.cell.bound, *self.cell.maybe})

    def refuse(self, name: str, used: str, why: CannotGo) -> None:
        thing = self.made.get(name, self.namespace.get(name))
        label = self.labels.get(name, name)
        word = why.exclude or excluding.word(label, {*self.namespace, *_OF_NOTEBOOK})
        if word in self.exclude:
            self.warnings[f"{label} goes as if nothing had happened (--exclude): {why.why}"] = None
            return
        self.refused.setdefault(
            label, Refused(label, used, type(thing), why.why, why.hint, word.removeprefix(_NO_WORD))
        )

    def _excluded(self) -> Iterator[str]:
        """What is to be said of what a person excluded besides names."""
        for name, why in self.shipping.as_files.items():
            if name in self.exclude:
                yield f"module {name} goes as its file is (--exclude){f', though {why}' if why else ''}"
        yield from self.exclude.warnings()

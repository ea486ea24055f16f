"""Values written as source, and what a fresh module makes of it; and whether two values are the same."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fc_magic.slicing.values import Written, write


class Slice:
    """Spells as a slice does whose definitions are in the module ``origin``: these by their name, others imported."""

    def __init__(self, origin: types.ModuleType | None = None) -> None:
        self.origin = origin
        self.imports: dict[str, Any] = {}

    def spell(self, obj: Any) -> str | None:
        if isinstance(obj, types.ModuleType):
            return self._named(obj.__name__.replace(".", "_"), obj)
        name, module = (
            getattr(obj, "__qualname__", None),
            sys.modules.get(getattr(obj, "__module__", None) or ""),
        )
        found = module
        for part in (name or "").split("."):
            found = getattr(found, part, None)
        if name is None or module is None or found is not obj:
            return None
        if module.__name__ == "builtins" or module is self.origin:
            return name
        self._named(module.__name__.replace(".", "_"), module)
        return f"{module.__name__.replace('.', '_')}.{name}"

    def _named(self, name: str, thing: Any) -> str:
        self.imports[name] = thing
        return name


def rebuilt(written: Written, slice_: Slice, folder: Path) -> dict[str, Any]:
    """The namespace of a module of these statements, with its files beside it."""
    for path, data in written.files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(data)
    code = folder / "index.py"
    code.write_text("".join(s.text for s in written.statements), encoding="utf-8")
    space = {**(vars(slice_.origin) if slice_.origin else {}), **slice_.imports, "__file__": str(code)}
    exec(compile(code.read_text(encoding="utf-8"), str(code), "exec"), space)
    return space


def again(values: Mapping[str, Any], folder: Path, origin: types.ModuleType | None = None) -> dict[str, Any]:
    """The values after a way through source. Fails if one is refused."""
    slice_ = Slice(origin)
    written = write(values, slice_.spell)
    assert written.refused == {}
    space = rebuilt(written, slice_, folder)
    return {name: space[name] for name in values}


def source(value: Any, origin: types.ModuleType | None = None) -> str:
    """What stands in a slice for one value of the name ``x``."""
    written = write({"x": value}, Slice(origin).spell)
    assert written.refused == {}
    return written.statements[-1].text


def why(value: Any, origin: types.ModuleType | None = None) -> str:
    """The reason of a refusal."""
    written = write({"x": value}, Slice(origin).spell)
    assert set(written.refused) == {"x"}
    assert written.statements == ()
    return written.refused["x"]

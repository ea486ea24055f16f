"""The files of local modules that go beside the code, and why each is there."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

from fc_magic.slicing import modules
from fc_magic.slicing.pieces import CannotGo


class Shipping:
    """``files`` by their path in the package; ``reasons``: why each is there; ``names`` of the modules. Those in
    ``exclude`` go as their files are: ``as_files`` says how they have changed since."""

    def __init__(self, folder: Path, exclude: frozenset[str] = frozenset()) -> None:
        self.folder, self.exclude = folder, exclude
        self.as_files: dict[str, str] = {}
        self.files: dict[str, bytes] = {}
        self.reasons: dict[str, str] = {}
        self.names: set[str] = set()
        self._seen: set[str] = set()

    def has(self, thing: Any) -> bool:
        """Whether it is a local module."""
        return isinstance(thing, ModuleType) and modules.local(thing.__name__, self.folder) is not None

    def module(self, name: str) -> None:
        """A module with the local ones that it imports, if it is one. Raises CannotGo."""
        top = name.partition(".")[0]
        if top in self._seen:
            return
        self._seen.add(top)
        for path, file, found in modules.files(top, self.folder):
            if path in self.files:
                continue
            why = modules.changed(found.loaded) if found.loaded and file == found.file else ""
            if found.name in self.exclude:
                self.as_files.setdefault(found.name, why)
            elif why:
                hint = f"restart the kernel, or importlib.reload it; --exclude {found.name} sends its file as it is"
                raise CannotGo(f"module {found.name}: {why}", hint, exclude=found.name)
            self.names.add(found.name)
            self.files[path] = file.read_bytes()
            self.reasons[path] = f"module {found.name}" + (
                "" if found.name == top else f", which {top} imports"
            )

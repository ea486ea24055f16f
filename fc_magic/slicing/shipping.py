"""The files of local modules that go beside the code, and why each is there."""

from __future__ import annotations

from pathlib import Path

from fc_magic.slicing import modules
from fc_magic.slicing.pieces import CannotGo


class Shipping:
    """``files`` by their path in the package; ``reasons``: why each is there; ``names`` of the modules."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: dict[str, bytes] = {}
        self.reasons: dict[str, str] = {}
        self.names: set[str] = set()
        self._seen: set[str] = set()

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
            if why:
                raise CannotGo(f"module {found.name}: {why}", "restart the kernel, or importlib.reload it")
            self.names.add(found.name)
            self.files[path] = file.read_bytes()
            self.reasons[path] = f"module {found.name}" + (
                "" if found.name == top else f", which {top} imports"
            )

"""Files that were made, and where they go: nothing that is there is written over unless that is asked for."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fc_magic.errors import UsageError

#: names of a refusal that are shown
SHOWN = 5


@dataclass(frozen=True)
class Export:
    """The files of a function in one format, by their path. ``home`` is the folder they go to, nothing for a single
    file; ``notes`` are what the format cannot say, and what is not in the files; ``step`` is what to type next, where
    ``{place}`` is the folder or file."""

    name: str
    kind: str
    files: Mapping[str, bytes] = field(repr=False)
    home: str = ""
    executable: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    step: str = ""
    private: bool = False

    def write(self, out: str | Path = "", force: bool = False) -> Written:
        """Writes them: into ``out``, or its own folder or file name in the working directory. Raises UsageError."""
        paths = self.paths(Path(out).expanduser() if out else None)
        _check(paths.values(), force)
        for inside, path in paths.items():
            _write(path, self.files[inside], inside in self.executable, self.private)
        sizes = tuple((str(path), len(self.files[inside])) for inside, path in paths.items())
        folder = Path(out or self.home).expanduser() if self.home else Path(sizes[0][0])
        notes = (*self.notes, *self._strangers(folder, paths))
        return Written(self.name, self.kind, sizes, notes, self.step.format(place=shlex.quote(str(folder))))

    def paths(self, out: Path | None) -> dict[str, Path]:
        """Where each file goes. A single file takes the name it is given, unless that is a folder."""
        if self.home:
            return {inside: (out or Path(self.home)) / inside for inside in self.files}
        (inside,) = self.files
        if out is None:
            return {inside: Path(inside)}
        return {inside: out / inside if out.is_dir() else out}

    def _strangers(self, folder: Path, paths: Mapping[str, Path]) -> tuple[str, ...]:
        """What was in the folder of the code before would go with it."""
        code = folder / "code"
        if not (self.home and any(inside.startswith("code/") for inside in self.files)):
            return ()
        ours = {path.resolve() for path in paths.values()}
        left = [path for path in sorted(code.rglob("*")) if path.is_file() and path.resolve() not in ours]
        if not left:
            return ()
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        return (f"{left[0]}{more} was there before and would be deployed too: remove it if it is not meant",)


@dataclass(frozen=True)
class Written:
    """What was written: (path, bytes) of each file, and what a person must know of it."""

    name: str
    kind: str
    files: tuple[tuple[str, int], ...]
    notes: tuple[str, ...] = ()
    step: str = ""


def _check(paths: Iterable[Path], force: bool) -> None:
    given = list(paths)
    for path in given:
        above = next((parent for parent in path.parents if parent.exists() and not parent.is_dir()), None)
        if above or path.is_dir():
            what = f"{above} is a file" if above else f"{path} is a folder"
            raise UsageError(f"nothing was written: {what}", hint="--out PATH")
    there = [str(path) for path in given if path.exists()]
    if there and not force:
        more = f" and {len(there) - SHOWN} more" if len(there) > SHOWN else ""
        what = f"{', '.join(there[:SHOWN])}{more} {'exists' if len(there) == 1 else 'exist'}"
        raise UsageError(f"nothing was written: {what}", hint="--force to write over, or --out PATH")


def _write(path: Path, raw: bytes, program: bool, private: bool) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # what has secrets in it is for nobody else, from its first byte on
        path.unlink(missing_ok=True)
        mode = 0o777 if program else 0o666
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode & (0o700 if private else 0o777))
        with open(descriptor, "wb") as file:
            file.write(raw)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="--out PATH") from error


@dataclass(frozen=True)
class Pulled:
    """``cell`` deploys the function again. ``files`` are (path, bytes) of what was written beside the notebook."""

    name: str
    cell: str = field(repr=False)
    notes: tuple[str, ...] = ()
    files: tuple[tuple[str, int], ...] = ()

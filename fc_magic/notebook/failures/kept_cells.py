"""Cells as another session left them: on disk, so that a failure shows its line after a restart, too.

A file for each function, code and target, in a folder that only its owner reads. Of a function of the local
Function Compute it has the text that stands in the package beside it anyway, and no more: another line of a cell that
a part is from may be a secret. Of one of a region it has places and fingerprints: the text is shown if the notebook
still has it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fc_magic.errors import UsageError
from fc_magic.notebook.failures.cells import CellSource, skipped
from fc_magic.notebook.line import head
from fc_magic.slicing.result import Part, Slice

FOLDER = "cells"
#: so many functions, and bytes of all; the oldest are forgotten first
FILES, BYTES = 500, 16 << 20
#: a longer text is kept as its fingerprint
LONGEST = 256 << 10
#: of this process; numbers of cells mean something in their own session only
SESSION = os.urandom(8).hex()


@dataclass(frozen=True)
class Kept:
    """``notebook``: the path of the present one, as far as it is known; ``present``: its cells by number;
    ``is_file``: it is read as a file, and no session has numbered its cells."""

    folder: Path
    notebook: str = ""
    present: Callable[[], Mapping[int, str]] = dict
    is_file: bool = False

    def put(self, name: str, checksum: str, source: CellSource, whole: bool, target: str = "local") -> None:
        """It is no trouble for a deployment if that cannot be written."""
        own = source.execution_count
        parts = source.sliced.parts if source.sliced else ()
        record: dict[str, Any] = {
            "session": "" if self.is_file else SESSION,
            "notebook": self.notebook,
            "number": own,
            "above": source.above,
            "skipped": source.skipped,
            "handler": source.handler,
            "parts": [[p.kind, p.cell, p.line, p.head, p.count] for p in parts],
            "own": _noted(source.source, source.source if whole else None),
            "others": {
                number: _noted(other.source, _packed(parts, number) if whole else None)
                for number, other in source.others.items()
            },
        }
        with contextlib.suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside = self.folder / f".{os.getpid()}"
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(record, file)
            beside.replace(self.folder / f"{_plain(name)}.{_plain(checksum)}.{_plain(target)}.json")
            # a look at every file takes longer than all else here: now and then is often enough
            count = len(os.listdir(self.folder))
            if count > FILES or count % 16 == 0:
                _forget_the_oldest(self.folder)

    def find(self, name: str, checksum: str) -> CellSource | None:
        """The last one that has the text, or the last."""
        found = [cell for path in self._paths(name, checksum) if (cell := self._at(path, name))]
        return next((cell for cell in found if cell.source), found[0] if found else None)

    def forget(self, name: str, target: str) -> None:
        with contextlib.suppress(OSError):
            for path in self.folder.glob(f"{_plain(name)}.*.{_plain(target)}.json"):
                path.unlink(missing_ok=True)

    def _paths(self, name: str, checksum: str) -> list[Path]:
        """Those of each target, the newest first."""
        with contextlib.suppress(OSError):
            paths = self.folder.glob(f"{_plain(name)}.{_plain(checksum)}.*.json")
            return sorted(paths, key=lambda path: path.stat().st_mtime_ns, reverse=True)
        return []

    def _at(self, path: Path, name: str) -> CellSource | None:
        try:
            return self._read(name, json.loads(path.read_text()))
        # whoever wrote it may have been another version of this
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def _read(self, name: str, record: Mapping[str, Any]) -> CellSource:
        at_home = self._at_home(record["session"], record["notebook"])
        present = _by_fingerprint(self.present(), name)
        notebook = Path(record["notebook"]).name
        numbers = {int(number): noted for number, noted in record["others"].items()}
        said = "Cell In[{0}]" if record["session"] == SESSION else _said(record, at_home)

        def cell(number: int | None, noted: Mapping[str, str]) -> CellSource:
            found = present.get(noted["fingerprint"])
            if found:
                return CellSource(*found)
            return CellSource(number, noted.get("text", ""), said=said, notebook=notebook)

        own = cell(record["number"], record["own"])
        # as the cell is now: empty lines above its magic are none of its text
        before = skipped(own.source) if own.source else int(record["skipped"])
        parts = tuple(
            Part((), "\n" * count, kind, number, before + 1 if kind == "cell" else line, head=head)
            for kind, number, line, head, count in record["parts"]
        )
        return own._replace(
            skipped=before,
            sliced=Slice(parts) if parts else None,
            others={number: cell(number, noted) for number, noted in numbers.items()},
            above=int(record["above"]),
            # whoever wrote it may not have known of it
            handler=str(record.get("handler", "")),
        )

    def _at_home(self, session: str, notebook: str) -> bool:
        return session == SESSION or (bool(notebook) and notebook == self.notebook)


def _said(record: Mapping[str, Any], at_home: bool) -> str:
    if not record["session"]:
        return "{1}, cell {0}"
    is_elsewhere = record["notebook"] and not at_home
    return "{1}, Cell In[{0}]" if is_elsewhere else "Cell In[{0}] of another session"


def _plain(name: str) -> str:
    """Names come over the wire, too: none leads out of the folder."""
    return re.sub(r"[^\w-]", "_", name)[:128]


def _packed(parts: Iterable[Part], number: int) -> str:
    """Of another cell, what is in the package, each line at its place; empty ones between."""
    lines: dict[int, str] = {}
    for part in parts:
        if part.cell == number and part.kind != "cell" and part.line:
            lines.update(enumerate(part.text.split("\n")[part.head : part.count], part.line))
    return "\n".join(lines.get(n, "") for n in range(1, max(lines, default=0) + 1))


def _noted(text: str, kept: str | None) -> dict[str, str]:
    """``kept``: what of its text is kept beside the fingerprint."""
    noted = {"fingerprint": _fingerprint(text)}
    return noted if kept is None or len(kept) > LONGEST else {**noted, "text": kept}


def _fingerprint(text: str) -> str:
    """Of what a cell says below its magic line and without its options, which are another matter."""
    below = text
    with contextlib.suppress(UsageError):
        below = _parted(text)[2]
    return hashlib.sha256(below.strip("\n").encode(errors="surrogatepass")).hexdigest()


def _parted(text: str) -> tuple[int, str, str]:
    """How many lines come before the magic of ours, its line, and what is below it with marks for what options
    say. A cell without one is all below. Raises UsageError."""
    before, lines = skipped(text), text.split("\n")
    line = lines[before].lstrip()
    if not line.startswith("%%fc"):
        return 0, "", text
    return before, line, head.read(line, "\n".join(lines[before + 1 :])).shown


def _by_fingerprint(texts: Mapping[int, str], name: str) -> dict[str, tuple[int, str]]:
    """The last cell of each text, as it is shown: without what its options say. Of those that deploy, one that
    deploys this function if there is any."""
    found: dict[str, tuple[int, str]] = {}
    named: dict[str, tuple[int, str]] = {}
    for number, text in texts.items():
        if not text:
            continue
        try:
            before, line, below = _parted(text)
        except UsageError:
            continue  # it deploys nothing
        is_named = name in line.split()
        said = " ".join(line.split()[:1] + [name] * is_named)
        shown = "\n" * before + f"{said}\n{below}" if line else text
        (named if is_named else found)[_fingerprint(text)] = (number, shown)
    return found | named


def _forget_the_oldest(folder: Path) -> None:
    files = [(entry.stat(), entry.path) for entry in os.scandir(folder)]
    left, size = len(files), sum(stat.st_size for stat, _ in files)
    for stat, path in sorted(files, key=lambda each: each[0].st_mtime_ns):
        if left <= FILES and size <= BYTES:
            return
        Path(path).unlink(missing_ok=True)
        left, size = left - 1, size - stat.st_size

"""Files that differ between two packages: by size, and line by line where they are text. Secrets are masked."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from fc_magic.notebook.secrets import Found, in_file, masked

#: larger texts are compared as a whole: line by line takes time with the square of their size
MOST_BYTES, MOST_LINES = 400_000, 8_000
CONTEXT = 3


@dataclass(frozen=True)
class FileChange:
    """``before`` and ``after`` are sizes in bytes, None where there is no such file. ``diff`` has its lines as a
    unified diff has them, ``added`` and ``removed`` count them; all empty if it was not compared by lines."""

    path: str
    before: int | None
    after: int | None
    added: int = 0
    removed: int = 0
    diff: tuple[str, ...] = field(default=(), repr=False)


def compared(
    before: Mapping[str, bytes], after: Mapping[str, bytes], secrets: Iterable[Found] = ()
) -> tuple[FileChange, ...]:
    """Those that are not the same, by path. ``secrets`` are masked, and what looks like one."""
    secrets = tuple(secrets)
    return tuple(
        _change(path, before.get(path), after.get(path), secrets)
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    )


def _change(path: str, before: bytes | None, after: bytes | None, secrets: tuple[Found, ...]) -> FileChange:
    was, will = (None if raw is None else len(raw) for raw in (before, after))
    old, new = (_lines(raw) for raw in (before, after))
    if old is None or new is None:
        return FileChange(path, was, will)
    hidden = (*secrets, *in_file(path, "".join(old)), *in_file(path, "".join(new)))
    lines = list(_unified(old, new))
    added, removed = (sum(line.startswith(sign) for line in lines) for sign in "+-")
    return FileChange(path, was, will, added, removed, tuple(masked(line, hidden) for line in lines))


def _lines(raw: bytes | None) -> list[str] | None:
    """None for what is no text, or too much of it."""
    if raw is None:
        return []
    if len(raw) > MOST_BYTES or b"\0" in raw:
        return None
    try:
        lines = list(io.StringIO(raw.decode()))
    except UnicodeDecodeError:
        return None
    return lines if len(lines) <= MOST_LINES else None


def _unified(old: list[str], new: list[str]) -> Iterator[str]:
    """Without the head that names the files; what has no line break at its end says so, and so do line breaks of
    another kind, if there are some on one side only."""
    kinds = {any(line.endswith("\r\n") for line in lines) for lines in (old, new)}
    sign = "␍" if len(kinds) > 1 else ""
    for line in list(difflib.unified_diff(old, new, n=CONTEXT))[2:]:
        yield line.removesuffix("\n").replace("\r", sign)
        if not line.endswith("\n") and line[:1] in "+- ":
            yield "\\ no line break at the end"

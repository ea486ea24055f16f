"""Files that differ between two packages: by size, and line by line where they are text. Secrets are masked."""

from __future__ import annotations

import difflib
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from fc_magic.notebook.secrets import Found, in_file, masking

#: larger texts are compared as a whole: line by line takes time with the square of their size
MOST_BYTES, MOST_LINES = 400_000, 8_000
#: of all files of one comparison: so many lines are compared, and so many of what differs are kept to be shown
MOST_COMPARED, MOST_SHOWN = 20_000, 2_000
CONTEXT = 3


@dataclass(frozen=True)
class FileChange:
    """``before`` and ``after`` are sizes in bytes, None where there is no such file. ``diff`` has its lines as a
    unified diff has them, ``added`` and ``removed`` count them; all empty if it was not compared by lines. ``more``:
    how many lines of the diff were too many to be shown."""

    path: str
    before: int | None
    after: int | None
    added: int = 0
    removed: int = 0
    diff: tuple[str, ...] = field(default=(), repr=False)
    more: int = 0

    @property
    def is_counted(self) -> bool:
        """Whether it was and is there, and its lines were compared."""
        return None not in (self.before, self.after) and bool(self.added or self.removed)


def compared(
    before: Mapping[str, bytes], after: Mapping[str, bytes], secrets: Iterable[Found] = (), first: str = ""
) -> tuple[FileChange, ...]:
    """Those that are not the same, by path. ``secrets`` are masked, and what looks like one. If they are too many to
    be compared by lines, that of the module ``first`` is, and those that were and are there."""
    secrets, lines, shown = tuple(secrets), MOST_COMPARED, MOST_SHOWN
    found = {}
    for path in sorted(
        (path for path in before.keys() | after.keys() if before.get(path) != after.get(path)),
        key=lambda path: (path.rpartition(".")[0] != first, (path in before) != (path in after), path),
    ):
        old, new = (_lines(raw.get(path), min(lines, MOST_LINES)) for raw in (before, after))
        was, will = (len(raw[path]) if path in raw else None for raw in (before, after))
        if old is None or new is None:
            found[path] = FileChange(path, was, will)
            continue
        diff = list(_unified(old, new))
        added, removed = (sum(line.startswith(sign) for line in diff) for sign in "+-")
        seen = diff[:shown]
        hidden = (*secrets, *in_file(path, "".join(old)), *in_file(path, "".join(new))) if seen else ()
        masks = tuple(map(masking(hidden), seen))
        found[path] = FileChange(path, was, will, added, removed, masks, len(diff) - len(seen))
        lines, shown = max(0, lines - len(old) - len(new)), shown - len(seen)
    return tuple(found[path] for path in sorted(found))


def _lines(raw: bytes | None, most: int) -> list[str] | None:
    """None for what is no text, or too much of it."""
    if raw is None:
        return []
    if len(raw) > MOST_BYTES or b"\0" in raw or raw.count(b"\n") > most:
        return None
    try:
        return list(io.StringIO(raw.decode()))
    except UnicodeDecodeError:
        return None


def _unified(old: list[str], new: list[str]) -> Iterator[str]:
    """Without the head that names the files; what has no line break at its end says so, and so do line breaks of
    another kind, if there are some on one side only."""
    kinds = {any(line.endswith("\r\n") for line in lines) for lines in (old, new)}
    sign = "␍" if len(kinds) > 1 else ""
    for line in list(difflib.unified_diff(old, new, n=CONTEXT))[2:]:
        yield line.removesuffix("\n").replace("\r", sign)
        if not line.endswith("\n") and line[:1] in "+- ":
            yield "\\ no line break at the end"

"""Wheels -> the libraries of a package: their members are copied as they are compressed, byte for byte.

Of each wheel its metadata comes first and the file WHEEL last, so that a ZIP tells which distribution each of its
files is of: what stands between the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fc_magic.errors import PackageError
from fc_magic.package import unread
from fc_magic.package.archive import Entry, header
from fc_magic.package.members import Member, Opened

if TYPE_CHECKING:
    from fc_magic.package.contents import Wheel

#: where libraries are, beside a function's own files and in a layer, where its programs are in ``bin/``
PACKAGE, LAYER = "", "python/"
FIRST, LAST = ".dist-info/METADATA", ".dist-info/WHEEL"
#: bytes that are collected before they are written
BUFFER = 4 << 20
#: what makes of a folder of several distributions one package; such files may differ
_DECLARES = (b"extend_path", b"declare_namespace")
_DECLARATION = 2048


@dataclass(frozen=True)
class Spliced:
    """What was written: the files, in the order in which they are there, and what was left out of each wheel: files
    and bytes by reason."""

    entries: tuple[Entry, ...]
    left_out: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)

    @property
    def end(self) -> int:
        return self.entries[-1].end if self.entries else 0


def splice(
    wheels: Sequence[Wheel],
    write: Callable[[bytes], object],
    place: str = PACKAGE,
    asked: Sequence[str] = (),
) -> Spliced:
    """Writes headers and files as they stand at the beginning of a ZIP. The same wheels are the same bytes, in
    whatever order they are named. ``asked``: patterns of what is left out too. Raises PackageError."""
    with ExitStack() as stack:
        opened = [stack.enter_context(Opened(wheel)) for wheel in sorted(wheels, key=_in_order)]
        chosen = [_chosen(one, asked) for one in opened]
        taken = _taken(zip(opened, [kept for kept, _ in chosen], strict=True), place)
        entries = tuple(_written(taken, write))
        left = {one.wheel.name: left for one, (_, left) in zip(opened, chosen, strict=True)}
    return Spliced(entries, left)


def _in_order(wheel: Wheel) -> tuple[str, str, str]:
    return wheel.name, wheel.version, wheel.path.name


def _chosen(opened: Opened, asked: Sequence[str]) -> tuple[list[Member], dict[str, tuple[int, int]]]:
    """The files of a wheel that are read at run time, and what of it is left out."""
    by_path = {member.path: member for member in opened.members}
    out = unread.left_out(list(by_path), lambda path: opened.read(by_path[path]), asked)
    out |= {m.path: unread.SCRIPT_WHY for m in opened.members if m.script and _is_python(opened.read(m))}
    for path in [path for path in out if path.endswith((FIRST, LAST)) and path.count("/") == 1]:
        del out[path]  # without them nobody knows what it is
    left: dict[str, tuple[int, int]] = {}
    for path, why in out.items():
        files, size = left.get(why, (0, 0))
        left[why] = files + 1, size + by_path[path].size
    kept = [member for member in opened.members if member.path not in out]
    return sorted(kept, key=_rank), left


def _is_python(script: bytes) -> bool:
    return script.startswith(unread.PYTHON_SCRIPT)


def _rank(member: Member) -> tuple[bool, bool, int]:
    top = member.path.count("/") == 1
    return not (top and member.path.endswith(FIRST)), top and member.path.endswith(LAST), member.at


def _taken(found: Iterator[tuple[Opened, list[Member]]], place: str) -> list[tuple[Opened, Member, str]]:
    """Each file once, with its path in the package. Raises PackageError if two wheels have one that differs."""
    owners: dict[str, tuple[Opened, Member]] = {}
    for opened, members in found:
        for member in members:
            path = f"bin/{member.path}" if member.script else f"{place}{member.path}"
            if path in owners:
                owners[path] = _one_of(path, owners[path], (opened, member))
            else:
                owners[path] = opened, member
    return _apart([(opened, member, path) for path, (opened, member) in owners.items()])


def _one_of(path: str, first: tuple[Opened, Member], other: tuple[Opened, Member]) -> tuple[Opened, Member]:
    raws = [opened.read(member) for opened, member in (first, other)]
    if raws[0] == raws[1]:
        return first
    if path.endswith("/__init__.py") and all(map(_declares, raws)):
        return first if raws[0].strip() else other
    names = [f"{opened.wheel.name} {opened.wheel.version}" for opened, _ in (first, other)]
    raise PackageError(
        f"{path} is in {names[0]} and, with other bytes, in {names[1]}: one package cannot have both",
        hint=f"--leave-out /{path}, if neither is needed",
    )


def _declares(raw: bytes) -> bool:
    """Whether a module does no more than to make its folder a package of several distributions."""
    code = b"\n".join(line for line in raw.splitlines() if not line.lstrip().startswith(b"#")).strip()
    return not code or (len(code) <= _DECLARATION and any(word in code for word in _DECLARES))


def _apart(taken: list[tuple[Opened, Member, str]]) -> list[tuple[Opened, Member, str]]:
    """Raises PackageError if a file of one wheel is a folder of another."""
    folders = folders_of(path for _, _, path in taken)
    for opened, _, path in taken:
        if path in folders:
            raise opened.refused(f"has the file {path}, where other files have a folder")
    return taken


def folders_of(paths: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for path in paths:
        above = path.rpartition("/")[0]
        while above and above not in found:
            found.add(above)
            above = above.rpartition("/")[0]
    return found


def _written(
    taken: Sequence[tuple[Opened, Member, str]], write: Callable[[bytes], object]
) -> Iterator[Entry]:
    at, held = 0, list[bytes]()
    waiting = 0
    for opened, member, path in taken:
        entry = Entry(path, member.crc, member.packed, member.size, member.method, member.executable, at)
        above = header(entry)
        for piece in (above, *opened.pieces(member)):
            held.append(piece)
            waiting += len(piece)
            if waiting >= BUFFER:
                write(b"".join(held))
                held.clear()
                waiting = 0
        at += len(above) + member.packed
        yield entry
    write(b"".join(held))

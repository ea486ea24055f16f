"""What is in a package: which distributions and files, why, and how big. Read from the ZIPs themselves, so that it is
known of what was packed by somebody else, too."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fc_magic.errors import PackageError
from fc_magic.package.platforms import normalized
from fc_magic.package.splice import FIRST, LAST
from fc_magic.wire.source import InFile

_INFO = re.compile(r"(?P<place>.*/)?[^/]+\.dist-info/(?P<file>METADATA|WHEEL|RECORD)")
#: of a requirement that only holds if more is asked for
_EXTRA = re.compile(r";.*\bextra\b")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PIECE = 1 << 20


@dataclass(frozen=True)
class Inside:
    """A file: ``packed`` and ``size`` are its bytes in the ZIP and unpacked."""

    path: str
    packed: int
    size: int


@dataclass(frozen=True)
class Part:
    """A distribution, or the files of the function's own at one place. ``zip``: which of the ZIPs it is in."""

    name: str
    zip: str
    files: tuple[Inside, ...]
    version: str = ""
    needs: tuple[str, ...] = field(default=(), repr=False)
    why: str = ""

    @property
    def packed(self) -> int:
        return sum(file.packed for file in self.files)

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class Report:
    """The parts of a function's package, the biggest first. ``zips``: each by its name, with its bytes.
    ``left_out``: reason -> files and bytes, if that is known. ``every``: each file is of interest."""

    function: str
    parts: tuple[Part, ...]
    zips: Mapping[str, int]
    left_out: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    every: bool = False


def report(
    function: str,
    zips: Mapping[str, bytes | InFile],
    reasons: Mapping[str, str] | None = None,
    left_out: Iterable[Mapping[str, Mapping[str, Sequence[int]]]] = (),
    named: Collection[str] = (),
) -> Report:
    """``zips``: the code, and the layers, by their names; ``reasons``: why a file of the function's own is there;
    ``named``: the distributions that a person asked for, as far as that is known. Raises PackageError for what is no
    ZIP."""
    parts = [part for name, raw in zips.items() for part in _parts(name, raw, reasons or {})]
    needed: dict[str, list[str]] = {}
    for part in parts:
        for need in part.needs:
            needed.setdefault(need, []).append(part.name)
    told = [replace(part, why=part.why or _why(part, needed, named)) for part in parts]
    told.sort(key=lambda part: (-part.packed, part.name))
    return Report(function, tuple(told), {n: len(raw) for n, raw in zips.items()}, _together(left_out))


def _why(part: Part, needed: Mapping[str, list[str]], named: Collection[str]) -> str:
    if not part.version:
        return ""
    above = sorted(set(needed.get(normalized(part.name), ())) - {part.name})
    asked = ["asked for"] if not above or normalized(part.name) in map(normalized, named) else []
    return ", ".join([*asked, *([f"needed by {', '.join(above)}"] if above else [])])


def _together(left_out: Iterable[Mapping[str, Mapping[str, Sequence[int]]]]) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for reasons in (reasons for wheels in left_out for reasons in wheels.values()):
        for why, (files, size) in reasons.items():
            before = found.get(why, (0, 0))
            found[why] = before[0] + files, before[1] + size
    return dict(sorted(found.items(), key=lambda item: -item[1][1]))


# ---------------------------------------------------------------- one ZIP


def _parts(name: str, raw: bytes | InFile, reasons: Mapping[str, str]) -> Iterator[Part]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw) if isinstance(raw, bytes) else _Slices(raw)) as archive:
            entries = sorted(
                (entry for entry in archive.infolist() if not entry.is_dir()),
                key=lambda one: one.header_offset,
            )
            owners = _owners(archive, [entry.filename for entry in entries])
            found: dict[tuple[str, str], list[Inside]] = {}
            for entry in entries:
                owner = owners.get(entry.filename, "")
                key = (owner, "") if owner else ("", _top(entry.filename, reasons))
                inside = Inside(entry.filename, entry.compress_size, entry.file_size)
                found.setdefault(key, []).append(inside)
            for (owner, top), files in found.items():
                if owner:
                    yield _distribution(archive, owner, name, files)
                else:
                    yield Part(top, name, tuple(files), why=reasons.get(files[0].path, ""))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise PackageError(f"{name} is not a readable ZIP ({str(error) or 'damaged'})") from error


def _top(path: str, reasons: Mapping[str, str]) -> str:
    top, slash, _ = path.partition("/")
    return top + slash


def _owners(archive: zipfile.ZipFile, paths: Sequence[str]) -> dict[str, str]:
    """path -> the METADATA of the distribution that it is of, as far as that can be told."""
    known, out = set(paths), dict[str, str]()
    begun = ""
    for path in paths:
        found = _INFO.fullmatch(path)
        if found and found["file"] == "METADATA":
            begun = path
        if begun:
            out[path] = begun
        if begun and path == begun.removesuffix(FIRST) + LAST:
            begun = ""
    ended = {owner for owner in out.values() if owner.removesuffix(FIRST) + LAST in out}
    out = {path: owner for path, owner in out.items() if owner in ended}
    for path in paths:  # what an installer has unpacked says so itself
        if path.endswith(".dist-info/RECORD"):
            out.update(_recorded(archive, path, known))
    return out


def _recorded(archive: zipfile.ZipFile, record: str, known: set[str]) -> Iterator[tuple[str, str]]:
    info = record.rpartition("/")[0]
    place = info.rpartition("/")[0]
    owner = f"{info}/METADATA"
    for row in csv.reader(io.StringIO(archive.read(record).decode(errors="replace"))):
        path = f"{place}/{row[0]}".lstrip("/") if row else ""
        if path in known and owner in known:
            yield path, owner


def _distribution(archive: zipfile.ZipFile, owner: str, zip_: str, files: Sequence[Inside]) -> Part:
    head = archive.read(owner).decode(errors="replace").replace("\r\n", "\n").partition("\n\n")[0]
    said = [line.partition(":")[::2] for line in head.split("\n")]
    fields = {key.lower(): text.strip() for key, text in reversed(said)}
    asked = [text.strip() for key, text in said if key.lower() == "requires-dist" and not _EXTRA.search(text)]
    needs = tuple(normalized(found[0]) for text in asked if (found := _NAME.match(text)))
    return Part(fields.get("name", owner), zip_, tuple(files), fields.get("version", ""), needs)


class _Slices(io.RawIOBase):
    """Bytes that are elsewhere, as a file that can be read."""

    def __init__(self, raw: InFile) -> None:
        self._raw, self._at = raw, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = max(0, offset + (0, self._at, len(self._raw))[whence])
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        found = self._raw[self._at : self._at + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

"""Requirements -> the libraries of a layer, for the Python and the system of a runtime."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fc_magic.errors import PackageError, UsageError
from fc_magic.package import dependencies, platforms
from fc_magic.package.contents import Wheel
from fc_magic.package.folder import Files
from fc_magic.package.wanted import gather
from fc_magic.package.workplace import Workplace

_DATA = re.compile(r"[^/]+\.data/(?P<kind>[^/]+)/(?P<path>.+)")
#: what of a wheel's data folder is for Python; scripts begin with the path of an interpreter here
_KEPT = ("purelib", "platlib")


@dataclass(frozen=True)
class Built:
    """Files by their path in a layer, and the distributions they are, ``name version``."""

    files: Files
    contents: tuple[str, ...]
    wheels: tuple[Wheel, ...] = ()

    def zipped(self) -> bytes:
        return self.files.zipped()


def build(requirements: Sequence[str], runtime: str, at: Workplace) -> Built:
    """What ``requirements`` (or the lines of requirements files among them) need.

    Raises UsageError, PackageError with the name of what cannot be had.
    """
    wanted = gather(requirements)
    if not wanted:
        raise UsageError(
            "there is no requirement", hint='--requirements "pandas==2.2.* requests", or a file of them'
        )
    wheels = dependencies.of(wanted, platforms.of(runtime), at).wheels
    files: dict[str, bytes] = {}
    programs: set[str] = set()
    for wheel in wheels:
        for path, raw, is_program in _members(wheel):
            files[f"python/{path}"] = raw
            if is_program:
                programs.add(f"python/{path}")
    said = [re.fullmatch(r"python/([^/]+)-([^/-]+)\.dist-info/METADATA", path) for path in files]
    return Built(
        Files(files, frozenset(programs)),
        tuple(sorted(f"{name[1]} {name[2]}" for name in said if name)),
        wheels,
    )


def _members(wheel: Wheel) -> Iterator[tuple[str, bytes, bool]]:
    try:
        with zipfile.ZipFile(wheel.path) as archive:
            placed = {
                entry.filename: path for entry in archive.infolist() if (path := _place(entry.filename))
            }
            for name, path in placed.items():
                raw = archive.read(name)
                is_record = path.endswith(".dist-info/RECORD")
                mode = archive.getinfo(name).external_attr >> 16
                yield path, _record(raw, placed) if is_record else raw, bool(mode & 0o111)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise PackageError(
            f"{wheel.path.name} is not a readable wheel ({str(error) or 'damaged'})"
        ) from error


def _place(name: str) -> str:
    """Where an installer would put a member; nothing for what stays out."""
    if name.endswith("/"):
        return ""
    data = _DATA.fullmatch(name)
    if not data:
        return name
    return data["path"] if data["kind"] in _KEPT else ""


def _record(raw: bytes, placed: Mapping[str, str]) -> bytes:
    rows = [row for row in csv.reader(io.StringIO(raw.decode())) if row and row[0] in placed]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([placed[row[0]], *row[1:]] for row in rows)
    return out.getvalue().encode()

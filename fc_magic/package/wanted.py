"""Everything that asks for libraries, merged: words of an option, files of requirements, the cell's own comments."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fc_magic.errors import PackageError, UsageError
from fc_magic.package import words
from fc_magic.package.platforms import normalized, wheel_name
from fc_magic.package.requirements_file import Listed, read
from fc_magic.package.secrets import shown

OPTION = "--requirements"
_USAGE = '--requirements "pandas==2.2.* requests", or a file of them'
_FILES = (".txt", ".in", ".toml")
_ARCHIVES = (".tar.gz", ".tgz", ".zip", ".tar.bz2")
_VCS = re.compile(r"(?:^|@\s*)(?:git|hg|bzr|svn)\+", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
#: PEP 751's names of locks
LOCK_NAME = re.compile(r"pylock(?:\.[^./\\]+)?\.toml")


@dataclass(frozen=True)
class Requirement:
    """``text`` as it was said, ``place`` is where; ``wheel`` is its file, if it is one of this machine."""

    text: str = field(repr=False)
    place: str = OPTION
    hashes: frozenset[str] = frozenset()
    wheel: Path | None = None

    @property
    def name(self) -> str:
        """The distribution; empty if the text names none."""
        if self.wheel:
            named = wheel_name(self.wheel.name)
            return named.distribution if named else ""
        found = _NAME.match(self.text)
        return normalized(found[0]) if found else ""

    @property
    def shown(self) -> str:
        """The text as it may be kept and shown: without what is secret in a URL."""
        return shown(self.text)


@dataclass(frozen=True)
class Wanted:
    """``options`` are lines for uv that say where to look, ``constraints`` what else must hold. ``python`` is what
    the cell says of its Python. ``lock`` is a lock that a person names, instead of requirements."""

    requirements: tuple[Requirement, ...] = ()
    options: tuple[str, ...] = field(default=(), repr=False)
    constraints: tuple[str, ...] = ()
    python: str = ""
    lock: Path | None = None

    def __bool__(self) -> bool:
        return bool(self.requirements or self.lock)

    @property
    def said(self) -> dict[str, list[str]]:
        """What a lock keeps of it, to see whether it is still what is asked."""
        found = {
            "requirements": sorted({one.shown for one in self.requirements}),
            "constraints": sorted(set(self.constraints)),
            "options": [shown(option) for option in dict.fromkeys(self.options)],
            "hashes": sorted({f"{one.name} {digest}" for one in self.requirements for digest in one.hashes}),
        }
        return {name: listed for name, listed in found.items() if listed or name == "requirements"}

    @property
    def stamp(self) -> str:
        """Changes when anything changes that could change what comes out."""
        files = [one.wheel for one in self.requirements if one.wheel]
        stats = [(str(path), path.stat().st_size, path.stat().st_mtime_ns) for path in files]
        return hashlib.sha256(repr((self.said, self.python, stats)).encode()).hexdigest()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.name for one in self.requirements if one.name))


def gather(given: Iterable[str], cell: str = "", base: Path | None = None) -> Wanted:
    """``given``: the values of ``--requirements``; paths are seen from ``base``. Raises UsageError, PackageError."""
    base = base or Path()
    merged = _Merged(base)
    for text in given:
        if not text.strip():
            raise UsageError("there is no requirement", hint=_USAGE)
        for word in words.split(text):
            merged.word(word, OPTION, base)
    for word, line in words.of_cell(cell):
        merged.word(word, f"line {line} of the cell", base)
    python, _ = words.python_of_cell(cell)
    return merged.done(python)


@dataclass
class _Merged:
    """What was found so far."""

    base: Path
    requirements: list[Requirement] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)
    locks: list[Path] = field(default_factory=list)

    def word(self, word: str, place: str, folder: Path, hashes: Sequence[str] = ()) -> None:
        flag, _, rest = word.partition(" ")
        if flag in ("-r", "--requirement"):
            self._file(rest.strip(), folder)
        elif "://" not in word and word.endswith(_FILES) and "@" not in word:
            self._file(word, folder)
        else:
            self.requirements.append(self._one(word, place, folder, frozenset(hashes)))

    def _file(self, name: str, folder: Path) -> None:
        path = folder / Path(name).expanduser()
        if not path.is_file():
            raise UsageError(f"{name}: there is no such file", hint="--requirements FILE.txt")
        if LOCK_NAME.fullmatch(path.name):
            self.locks.append(path)
            return
        self._lines(read(path, name))

    def _lines(self, listed: Listed) -> None:
        self.options += [_seen_from(option, self.base) for option in listed.options]
        self.constraints += listed.constraints
        for one in listed.lines:
            self.word(one.text, one.place, one.folder, one.hashes)

    def _one(self, word: str, place: str, folder: Path, hashes: frozenset[str]) -> Requirement:
        wrong, hint = _wrong(word, folder)
        if wrong:
            at = "" if place == OPTION else f" ({place})"
            raise UsageError(f"{shown(word)} {wrong}{at}", hint=hint)
        url = "://" in word
        if word.endswith(".whl") and not url:
            return self._wheel(word, place, folder)
        if url and not re.match(r"[^:/]*@", word):
            named = wheel_name(word.partition("#")[0].rpartition("/")[2])
            if not named:
                raise UsageError(
                    f"{shown(word)} is no URL of a wheel", hint="name @ https://…/name-1.0-….whl"
                )
            word = f"{named.distribution} @ {word}"
        return Requirement(word, place, hashes)

    def _wheel(self, word: str, place: str, folder: Path) -> Requirement:
        path = folder / Path(word).expanduser()
        if not path.is_file():
            raise UsageError(f"{word}: there is no such file", hint="--requirements ./dist/name-1.0-….whl")
        if not wheel_name(path.name):
            raise UsageError(
                f"{path.name} is no name of a wheel", hint="name-1.0-py3-none-any.whl, as it was built"
            )
        return Requirement(_from(path, self.base), place, wheel=path)

    def done(self, python: str) -> Wanted:
        if self.locks and (self.requirements or len(self.locks) > 1):
            raise UsageError(
                f"{self.locks[0].name} is a lock, which has everything already: it stands alone",
                hint=f"--requirements {self.locks[0].name}",
            )
        unique = {(one.text, one.wheel): one for one in reversed(self.requirements)}
        return Wanted(
            tuple(reversed(unique.values())),
            tuple(self.options),
            tuple(self.constraints),
            python,
            self.locks[0] if self.locks else None,
        )


def _from(path: Path, base: Path) -> str:
    """A path as seen from the notebook, so that a lock is the same on every machine."""
    return Path(os.path.relpath(path, base)).as_posix()


def _seen_from(option: str, base: Path) -> str:
    flag, _, value = option.partition(" ")
    is_folder = flag == "--find-links" and "://" not in value
    return f"{flag} {_from(Path(value), base)}" if is_folder else option


def _wrong(word: str, folder: Path) -> tuple[str, str]:
    """What a word is that cannot become a wheel, and what to do instead."""
    if _VCS.search(word):
        return (
            "is a repository, from which a wheel would have to be built here",
            "build it: pip wheel --no-deps URL -w dist; then --requirements ./dist/NAME.whl",
        )
    if word.startswith(("-e", "--editable")):
        path = word.partition(" ")[2].strip() or "DIR"
        return "cannot be editable in a function", f"--include {path} sends the folder as it is"
    if word.startswith("-"):
        return "is not a requirement", _USAGE
    at = folder / word
    if ("/" in word or word.startswith(".")) and "://" not in word and "@" not in word and at.is_dir():
        return (
            "is a folder, not a wheel",
            f"uv build --wheel {word} -o dist; --include {word} sends its files",
        )
    if word.partition("#")[0].endswith(_ARCHIVES):
        return (
            "is source, from which a wheel would have to be built here",
            "choose a version that has a wheel",
        )
    return "", ""


def check(wanted: Wanted) -> list[Any]:
    """The requirements as ``packaging`` reads them, those that are a wheel as None. Raises PackageError."""
    from packaging.requirements import InvalidRequirement
    from packaging.requirements import Requirement as Read

    out: list[Any] = []
    for one in wanted.requirements:
        try:
            out.append(None if one.wheel else Read(one.text))
        except InvalidRequirement as error:
            reason = str(error).partition("\n")[0]
            raise PackageError(
                f"{one.shown} ({one.place}) is no requirement: {reason[:1].lower()}{reason[1:]}",
                hint='such as "pandas==2.2.*"',
            ) from None
    return out

"""A file of requirements -> its lines, as pip and uv read it; or the dependencies of a pyproject.toml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fc_magic.errors import PackageError, UsageError
from fc_magic.package import toml

_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_HASH = re.compile(r"\s--hash[= ]([a-z0-9]+:[0-9a-fA-F]+)")
#: options of a file -> whether a value follows; uv reads them on its own lines
_PASSED = {
    **dict.fromkeys(("-i", "--index-url", "--extra-index-url", "-f", "--find-links"), True),
    "--no-index": False,
}
_LONG = {"-i": "--index-url", "-f": "--find-links", "-r": "--requirement", "-c": "--constraint"}
#: what is so anyway: only wheels, and hashes always
_IDLE = ("--only-binary", "--prefer-binary", "--require-hashes")


@dataclass(frozen=True)
class Line:
    """A requirement, where it stands, and the folder its paths are seen from."""

    text: str
    place: str
    folder: Path
    hashes: tuple[str, ...] = ()


@dataclass
class Listed:
    lines: list[Line] = field(default_factory=list)
    options: list[str] = field(default_factory=list)
    constraints: list[str] = field(default_factory=list)


def read(path: Path, name: str) -> Listed:
    """``name``: how a person called it. Raises UsageError, PackageError."""
    listed = Listed()
    _read(path, name, listed, ())
    return listed


def _read(path: Path, name: str, listed: Listed, above: tuple[Path, ...]) -> None:
    if path.resolve() in above:
        raise UsageError(f"{name} asks for itself", hint=f"remove its line of {path.name}")
    text = _text(path, name)
    if path.suffix == ".toml":
        listed.lines += _of_project(text, name, path.parent)
        return
    for number, line in _logical(text):
        place = f"{name}:{number}"
        flag, value = _option(line)
        if flag == "--requirement":
            _read(path.parent / value, value, listed, (*above, path.resolve()))
        elif flag == "--constraint":
            below = Listed()
            _read(path.parent / value, value, below, (*above, path.resolve()))
            listed.constraints += [one.text for one in below.lines]
        elif flag in _PASSED:
            listed.options.append(_passed(flag, value, path.parent))
        elif flag not in _IDLE:
            if flag and flag not in ("-e", "--editable"):
                raise UsageError(f"{flag} ({place}) is not known here", hint=f"remove it from {name}")
            hashes = tuple(found.lower() for found in _HASH.findall(line))
            listed.lines.append(Line(_HASH.sub("", line).strip(), place, path.parent, hashes))


def _text(path: Path, name: str) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{name}: there is no such file", hint="--requirements FILE.txt") from None
    except (OSError, UnicodeDecodeError) as error:
        raise PackageError(f"{name} cannot be read: {getattr(error, 'strerror', '') or error}") from error


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, those joined that end in a backslash; each with the number of its first."""
    kept, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first or number
        if line.rstrip().endswith("\\") and not line.lstrip().startswith("#"):
            kept += f"{line.rstrip()[:-1]} "
            continue
        whole = _COMMENT.sub("", kept + line).strip()
        if whole:
            yield first, whole
        kept, first = "", 0
    if kept.strip():
        yield first, kept.strip()


def _option(line: str) -> tuple[str, str]:
    """The option that a line begins with, by its long name, and its value."""
    if not line.startswith("-"):
        return "", ""
    flag, _, value = re.sub(r"^(--?[a-z-]+)=", r"\1 ", line).partition(" ")
    if not flag.startswith("--") and len(flag) > 2 and flag[:2] in (*_LONG, "-e"):
        flag, value = flag[:2], flag[2:]
    return _LONG.get(flag, flag), value.strip().strip("\"'")


def _passed(flag: str, value: str, folder: Path) -> str:
    if not _PASSED[flag]:
        return flag
    if flag == "--find-links" and "://" not in value:
        value = str((folder / Path(value).expanduser()).resolve())
    return f"{flag} {value}"


def _of_project(text: str, name: str, folder: Path) -> list[Line]:
    try:
        project = toml.loads(text).get("project")
    except toml.TomlError as error:
        raise PackageError(f"{name} is not TOML: {error}") from None
    listed = project.get("dependencies") if isinstance(project, dict) else None
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise UsageError(
            f"{name} has no list of dependencies",
            hint='[project] with dependencies = ["requests"], or a pylock.toml',
        )
    return [Line(one, name, folder) for one in listed]

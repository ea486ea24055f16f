"""``pylock.NAME.toml``, the standard lock of PEP 751: read, whoever wrote it, and written, always the same way."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from fc_magic.errors import PackageError
from fc_magic.package import toml
from fc_magic.package.platforms import Platform, normalized, wheel_name
from fc_magic.package.secrets import shown

#: our part of the file
TOOL = "fc-magic"
#: the algorithms that a wheel may be verified by, the one that the cache goes by first
ALGORITHMS = ("sha256", "sha512", "sha384", "sha3_256", "sha3_512", "blake2b", "blake2s")
_KINDS = {"vcs": "a repository", "directory": "a folder", "sdist": "source", "archive": "an archive"}


@dataclass(frozen=True)
class File:
    """A wheel: where it is from, ``url`` or ``path`` (seen from the lock's folder), and what it must be."""

    name: str
    hashes: Mapping[str, str] = field(hash=False)
    url: str = field(default="", repr=False)
    path: str = ""
    size: int = 0

    @property
    def key(self) -> tuple[str, str]:
        """(algorithm, digest) that it is verified and cached by."""
        return next((name, self.hashes[name]) for name in ALGORITHMS if name in self.hashes)


@dataclass(frozen=True)
class Package:
    """``direct``: it was asked for as this very file. ``other``: what it is instead of a wheel; then it has none."""

    name: str
    version: str = ""
    marker: str = ""
    requires_python: str = ""
    wheels: tuple[File, ...] = ()
    needs: tuple[str, ...] | None = None
    direct: bool = False
    other: str = ""


@dataclass(frozen=True)
class Lock:
    """``said`` is what it was made for, if we made it."""

    packages: tuple[Package, ...]
    requires_python: str = ""
    environments: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    said: Mapping[str, Any] = field(default_factory=dict)
    runtime: str = ""
    system: str = ""

    @property
    def is_ours(self) -> bool:
        return bool(self.runtime)


def parse(text: str, name: str) -> Lock:
    """``name`` is the file's, for errors. Raises PackageError for what is no lock."""
    try:
        return _lock(toml.loads(text))
    except toml.TomlError as error:
        raise PackageError(f"{name} is not TOML: {error}", hint=_renew(name)) from None
    except _Wrong as error:
        raise PackageError(f"{name} is not a lock that can be used: {error}", hint=_renew(name)) from None


def _renew(name: str) -> str:
    return f"--upgrade writes {name} anew"


class _Wrong(Exception):
    pass


def _lock(data: Mapping[str, Any]) -> Lock:
    version = _get(data, "lock-version", str, "the file")
    if version.partition(".")[0] != "1":
        raise _Wrong(f"lock-version is {version}, and 1.0 is known")
    _get(data, "created-by", str, "the file")
    own = _get(_get(data, "tool", dict, "the file", {}), TOOL, dict, "[tool]", {})
    said = {name: own[name] for name in own if name not in ("runtime", "platform")}
    return Lock(
        tuple(_package(one) for one in _list(data, "packages", dict, "the file")),
        _get(data, "requires-python", str, "the file", ""),
        tuple(_list(data, "environments", str, "the file", [])),
        tuple(_list(data, "default-groups", str, "the file", [])),
        said,
        _get(own, "runtime", str, f"[tool.{TOOL}]", ""),
        _get(own, "platform", str, f"[tool.{TOOL}]", ""),
    )


def _package(row: Mapping[str, Any]) -> Package:
    name = _get(row, "name", str, "one of packages")
    needs = _list(row, "dependencies", dict, name, []) if "dependencies" in row else None
    wheels = [_file(one, name) for one in _list(row, "wheels", dict, name, [])]
    archive = _get(row, "archive", dict, name, {})
    direct = bool(archive) and _path_of(archive).endswith(".whl")
    if direct:
        wheels = [_file(archive, name)]
    return Package(
        normalized(name),
        _get(row, "version", str, name, ""),
        _get(row, "marker", str, name, ""),
        _get(row, "requires-python", str, name, ""),
        tuple(wheels),
        None if needs is None else tuple(normalized(_get(one, "name", str, name)) for one in needs),
        direct,
        next((what for kind, what in _KINDS.items() if kind in row), "nothing") if not wheels else "",
    )


def _file(row: Mapping[str, Any], name: str) -> File:
    url, path = _get(row, "url", str, name, ""), _get(row, "path", str, name, "")
    if not url and not path:
        raise _Wrong(f"a wheel of {name} has neither url nor path")
    hashes = _get(row, "hashes", dict, name)
    found = {kind.lower(): str(digest).lower() for kind, digest in hashes.items()}
    # the digest becomes a folder of the cache
    known = {k: d for k, d in found.items() if k in ALGORITHMS and re.fullmatch(r"[0-9a-f]{32,128}", d)}
    if not known:
        raise _Wrong(f"a wheel of {name} has no hash that counts, such as sha256")
    file = _get(row, "name", str, name, "") or _path_of(row)
    file = file.replace("\\", "/").rpartition("/")[2]
    if wheel_name(file) is None:
        raise _Wrong(f"{file!r} of {name} is no name of a wheel")
    if url.startswith("file:"):
        url, path = "", unquote(urlsplit(url).path)
    return File(file, known, url, path, _get(row, "size", int, name, 0))


def _path_of(row: Mapping[str, Any]) -> str:
    text = str(row.get("path") or row.get("url") or "")
    return unquote(re.sub(r"[?#].*$", "", text)).rpartition("/")[2]


_NO_DEFAULT = object()


def _get(row: Mapping[str, Any], name: str, kind: type, where: str, default: Any = _NO_DEFAULT) -> Any:
    value = row.get(name, default)
    if value is _NO_DEFAULT:
        raise _Wrong(f"{where} has no {name}")
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _Wrong(f"{name} of {where} is no {_WORDS[kind]}")
    return value


_WORDS: Mapping[type, str] = {str: "text", dict: "table", int: "number", list: "list"}


def _list(row: Mapping[str, Any], name: str, kind: type, where: str, default: Any = _NO_DEFAULT) -> list[Any]:
    values: list[Any] = _get(row, name, list, where, default)
    if not all(isinstance(value, kind) for value in values):
        raise _Wrong(f"{name} of {where} is no list of {_WORDS[kind]}s")
    return values


# ---------------------------------------------------------------- written


def spell(lock: Lock, name: str, renew: str) -> str:
    """The text of the file. ``renew``: what a person types to have it anew."""
    platform = Platform(lock.runtime, lock.requires_python.removeprefix("==").removesuffix(".*"), lock.system)
    head = [
        f"# The libraries of {name} for {platform}.",
        f"# Written by fc-magic, and written anew when what is asked for changes. The newest that fit: {renew}",
    ]
    top = {
        "lock-version": "1.0",
        "environments": list(lock.environments),
        "requires-python": lock.requires_python,
        "created-by": TOOL,
        **({} if lock.packages else {"packages": []}),
    }
    blocks = ["\n".join([*head, *(f"{key} = {toml.value(value)}" for key, value in top.items()), ""])]
    blocks += [_spelled(package) for package in sorted(lock.packages, key=lambda p: p.name)]
    own = [f"[tool.{TOOL}]\n"]
    own += [
        f"{key} = {toml.value(text)}\n"
        for key, text in (("runtime", lock.runtime), ("platform", lock.system))
    ]
    own += [toml.lines(key, list(listed)) for key, listed in lock.said.items()]
    return "\n".join([*blocks, "".join(own)])


def _spelled(package: Package) -> str:
    lines = [
        "[[packages]]\n",
        f"name = {toml.value(package.name)}\n",
        f"version = {toml.value(package.version)}\n",
    ]
    if package.needs:
        lines.append(toml.lines("dependencies", [{"name": name} for name in package.needs]))
    elif package.needs is not None:
        lines.append("dependencies = []\n")
    rows = [_row(file) for file in package.wheels]
    lines.append(f"archive = {toml.value(rows[0])}\n" if package.direct else toml.lines("wheels", rows))
    return "".join(lines)


def _row(file: File) -> dict[str, Any]:
    where = {"path": file.path} if file.path else {"url": shown(file.url)}
    size = {"size": file.size} if file.size else {}
    in_its_place = _path_of(where) == file.name
    return {**({} if in_its_place else {"name": file.name}), **where, **size, "hashes": dict(file.hashes)}


def write(path: Path, text: str) -> None:
    """The whole file or none of it. Raises PackageError."""
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, path)
    except OSError as error:
        raise PackageError(f"{path.name} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)

"""``--file`` and ``--include``: files of this machine that go into a package beside the code."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from fc_magic.errors import PackageError, UsageError
from fc_magic.package.contents import Contents
from fc_magic.package.folder import read_folder

#: more than Function Compute takes, so nobody needs to read it
MAX_BYTES = 500 << 20
#: what people keep keys in
_KEYS = re.compile(
    r"(?:^|/)(?:\.env(?:\.[^/]*)?|\.netrc|\.pypirc|\.git-credentials|id_(?:rsa|dsa|ecdsa|ed25519)|credentials(?:\.[^/]*)?"
    r"|[^/]*\.(?:pem|key|p12|pfx|keystore)|AccessKey[^/]*\.csv|\.(?:aliyun|ssh|aws|acs)/.*)$"
)
_FILE, _FOLDER = (
    "--file data.json, or --file data.json=inside/name.json",
    "--include pkg/, or --include pkg/=lib/",
)


def read(files: Sequence[str], folders: Sequence[str], base: Path) -> Contents:
    """``files``: paths or patterns, ``folders``: folders, each with ``=PLACE`` if it shall have another place in the
    package than here; seen from ``base``. Raises UsageError, PackageError."""
    out = Contents()
    for text in files:
        out = out.beside(_files(text, base))
    for text in folders:
        out = out.beside(_folder(text, base))
    return out


def warnings(contents: Contents) -> tuple[str, ...]:
    """What a person may not have meant to give away."""
    keys = sorted(path for path in contents.files if _KEYS.search(path))
    if not keys:
        return ()
    shown = ", ".join(keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")
    it = "it looks like a file of keys" if len(keys) == 1 else "they look like files of keys"
    return (f"{shown}: {it}, and whoever may read the function's code can read that",)


def _files(text: str, base: Path) -> Contents:
    source, inside = _parted(text, base)
    found = sorted(_matching(source, base))
    if not found:
        what = "no file is like that" if glob.has_magic(source) else "there is no such file"
        raise UsageError(f"--file {text}: {what} in {_shown(base)}", hint=_FILE)
    if folders := [path for path in found if path.is_dir()]:
        raise UsageError(f"--file {text}: {folders[0]} is a folder", hint=f"--include {source}")
    if inside and not inside.endswith("/") and len(found) > 1:
        what = f"these are {len(found)} files, and {inside} is one"
        raise UsageError(f"--file {text}: {what}", hint=f"--file '{source}={inside}/'")
    _bounded(f"--file {text}", found)
    contents: dict[str, bytes] = {}
    programs = set()
    for path in found:
        place = _place(path, base)
        if inside:
            place = inside + path.name if inside.endswith("/") else inside
        try:
            contents[place] = path.read_bytes()
        except OSError as error:
            raise PackageError(f"--file {text}: {path} cannot be read: {error.strerror}") from error
        if os.access(path, os.X_OK):
            programs.add(place)
    return Contents(contents, frozenset(programs), dict.fromkeys(contents, f"--file {text}"))


def _matching(source: str, base: Path) -> Iterator[Path]:
    path = base / Path(source).expanduser()
    if path.exists() or not glob.has_magic(source):
        yield from [path] if path.exists() else []
        return
    for one in glob.iglob(str(path), recursive=True):
        if os.path.isfile(one):
            yield Path(one)


def _folder(text: str, base: Path) -> Contents:
    source, inside = _parted(text, base)
    path = base / Path(source).expanduser()
    if path.is_file():
        raise UsageError(f"--include {text}: {source} is a file", hint=f"--file {source}")
    if not path.is_dir():
        raise UsageError(f"--include {text}: there is no such folder in {_shown(base)}", hint=_FOLDER)
    _bounded(f"--include {text}", (Path(at, name) for at, _, names in os.walk(path) for name in names))
    place = inside.strip("/") if inside else _place(path, base)
    found = read_folder(path, f"--include {source}")
    moved = {one: f"{place}/{one}" if place not in ("", ".") else one for one in found.files}
    return Contents(
        {moved[one]: raw for one, raw in found.files.items()},
        frozenset(moved[one] for one in found.executable),
        dict.fromkeys(moved.values(), f"--include {text}"),
    )


def _parted(text: str, base: Path) -> tuple[str, str]:
    """The path, and the place it gets; a file whose own name has a = is taken as it is."""
    source, equals, inside = text.rpartition("=")
    if not equals or (base / Path(text).expanduser()).exists():
        return text, ""
    if not source or not inside:
        raise UsageError(f"{text} has nothing {'before' if inside else 'behind'} the =", hint=_FILE)
    return source, inside.removeprefix("./")


def _place(path: Path, base: Path) -> str:
    """Where it is seen from the notebook, so that the same name opens it there; outside of that its own name."""
    near = os.path.relpath(path, base)
    return path.resolve().name if near.startswith("..") else Path(near).as_posix()


def _bounded(option: str, paths: Iterator[Path] | Sequence[Path]) -> None:
    size = sum(path.stat().st_size for path in paths if path.is_file())
    if size > MAX_BYTES:
        raise PackageError(
            f"{option} has {size >> 20} MB, and a package may have {MAX_BYTES >> 20} MB",
            hint="put it into a bucket of OSS and read it from there in the function",
        )


def _shown(base: Path) -> str:
    return "this folder" if base in (Path(), Path.cwd()) else str(base)

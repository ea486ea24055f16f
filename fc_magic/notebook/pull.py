"""A live function -> the cell that deploys it, with its real settings: the code is in it, or in a folder beside it.

What was made is read again as ``%%fcdeploy`` would read it, and compared: so what it says of itself is true.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fc_magic.errors import FcError
from fc_magic.export import archive
from fc_magic.export.live import Live
from fc_magic.export.result import Export, Pulled
from fc_magic.notebook import cell as python
from fc_magic.notebook import javascript
from fc_magic.notebook.build import Asked, build
from fc_magic.notebook.line import lines, options
from fc_magic.notebook.line.head import Head
from fc_magic.notebook.line.lines import Words
from fc_magic.wire.checksum import crc64
from fc_magic.wire.spec import Deployment, Inline

if TYPE_CHECKING:
    from fc_magic.client.client import Client

_ANEW = "the first deployment sends the code anew"


def pull(client: Client, name: str, out: str = "", force: bool = False, with_secrets: bool = False) -> Pulled:
    """``out``: the folder for code that is no cell, else one of the function's name. Raises FunctionNotFound, and
    UsageError if there are other files already."""
    live = client.live(name)
    words = lines.words(live, client.settings.role or client.target.role, with_secrets)
    if live.function.source and live.code is not None:
        words.notes.append(f"{_ANEW}: it was deployed by {', '.join(live.function.source)}")
    if live.code is None:
        return _line(live, words, [])
    cell = _as_cell(live, live.code, client, words)
    return cell or _as_files(live, live.code, client, words, out, force)


def body(client: Client, name: str) -> str:
    """The code of a live function as that of a cell, without the line; nothing if no cell becomes it. Raises
    FunctionNotFound."""
    live = client.live(name)
    words = lines.words(live, client.settings.role or client.target.role, with_secrets=False)
    made = _as_cell(live, live.code, client, words) if live.code is not None else None
    return made.cell.partition("\n")[2] if made else ""


# ---------------------------------------------------------------- the forms


def _as_cell(live: Live, code: bytes, client: Client, words: Words) -> Pulled | None:
    """The code as a cell, if it is one file that a cell becomes again."""
    text = _only_file(code)
    if not text.strip():
        return None
    for first in (python.FIRST_LINE, javascript.FIRST_LINE):
        text = text.removeprefix(first)
    made = _tried(client, live.name, words.tried, text)
    if made is None or (made.handler, made.entrypoint) != (live.function.handler, live.function.entrypoint):
        return None
    notes = [*words.notes]
    if _checksum(made) != live.function.code_checksum:
        notes.append(f"{_ANEW}: the file of a cell begins with a line of its own")
    return Pulled(live.name, f"%%fcdeploy {' '.join([live.name, *words.said])}\n{text}", tuple(notes))


def _only_file(code: bytes) -> str:
    """Nothing if there are several, or if a notebook would change it."""
    found = archive.unpack(code)
    if found.files is None or len(found.files.files) != 1:
        return ""
    try:
        text = next(iter(found.files.files.values())).decode()
    except UnicodeDecodeError:
        return ""
    return "" if "\r" in text or "\0" in text else text


def _as_files(live: Live, code: bytes, client: Client, words: Words, out: str, force: bool) -> Pulled:
    found = archive.unpack(code)
    if found.files is None:
        package = Export(live.name, "zip", {f"{live.name}.zip": code}).write(out, force)
        words.notes.append(f"the code stays a ZIP: {found.why}")
        return _line(live, words, [lines.option("code", _place(package.files[0][0]))], package.files)
    home = out or live.name
    export = Export(live.name, "folder", found.files.files, home, found.files.executable)
    paths = export.paths(Path(home).expanduser())
    missing = {inside: raw for inside, raw in found.files.files.items() if not _holds(paths[inside], raw)}
    if missing:
        Export(live.name, "folder", missing, home, found.files.executable).write(home, force)
    folder = [lines.option("folder", _place(home))]
    made = _tried(client, live.name, [*folder, *words.tried], "")
    if made and _checksum(made) != live.function.code_checksum:
        why = f"{home} has other files, too" if found.same else "its package was made by another program"
        words.notes.append(f"{_ANEW}: {why}")
    files = tuple((str(paths[inside]), len(raw)) for inside, raw in found.files.files.items())
    return _line(live, words, folder, files)


def _holds(path: Path, raw: bytes) -> bool:
    return path.is_file() and path.read_bytes() == raw


def _place(path: str) -> str:
    """As a cell names it: from the working directory, if it is below that."""
    near = os.path.relpath(Path(path).expanduser())
    return str(path) if near.startswith("..") else near


def _line(live: Live, words: Words, code: Sequence[str], files: tuple[tuple[str, int], ...] = ()) -> Pulled:
    # IPython takes no cell magic without a cell below it
    line = f"%fcdeploy {' '.join([live.name, *code, *words.said])}"
    return Pulled(live.name, line, tuple(words.notes), files)


# ---------------------------------------------------------------- what a cell means


def _tried(client: Client, name: str, words: Sequence[str], body: str) -> Deployment | None:
    """What ``%%fcdeploy`` makes of a line and a cell; None if it would refuse them."""
    try:
        # what runs there already is compared, not judged
        asked = options.parse(" ".join([name, *words, "--force"]))
        one = Asked.of(asked, Head("", body=body), asked.overrides, client.settings.runtime)
        built = build(replace(one, libraries=False))
        return client.complete(built.fields)
    except FcError:
        return None


def _checksum(made: Deployment) -> str:
    return crc64(made.code.zip) if isinstance(made.code, Inline) else ""

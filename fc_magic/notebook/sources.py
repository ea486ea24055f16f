"""Which code a deployment has: the cell, the files of a folder, or what another option names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fc_magic.errors import CellError, UsageError
from fc_magic.notebook import cell as python
from fc_magic.notebook import javascript
from fc_magic.notebook import program as programs
from fc_magic.package.contents import CELL, Contents
from fc_magic.package.folder import read_folder, read_zip

#: runtimes that no cell is code for: what they begin with -> what they run, and what a person gives for it
_NO_CELL = {
    "java": ("runs compiled classes", "--code DIR of the classes and jars, or --code FILE.zip"),
    "go": ("runs a compiled program", "--code DIR with the program, or --code FILE.zip"),
    "dotnet": ("runs compiled assemblies", "--code DIR that dotnet publish wrote, or --code FILE.zip"),
    "php": ("runs PHP, and a cell is Python, JavaScript or a whole program", "--code DIR with index.php"),
    "custom-container": (
        "runs an image, which has the code in it",
        "%fcdeploy NAME --image-url IMAGE, on a line of its own",
    ),
}
_HERE = Path()
SOURCES = ("zip_file", "image_url", "custom_container_config", "oss_bucket", "oss_object_key", "code")


@dataclass(frozen=True)
class Found:
    """``fields`` of the deployment; ``contents`` the files of its code, if they are here and not named elsewhere;
    ``inside`` those of a ZIP that is sent as it is."""

    fields: dict[str, Any]
    warnings: tuple[str, ...] = ()
    contents: Contents | None = None
    inside: Contents | None = None


def read(
    settings: dict[str, Any],
    cell: str,
    runtime: str,
    folder: str = "",
    base: Path = _HERE,
    mixed: bool = False,
    skipped: int = 0,
) -> Found:
    """The deployment's fields with the cell as the code, unless another code source is named; and warnings.

    ``base``: what paths are seen from; ``mixed``: other files go beside the code, so a ZIP has to be opened;
    ``skipped``: how many lines stand before the magic's, which are empty in a Python file.
    """
    source = named(settings)
    if folder:
        return Found(settings, _ignored("folder", cell), _of_folder(folder, source, base))
    if source:
        return _elsewhere(settings, source, cell, base, mixed)
    for begin, (runs, hint) in _NO_CELL.items():
        if runtime.startswith(begin):
            raise CellError(f"the cell cannot become a function of {runtime}: that {runs}", hint=hint)
    if runtime.startswith("custom"):
        program = programs.read(cell, str(settings.get("entrypoint", "")), skipped)
        return Found(settings, (), _of_cell(program.files, program.executable))
    names = str(settings.get("handler", "")), str(settings.get("entrypoint", ""))
    # node20 is no runtime, and refused as such: the cell is JavaScript all the same
    is_javascript = runtime.startswith("node")
    if is_javascript:
        found = javascript.checked(javascript.read(cell, *names), skipped)
    else:
        found = python.read(cell, *names, skipped)
    return Found({**settings, "handler": found.handler}, found.warnings, _of_cell(found.files))


def _of_cell(files: Mapping[str, bytes], executable: frozenset[str] = frozenset()) -> Contents:
    return Contents(files, executable, dict.fromkeys(files, CELL))


def named(settings: dict[str, Any]) -> str:
    """The field that says where the code is, if that is not the cell."""
    return next((name for name in SOURCES if settings.get(name)), "")


def _ignored(source: str, cell: str) -> tuple[str, ...]:
    return (
        (f"the cell's own code was ignored: --{source.replace('_', '-')} is given",) if cell.strip() else ()
    )


def _of_folder(folder: str, other: str, base: Path, option: str = "--folder") -> Contents:
    if other:
        what = f"there are two sources: {option}, --{other.replace('_', '-')}"
        raise UsageError(what, hint=f"{option} {folder}")
    found = read_folder(base / Path(folder).expanduser(), f"{option} DIR")
    return Contents(found.files, found.executable, dict.fromkeys(found.files, f"{option} {folder}"))


def _elsewhere(settings: dict[str, Any], source: str, cell: str, base: Path, mixed: bool) -> Found:
    """``--code DIR`` and ``--code FILE.zip`` are on this machine; a URL, base64 and all other sources stay as they
    are, and then nothing can be put beside the code."""
    path = _local(settings, base) if source == "code" else None
    warnings = _ignored(source, cell)
    if path is None:
        if mixed:
            what = f"the code is somewhere else: --{source.replace('_', '-')} is given"
            hint = "--code DIR or --code FILE.zip of this machine, or the cell itself"
            raise UsageError(f"nothing can be put beside it, {what}", hint=hint)
        return Found(settings, warnings)
    kept = {name: value for name, value in settings.items() if name != "code"}
    if path.is_dir():
        return Found(kept, warnings, _of_folder(settings["code"], "", base, "--code"))
    raw, found = read_zip(path, "--code FILE.zip")
    whose = dict.fromkeys(found.files, f"--code {settings['code']}")
    contents = Contents(found.files, found.executable, whose)
    return (
        Found(kept, warnings, contents)
        if mixed
        else Found({**settings, "code": raw}, warnings, None, contents)
    )


def _local(fields: dict[str, Any], base: Path) -> Path | None:
    code = fields["code"]
    if not isinstance(code, str) or "://" in code or len(code) > 1000:
        return None
    path = base / Path(code).expanduser()
    if path.is_file() or path.is_dir():
        return path
    if code.endswith((".zip", "/")) or code.startswith((".", "~")):
        hint = "--code DIR, --code FILE.zip or --code URL"
        raise UsageError(f"--code {code}: there is no such file or folder", hint=hint)
    return None

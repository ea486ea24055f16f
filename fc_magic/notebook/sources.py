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
from fc_magic.package.contents import Contents
from fc_magic.package.folder import read_folder

_OTHER_LANGUAGES = ("java", "go", "php", "dotnet", "custom-container")
SOURCES = ("zip_file", "image_url", "custom_container_config", "oss_bucket", "oss_object_key", "code")


@dataclass(frozen=True)
class Found:
    """``fields`` of the deployment; ``contents`` the files of its code, if they are here and not named elsewhere."""

    fields: dict[str, Any]
    warnings: tuple[str, ...] = ()
    contents: Contents | None = None


def read(settings: dict[str, Any], cell: str, runtime: str, folder: str = "") -> Found:
    """The deployment's fields with the cell as the code, unless another code source is named; and warnings."""
    source = named(settings)
    if folder:
        return Found(settings, _ignored("folder", cell), _of_folder(folder, source))
    if source:
        return Found({**settings, **_local_zip(settings)}, _ignored(source, cell))
    if runtime.startswith(_OTHER_LANGUAGES):
        raise CellError(
            f"a cell can become a function in Python or JavaScript, not yet one of {runtime}",
            hint="give its ZIP: --zip-file URL or --code FILE.zip",
        )
    if runtime.startswith("custom"):
        program = programs.read(cell, str(settings.get("entrypoint", "")))
        return Found(settings, (), _of_cell(program.files, program.executable))
    names = str(settings.get("handler", "")), str(settings.get("entrypoint", ""))
    # node20 is no runtime, and refused as such: the cell is JavaScript all the same
    is_javascript = runtime.startswith("node")
    found = javascript.checked(javascript.read(cell, *names)) if is_javascript else python.read(cell, *names)
    return Found({**settings, "handler": found.handler}, found.warnings, _of_cell(found.files))


def _of_cell(files: Mapping[str, bytes], executable: frozenset[str] = frozenset()) -> Contents:
    return Contents(files, executable, dict.fromkeys(files, "the cell"))


def named(settings: dict[str, Any]) -> str:
    """The field that says where the code is, if that is not the cell."""
    return next((name for name in SOURCES if settings.get(name)), "")


def _ignored(source: str, cell: str) -> tuple[str, ...]:
    return (
        (f"the cell's own code was ignored: --{source.replace('_', '-')} is given",) if cell.strip() else ()
    )


def _of_folder(folder: str, other: str) -> Contents:
    if other:
        what = f"there are two sources: --folder, --{other.replace('_', '-')}"
        raise UsageError(what, hint=f"--folder {folder}")
    found = read_folder(Path(folder).expanduser())
    return Contents(found.files, found.executable, dict.fromkeys(found.files, f"--folder {folder}"))


def _local_zip(fields: dict[str, Any]) -> dict[str, Any]:
    """``--code FILE.zip``: the bytes of a ZIP on this machine; a URL or base64 stays as it is."""
    code = fields.get("code")
    if not isinstance(code, str) or "://" in code or len(code) > 1000:
        return {}
    if Path(code).is_file():
        return {"code": Path(code).read_bytes()}
    if code.endswith(".zip"):
        raise UsageError(f"--code {code}: there is no such file", hint="--code FILE.zip, or --zip-file URL")
    return {}

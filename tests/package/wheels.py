"""Wheels as others make them, for what reads them."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path

from fc_magic.package.contents import Wheel

DATED = (2024, 5, 6, 7, 8, 10)


def entry(path: str, mode: int = 0o100644, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(path, DATED)
    made.external_attr, made.compress_type = mode << 16, method
    return made


def metadata(name: str, version: str, *needs: str) -> bytes:
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    return "\n".join([*lines, *(f"Requires-Dist: {need}" for need in needs), ""]).encode()


def wheel(
    folder: Path,
    name: str,
    files: Mapping[str, bytes],
    version: str = "1.0",
    *,
    needs: tuple[str, ...] = (),
    modes: Mapping[str, int] | None = None,
    method: int = zipfile.ZIP_DEFLATED,
    streamed: bool = False,
    why: str = "",
) -> Wheel:
    """``streamed``: written to a pipe, so that sizes stand behind each file."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    whole = {
        **files,
        f"{info}/METADATA": metadata(name, version, *needs),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\n",
        f"{info}/RECORD": b"".join(f"{path},,\n".encode() for path in files),
    }
    with open(path, "wb") as file:
        target = _Pipe(file) if streamed else file
        with zipfile.ZipFile(target, "w") as archive:  # type: ignore[arg-type]
            for inside, raw in whole.items():
                archive.writestr(entry(inside, (modes or {}).get(inside, 0o100644), method), raw)
    return of(path, why)


class _Pipe:
    def __init__(self, file: object) -> None:
        self.write, self.flush = file.write, file.flush  # type: ignore[attr-defined]


def of(path: Path, why: str = "") -> Wheel:
    name, version = path.name.split("-")[:2]
    return Wheel(name, version, path, hashlib.sha256(path.read_bytes()).hexdigest(), why)

"""What a call is served by: a function as it was deployed, or one of its versions."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from fc_magic.server.worker.fleet import Revision
from fc_magic.wire.results import LATEST, Function


class Live(NamedTuple):
    """LATEST or a version of a function, the folders of its unpacked code and of each layer, whose instances serve
    it, and how many of them the function may have (None: as many as any)."""

    function: Function
    folders: tuple[Path, ...]
    revision: Revision
    most: int | None = None


def place(name: str, qualifier: str = LATEST) -> str:
    """Whose instances: LATEST and every version have their own."""
    return name if qualifier == LATEST else f"{name}/{qualifier}"


def revision(function: Function) -> Revision:
    """What an instance is started for. Revisions begin anew when a name is deleted and made again: the id tells."""
    return place(function.name, function.qualifier), f"{function.function_id}/{function.revision}"


def live(function: Function, folders: tuple[Path, ...], most: int | None) -> Live:
    return Live(function, folders, revision(function), most)

"""What a line and a cell ask for of libraries -> their wheels, by way of the lock beside the notebook."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from fc_magic.errors import UsageError
from fc_magic.package.contents import Contents
from fc_magic.package.wanted import LOCK_NAME, Wanted, gather
from fc_magic.package.workplace import Workplace

if TYPE_CHECKING:
    from fc_magic.notebook.build import Asked

#: options that say something of libraries
OPTIONS = ("requirements", "locked", "upgrade")
_PINNED = re.compile(r"==\s*(3\.\d+)")


def of(asked: Asked, at: Workplace | None = None) -> Contents:
    """Nothing, at once, if nothing is asked for. Raises UsageError, PackageError."""
    if not asked.libraries:
        return Contents()
    wanted = gather(asked.every("requirements"), _cell(asked), asked.base)
    if not wanted and not asked.has("locked"):
        return Contents()
    from fc_magic.package import dependencies, platforms

    lock = f"pylock.{asked.name}.toml"
    how = dependencies.How(
        asked.base / lock if LOCK_NAME.fullmatch(lock) else None,  # a name that no function can have
        asked.base,
        asked.name,
        f"%%fcdeploy {asked.name} --upgrade",
        asked.has("locked"),
        asked.has("upgrade"),
        asked.has("dry-run"),
    )
    platform = platforms.of(asked.runtime, _python(asked, wanted))
    found = dependencies.of(wanted, platform, at or Workplace.usual(), how)
    return Contents(wheels=found.wheels, warnings=found.warnings)


def none_with(source: str, asked: Asked) -> None:
    """Raises UsageError for libraries of code that is packed already."""
    said = next((f"--{option}" for option in OPTIONS if asked.has(option)), "")
    if said:
        raise UsageError(
            f"{said} goes with a cell or a folder: what {source} names is packed already",
            hint="--code DIR, or put the libraries into a layer: %fclayer NAME --requirements TEXT",
        )


def _cell(asked: Asked) -> str:
    """The text whose comments count: of a cell that is the code. The magic's own line is the first."""
    is_python = asked.runtime.startswith(("python", "custom"))
    return "\n" * (asked.skipped + 1) + asked.cell if is_python and not asked.has("folder") else ""


def _python(asked: Asked, wanted: Wanted) -> Iterator[str]:
    """Where the Python of a custom runtime is named: by the cell, its command, PATH, or a layer that brings it."""
    pinned = _PINNED.search(wanted.python)
    if pinned:
        yield f"python{pinned[1]}"
        return
    yield str(asked.settings.get("entrypoint") or "")
    yield from _words(asked.settings.get("environment"))
    yield from _words(asked.settings.get("layers"))
    first = asked.cell.lstrip().partition("\n")[0]
    if first.startswith("#!"):
        yield first


def _words(thing: Any) -> Iterator[str]:
    if isinstance(thing, dict):
        yield from (str(value) for value in thing.values())
    elif isinstance(thing, list | tuple):
        for one in thing:
            yield from _words(one) if isinstance(one, dict) else (str(one),)

"""``%fctarget``: shows where functions go, or sends them elsewhere from now on.

Imported by ``%load_ext`` with the others, so what takes time to import is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from fc_magic.errors import UsageError
from fc_magic.notebook import place

if TYPE_CHECKING:
    from fc_magic.notebook.reach import Reach
    from fc_magic.notebook.target import TargetView

_USAGE = "%fctarget [local|REGION|URL] [--api v2|fc3] [--yes]"


def table(reach: Reach) -> list[tuple[str, Callable[..., Any], Callable[[], str]]]:
    """(name, what runs, what its help says), as the other magics have it."""

    def fctarget(line: str, cell: str | None = None) -> TargetView:
        from fc_magic.notebook.line import grammar
        from fc_magic.notebook.target import TargetView

        asked, rest = place.taken(line)
        words = [word.text for word in grammar.split(rest)]
        if len(words) > 1 or any(word.startswith("-") for word in words):
            raise UsageError(f"{rest.strip()!r} is not one target", hint=_USAGE)
        client = reach.choose(asked._replace(target=words[0]) if words else asked)
        isolation = client.isolation() if client.target.name == "local" else None
        return TargetView(client.target, reach.resolved(client), isolation)

    return [("fctarget", fctarget, lambda: f"{_USAGE}: shows or changes where functions go")]

"""``--target``, ``--api`` and ``--yes``: where one line goes. Every magic takes them.

Imported by ``%load_ext``, so what takes time to import is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fc_magic.errors import UsageError

#: option -> what it does
OPTIONS = {
    "target": "goes to local, a region or a URL instead of the notebook's target",
    "api": "speaks v2, the deployments API, or fc3, Function Compute 3.0's own",
}
FLAGS = {"yes": "agrees to writing to the cloud"}
#: how a function is called asynchronously -> whether a value follows; these stand before the event as well
CALLS = {"--async": False, "--delay": True, "--task": True}


class Place(NamedTuple):
    """What a line says of where it goes; empty: as the notebook does."""

    target: str = ""
    api: str = ""
    yes: bool = False


def of(given: Mapping[str, str]) -> Place:
    """From options that were read already. Raises UsageError."""
    from fc_magic.config import APIS

    api = given.get("api", "")
    if api and api not in APIS:
        raise UsageError(f"--api {api}: must be {' or '.join(APIS)}", hint=f"--api {APIS[0]}")
    return Place(given.get("target", ""), api, "yes" in given)


def taken(line: str, names: int = 0) -> tuple[Place, str]:
    """The place of a line, and the line without it. Raises UsageError.

    ``names``: so many plain words may come, the options before or between them; what follows is taken as it is,
    as an event is. 0: the options may stand anywhere.
    """
    if "--" not in line:
        return Place(), line  # nearly every line
    import re

    words = re.compile(r"""(?:[^\s"']|"(?:\\.|[^"\\])*"|'[^']*'|["'])+""")
    given: dict[str, str] = {}
    kept: list[str] = []
    plain = at = 0
    while found := words.search(line, at):
        word, equals, value = found[0].partition("=")
        option = word.removeprefix("--") if word.startswith("--") else ""
        if option in FLAGS and not equals:
            given[option] = "yes"
        elif option in OPTIONS:
            if not equals:
                behind = words.search(line, found.end())
                found, value = (behind or found), (behind[0] if behind else "")
            if not value or value.startswith("--"):
                raise UsageError(f"--{option} has no value", hint=_HINTS[option])
            given[option] = value.strip("\"'")
        elif names and word in CALLS:
            kept.append(found[0])
            if CALLS[word] and not equals and (behind := words.search(line, found.end())):
                kept.append(behind[0])
                found = behind
        elif names and plain == names:
            return of(given), " ".join([*kept, line[found.start() :]])
        else:
            kept.append(found[0])
            plain += 1
        at = found.end()
    return of(given), " ".join(kept) if given else line


_HINTS = {"target": "--target cn-hangzhou", "api": "--api fc3"}

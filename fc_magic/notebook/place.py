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


def explained() -> dict[str, str]:
    """What a help says of them."""
    from fc_magic.language.speech import translated

    options = {f"--{name} {name.upper()}": translated(what) for name, what in OPTIONS.items()}
    return {**options, **{f"--{name}": translated(what) for name, what in FLAGS.items()}}


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
    from fc_magic.notebook.line import grammar

    given: dict[str, str] = {}
    kept: list[str] = []
    plain = end = 0
    words = grammar.each(line)
    for word in words:
        spelled, equals, value = word.parted()
        option = spelled.removeprefix("--") if spelled.startswith("--") else ""
        if names and plain == names and not (option in (*FLAGS, *OPTIONS) or spelled in CALLS):
            break
        end = word.end
        if option in FLAGS and not equals:
            given[option] = "yes"
        elif option in OPTIONS:
            behind = value if equals else next(words, None)
            if behind is None or not behind.text or behind.text.startswith("--"):
                raise UsageError(f"--{option} has no value", hint=_HINTS[option])
            given[option], end = behind.text, behind.end
        else:
            takes = bool(names) and CALLS.get(spelled, False) and not equals
            end = next((one.end for one in words), end) if takes else end
            kept.append(line[word.start : end])
            plain += spelled not in CALLS or not names
    rest = [*kept, line[end:].strip()] if names else kept
    return of(given), " ".join(filter(None, rest)) if given else line


_HINTS = {"target": "--target cn-hangzhou", "api": "--api fc3"}

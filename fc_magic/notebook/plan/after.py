"""What a deployment changed, in a few words for its card, and which names of the notebook went along."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fc_magic.errors import FcError
from fc_magic.language.speech import say
from fc_magic.notebook.plan import changes, files, live
from fc_magic.notebook.plan.card import counted
from fc_magic.notebook.plan.changes import Change
from fc_magic.notebook.plan.live import Inside
from fc_magic.package.platforms import normalized
from fc_magic.wire.results import LATEST, Function

if TYPE_CHECKING:
    from fc_magic.client.client import Client
    from fc_magic.notebook.build import Built
    from fc_magic.notebook.packages import Noted

#: code that is fetched to say what became another
MOST_FETCHED = 1 << 20


def told(client: Client, function: Function, built: Built, kept: Noted | None = None) -> Function:
    """``kept``: of what was deployed before from here. Nothing of it may fail a deployment that is done."""
    if function.outcome == "unchanged":
        return function
    changed: tuple[str, ...] = ()
    if function.outcome == "updated" and function.before:
        changed = tuple(_changed(client, function.before, function, built, kept))
        if not changed and function.before.version in (LATEST, "") and function.version != LATEST:
            changed = (say("version {0} published", function.version),)
    return dataclasses.replace(function, changed=changed, along=_along(built))


def _changed(
    client: Client, before: Function, function: Function, built: Built, kept: Noted | None
) -> Iterator[str]:
    is_other = before.code_checksum != function.code_checksum
    inside = _inside_before(client, before, kept) if is_other else None
    if is_other:
        yield from _source(inside, built)
    yield from map(phrase, changes.of_settings(before.settings(), function.settings()))
    (had, had_ours), (has, has_ours) = _layers(before), _layers(function)
    named = [phrase(one) for one in changes.of_versions(say("layer"), dict(had), dict(has))]
    yield from named or [say("{0} changed", say("layers"))] * (had != has)
    if had_ours != has_ours or (inside and not has_ours):
        yield from map(phrase, _libraries(client, before, inside, built))


def _layers(function: Function) -> tuple[list[tuple[str, str]], set[str]]:
    """A person's own with their versions, and the names of those of libraries."""
    own = [(one.name, one.version) for one in function.layers if not live.is_ours(one.name)]
    return own, {one.name for one in function.layers if live.is_ours(one.name)}


def phrase(change: Change) -> str:
    """``memory 256 → 512 MB``"""
    was, will = change.before, change.after
    if not was:
        return say("{0} added", change.setting)
    if not will:
        return say("{0} removed", change.setting)
    if change.setting.startswith("env "):
        return f"{change.setting} {will}"
    if change.setting.startswith("trigger ") or len(was) + len(will) > 40:
        return say("{0} changed", change.setting)
    value, _, unit = was.rpartition(" ")
    same = value.isdecimal() and will.endswith(f" {unit}")
    return f"{change.setting} {value if same else was} → {will}"


def _libraries(client: Client, before: Function, inside: Inside | None, built: Built) -> Iterator[Change]:
    had = {**dict(live.of_layers(client, before.layers)), **(inside.libraries if inside else {})}
    wheels = built.contents.wheels if built.contents else ()
    has = {normalized(one.name): one.version for one in wheels}
    for change in changes.of_versions("", had, has):
        yield dataclasses.replace(change, setting=change.setting.strip())


def _source(inside: Inside | None, built: Built) -> Iterator[str]:
    found = files.compared(inside.files, built.contents.files) if inside and built.contents else ()
    if not found:
        yield say("code changed")
        return
    for one in found:
        if one.before is None:
            yield say("{0} added", one.path)
        elif one.after is None:
            yield say("{0} removed", one.path)
        else:
            yield f"{one.path} {counted(one)}" if one.is_counted else say("{0} changed", one.path)


def _inside_before(client: Client, before: Function, kept: Noted | None) -> Inside | None:
    """As it was packed here, else that of the version that was deployed before, where that is quick."""
    if kept and kept.files and kept.checksum == before.code_checksum:
        return Inside(kept.files, frozenset(), dict(live.versions(kept.libraries)))
    if client.target.is_cloud or before.version in (LATEST, "") or before.code_size > MOST_FETCHED:
        return None
    try:
        return live.opened(client.code(before.name, before.version))
    except FcError:
        return None


def _along(built: Built) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if built.sliced is None:
        return (), ()
    parts = [part for part in built.sliced.parts if part.kind not in ("cell", "import")]
    names = dict.fromkeys(name for part in parts for name in built.sliced.named(part))
    cells = sorted({part.cell for part in parts if part.cell is not None})
    return tuple(names), tuple(f"In[{number}]" for number in cells)

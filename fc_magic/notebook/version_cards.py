"""Cards of versions and aliases: what was published when, what is deployed, and who leads to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from fc_magic.language.speech import say
from fc_magic.notebook import words
from fc_magic.notebook.card import Block, Card, Line, Pieces, Rows, Span, joined
from fc_magic.wire.aliases import Alias
from fc_magic.wire.versions import FunctionVersions, Version

_HEADER = ("version", "published", "aliases", "description")


def versions_card(versions: FunctionVersions, now: datetime) -> Card:
    name = versions.function
    if not versions:
        nothing = Line(say("{0} has no version yet; a deployment without --publish false makes one.", name))
        return Card((nothing, Line(Span(f"%%fcdeploy {name}", "code"), indent=2)))
    rows = tuple(_row(version, versions, now) for version in versions)
    head = Line([Span(name, "strong"), "  ", Span(_deployed(versions), "plain")], "head")
    blocks: list[Block] = [
        head,
        Rows(rows, tuple(map(say, _HEADER)), frozenset({0})),
        Line(_next_steps(versions), indent=2),
    ]
    return Card(tuple(blocks))


def _deployed(versions: FunctionVersions) -> str:
    if versions.deployed:
        return say("version {0} is deployed", versions.deployed)
    return say("what is deployed is no version")


def _row(version: Version, versions: FunctionVersions, now: datetime) -> tuple[Pieces, ...]:
    sign = "→ " if version.id == versions.deployed else ""
    return (
        Span(f"{sign}{version.id}", "strong"),
        Span(words.ago(version.created_time, now), title=version.created_time),
        ", ".join(_leads(version.id, versions.aliases)) or "–",
        version.description or "–",
    )


def _leads(version: str, aliases: Iterable[Alias]) -> Iterator[str]:
    for alias in aliases:
        share = alias.shares.get(version, 0.0)
        if share:
            yield alias.name if share == 1 else f"{alias.name} {_percent(share)}"


def _percent(share: float) -> str:
    return f"{share * 100:.4g}%"


def _next_steps(versions: FunctionVersions) -> Pieces:
    name, first = versions.function, versions[0].id
    steps = (f"%fcrollback {name}", f"%fcalias {name} prod --version {first}", f"%fcinvoke {name}:{first}")
    return joined([Span(step, "code") for step in steps], "   ·   ")


def alias_card(alias: Alias, where: str, now: datetime) -> Card:
    changed = alias.last_modified_time
    parts = joined(
        [
            Span(say("on {0}", where), "plain") if where else "",
            Span(say("changed {0}", words.ago(changed, now)), "plain", title=changed) if changed else "",
        ]
    )
    plain = (part if isinstance(part, Span) else Span(part, "plain") for part in parts)
    head = Line([Span(f"{alias.function}:{alias.name}", "strong"), "  ", *plain], "head")
    rows = tuple(
        (Span(say("version {0}", version)), say("{0} of the calls", _percent(share)))
        for version, share in alias.shares.items()
    )
    steps = (f"%fcinvoke {alias.function}:{alias.name}", f"%fcversions {alias.function}")
    said = [Line(alias.description, indent=2)] if alias.description else []
    return Card(
        (head, Rows(rows), *said, Line(joined([Span(s, "code") for s in steps], "   ·   "), indent=2)), "ok"
    )

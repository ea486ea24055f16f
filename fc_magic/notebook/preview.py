"""What ``--dry-run`` shows: the exact source that would be sent, each part with its cell, and the files beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from fc_magic.language.speech import say, translated
from fc_magic.notebook import words
from fc_magic.notebook.card import Block, Card, Line, Listing, Pieces, Span, joined
from fc_magic.notebook.cell import FIRST_LINE
from fc_magic.notebook.plan import card
from fc_magic.notebook.plan.comparing import UNCHANGED, UPDATED
from fc_magic.notebook.secrets import in_file, masked
from fc_magic.package.contents import CELL
from fc_magic.package.layered import labels
from fc_magic.slicing.result import Part
from fc_magic.wire.source import InFile

_OWN = "this cell"

if TYPE_CHECKING:
    from fc_magic.notebook.build import Built
    from fc_magic.notebook.plan.comparing import Plan


@dataclass(frozen=True)
class Preview:
    """A deployment that was built and not sent. ``source`` is the text of the file that the cell became; ``plan`` is
    what it would change."""

    name: str
    built: Built
    plan: Plan | None = None

    @property
    def source(self) -> str:
        if self.built.sliced:
            return self.built.sliced.source
        return self.built.contents.files[self._path].decode() if self.built.contents and self._path else ""

    @property
    def shown(self) -> str:
        """The source without its secrets, whatever language it is of."""
        built = self.built
        return masked(self.source, built.secrets if built.sliced else in_file(self._path, self.source))

    @property
    def _path(self) -> str:
        reasons = self.built.contents.reasons if self.built.contents else {}
        return next((path for path, why in reasons.items() if why == CELL), "")


def preview_card(preview: Preview, where: str) -> Card:
    built, plan = preview.built, preview.plan
    code = built.fields.get("code")
    size = len(code) if isinstance(code, bytes | InFile) else 0
    live = plan.function if plan else None
    version = say("version {0}", live.version) if live else ""
    said = joined([card.headline(plan, where), version, words.size(size) if size else ""])
    head: Pieces = [
        Span(f"{card.sign(plan)} {preview.name}", "strong"),
        "  ",
        *(Span(str(p), "plain") for p in said),
    ]
    blocks: list[Block] = [Line(head, "head"), *_middle(preview)]
    warnings = [Line(f"⚠ {translated(text)}", "warn", indent=2) for text in built.warnings]
    blocks += warnings
    if not is_compared(plan):
        blocks += _source(preview)
    blocks += card.ending(plan) if plan else [Line(say("Nothing was sent."), "dim")]
    return Card(tuple(blocks), "warn" if warnings or (plan and plan.notes) else "")


def is_compared(plan: Plan | None) -> bool:
    """Whether what differs is shown, and not all there is."""
    return plan is not None and plan.outcome in (UPDATED, UNCHANGED)


def _middle(preview: Preview) -> Iterator[Block]:
    if preview.plan and is_compared(preview.plan):
        yield from card.difference(preview.plan)
    else:
        yield from card.settings(preview.plan) if preview.plan else ()
        yield from _files(preview)


def _source(preview: Preview) -> Iterator[Block]:
    """The source, and before each part which cell it is from."""
    sliced = preview.built.sliced
    if sliced is None or len(sliced.parts) == 1:
        if preview.source:
            lines = preview.shown.rstrip("\n").split("\n")
            yield Listing(tuple(lines), indent=2, kind="source")
        return
    # the file's first line is from no cell
    first, *rest = sliced.parts
    parts = (replace(first, text=first.text.removeprefix(FIRST_LINE)), *rest)
    labelled = [(label, "".join(part.text for part in group)) for label, group in groupby(parts, key=_label)]
    width = max(words.width(label) for label, _ in labelled)
    for label, text in labelled:
        lines = masked(text, preview.built.secrets).strip("\n").split("\n")
        yield Listing(tuple(lines), indent=2, label=words.pad(label, width), kind="source")


def _label(part: Part) -> str:
    if part.kind == "cell":
        return say(_OWN)
    if part.cell is not None:
        return f"In[{part.cell}]"
    return say("a cell") if part.line else say("as now")


def _files(preview: Preview) -> Iterator[Block]:
    contents = preview.built.contents
    if contents is None:
        return
    rows: list[tuple[Pieces, ...]] = [
        (
            Span(path, "code"),
            Span(words.size(len(raw)), title=say("{0} bytes", len(raw))),
            _why(preview, path),
        )
        for path, raw in sorted(contents.files.items())
    ]
    yield from card.bounded(rows, right=frozenset({1}))
    if contents.wheels:
        yield Line(_libraries(preview.built, labels(contents.wheels)), indent=2)


def _libraries(built: Built, names: tuple[str, ...]) -> Pieces:
    layers = [say("layer {0}, {1}", one.name, words.size(one.libraries.size)) for one in built.layers]
    where = say(" and ").join(layers) or say("the ZIP")
    return [Span(say("libraries"), "dim"), "  ", Span(say("{0}  in {1}", ", ".join(names), where), "plain")]


def _why(preview: Preview, path: str) -> str:
    contents, sliced = preview.built.contents, preview.built.sliced
    why = contents.reasons.get(path, "") if contents else ""
    if why != CELL or sliced is None or len(sliced.parts) == 1:
        return translated(why)
    numbers = sorted({p.cell for p in sliced.parts if p.cell is not None and p.kind != "cell"})
    made = any(part.cell is None for part in sliced.parts)
    places = [f"In[{number}]" for number in numbers]
    return say(", ").join([translated(why), *places, *([say("values as they are now")] if made else [])])

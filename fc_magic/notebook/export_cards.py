"""Cards of what was exported, and of a function that became a cell: files with sizes, notes, the next step."""

from __future__ import annotations

from collections.abc import Sequence

from fc_magic.export.result import Pulled, Written
from fc_magic.language.speech import counted, say, translated
from fc_magic.notebook import words
from fc_magic.notebook.card import Block, Card, Line, Listing, Piece, Rows, Span, joined

#: files that are named one by one, and lines of a cell that are seen at once
NAMED, LINES = 4, 4


def written_card(written: Written) -> Card:
    head: list[Piece] = [
        Span(f"{_sign(written.notes)} {written.name}", "strong"),
        "  ",
        Span(say("exported as {0}", written.kind), "plain"),
    ]
    blocks: list[Block] = [Line(head, "head"), *_files(written.files), *_notes(written.notes)]
    if written.step:
        blocks.append(Line(Span(written.step, "code"), indent=2))
    return Card(tuple(blocks), _kind(written.notes))


def pulled_card(pulled: Pulled, where: str) -> Card:
    said = joined(
        [say("pulled from {0}", where) if where else say("pulled"), say("the next cell deploys it")]
    )
    head: list[Piece] = [
        Span(f"{_sign(pulled.notes)} {pulled.name}", "strong"),
        "  ",
        *(Span(str(p), "plain") for p in said),
    ]
    cell = Listing(tuple(pulled.cell.splitlines()), LINES, indent=2, kind="source")
    return Card((Line(head, "head"), *_files(pulled.files), *_notes(pulled.notes), cell), _kind(pulled.notes))


def _sign(notes: Sequence[str]) -> str:
    return "⚠" if notes else "✓"


def _kind(notes: Sequence[str]) -> str:
    return "warn" if notes else "ok"


def _files(files: Sequence[tuple[str, int]]) -> list[Block]:
    if not files:
        return []
    rows = [
        (Span(path, "code"), Span(words.size(size), title=say("{0} bytes", size)))
        for path, size in files[:NAMED]
    ]
    left = files[NAMED:]
    if left:
        total = sum(size for _, size in left)
        rows.append(
            (
                Span(counted(len(left), "and {0} more file", "and {0} more files")),
                Span(words.size(total), title=say("{0} bytes", total)),
            )
        )
    return [Rows(tuple(rows), right=frozenset({1}))]


def _notes(notes: Sequence[str]) -> list[Block]:
    return [Line(f"⚠ {translated(text)}", "warn", indent=2) for text in notes]

"""A card: what is shown of one thing, as blocks; and the text face of each block.

Both faces are made from the same blocks, so they hold the same facts in the same order. ``html.py`` has the
other face. Text is as wide as its terminal, elsewhere under 100 columns; nothing is lost by it, long lines go on
below.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from fc_magic.language.speech import counted, say
from fc_magic.notebook import words
from fc_magic.notebook.watched import is_terminal

COLUMNS = 99
#: in a narrower terminal than this its own line breaks do
LEAST = 40
#: a longer word of a table may be broken
WORD = 24
#: a column of sentences that has less than that is read word by word
NARROW = 36
GAP = "  "
#: a listing that is folded at N lines may take this many times N rows, where its lines are longer than a row
LONG_LINES = 3


@dataclass(frozen=True)
class Span:
    """A piece of a line. ``title``: the exact value behind a rounded one; ``kind``: strong, dim, code or typed,
    which is code to be typed as it is: a table does not break it while there is room."""

    text: str
    kind: str = ""
    title: str = ""
    href: str = ""


Piece = str | Span
Pieces = Piece | Sequence[Piece]


@dataclass(frozen=True)
class Line:
    """One sentence; ``kind``: head, warn, dim or nothing; gap for an empty one that keeps others apart."""

    pieces: Pieces
    kind: str = ""
    indent: int = 0


@dataclass(frozen=True)
class Rows:
    """Cells in columns; ``right`` has the numbers of the columns that are numbers. ``fold``: the word that stands
    for them in html until it is opened."""

    rows: tuple[tuple[Pieces, ...], ...]
    header: tuple[str, ...] = ()
    right: frozenset[int] = frozenset()
    indent: int = 2
    fold: str = ""


@dataclass(frozen=True)
class Tail:
    """Of a listing whose end matters: its last lines are seen at once, the earlier ones stand above, folded or
    counted. ``everything``: what to type for all of them; ``cut``: whether others came before its first line."""

    everything: str = ""
    cut: bool = False

    def said(self, hidden: int) -> str:
        """Of so many earlier lines that are not seen, without what to type."""
        if self.cut:
            earlier = say("{0} earlier lines, others were cut", hidden)
            return earlier if hidden else say("earlier lines were cut")
        return counted(hidden, "{0} earlier line", "{0} earlier lines")


@dataclass(frozen=True)
class Listing:
    """Lines as they are: code, a value, a log. Beyond ``limit`` they are folded (html) or counted (text); the text
    has all of what is ``whole``. ``fold``: a line that stands for them in html until it is opened."""

    lines: tuple[str, ...]
    limit: int = 0
    indent: int = 0
    label: str = ""
    marked: int = -1
    kind: str = ""
    #: of lines that are found by a search; they say so themselves too
    marks: frozenset[int] = frozenset()
    whole: bool = False
    fold: str = ""
    tail: Tail | None = None

    @property
    def shown(self) -> int:
        """How many lines are seen at once: a fold of one or two hides less than its own line takes."""
        count = len(self.lines)
        return self.limit if self.limit and count > self.limit + 2 else count


@dataclass(frozen=True)
class Picture:
    mime: str
    data: bytes
    name: str


@dataclass(frozen=True)
class Chart:
    """Numbers as a drawing: ``svg`` for html, in the colours of the page; ``text`` has the same facts as lines."""

    svg: str
    text: tuple[str, ...]
    indent: int = 2


Block = Line | Rows | Listing | Picture | Chart


@dataclass(frozen=True)
class Card:
    """``kind`` is ok, warn or error: it only colours the edge, the words say it too."""

    blocks: tuple[Block, ...]
    kind: str = ""


def spans(pieces: Pieces) -> list[Span]:
    given = [pieces] if isinstance(pieces, str | Span) else pieces
    return [span for piece in given if (span := Span(piece) if isinstance(piece, str) else piece).text]


def joined(parts: Iterable[Piece], between: str = " · ") -> list[Piece]:
    """The parts that say something, with a separator between them."""
    out: list[Piece] = []
    for part in parts:
        if part.text if isinstance(part, Span) else part:
            out += [between, part] if out else [part]
    return out


def plain(pieces: Pieces) -> str:
    """The text of a line or cell, in one line."""
    return words.clean("".join(s.text for s in spans(pieces))).replace("\n", " ")


def columns() -> int:
    """How wide text is: that of a file or a notebook must not depend on the terminal that it was made in."""
    if not is_terminal():
        return COLUMNS
    return max(shutil.get_terminal_size((COLUMNS + 1, 0)).columns - 1, LEAST)


def as_text(card: Card) -> str:
    room = columns()
    return "\n".join(line for block in card.blocks for line in _text_lines(block, room))


def _text_lines(block: Block, room: int) -> list[str]:
    if isinstance(block, Line):
        return _line(block, room)
    if isinstance(block, Rows):
        return _rows(block, room)
    if isinstance(block, Listing):
        return _listing(block, room)
    if isinstance(block, Chart):
        return [f"{' ' * block.indent}{line}".rstrip() for line in block.text]
    return [f"<{block.name}, {words.size(len(block.data))}>"]


def _line(block: Line, room: int) -> list[str]:
    space, room = " " * block.indent, room - block.indent - 2
    first, *rest = [part for line in _laid(block, room).split("\n") for part in words.wrap(line, room)]
    return [f"{space}{first}".rstrip(), *(f"{space}  {line}".rstrip() for line in rest)]


def _laid(block: Line, room: int) -> str:
    """The text of a line. A short piece of several words begins a new line before it is broken: an id, a command."""
    text = ""
    for piece in (words.clean(span.text) for span in spans(block.pieces)):
        before = words.wrap(text.rpartition("\n")[2], room)[-1]
        is_short = " " in piece.strip() and words.width(piece) <= 2 * room // 3
        if is_short and before.strip() and words.width(before) + words.width(piece.rstrip()) > room:
            text = f"{text.rstrip()}\n"
        text += piece
    return text


def _listing(block: Listing, room: int) -> list[str]:
    if block.tail:
        return _ending(block, block.tail, room)
    shown = block.lines if block.whole else block.lines[: block.shown]
    left_out = len(block.lines) - len(shown)
    label = f"{block.label}{GAP}" if block.label else ""
    space = " " * (block.indent + words.width(label))
    out = [
        space + part
        for line in shown
        for part in words.wrap(words.clean(line).replace("\n", " "), room - len(space))
    ]
    most = LONG_LINES * block.limit
    if block.limit and not block.whole and len(out) > most + 2:  # a few lines may be endless ones
        left_out += len(out) - most
        del out[most:]
    if left_out:
        out.append(f"{space}… {more(left_out)}")
    if out and label:
        out[0] = f"{' ' * block.indent}{label}{out[0][len(space) :]}"
    if block.fold:
        out.insert(0, f"{' ' * block.indent}{words.clean(block.fold)}")
    return [line.rstrip() for line in out]


def _ending(block: Listing, tail: Tail, room: int) -> list[str]:
    label = f"{block.label}{GAP}" if block.label else ""
    space = " " * (block.indent + words.width(label))
    hidden = len(block.lines) - block.shown
    out = [
        space + part
        for line in block.lines[hidden:]
        for part in words.wrap(words.clean(line).replace("\n", " "), room - len(space))
    ]
    most = LONG_LINES * block.limit
    if block.limit and len(out) > most + 2:
        hidden += len(out) - most
        out = out[-most:]
    if hidden or tail.cut:
        said = f"… {tail.said(hidden)}{f': {tail.everything}' if tail.everything else ''}"
        out = [*(space + part for part in words.wrap(said, room - len(space))), *out]
    if out and label:
        out[0] = f"{' ' * block.indent}{label}{out[0][len(space) :]}"
    return [line.rstrip() for line in out]


def more(number: int) -> str:
    return counted(number, "{0} more line", "{0} more lines")


def _rows(block: Rows, room: int) -> list[str]:
    table = [[plain(cell) for cell in row] for row in block.rows]
    if block.header:
        table.insert(0, list(block.header))
    if not table:
        return []
    sides = list(zip_longest(*table, fillvalue=""))
    least = [
        max(min(words.width(word), WORD) for cell in side for word in cell.split() or [""]) for side in sides
    ]
    for row in block.rows:
        for i, cell in enumerate(row):
            if any(span.kind == "typed" for span in spans(cell)):
                least[i] = max(least[i], min(words.width(plain(cell)), room // 2))
    wanted = [max(map(words.width, side)) for side in sides]
    widths = _fit([*wanted], least, room - block.indent)
    fits = sum(widths) + len(GAP) * (len(widths) - 1) <= room - block.indent
    is_narrow = any(width < min(wish, NARROW) for width, wish in zip(widths, wanted, strict=True))
    is_typed = any(span.kind == "typed" for row in block.rows for cell in row for span in spans(cell))
    if not fits or (is_narrow and is_typed):
        rows = table[1:] if block.header else table
        return [line for row in rows for line in _stacked(row, block.header, room, block.indent)]
    return [line for row in table for line in _row(row, widths, block)]


def _stacked(row: list[str], header: Sequence[str], room: int, indent: int) -> list[str]:
    """What would stand beside each other stands below each other: what is to be typed is seen whole. All but the
    first say what they are, if the table does."""
    named = [
        f"{name}{GAP}{cell}" if at and name and cell else cell
        for at, (cell, name) in enumerate(zip_longest(row, header, fillvalue=""))
    ]
    out = []
    for number, cell in enumerate(filter(None, named)):
        space = " " * (indent + (4 if number else 0))
        out += [(space + part).rstrip() for part in words.wrap(cell, max(room - len(space), 8))]
    return out


def _fit(widths: list[int], least: list[int], room: int) -> list[int]:
    """Takes from the widest column until the row fits, and from the ``least``, which keeps words whole, at last."""
    while sum(widths) + len(GAP) * (len(widths) - 1) > room and max(widths) > 8:
        roomy = [width if width > kept else 0 for width, kept in zip(widths, least, strict=True)]
        chosen = roomy if any(roomy) else widths
        widths[chosen.index(max(chosen))] -= 1
    return widths


def _row(row: list[str], widths: list[int], block: Rows) -> list[str]:
    cells = [words.wrap(cell, max(width, 2)) for cell, width in zip(row, widths, strict=False)]
    out = []
    for parts in zip_longest(*cells, fillvalue=""):
        padded = [
            words.pad(part, width, i in block.right)
            for i, (part, width) in enumerate(zip(parts, widths, strict=False))
        ]
        out.append((" " * block.indent + GAP.join(padded)).rstrip())
    return out

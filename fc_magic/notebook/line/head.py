"""The head of a cell: the magic's line, the lines that it goes on in, and ``#| fc:`` lines below it.

What is taken from the cell leaves an empty line there, so that line N of the file stays line N of the cell, in every
language; and what options say, secrets among them, is no part of the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile

from fc_magic.errors import UsageError
from fc_magic.notebook.line.grammar import scan

#: ``//|`` in JavaScript
HEADER = re.compile(r"[ \t]*(?:#|//)\|[ \t]*fc:(.*)", re.DOTALL)
_NEARLY = re.compile(r"[ \t]*(?:#|//)[ \t]*\|[ \t]*(?:fc|FC|Fc|fcdeploy|fc-magic)\b[ \t]*:?[ \t]*-")
_COMMENTS = ("#", "//")
#: the first line of the cell below the magic's
FIRST = 2
EXAMPLE = "#| fc: --memory 512"


@dataclass(frozen=True)
class Header:
    """The options of one ``#| fc:`` line; ``number`` is its line in the cell."""

    text: str = field(repr=False)
    number: int


@dataclass(frozen=True)
class Head:
    """``line`` is the magic's, whole. ``body`` is the cell without what was taken, ``shown`` the same with a mark
    where that stood. ``skipped``: so many lines of the cell come before the magic's. ``number``: that of the
    cell, where it is not the one that runs."""

    line: str = field(repr=False)
    headers: tuple[Header, ...] = ()
    body: str = ""
    shown: str = ""
    warnings: tuple[str, ...] = ()
    skipped: int = 0
    number: int | None = None


def read(line: str, cell: str | None, skipped: int = 0) -> Head:
    """``cell``: what IPython gives below the magic's line. Raises UsageError."""
    first = FIRST + skipped
    lines = cell.split("\n") if cell is not None else []
    line, count = _joined(line, lines, 0)
    taken = dict.fromkeys(range(count), "# …")
    headers = []
    at = count
    while at < len(lines) and _is_above_code(lines[at]):
        found = HEADER.match(lines[at])
        if found:
            # it goes on in the next of its kind
            below = [one[1] for one in takewhile(bool, map(HEADER.match, lines[at + 1 :])) if one]
            text, more = _joined(found[1], below, 0)
            after = at + 1 + more
            headers.append(Header(text.strip(), at + first))
            taken.update(dict.fromkeys(range(at, after), "#| fc: …"))
            at = after
        else:
            _not_misspelt(lines[at], at + first)
            at += 1
    body = "\n".join("" if n in taken else text for n, text in enumerate(lines))
    shown = "\n".join(taken.get(n, text) for n, text in enumerate(lines))
    return Head(line, tuple(headers), body, shown, tuple(_below(lines[at:], at + first)), skipped)


def _joined(text: str, lines: list[str], at: int) -> tuple[str, int]:
    """A line with those that it goes on in, which begin at ``at``, and where the next begins."""
    while at < len(lines) and goes_on(text):
        text = text.rstrip()[:-1] + lines[at]
        at += 1
    return text, at


def goes_on(text: str) -> bool:
    """Whether a line ends in a backslash that is none of a comment and is not the second of two."""
    text = text.rstrip()
    backslashes = len(text) - len(text.rstrip("\\"))
    return backslashes % 2 == 1 and scan(text[:-1]).comment >= len(text) - 1


def _is_above_code(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith(_COMMENTS)


def _not_misspelt(line: str, number: int) -> None:
    if _NEARLY.match(line):
        raise UsageError(f"line {number} of the cell is like a line of options, and is none", hint=EXAMPLE)


def _below(lines: list[str], first: int) -> Iterator[str]:
    for number, line in enumerate(lines, first):
        if HEADER.match(line):
            yield f"line {number} of the cell has no effect: #| fc: stands above the code"

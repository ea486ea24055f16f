"""What stands at the cursor of one of our lines, and what it may become. Lines that are not ours are not looked at.

Nothing here raises, asks a person, starts a server or waits for one: see ``lookups``.
"""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fc_magic.notebook.completion import offers, shapes
from fc_magic.notebook.completion.offers import Around, Offer
from fc_magic.notebook.line import grammar, head
from fc_magic.notebook.line.grammar import Word
from fc_magic.notebook.place import Place

if TYPE_CHECKING:
    from fc_magic.notebook.completion.shapes import Shape
    from fc_magic.notebook.loading import Session

_CELL = re.compile(r"%%(fc\w+)([ \t].*|$)")
_LINE = re.compile(r"[ \t]*(?:[A-Za-z_][\w.,\s\[\]]*=[ \t]*)?%(fc\w+)([ \t].*)")
#: cells whose body is run in the notebook: a line magic may stand there
_PYTHON_CELLS = re.compile(r"%%(?:time|timeit|capture|prun|debug)\b|(?!%%)")
_LAST_WORD = re.compile(r"\S*[ \t]*\Z")
_CONTINUED = re.compile(r"\\[ \t]*\n")
#: magics whose line goes on in the cell below
_HEADED = ("fcdeploy", "fcrun")


@dataclass(frozen=True)
class Spot:
    """A place on a line of ours: what stands before it and behind it there, the other lines with options of the same
    deployment, and the cell below."""

    magic: str
    before: str
    behind: str
    others: tuple[str, ...] = ()
    body: str = ""
    is_header: bool = False


def complete(text: str, offset: int, session: Session) -> dict[str, Any] | None:
    """A result of IPython's second matcher interface; None if the cursor is on no line of ours."""
    spot = spot_of(text, offset)
    if spot is None or spot.magic not in session.names:
        return None
    try:
        typed, found = offered(spot, session)
    # a completion that fails is none: what is wrong is said when the line runs
    except Exception:  # noqa: BLE001
        return None
    if not found:
        # the last word as it is: what others would offer is for Python, and a list with an empty line is none
        typed = typed or _LAST_WORD.findall(text[text.rfind("\n", 0, offset) + 1 : offset])[0]
        found = [(typed, "text")]
    if not text[:offset].endswith(typed):
        return None
    return {
        "completions": [Completion(value, kind) for value, kind in found],
        "matched_fragment": typed,
        "suppress": True,
        "ordered": True,
    }


class Completion:
    """As IPython's own, which takes longer to import than to write."""

    __slots__ = ("text", "type")

    def __init__(self, text: str, type: str) -> None:
        self.text, self.type = text, type

    def __repr__(self) -> str:
        return f"<Completion {self.text!r}>"


# ---------------------------------------------------------------- where


def spot_of(text: str, offset: int) -> Spot | None:
    lines = text.split("\n")
    row = text.count("\n", 0, offset)
    column = offset - (text.rfind("\n", 0, offset) + 1)
    first = next((n for n, line in enumerate(lines) if line.strip()), 0)
    cell = _CELL.match(lines[first])
    if cell:
        return _of_cell(cell[1], lines, first, row, column)
    if not _PYTHON_CELLS.match(lines[first]):
        return None
    begin = row
    while begin and lines[begin - 1].rstrip().endswith("\\"):
        begin -= 1
    found = _LINE.match(lines[begin])
    return _logical(found[1], lines, begin, row, column, found.start(2)) if found else None


def _of_cell(magic: str, lines: list[str], first: int, row: int, column: int) -> Spot | None:
    start = len(magic) + 2
    if magic not in _HEADED:
        return _logical(magic, lines[: first + 1], first, row, column, start) if row == first else None
    last = first
    joined = lines[first]
    while last + 1 < len(lines) and head.goes_on(joined):
        last += 1
        joined = f"{joined.rstrip()[:-1]}{lines[last]}"
    headers = _headers(lines, last + 1)
    options = (joined[start:], *(_text(lines, rows) for rows in headers))
    body = "\n".join(lines[last + 1 :])
    if first <= row <= last:
        spot = _logical(magic, lines[: last + 1], first, row, column, start)
        return spot and Spot(magic, spot.before, spot.behind, options[1:], body)
    own = next((rows for rows in headers if row in rows), [])
    begun = own[: own.index(row) + 1] if own else []
    if not begun or not head.HEADER.match(lines[row][:column]):
        return None
    before = _text([*lines[:row], lines[row][:column]], begun)
    behind = _joined([lines[row][column:], *(_options(lines[n]) for n in own[len(begun) :])])
    others = (options[0], *(_text(lines, rows) for rows in headers if rows is not own))
    return Spot(magic, before, behind, others, body, True)


def _headers(lines: list[str], at: int) -> list[list[int]]:
    """The ``#| fc:`` lines above the code, by their places; each with those that it goes on in."""
    found: list[list[int]] = []
    while at < len(lines) and (not lines[at].strip() or lines[at].lstrip().startswith(("#", "//"))):
        if head.HEADER.match(lines[at]):
            if found and found[-1][-1] == at - 1 and head.goes_on(_text(lines, found[-1])):
                found[-1].append(at)
            else:
                found.append([at])
        at += 1
    return found


def _options(line: str) -> str:
    found = head.HEADER.match(line)
    return found[1] if found else ""


def _text(lines: list[str], rows: list[int]) -> str:
    """A ``#| fc:`` line with those that it goes on in."""
    return _joined([_options(lines[n]) for n in rows])


def _joined(texts: list[str]) -> str:
    return "".join([*(text.rstrip()[:-1] for text in texts[:-1]), texts[-1]])


def _logical(magic: str, lines: list[str], begin: int, row: int, column: int, start: int) -> Spot | None:
    """Of a line with those that it goes on in."""
    last = row
    while last + 1 < len(lines) and lines[last].rstrip().endswith("\\"):
        last += 1
    before = "\n".join([*lines[begin:row], lines[row][:column]])
    if len(before) <= start and (row == begin and column <= start):
        return None  # the name of the magic itself
    behind = "\n".join([lines[row][column:], *lines[row + 1 : last + 1]])
    return Spot(magic, _flat(before[start:]), _flat(behind))


def _flat(text: str) -> str:
    """One line, every character at its place."""
    return _CONTINUED.sub(lambda found: " " * len(found[0]), text)


# ---------------------------------------------------------------- what


def offered(spot: Spot, session: Session) -> tuple[str, list[tuple[str, str]]]:
    """What is typed of the word at the cursor, and what may stand there instead, with its type."""
    scanned = grammar.scan(spot.before)
    if scanned.comment < len(spot.before):
        return "", []
    words = list(scanned.words)
    current = words.pop() if words and words[-1].end == len(spot.before) else None
    raw = spot.before[current.start :] if current else ""
    shape = shapes.of(spot.magic, session.usage_of)
    namespace = session.namespace
    if current and current.wrong == "a brace is not closed":
        inside = raw[raw.rfind("{") + 1 :]
        typed, found = offers.expression(inside, namespace)
        return typed, [(offer.value, offer.type) for offer in found if offer.value.startswith(typed)]
    plain, option = _read(words, shape)
    session.lookups.place = _place(spot, words)
    name = _name(spot, shape, plain)

    def around(typed: str) -> Around:
        return Around(typed, name.partition(":")[0], spot.body, namespace, session.lookups, session.setting)

    if option:
        return _values(raw, shape.options[option] or "", around, spot.behind)
    written, equals, _ = raw.partition("=")
    if raw.startswith("--") and equals:
        kind = shape.options.get(written[2:])
        return _values(raw[len(written) + 1 :], kind, around, spot.behind) if kind else ("", [])
    if shape.text and len(plain) >= len(shape.plain) and raw and not raw.startswith("-"):
        return raw, []  # the event
    taken = _given(words, shape) | {o for text in (*spot.others, spot.behind) for o in _given_in(text, shape)}
    options = [f"--{o}" for o in shape.options if o not in taken or o in shape.repeated]
    if raw.startswith("-"):
        return raw, [(o, "option") for o in _like(raw, options)]
    kind = shape.plain[len(plain)] if len(plain) < len(shape.plain) and not spot.is_header else ""
    if kind:
        typed, values = _values(raw, kind, around, spot.behind)
        if values or raw:
            return typed, values
    return raw, [(o, "option") for o in options if not raw]


def _read(words: list[Word], shape: Shape) -> tuple[list[str], str]:
    """The words that are no options, and the option whose value comes next."""
    plain, waiting = [], ""
    for word in words:
        if waiting:
            waiting = ""
            continue
        option, given, _ = word.parted()
        if option.startswith("--"):
            waiting = option[2:] if not given and shape.options.get(option[2:]) is not None else ""
        else:
            plain.append(word.text)
    return plain, waiting


def _place(spot: Spot, before: list[Word]) -> Place:
    """Where the deployment goes, wherever that is said; what the magic's own line says wins."""
    here = [before, _words(spot.behind)]
    others = [_words(text) for text in spot.others]
    texts = [*others[1:], *here, *others[:1]] if spot.is_header else [*others, *here]
    found = {"--target": "", "--api": ""}
    for words in texts:
        for at, word in enumerate(words):
            option, given, value = word.parted()
            if option in found:
                said = value.text if given else "".join(one.text for one in words[at + 1 : at + 2])
                found[option] = said or found[option]
    return Place(found["--target"], found["--api"])


def _words(text: str) -> list[Word]:
    return list(grammar.scan(_flat(text)).words)


def _name(spot: Spot, shape: Shape, plain: list[str]) -> str:
    """The function that the line is about."""
    if spot.is_header:
        plain, _ = _read(_words(spot.others[0]), shape)
    return plain[0] if plain else ""


def _given(words: Iterable[Word], shape: Shape) -> set[str]:
    return {word.parted()[0].removeprefix("--") for word in words if word.text.startswith("--")}


def _given_in(text: str, shape: Shape) -> set[str]:
    return _given(_words(text), shape)


def _like(typed: str, options: list[str]) -> list[str]:
    """Those that begin so; else those that have it in them, or were meant."""
    begin = [option for option in options if option.startswith(typed)]
    word = typed.strip("-")
    inside = [option for option in options if word and word in option]
    return begin or inside or difflib.get_close_matches(typed, options, n=3, cutoff=0.6)


def _values(raw: str, kind: str, around: Any, behind: str) -> tuple[str, list[tuple[str, str]]]:
    """The typed value with its quote, and the values of this kind as they are written there."""
    quote = raw[:1] if raw[:1] in ("'", '"') else ""
    scanned = grammar.scan(raw).words
    typed = scanned[0].text if scanned else ""
    found = offers.of(kind, around(typed))
    fitting = [offer for offer in found if offer.value.startswith(typed)]
    fitting = fitting or [offer for offer in found if typed and typed.lower() in offer.value.lower()]
    return raw, [(_written(offer, quote, behind), offer.type) for offer in dict.fromkeys(fitting)]


def _written(offer: Offer, quote: str, behind: str) -> str:
    """As it is typed; a quote that an editor has closed already is not closed again."""
    value = offer.value
    if not quote:
        if shlex.quote(value) == value or value.startswith("{"):
            return value
        quote = '"' if not set(value) & set('"\\{}') else "'"
        return f"{quote}{value}" if offer.goes_on else f"{quote}{value}{quote}"
    return f"{quote}{value}" if offer.goes_on or behind.startswith(quote) else f"{quote}{value}{quote}"

"""What went wrong inside a function: the error it answered, its frames, and how both are shown.

The one who reads it wrote a cell, so frames are named by cell and line, and those of libraries are folded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from fc_magic.language.speech import counted, explained, say, translated
from fc_magic.notebook import words
from fc_magic.notebook.card import Block, Card, Line, Listing, Span, columns
from fc_magic.notebook.failures import dumps, hints, likely
from fc_magic.notebook.failures.cells import CellSource, Sources
from fc_magic.notebook.invocations import log_blocks, numbers
from fc_magic.wire.results import Invocation

#: the file that a cell became
ENTRIES = ("/code/index.py", "/code/index.js", "/code/index.mjs")
#: lines of source shown before and after the one that failed
BEFORE, AFTER = 2, 1
#: a recursion has a thousand frames; the innermost and the outermost tell it
MOST_FRAMES, INNER, OUTER = 12, 6, 2
#: what is shown of a message at once; the whole one is in the error of the invocation
MESSAGE_LINES, MESSAGE_CHARACTERS = 8, 800

_PLACE = re.compile(r'(?:File )?"?(/[^",\n]+|<frozen [\w.]+>)"?,?\s+line (\d+)')
#: what the log says of a process that was ended for what it took; its error says only that it ended
_ENDED = re.compile(
    r"^(?:(?:Out of memory|Too many processes|FATAL ERROR): |The program runs on, |The process (?:was )?ended ).*",
    re.MULTILINE,
)
#: of an error that nothing in the function caught, and of a handler that cannot answer any more (Node.js)
_LOGGED = re.compile(r"\[error\] ([^\r\n{]*)((?:\r +at [^\r\n]*)*)")
_CALL = re.compile(r" +at (?:async )?(?:(.*) \()?(?:file://)?((?:/|node:)[^()]*?):(\d+)(?::\d+)?\)?$")
_SYNTAX = re.compile(r"(/[^\n:]*):(\d+)$")
#: types of errors that the runtimes make, and no code of a function
_OF_FC = frozenset(
    {
        *("UnhandledInvocationError", "InitializationError", "ImportModuleError", "HandlerNotFound"),
        *(
            "UserCodeSyntaxError",
            "UserCodeError",
            "InvalidHandleName",
            "FunctionNotStarted",
            "SerializationError",
        ),
        *("CAExited", "CAFileNotFound", "CAFilePermission", "ClientClosedRequest", "BadResponse"),
    }
)
_LIBRARY = re.compile(r".*/(?:site-packages|dist-packages|python3\.\d+|lib-dynload|node_modules)/")


@dataclass(frozen=True)
class Frame:
    """One call on the way to the error, as far as it was told."""

    path: str
    line: int
    function: str = ""
    text: str = ""

    @property
    def own(self) -> bool:
        """Written by the function's author, not a library: packed libraries live in folders of their own."""
        return self.path.startswith("/code/") and not _LIBRARY.match(self.path)

    @property
    def short_path(self) -> str:
        return _LIBRARY.sub("", self.path)


@dataclass(frozen=True)
class Failure:
    """The error a function answered with. ``frames`` innermost first; ``detail`` what load errors add."""

    kind: str
    message: str
    frames: tuple[Frame, ...] = ()
    detail: str = ""
    #: Function Compute made it; what a handler raises has each call as a list, whatever its type is called
    by_fc: bool = False

    @property
    def head(self) -> str:
        """As Python says it, where FC's words around it have only the text of an exception."""
        return self.raised or self.answered

    @property
    def answered(self) -> str:
        said = self.message or ("" if self.kind else say("the function failed"))
        return f"{self.kind}: {said}".removesuffix(": ") if self.kind else said

    @property
    def raised(self) -> str:
        """What Python says of an exception of code outside of functions."""
        return self.detail if self.kind == "UserCodeError" and self.by_fc else ""

    @property
    def meaning(self) -> str:
        """FC's own words in the language of whoever reads them; nothing of an exception, which is the author's."""
        if not self.by_fc:
            return ""
        return explained(self.kind, self.message.partition(": ")[0] if self.raised else self.message)

    @property
    def details(self) -> list[str]:
        """What the runtime says of a process that it ended is said in the reader's language first."""
        if self.raised:
            return [self.answered]
        said = explained("", self.detail) if _ENDED.match(self.detail) else ""
        return [text for text in (said, self.detail) if text]

    @classmethod
    def of(cls, invocation: Invocation) -> Failure:
        return cls.of_error(invocation.error, invocation.log)

    @classmethod
    def of_error(cls, error: Mapping[str, Any], log: str = "") -> Failure:
        """Of an error as it is answered; ``log``: where there is more of it."""
        stack = error.get("stackTrace")
        stack = stack if isinstance(stack, list) else []
        frames = [frame for item in stack if isinstance(item, list) for frame in _frame(item)]
        flat = [str(item) for item in stack if not isinstance(item, list)]
        frames += _places(flat) + _calls(flat)
        detail = "" if _is_javascript(error, flat) else (flat or [""])[-1].strip()
        kind, message = _said(error.get("errorType")), _said(error.get("errorMessage"))
        by_fc = len(flat) == len(stack) and (not kind or kind in _OF_FC)
        if by_fc and not flat and message.startswith(("Process exited", "Function timed out")):
            detail, calls = _from_log(log)
            frames += _calls(calls)
            frames += [Frame(*call) for call in reversed(dumps.handler_calls(log))]
        return cls(
            kind=kind,
            message=message,
            frames=tuple(reversed(frames)),
            detail="" if detail == message else detail,
            by_fc=by_fc,
        )


def _said(value: Any) -> str:
    return "" if value is None else str(value)


def _frame(parts: Sequence[Any]) -> Iterator[Frame]:
    """``['File "/code/index.py"', 'line 2', 'in handler', 'source']``; a comma in the path makes more."""
    texts = [str(part) for part in parts]
    at = next((i for i, text in enumerate(texts) if re.fullmatch(r"\s*line \d+", text)), None)
    if not at:
        return
    path = ",".join(texts[:at]).strip().removeprefix("File ").strip('"')
    function = texts[at + 1].strip().removeprefix("in ") if len(texts) > at + 1 else ""
    yield Frame(path, int(texts[at].split()[-1]), function, ",".join(texts[at + 2 :]).strip())


def _places(flat: Sequence[str]) -> list[Frame]:
    found = [Frame(path, int(line)) for path, line in _PLACE.findall(", ".join(flat))]
    if len(flat) == 4 and flat[0].startswith("File ") and found:
        # a syntax error: place, line, the text there, what is wrong with it
        found[0] = replace(found[0], text=flat[2].strip())
    return found


def _is_javascript(error: Mapping[str, Any], flat: Sequence[str]) -> bool:
    """Whether it is a stack as Node.js writes it: the error again or the place of a wrong line, then the calls."""
    begin = _said(error.get("errorMessage")).partition("\n")[0]
    return bool(flat) and (begin in flat[0] or bool(_SYNTAX.match(flat[0])))


def _calls(flat: Sequence[str]) -> list[Frame]:
    """The frames of such a stack, outermost first as those of others."""
    found = [
        Frame(path, int(line), "" if (name or "").endswith("<anonymous>") else name or "")
        for name, path, line in (call.groups() for call in map(_CALL.match, flat) if call)
    ]
    place = _SYNTAX.match(flat[0]) if flat else None
    if place and len(flat) > 1:
        found.insert(0, Frame(place[1], int(place[2]), text=flat[1].strip()))
    return found[::-1]


def _from_log(log: str) -> tuple[str, list[str]]:
    """What is known of a process that did not live to answer: a sentence, and lines of a stack."""
    ended, logged = _ENDED.search(log), list(_LOGGED.finditer(log))
    thrown = logged[-1] if logged and logged[-1][1] else None
    # a process that ends because of an error has a status, too, and the error says more
    if ended and not (thrown and ended[0].startswith("The process ended with exit status")):
        return ended[0], []
    return (thrown[1], thrown[2].split("\r")) if thrown else ("", [])


# ---------------------------------------------------------------- shown


def failure_card(invocation: Invocation, cells: Sources | None = None, hint: str = "") -> Card:
    failure = Failure.of(invocation)
    source = cells.find(invocation.function, invocation.code_checksum) if cells else None
    blocks: list[Block] = [*head_lines(invocation, failure)]
    blocks += [Line(clipped(text), indent=2) for text in failure.details]
    blocks += [Line(clipped(note), indent=2) for note in _notes(invocation)]
    blocks += _frames(failure.frames, source)
    blocks += _likely(failure, source)
    for cause in invocation.behind[1:]:
        blocks += _cause(cause, source)
    if said := hint or hint_in(failure, source):
        blocks.append(Line(translated(said), "hint"))
    log = dumps.without_handler(invocation.log) if failure.frames else invocation.log
    if _ENDED.match(failure.detail):  # said above
        log = log.replace(f"{failure.detail}\n", "", 1)
    blocks += log_blocks(invocation, log, source)
    return Card((*blocks, Line(numbers(invocation, invocation.error_type), "dim")), "error")


def head_lines(invocation: Invocation, failure: Failure) -> Iterator[Line]:
    """What FC's words mean, where they are FC's; the error and where it came from, on one line if there is room."""
    if failure.meaning:
        yield Line(failure.meaning, "head")
    said = say("in {0}, request {1}", invocation.function, invocation.request_id)
    if not invocation.request_id:
        said = say("in function {0}", invocation.function)
    head = clipped(failure.head)
    room = "\n" in head or words.width(head + said) + 3 > columns() - 2
    # what is said in another language stands above
    yield Line(
        [Span(head), "\n" if room else "   ", Span(said, "plain")], "dim" if failure.meaning else "head"
    )


def clipped(message: str) -> str:
    """The begin of a long message, and how much more there is."""
    lines = message.split("\n")
    shown = "\n".join(lines[:MESSAGE_LINES])
    if len(shown) > MESSAGE_CHARACTERS:
        shown = shown[:MESSAGE_CHARACTERS]
        return f"{shown}{say('… {0} more characters', f'{len(message) - len(shown):,}')}"
    left = len(lines) - MESSAGE_LINES
    return message if left <= 0 else f"{shown}\n{say('… {0} more lines', f'{left:,}')}"


def _notes(invocation: Invocation) -> list[str]:
    """What was added to the error on its way."""
    return [str(note) for error in invocation.behind[:1] for note in error.get("notes") or ()]


def _cause(error: Mapping[str, Any], source: CellSource | None) -> Iterator[Block]:
    """An error that stands behind the one before: what it was, and the author's own line of it."""
    failure = Failure.of_error(error)
    said = "one of the group: {0}" if error.get("how") == "member" else "caused by {0}"
    yield Line(say(said, clipped(failure.head)))
    yield from (Line(clipped(str(note)), indent=2) for note in error.get("notes") or ())
    frame = next((frame for frame in failure.frames if frame.own), None)
    if frame:
        yield Line(_where(frame, source))
        yield from _excerpt(frame, source)


def _likely(failure: Failure, source: CellSource | None) -> Iterator[Block]:
    """An error that has no line of the author's own may still say what to look for."""
    if source is None or any(frame.own for frame in failure.frames):
        return
    said, found = "imported at {0}", likely.imports(source, f"{failure.head}\n{failure.detail}")
    is_large = failure.by_fc and failure.message.startswith("the answer has ")
    if is_large or (failure.frames and all("/json/" in frame.path for frame in failure.frames)):
        said, found = "the handler returns at {0}", likely.returns(source)
    elif (
        not found
        and failure.by_fc
        and failure.message.startswith("Process exited")
        and not _was_ended(failure)
    ):
        said, found = "the process may have ended at {0}", likely.exits(source)
    for cell, number in found:
        yield Line(say(said, say("{0}, line {1}", cell.place, number)))
        yield _marked(cell, number)


def _was_ended(failure: Failure) -> bool:
    """Whether it is known to have ended for another reason than that it wanted to."""
    return bool(failure.detail) and "exit status" not in failure.detail


def hint_for(failure: Failure) -> str:
    calls = (f"{frame.path} {frame.text}" for frame in failure.frames)
    return hints.find("\n".join(filter(None, (failure.answered, failure.detail, *calls))), failure.by_fc)


def hint_of(invocation: Invocation, cells: Sources | None) -> str:
    """Of a failure whose cell may be known."""
    source = cells.find(invocation.function, invocation.code_checksum) if cells else None
    return hint_in(Failure.of(invocation), source)


def hint_in(failure: Failure, source: CellSource | None) -> str:
    """``hint_for``; where a line of the cell is known to end the process, nothing else is said to have."""
    said = hint_for(failure)
    if said == hints.EXITED and source and any(_likely(failure, source)) and (ends := likely.ends(source)):
        return hints.EXITS.format(ends)
    return said


def place_line(invocation: Invocation, cells: Sources | None) -> str:
    """``Cell In[4], line 3, in inner(x)`` of the innermost frame of the author's own, if there is one."""
    source = cells.find(invocation.function, invocation.code_checksum) if cells else None
    frame = next((f for f in Failure.of(invocation).frames if f.own), None)
    return _where(frame, source) if frame else ""


def line_of(invocation: Invocation, cells: Sources | None) -> str:
    """The same without the function."""
    source = cells.find(invocation.function, invocation.code_checksum) if cells else None
    frame = next((f for f in Failure.of(invocation).frames if f.own), None)
    return _at(frame, source) if frame else ""


def _at(frame: Frame, source: CellSource | None) -> str:
    cell, number = source.at(frame.line) if source and frame.path in ENTRIES else (None, 0)
    return say("{0}, line {1}", cell.place if cell else frame.path, number if cell else frame.line)


def _where(frame: Frame, source: CellSource | None) -> str:
    cell, number = source.at(frame.line) if source and frame.path in ENTRIES else (None, 0)
    at = _at(frame, source)
    function = cell.called(frame.function, number) if cell and frame.function else frame.function
    return say("{0}, in {1}", at, function) if function else at


def _frames(frames: Sequence[Frame], source: CellSource | None) -> Iterator[Block]:
    inner, left_out, outer = _shortened(frames)
    first = True
    for run in _runs(inner):
        yield from _run(run, source, first)
        first = first and not run[0].own
    if left_out:
        yield Line(counted(left_out, "… {0} more frame", "… {0} more frames"), "dim")
    for run in _runs(outer):
        yield from _run(run, source, False)


def _runs(frames: Sequence[Frame]) -> Iterator[list[Frame]]:
    """Frames of libraries that follow each other are one; so are calls of the same line."""
    for _, group in groupby(frames, key=lambda f: (f.path, f.line, f.function) if f.own else None):
        yield list(group)


def _run(run: Sequence[Frame], source: CellSource | None, first: bool) -> Iterator[Block]:
    frame = run[0]
    if not frame.own:
        template = "… {0} frame in {1}" if len(run) == 1 else "… {0} frames in {1}"
        yield Line(say(template, len(run), frame.short_path), "dim")
        return
    again = " " + say("({0} times)", len(run)) if len(run) > 1 else ""
    where = _where(frame, source)
    yield Line((where if first else say("called from {0}", where)) + again)
    yield from _excerpt(frame, source) if first else ()


def _shortened(frames: Sequence[Frame]) -> tuple[Sequence[Frame], int, Sequence[Frame]]:
    """The innermost runs, how many frames are left out, and the outermost."""
    runs = list(_runs(frames))
    if len(runs) <= MOST_FRAMES:
        return frames, 0, ()
    inner, outer = runs[:INNER], runs[-OUTER:]
    left_out = len(frames) - sum(map(len, (*inner, *outer)))
    return [f for run in inner for f in run], left_out, [f for run in outer for f in run]


def _excerpt(frame: Frame, source: CellSource | None) -> Iterator[Block]:
    cell, number = source.at(frame.line) if source and frame.path in ENTRIES else (None, frame.line)
    if cell and cell.line(number):
        yield _marked(cell, number)
    elif frame.text:
        yield _numbered([(frame.line, frame.text)], frame.line)


def _marked(cell: CellSource, number: int) -> Listing:
    """The line with its neighbours, from the first that says something to the last: of a cell of another session,
    a line that is not known is empty."""
    near = [(n, cell.line(n)) for n in range(max(number - BEFORE, 1), number + AFTER + 1)]
    said = [n for n, text in near if text.strip() or n == number]
    return _numbered([(n, text) for n, text in near if said[0] <= n <= said[-1]], number)


def _numbered(lines: Sequence[tuple[int, str]], number: int) -> Listing:
    shown = tuple(f"{'---->' if n == number else '     '} {n:>3} {text}" for n, text in lines)
    return Listing(shown, marked=[n for n, _ in lines].index(number), kind="source")

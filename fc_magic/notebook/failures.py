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
from fc_magic.notebook import hints, words
from fc_magic.notebook.card import COLUMNS, Block, Card, Line, Listing, Span
from fc_magic.notebook.cells import CellSource, Sources
from fc_magic.notebook.invocations import log_blocks, numbers
from fc_magic.wire.results import Invocation

#: the file that a cell became
ENTRIES = ("/code/index.py", "/code/index.js", "/code/index.mjs")
#: lines of source shown before and after the one that failed
BEFORE, AFTER = 2, 1
#: a recursion has a thousand frames; the innermost and the outermost tell it
SHOWN_FRAMES = 8

_PLACE = re.compile(r'(?:File )?"?(/[^",\n]+)"?,?\s+line (\d+)')
#: what the log says of a process that was ended for what it took; its error says only that it ended
_ENDED = re.compile(
    r"^(?:(?:Out of memory|Too many processes|FATAL ERROR): |The program runs on, ).*", re.MULTILINE
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
        *("CAExited", "CAFileNotFound", "CAFilePermission", "ClientClosedRequest"),
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

    @property
    def head(self) -> str:
        said = self.message or ("" if self.kind else say("the function failed"))
        return f"{self.kind}: {said}".removesuffix(": ") if self.kind else said

    @property
    def meaning(self) -> str:
        """FC's own words in the language of whoever reads them; nothing of an exception, which is the author's."""
        if self.kind and self.kind not in _OF_FC:
            return ""
        return explained(self.kind, self.message)

    @property
    def details(self) -> list[str]:
        """What the runtime says of a process that it ended is said in the reader's language first."""
        said = explained("", self.detail) if _ENDED.match(self.detail) else ""
        return [text for text in (said, self.detail) if text]

    @classmethod
    def of(cls, invocation: Invocation) -> Failure:
        error = invocation.error
        stack = error.get("stackTrace")
        stack = stack if isinstance(stack, list) else []
        frames = [frame for item in stack if isinstance(item, list) for frame in _frame(item)]
        flat = [str(item) for item in stack if not isinstance(item, list)]
        frames += _places(flat) + _calls(flat)
        detail = "" if _is_javascript(error, flat) else (flat or [""])[-1].strip()
        if not flat and _said(error.get("errorMessage")).startswith(("Process exited", "Function timed out")):
            detail, calls = _from_log(invocation.log)
            frames += _calls(calls)
        return cls(
            kind=_said(error.get("errorType")),
            message=_said(error.get("errorMessage")),
            frames=tuple(reversed(frames)),
            detail="" if detail == _said(error.get("errorMessage")) else detail,
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
    ended = _ENDED.search(log)
    if ended:
        return ended[0], []
    logged = list(_LOGGED.finditer(log))
    return (logged[-1][1], logged[-1][2].split("\r")) if logged and logged[-1][1] else ("", [])


# ---------------------------------------------------------------- shown


def failure_card(invocation: Invocation, cells: Sources | None = None, hint: str = "") -> Card:
    failure = Failure.of(invocation)
    source = cells.find(invocation.function, invocation.code_checksum) if cells else None
    blocks: list[Block] = [*head_lines(invocation, failure)]
    blocks += [Line(text, indent=2) for text in failure.details]
    blocks += _frames(failure.frames, source)
    said = hint or hint_for(failure)
    if said:
        blocks.append(Line(translated(said), "hint"))
    blocks += log_blocks(invocation.log, invocation.request_id, invocation.error)
    return Card((*blocks, Line(numbers(invocation, invocation.error_type), "dim")), "error")


def head_lines(invocation: Invocation, failure: Failure) -> Iterator[Line]:
    """What FC's words mean, where they are FC's; the error and where it came from, on one line if there is room."""
    if failure.meaning:
        yield Line(failure.meaning, "head")
    said = say("in {0}, request {1}", invocation.function, invocation.request_id)
    if not invocation.request_id:
        said = say("in {0}", invocation.function)
    room = "\n" in failure.head or words.width(failure.head + said) + 3 > COLUMNS - 2
    yield Line([Span(failure.head), "\n" if room else "   ", Span(said, "plain")], "head")


def hint_for(failure: Failure) -> str:
    stack = "\n".join(f"{f.path} {f.text}" for f in failure.frames)
    return hints.find("\n".join((failure.head, failure.detail, stack)))


def place_line(invocation: Invocation, cells: Sources | None) -> str:
    """``Cell In[4], line 3, in inner(x)`` of the innermost frame of the author's own, if there is one."""
    source = cells.find(invocation.function, invocation.code_checksum) if cells else None
    frame = next((f for f in Failure.of(invocation).frames if f.own), None)
    return _where(frame, source) if frame else ""


def _where(frame: Frame, source: CellSource | None) -> str:
    cell, number = source.at(frame.line) if source and frame.path in ENTRIES else (None, 0)
    if cell:
        called = cell.called(frame.function, number) if frame.function else ""
        return _at(cell.place, number, called)
    return _at(frame.path, frame.line, frame.function)


def _at(place: str, line: int, function: str) -> str:
    if function:
        return say("{0}, line {1}, in {2}", place, line, function)
    return say("{0}, line {1}", place, line)


def _frames(frames: Sequence[Frame], source: CellSource | None) -> Iterator[Block]:
    frames, left_out = _shortened(frames)
    first = True
    for own, group in groupby(frames, key=lambda f: f.own):
        run = list(group)
        if not own:
            path = run[0].short_path
            said = say("… {0} frame in {1}" if len(run) == 1 else "… {0} frames in {1}", len(run), path)
            yield Line(said, "dim")
            continue
        for frame in run:
            place = _where(frame, source)
            yield Line(place if first else say("called from {0}", place))
            yield from _excerpt(frame, source) if first else ()
            first = False
    if left_out:
        yield Line(counted(left_out, "… {0} more frame", "… {0} more frames"), "dim")


def _shortened(frames: Sequence[Frame]) -> tuple[Sequence[Frame], int]:
    return (frames, 0) if len(frames) <= 30 else (frames[:SHOWN_FRAMES], len(frames) - SHOWN_FRAMES)


def _excerpt(frame: Frame, source: CellSource | None) -> Iterator[Block]:
    cell, number = source.at(frame.line) if source and frame.path in ENTRIES else (None, frame.line)
    if cell and cell.line(number):
        start = max(number - BEFORE, 1)
        end = min(number + AFTER, len(cell.source.splitlines()))
        numbered = [(n, cell.line(n)) for n in range(start, end + 1)]
    elif frame.text:
        number, numbered = frame.line, [(frame.line, frame.text)]
    else:
        return
    lines = tuple(f"{'---->' if n == number else '     '} {n:>3} {text}" for n, text in numbered)
    marked = [n for n, _ in numbered].index(number)
    yield Listing(lines, marked=marked, kind="source")

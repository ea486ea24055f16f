"""The card of one call: its answer, its line of numbers, its log."""

from __future__ import annotations

import codecs
import json
import pprint
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fc_magic.language.speech import say, translated
from fc_magic.notebook import words
from fc_magic.notebook.card import Block, Card, Line, Listing, Picture, Pieces, Span, Tail, columns, joined
from fc_magic.notebook.failures.cells import CellSource, Sources
from fc_magic.wire.results import LATEST, TAIL_BYTES, Invocation

VALUE_LINES = 20
LOG_LINES = 20
#: beyond this a value is shown as its first characters: laying out megabytes would take seconds
LAID_OUT_BYTES = 50_000

_PICTURES = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF87a", "gif"), (b"GIF89a", "gif"))

#: each piece is bounded: a line may be a megabyte, and must be read once and not from each of its characters
_RUNTIME_LINES = re.compile(
    r"FC (?:Invoke|Initialize|PreStop|PreFreeze) (?:Start|End) RequestId: .*"
    r"|FunctionCompute .{1,60}? inited\.?"
    r"|Duration: [0-9.]{1,20} ms, Billed Duration: .*"
    r"|load code for handler:.*"
    r"|\d{4}-\d\d-\d\dT[0-9:.]{8,16}Z \S{1,64} \[(?:ERROR|error)\] \{['\"]errorMessage['\"]: ?.*"
    # what the runtime adds to the stacks it logs at a time-out
    r"|  File \"(?!/code/)[^\"]{1,500}/(?:bootstrap|zygote)\.py\", line \d{1,9} in \S{1,64}"
)


#: a call of the cell's own file in a stack that was printed
_STACK = re.compile(r'( +)File "/code/index\.py", line (\d{1,9})')

#: of a custom runtime's program: the answer alone looks like one of a route that there is
_STATUS = re.compile(r"^The program answered \d{3} to POST /invoke, .*", re.MULTILINE)


def invocation_card(invocation: Invocation, cells: Sources | None = None) -> Card:
    status = _STATUS.search(invocation.log)
    blocks: list[Block] = [value_block(invocation)]
    blocks += [Line(translated(status[0]), "warn")] if status else []
    blocks.append(Line(numbers(invocation, "200"), "dim"))
    log = invocation.log.replace(status[0] + "\n", "", 1) if status else invocation.log
    source = cells.find(invocation.function, invocation.code_checksum) if cells and "/code/" in log else None
    shown = log_blocks(invocation, log, source)
    return Card((*blocks, *shown), "warn" if status else "ok")


def value_block(invocation: Invocation) -> Block:
    payload = invocation.payload
    for magic, name in _PICTURES:
        if payload.startswith(magic):
            return Picture(f"image/{name}", payload, say("{0} image", name.upper()))
    return Listing(tuple(_value_lines(invocation)), VALUE_LINES)


def _value_lines(invocation: Invocation) -> list[str]:
    if len(invocation.payload) > LAID_OUT_BYTES:
        return _beginning(invocation.payload)
    try:
        value = invocation.value
        if isinstance(value, bytes):
            return _beginning(value) if len(value) > 200 else [repr(value)]
        if isinstance(value, str) and "\n" in value:
            return value.splitlines()
        return pprint.pformat(value, width=columns() - 3, sort_dicts=False).splitlines()
    except RecursionError:  # JSON may be nested deeper than Python can walk
        return _beginning(invocation.payload)


def _beginning(payload: bytes) -> list[str]:
    try:
        # the cut may go through a character; only a wrong byte is an error
        text = codecs.getincrementaldecoder("utf-8")().decode(payload[:2000])
    except UnicodeDecodeError:
        text = repr(payload[:200])
    lines = text.splitlines()[: VALUE_LINES - 1]
    return [*lines, say("… {0} in all, in .payload", words.size(len(payload)))]


def numbers(invocation: Invocation, status: str) -> Pieces:
    """``200 · 3.1 ms (cold 12 ms) · 18 of 256 MB · request 1-…``; with the version, if it was not LATEST."""
    time = words.duration(invocation.duration_ms)
    if invocation.cold_ms:
        time = say("{0} (cold {1})", time, words.duration(invocation.cold_ms))
    took = Span(time, title=f"{invocation.duration_ms:.3f} ms")
    memory = (
        say("{0} of {1} MB", f"{invocation.memory_mb:.0f}", invocation.memory_limit_mb)
        if invocation.memory_mb
        else ""
    )
    request = Span(
        say("request {0}", invocation.request_id), title=say("instance {0}", invocation.instance_id)
    )
    served = say("version {0}", invocation.version) if invocation.version not in ("", LATEST) else ""
    return joined([status, took, memory, served, request if invocation.request_id else ""])


# ---------------------------------------------------------------- logs


def own_lines(
    text: str,
    request_id: str,
    error: Mapping[str, Any] | None = None,
    source: CellSource | None = None,
    cut: bool = False,
) -> list[str]:
    """The function's own lines of a request's log, without the runtime's and without the id on each; where a stack
    in it names a line of ``source``, that is named as the cell's.

    ``error``: what the call failed with. The runtime logs it as one line, of which the tail of a log may
    begin with the middle. ``cut``: it begins somewhere in a line, which is left out.
    """
    lines = []
    begin, _, rest = text.partition("\n")
    if (rest and cut) or (error and begin and any(written.endswith(begin) for written in _written(error))):
        text = rest
    for line in text.splitlines():
        # what was printed without a line end stands before the runtime's words
        own = _RUNTIME_LINES.sub("", line)
        if own == line or own.strip():
            plain = own.replace(f"{request_id} ", "", 1) if request_id else own
            lines.append(_of_cell(plain, source) if source else plain)
    return "\n".join(lines).strip("\n").splitlines()


def _of_cell(line: str, source: CellSource) -> str:
    """A line of a stack that a thread or a logger wrote, as the person knows it."""
    found = _STACK.match(line)
    cell, number = source.at(int(found[2])) if found else (None, 0)
    if found is None or cell is None:
        return line
    return f"{found[1]}{say('{0}, line {1}', cell.place, number)}{line[found.end() :]}"


def _written(error: Mapping[str, Any]) -> Iterator[str]:
    """An error as the runtimes write it into the log."""
    yield from (json.dumps(error), str(error))
    yield json.dumps(error, separators=(",", ":"), ensure_ascii=False)


def log_blocks(invocation: Invocation, text: str, source: CellSource | None = None) -> Iterator[Block]:
    """What it printed, as far as its answer has it: the last lines tell the most. ``text``: its log, without what
    is shown in another way."""
    cut = _is_cut(invocation.log)
    lines = own_lines(text, invocation.request_id, invocation.error, source, cut)
    # only the embedded Function Compute says the limit, and only of its functions a log is kept here
    kept = invocation.kept and invocation.memory_limit_mb and invocation.request_id
    everything = request_line(invocation.function, invocation.request_id) if kept else ""
    if lines or cut:
        yield Listing(tuple(lines), LOG_LINES, label=say("log"), tail=Tail(everything, cut))


def request_line(function: str, request_id: str) -> str:
    """What to type for all that is kept of a request."""
    return f"%fclogs {function} --request {request_id}"


def _is_cut(log: str) -> bool:
    """Whether an answer's log lacks its beginning: it is as long as it may be, less a part of a character, and does
    not begin as each log does."""
    return len(log.encode(errors="replace")) > TAIL_BYTES - 4 and not _RUNTIME_LINES.match(log)

"""Numbers and moments as people read them: sizes, durations, relative times. The clock is an argument."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from datetime import datetime, timedelta, timezone, tzinfo

from fc_magic.language.speech import counted, say, translated

_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
#: what breaks a line in some programs only or turns its direction would let it pose as something else, and half a
#: character (a surrogate) cannot be written out at all
_TURNING = re.compile("[\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def size(count: float) -> str:
    """Bytes with a unit: ``812 B``, ``1.2 KB``, ``34 MB``."""
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{_short(count)} {unit}"
        count /= 1024
    return f"{_short(count)} GB"


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0") if number < 10 else f"{number:.0f}"


def duration(ms: float) -> str:
    """Milliseconds with a unit: ``3.1 ms``, ``120 ms``, ``1.2 s``, ``2 min 5 s``."""
    if ms < 1000:
        return f"{_short(ms)} ms"
    return seconds(ms / 1000)


def seconds(count: float) -> str:
    """Seconds with a unit: ``3 ms``, ``0.02 s``, ``12 s``, ``2 min 5 s``."""
    if count < 0.01:
        return f"{_short(count * 1000)} ms"
    if count < 10:
        return f"{count:.2f} s"
    if count < 60:
        return f"{count:.0f} s"
    return f"{int(count // 60)} min {int(count % 60)} s"


def money(figure: str) -> str:
    """``0.0055 CNY``, with the currency as the reader calls it."""
    return translated(figure)


class _Here(tzinfo):
    """As the clock of this machine is set at each moment: half a year ago it may have been set to another time."""

    def utcoffset(self, when: datetime | None) -> timedelta | None:
        return when.replace(tzinfo=None).astimezone().utcoffset() if when else None

    def dst(self, when: datetime | None) -> timedelta | None:
        return None

    def tzname(self, when: datetime | None) -> str | None:
        return when.replace(tzinfo=None).astimezone().tzname() if when else None

    def fromutc(self, when: datetime) -> datetime:
        there = when.replace(tzinfo=timezone.utc).astimezone()
        found = there.replace(tzinfo=self)
        # an hour that the clock shows twice
        return found if found.utcoffset() == there.utcoffset() else found.replace(fold=1)


def now() -> datetime:
    """In the zone of this machine."""
    return datetime.now(_Here())


def moment(iso: str) -> datetime | None:
    """An ISO-8601 text -> an aware moment, or None if it is not one."""
    try:
        found = datetime.fromisoformat(re.sub(r"Z$", "+00:00", iso.strip()))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=timezone.utc)


#: below how many seconds, in which unit, for one and for others
_STEPS = (
    (60, 1, "{0} s ago", "{0} s ago"),
    (3600, 60, "{0} min ago", "{0} min ago"),
    (86400, 3600, "{0} h ago", "{0} h ago"),
    (30 * 86400, 86400, "{0} day ago", "{0} days ago"),
)


def ago(iso: str, now: datetime) -> str:
    """``2 min ago``; a date once that says more; the text itself if it is no time."""
    then = moment(iso)
    if then is None:
        return iso
    passed = (now - then).total_seconds()
    if -60 < passed < 5:
        return say("just now")
    for limit, unit, one, many in _STEPS:
        if 0 < passed < limit:
            return counted(int(passed // unit), one, many)
    return then.astimezone(now.tzinfo).strftime("%Y-%m-%d")


def clock(when: datetime, now: datetime) -> str:
    """``14:05:00`` in the zone of ``now``, with the date if that is another day."""
    here = when.astimezone(now.tzinfo)
    return here.strftime("%H:%M:%S" if here.date() == now.date() else "%Y-%m-%d %H:%M:%S")


def exact(when: datetime) -> str:
    return when.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def variable(name: str) -> str:
    """The variable of a function in a notebook; nothing if its name is a keyword or that of a builtin."""
    found = name.replace("-", "_")
    return "" if keyword.iskeyword(found) or hasattr(builtins, found) else found


# ---------------------------------------------------------------- texts in columns


def clean(text: str) -> str:
    """A text of the function's own without what would move the cursor, ring, hide or turn a line."""
    text = _ANSI.sub("", text).replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)
    text = _CONTROL.sub(lambda m: f"\\x{ord(m[0]):02x}", text)
    return _TURNING.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


def width(text: str) -> int:
    """Columns in a terminal: wide East Asian characters take two, combining ones none."""
    return len(text) if text.isascii() else sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def pad(text: str, columns: int, right: bool = False) -> str:
    space = " " * (columns - width(text))
    return space + text if right else text + space


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most ``columns``; broken at a space where there is one, and nothing is lost. A short line comes
    before a broken word, if the word then stands on a line of its own."""
    lines, start = [], 0
    while (end := _fitting(text, start, columns)) < len(text):
        space = _place(text, start, end)
        if space > (start + end) // 2 or (space > start and _stands_whole(text, space, end, columns)):
            end = space
        lines.append(text[start:end].rstrip())
        start = end
        while text.startswith(" ", start):
            start += 1
    return [*lines, text[start:]]


def _place(text: str, start: int, end: int) -> int:
    """The last place up to ``end`` where a line may be broken; -1 if there is none."""
    space = text.rfind(" ", start + 1, end + 1)
    return space if text.isascii() else max(space, _between(text, start, end))


def _stands_whole(text: str, begin: int, end: int, columns: int) -> bool:
    """Whether the word that begins at ``begin``, and goes on at ``end``, fits on a line."""
    begin += text[begin] == " "
    full = _fitting(text, begin, columns)
    return full == len(text) or _place(text, max(end - 1, begin), full) > 0


#: what no line begins or ends with
_CLOSING, _OPENING = "，。：；、）」！？", "（「"


def _between(text: str, start: int, end: int) -> int:
    """The last place up to ``end`` where Chinese may be broken: beside a wide character, and before no sign."""
    for at in range(end, start, -1):
        is_wide = _columns(text[at - 1]) == 2 or _columns(text[at]) == 2
        if is_wide and text[at] not in _CLOSING and text[at - 1] not in _OPENING:
            return at
    return -1


def _fitting(text: str, start: int, columns: int) -> int:
    """Where the line that begins at ``start`` is full; the text's end if it is not."""
    used = 0
    for index in range(start, len(text)):
        used += _columns(text[index])
        if used > columns:
            return max(index, start + 1)
    return len(text)

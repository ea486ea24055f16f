"""What ``--grep`` finds: lines of a request's log that a regular expression matches."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence

from fc_magic.errors import UsageError
from fc_magic.language.speech import say

#: lines that are shown around one that matches, where there are too many for all
AROUND = 2


def pattern(text: str) -> re.Pattern[str]:
    """Without a capital letter it takes no notice of case; what is behind a backslash is none. Raises UsageError."""
    try:
        found = _compiled(text)
    except (re.error, OverflowError, RecursionError) as error:
        what = f"--grep {text}: is not a regular expression: {error}"
        raise UsageError(what, hint=f"--grep '{re.escape(text)}' finds it as it is written") from None
    letters = re.sub(r"\\.", "", text)
    return found if any(map(str.isupper, letters)) else _compiled(text, re.IGNORECASE)


def _compiled(text: str, flags: int = 0) -> re.Pattern[str]:
    """Without what Python says of signs that may mean something else one day."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(text, flags)


def matching(lines: Sequence[str], wanted: re.Pattern[str]) -> frozenset[int]:
    """The numbers of the lines that have what is wanted."""
    return frozenset(n for n, line in enumerate(lines) if wanted.search(line))


def excerpt(lines: Sequence[str], marked: frozenset[int], most: int) -> tuple[list[str], frozenset[int]]:
    """All lines, or if they are more than ``most`` those around the marked ones, and which of these are marked. Each
    has ``>`` or a space before it; where lines are left out there is one that says how many."""
    kept = range(len(lines))
    if len(lines) > most:
        near = {n + off for n in marked for off in range(-AROUND, AROUND + 1)}
        kept = sorted(near & set(kept))  # type: ignore[assignment]
    out: list[str] = []
    marks: set[int] = set()
    next_ = 0
    for n in [*kept, len(lines)]:
        if n > next_:
            out.append(say("  … {0} lines", n - next_) if n - next_ > 1 else say("  … {0} line", 1))
        if n < len(lines):
            if n in marked:
                marks.add(len(out))
            out.append(f"{'>' if n in marked else ' '} {lines[n]}")
        next_ = n + 1
    return out, frozenset(marks)

"""How a route of a custom domain changes the path that its function sees: equal, wildcard and regex rules. Pure.

The whole path is replaced by what the first rule that matches says: rules of one kind in their order. A query in a
replacement goes before the request's own.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import BaseModel, Field, model_validator

from fc_magic.errors import InvalidArgument
from fc_magic.wire.fields import CAMEL
from fc_magic.wire.wording import clipped

try:
    from re import _parser  # type: ignore[attr-defined]
except ImportError:  # Python 3.10
    import sre_parse as _parser

# UNCONFIRMED for FC 3.0, gathered here so that it is easy to change: whose rules are looked at first
ORDER = ("equal_rules", "wildcard_rules", "regex_rules")
MAX_RULE = 256
#: what a request's path may have as it is, beside letters and digits
_AS_IS = "!#$&'()*+,/:;=?@[]-._~%^\\{}|<>\"`"
_GROUP = re.compile(r"\$(?:([0-9]{1,2})|\{([0-9]{1,2})\})")
_NOT_IN_RE2 = re.compile(r"\(\?(?:[=!]|<[=!]|\()|\\[1-9]|\(\?P=")
_BACKTRACKS = "has a repeat or a choice within a repeat, which can take for ever"
#: of an expression: repeats that may be long, and ways to go through all others and the choices. What is more takes
#: for ever on a path that does not fit
MAX_REPEATS, LONG_REPEAT, MAX_WAYS = 2, 16, 256
#: steps of one search at most; this is some tenths of a second
MAX_STEPS = 100_000_000
_REPEATS = f"has more than {MAX_REPEATS} of *, + and {{n,}}, which can take for ever"
_WAYS = f"has choices that can be taken in more than {MAX_WAYS} ways, which can take for ever"


class Rule(BaseModel):
    model_config = CAMEL

    match: Annotated[str, Field(min_length=1, max_length=MAX_RULE)]
    replacement: Annotated[str, Field(min_length=1, max_length=MAX_RULE)]


class Regex(Rule):
    @model_validator(mode="after")
    def _readable(self) -> Regex:
        if wrong := regex_problem(self.match):
            raise ValueError(wrong)
        if (asked := _asked(self.replacement)) > (has := re.compile(_encoded(self.match)).groups):
            raise ValueError(f"replacement names ${asked}, and match has {has} groups")
        return self


class Wildcard(Rule):
    @model_validator(mode="after")
    def _readable(self) -> Wildcard:
        if (asked := _asked(self.replacement)) > (has := self.match.count("*")):
            raise ValueError(f"replacement names ${asked}, and match has {has} of *")
        return self


class Rewrite(BaseModel):
    """``rewriteConfig`` of a route."""

    model_config = CAMEL

    equal_rules: tuple[Rule, ...] = ()
    wildcard_rules: tuple[Wildcard, ...] = ()
    regex_rules: tuple[Regex, ...] = ()

    def apply(self, path: str, query: str) -> tuple[str, str]:
        """Path and query, both encoded as they are sent, as the function sees them."""
        for name in ORDER:
            for rule in getattr(self, name):
                found = _MATCHERS[name](_encoded(rule.match), path)
                if found is not None:
                    return _replaced(rule.replacement, found, query)
        return path, query


def regex_problem(text: str) -> str:
    """Why a rule cannot be used; nothing if it can. It must be one of FC's, and must not hang."""
    if _NOT_IN_RE2.search(text):
        return "has a look-around or a reference back, which FC's expressions do not have"
    try:
        parsed = _parser.parse(_encoded(text))
        re.compile(_encoded(text))
    except (re.error, OverflowError, RecursionError) as error:
        return f"is no regular expression: {error}"
    repeats, ways = _ways(parsed)
    if _hangs(parsed, False):
        return _BACKTRACKS
    return _REPEATS if repeats > MAX_REPEATS else _WAYS if ways > MAX_WAYS else ""


def _ways(items: Any) -> tuple[int, int]:
    """Long repeats, one within a repeat as often as that is made; and the ways through the rest."""
    repeats, ways = 0, 1
    for operation, argument in items:
        more, by = _ways_of(str(operation), argument)
        # an expression of 256 characters can say numbers that nobody can hold
        repeats, ways = repeats + more, min(ways * by, MAX_WAYS + 1)
    return repeats, ways


def _ways_of(name: str, argument: Any) -> tuple[int, int]:
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, body = argument
        repeats, ways = _ways(body)
        if most - least > LONG_REPEAT:
            return repeats + 1, ways
        by = ways ** min(most, 16) if ways > 1 else 1
        return repeats * most, by * (most - least + 1)
    if name == "BRANCH":
        found = [_ways(branch) for branch in argument[1]]
        return max(repeats for repeats, _ in found), sum(ways for _, ways in found)
    return _ways(argument[-1]) if name == "SUBPATTERN" else (0, 1)


def _hangs(items: Any, repeated: bool) -> bool:
    """Whether within an endless repeat there is another one, or a choice: what makes a search exponential."""
    for operation, argument in items:
        name = str(operation)
        if name in ("MAX_REPEAT", "MIN_REPEAT"):
            endless = argument[1] == _parser.MAXREPEAT
            if (repeated and argument[0] != argument[1]) or _hangs(argument[2], repeated or endless):
                return True
        elif name == "BRANCH":
            if repeated or any(_hangs(branch, repeated) for branch in argument[1]):
                return True
        elif name == "SUBPATTERN" and _hangs(argument[-1], repeated):
            return True
    return False


def _asked(replacement: str) -> int:
    return max((int(one or other) for one, other in _GROUP.findall(replacement)), default=0)


def _encoded(text: str) -> str:
    """A rule as the path of a request has it."""
    return quote(text, safe=_AS_IS)


Found = tuple[str, ...]


def _equal(rule: str, path: str) -> Found | None:
    return (path,) if rule == path else None


def _wildcard(rule: str, path: str) -> Found | None:
    """``*`` is any text; the rule is found anywhere unless it begins with ``^``. No regular expression: many stars
    would take long."""
    anchored = rule.startswith("^")
    first, *pieces = rule.removeprefix("^").split("*")
    start = (0 if path.startswith(first) else -1) if anchored else path.find(first)
    if start < 0:
        return None
    at, found = start + len(first), []
    for number, piece in enumerate(pieces, start=1):
        # the last one takes all there is
        end = len(path) if number == len(pieces) and not piece else path.find(piece, at)
        if end < 0:
            return None
        found.append(path[at:end])
        at = end + len(piece)
    return (path[start:at], *found)


@functools.lru_cache(256)
def _longest(rule: str) -> int:
    """Characters of a path that the rule can search in time: each long repeat ends anywhere, and the search begins
    anywhere unless it is told where."""
    repeats, ways = _ways(_parser.parse(rule))
    return int((MAX_STEPS / ways) ** (1 / max(repeats + (not rule.startswith("^")), 1)))


def _regex(rule: str, path: str) -> Found | None:
    if len(path) > (most := _longest(rule)):
        text = f"the path has {len(path)} characters; the rewrite rule {clipped(rule)!r} can look at {most}"
        raise InvalidArgument(text, hint="a shorter path, or a rule that begins with ^")
    found = re.search(rule, path)
    return (found[0], *(group or "" for group in found.groups())) if found else None


_MATCHERS: dict[str, Callable[[str, str], Found | None]] = {
    "equal_rules": _equal,
    "wildcard_rules": _wildcard,
    "regex_rules": _regex,
}


def _replaced(replacement: str, found: Found, query: str) -> tuple[str, str]:
    def group(match: re.Match[str]) -> str:
        number = int(match[1] or match[2])
        return found[number] if number < len(found) else ""

    path, _, own = _GROUP.sub(group, _encoded(replacement)).partition("?")
    return path if path.startswith("/") else f"/{path}", "&".join(part for part in (own, query) if part)

"""``%fclogs`` and ``%fcstats``: what a function said, and what its calls came to.

Imported by ``%load_ext`` with the others, so what takes time to import is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fc_magic.errors import UsageError
from fc_magic.language.speech import say
from fc_magic.notebook.line.arguments import explained_options, optioned, required

if TYPE_CHECKING:
    from fc_magic.notebook.following import Followed
    from fc_magic.wire.results import Log
    from fc_magic.wire.stats import Stats

LOGS = "%fclogs NAME [--limit N] [--since 5m] [--grep REGEX] [--errors] [--request ID] [--follow [--for 30s]]"
STATS = "%fcstats NAME [--since 1h]"
_LIMIT, _MOST = 20, 500


def table(magics: Any) -> list[tuple[str, Callable[..., Any], Callable[[], str]]]:
    """(name, what runs, what its help says), as the other magics have it."""
    own = ObservingMagics(magics)
    return [("fclogs", own.fclogs, _logs_help), ("fcstats", own.fcstats, _stats_help)]


def _logs_help() -> str:
    from fc_magic.language.speech import say

    rows = {
        "--limit N": say("at most so many requests, 1 to 500; 20 if it is not said"),
        "--since 5m": say(
            "those that began so long ago or later (90s, 5m, 2h, 1d), or since 2026-11-27T14:05"
        ),
        "--grep REGEX": say(
            "those with a line, or an error, that it matches; in small letters it finds capitals too"
        ),
        "--errors": say("those that failed"),
        "--request ID": say("the one with this id"),
        "--follow": say("these, and then each that ends from now on, until the kernel is interrupted"),
        "--for 30s": say("follows for so long; 10 s where nobody is there to interrupt it"),
    }
    return explained_options(LOGS, say("the last requests of a function"), rows)


def _stats_help() -> str:
    from fc_magic.language.speech import say

    since = say("those of so long (5m, 2h, 7d), or since 2026-11-27T14:05; of a day if it is not said")
    return explained_options(STATS, say("what the calls of a function came to"), {"--since 1h": since})


class ObservingMagics:
    """``magics``: the shell, the settings and the client that all magics of a notebook share."""

    def __init__(self, magics: Any) -> None:
        self._magics = magics

    def fclogs(self, line: str, cell: str | None = None) -> Log | Followed:
        from fc_magic.notebook import grep, logs, since

        values = {"limit": "20", "since": "5m", "grep": "error", "request": "ID", "for": "30s"}
        plain, given = optioned(line, values, ("follow", "errors"), LOGS)
        name, limit = required(" ".join(plain), LOGS), _limit(_last(given, "limit"))
        text, began = _last(given, "grep"), _since(_last(given, "since"))
        seconds = since.seconds(_last(given, "for"), "--for") if "for" in given else None
        if text:
            grep.pattern(text)  # a wrong one is refused before anybody is asked
        if seconds is not None and "follow" not in given:
            raise UsageError("--for is how long --follow lasts", hint=f"%fclogs {name} --follow --for 30s")
        client = self._magics.client()
        options = {"request_id": _last(given, "request"), "since": began, "errors": "errors" in given}
        log: Log = self._magics.named(name, lambda: client.logs(name, _MOST if text else limit, **options))
        log = logs.having(log, text, limit) if text else log
        return self._follow(log, seconds) if "follow" in given else log

    def _follow(self, log: Log, seconds: float | None) -> Followed:
        from fc_magic.notebook.following import UNWATCHED_S, Follower
        from fc_magic.notebook.watched import is_watched

        magics = self._magics
        over = say("the time of {0} is over", "--for")
        if seconds is None and not is_watched(magics.shell):
            seconds, over = UNWATCHED_S, say("nobody is there to end it: {0}", "--for 5m")
        return Follower(magics.client(), log, magics.cells).run(seconds, over)

    def fcstats(self, line: str, cell: str | None = None) -> Stats:
        plain, given = optioned(line, {"since": "1h"}, (), STATS)
        name, since = required(" ".join(plain), STATS), _since(_last(given, "since") or "1d")
        client = self._magics.client()
        found: Stats = self._magics.named(name, lambda: client.stats(name, since))
        return found


def _last(given: Mapping[str, list[str]], option: str) -> str:
    return given.get(option, [""])[-1]


def _since(text: str) -> Any:
    from fc_magic.notebook import since, words

    return since.since(text, words.now()) if text else None


def _limit(text: str) -> int:
    text = text or str(_LIMIT)
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= _MOST):
        raise UsageError(f"--limit {text}: must be 1 to {_MOST}", hint=f"--limit {_LIMIT}")
    return int(text)

"""The names that cannot go, told all at once: where each is used, what it is, why not, and what one can do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fc_magic.errors import Problem, SliceRefused


@dataclass(frozen=True)
class Refused:
    """``used``: where it is needed; ``kind``: what it is; ``why``, and ``hint``: what one can type instead.
    ``exclude``: what ``--exclude`` takes for the function to go without it, if there is such a word."""

    name: str
    used: str
    kind: type
    why: str
    hint: str = ""
    exclude: str = ""

    @property
    def problem(self) -> Problem:
        what = "" if self.kind is type(None) else f" ({_named(self.kind)})"
        return Problem(self.name, f"used in {self.used}: {self.why}{what}", hint=self.hint)


def refusal(names: Iterable[Refused]) -> SliceRefused:
    refused = sorted(names, key=lambda each: each.used)
    problems = [each.problem for each in refused]
    what = "a name" if len(problems) == 1 else f"{len(problems)} names"
    hint = "compute it inside of the function, bring it with --file or --env"
    return SliceRefused(
        f"{what} of this notebook cannot go with the function",
        problems=problems,
        hint=hint + left_out(each.exclude for each in refused),
    )


def left_out(words: Iterable[str]) -> str:
    """The end of a hint: what leaves all of it out, if there is a word for each."""
    found = dict.fromkeys(words)
    return f", or leave it out: --exclude {','.join(found)}" if all(found) else ""


def _named(kind: type) -> str:
    is_plain = kind.__module__ in ("builtins", "__main__")
    return kind.__name__ if is_plain else f"{kind.__module__.lstrip('_')}.{kind.__name__}"

"""The names that cannot go, told all at once: where each is used, what it is, why not, and what one can do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fc_magic.errors import Problem, SliceRefused


@dataclass(frozen=True)
class Refused:
    """``used``: where it is needed; ``kind``: what it is; ``why``, and ``hint``: what one can type instead."""

    name: str
    used: str
    kind: type
    why: str
    hint: str = ""

    @property
    def problem(self) -> Problem:
        what = "" if self.kind is type(None) else f" ({_named(self.kind)})"
        return Problem(self.name, f"used in {self.used}: {self.why}{what}", hint=self.hint)


def refusal(names: Iterable[Refused]) -> SliceRefused:
    problems = [each.problem for each in sorted(names, key=lambda each: each.used)]
    count, first = len(problems), problems[0].field
    what = "a name" if count == 1 else f"{count} names"
    return SliceRefused(
        f"{what} of this notebook cannot go with the function",
        problems=problems,
        hint=f"compute it inside of the function, bring it with --file or --env, or leave it out: --exclude {first}",
    )


def _named(kind: type) -> str:
    is_plain = kind.__module__ in ("builtins", "__main__")
    return kind.__name__ if is_plain else f"{kind.__module__.lstrip('_')}.{kind.__name__}"

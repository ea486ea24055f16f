"""What an examination comes to: each finding says where, what is there, what would happen there, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from fc_magic.errors import PreflightFailed, Problem

ERROR, WARNING = "error", "warning"
FORCED = "force"
#: how the hint ends of a refusal that only these findings are the reason of
FORCES = " --force deploys it all the same."


@dataclass(frozen=True)
class Kind:
    """A row of the table: errors stop a deployment, warnings are shown with it."""

    level: str
    title: str


#: code -> what it means; the table of README is the same
KINDS: Mapping[str, Kind] = {
    "undefined-name": Kind(ERROR, "a name that nothing binds, or that is used before it is bound"),
    "notebook-only-name": Kind(
        ERROR, "a name that exists only in a notebook, such as display or get_ipython"
    ),
    "excluded-name": Kind(WARNING, "a name that `--exclude` left out, and that nothing binds"),
    "missing-module": Kind(ERROR, "an import of what neither the package nor the runtime's image has"),
    "missing-module-in-function": Kind(
        WARNING, "the same, inside a function or a branch: it fails when that runs"
    ),
    "unconfirmed-module": Kind(
        WARNING, "an import of what the image may have: its documented list is not complete"
    ),
    "missing-name": Kind(
        ERROR, "a name that the runtime's Python does not have yet, or no more, in that module"
    ),
    "newer-api": Kind(WARNING, "a use of what the runtime's Python does not have yet, or no more"),
    "syntax-too-new": Kind(ERROR, "syntax that the runtime's Python cannot read"),
    "syntax-error": Kind(ERROR, "what no Python can load, such as await outside a function"),
    "handler-not-found": Kind(ERROR, "the file or the function that the handler names is not there"),
    "handler-parameters": Kind(ERROR, "a handler or an initializer that cannot be called as it will be"),
    "handler-async": Kind(ERROR, "an async handler, which nobody awaits"),
    "handler-generator": Kind(ERROR, "a handler that yields, which nobody iterates over"),
    "handler-wsgi": Kind(ERROR, "an HTTP handler of FC 2.0, called with (environ, start_response)"),
    "handler-application": Kind(ERROR, "a web application as the handler of a built-in runtime"),
    "runs-at-start": Kind(
        WARNING, "a call, a wait or a loop outside of functions, which runs at each cold start"
    ),
    "exits-at-start": Kind(
        ERROR, "an exit outside of functions, which ends the instance before the first request"
    ),
    "runs-on": Kind(
        WARNING, "a thread that nothing waits for: it stands still once the handler has answered"
    ),
    "asks-for-input": Kind(WARNING, "input() or getpass(): nobody answers"),
    "missing-file": Kind(WARNING, "a file that is read and is not in the package"),
    "shadows-standard-library": Kind(ERROR, "a file named like a module that Python itself needs"),
    "shadows-module": Kind(WARNING, "a file named like another module of Python or of the image"),
    "package-too-large": Kind(ERROR, "libraries of more than 500 MB as ZIPs"),
    "large-package": Kind(
        WARNING, "more than the smaller regions take, or than the disk of an instance holds"
    ),
    "glibc-too-new": Kind(ERROR, "a library that needs a newer C library than the runtime's image has"),
    "wrong-platform": Kind(ERROR, "a library that is not for Linux on x86_64, or for another Python"),
    "program-cannot-start": Kind(ERROR, "a bootstrap file that cannot be run"),
}


class Place(NamedTuple):
    """``line 3`` of the deployed cell, ``In[2] line 3`` of another one, ``data.py:3`` of a file; ``line`` is that of
    the file which is packed."""

    text: str = ""
    line: int = 0


@dataclass(frozen=True)
class Finding:
    """``place``: where it is; ``said``: what is there; ``there``: what would happen there; ``hint``: what to do."""

    code: str
    place: Place
    said: str
    there: str = ""
    hint: str = ""

    @property
    def level(self) -> str:
        return KINDS[self.code].level

    @property
    def sentence(self) -> str:
        return f"{self.said}: {self.there}" if self.there else self.said

    def __str__(self) -> str:
        place = f"{self.place.text}: " if self.place.text else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{place}{self.sentence}{hint}"

    @property
    def problem(self) -> Problem:
        code = self.code if self.level == ERROR else f"{self.code} (warning)"
        return Problem(self.place.text, self.said, self.there, code, self.hint)


@dataclass(frozen=True)
class Findings:
    """All that was found, in the order of its lines."""

    found: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.found if one.level == ERROR)

    @property
    def warnings(self) -> tuple[Finding, ...]:
        return tuple(one for one in self.found if one.level == WARNING)

    def passed(
        self, name: str, force: bool = False, in_line: Callable[[Finding], str] = str
    ) -> tuple[str, ...]:
        """What is said beside the deployment. Raises PreflightFailed for errors, unless it is forced."""
        errors = self.errors
        if errors and not force:
            raise PreflightFailed(
                f"{name} was not deployed: {_counted(errors, self.warnings)}",
                problems=[one.problem for one in self.found],
                hint="Nothing was sent. What ran before still runs. --force deploys it all the same.",
            )
        return self.told("--force: deployed in spite of", in_line)

    def told(self, before: str, in_line: Callable[[Finding], str] = str) -> tuple[str, ...]:
        """All of them ``in_line``, behind one that says what errors came to, which begins with ``before``."""
        errors = self.errors
        first = (f"{before} {_counted(errors)}",) if errors else ()
        return (*first, *map(in_line, self.found))


def _counted(*groups: tuple[Finding, ...]) -> str:
    """``2 errors, 1 warning``"""
    some = [group for group in groups if group]
    return ", ".join(f"{len(group)} {group[0].level}{'' if len(group) == 1 else 's'}" for group in some)

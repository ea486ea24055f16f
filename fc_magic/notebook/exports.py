"""``%fcexport`` writes a function as files of another tool, ``%fcpull`` makes the cell of a live function.

Imported by ``%load_ext`` with the others, so what takes time to import is imported when it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from fc_magic.language.speech import say, translated
from fc_magic.notebook.line.arguments import optioned, required

if TYPE_CHECKING:
    from fc_magic.export.result import Pulled, Written

EXPORT = "%fcexport NAME --to s.yaml|zip|json|curl|terraform|python"
PULL = "%fcpull NAME"
#: option -> what its value is and does
_EXPORT_OPTIONS = {"to": "KIND", "out": "PATH"}
_PULL_OPTIONS = {"out": "DIR"}
_FLAGS = ("force", "with-secrets")
_EXPORT_HELP = """%fcexport NAME --to KIND: writes a function as files of another tool

  --to KIND       {0}
  --out PATH      the folder or file; else one named after the function, in the working directory
  --force         write over files that are there
  --with-secrets  write values that look secret, too: environment variables named …SECRET, …PASSWORD, …TOKEN, …KEY"""
_PULL_HELP = """%fcpull NAME: makes the cell that deploys a live function, with its real settings

  --out DIR       the folder of code that has several files; else one of the function's name
  --force         write over files that are there
  --with-secrets  write values that look secret into the cell"""


def table(magics: Any) -> list[tuple[str, Callable[..., Any], Callable[[], str]]]:
    """(name, what runs, what its help says), as the other magics have it."""
    own = ExportMagics(magics)
    return [("fcexport", own.fcexport, _export_help), ("fcpull", own.fcpull, lambda: say(_PULL_HELP))]


def _export_help() -> str:
    from fc_magic.export.kinds import KINDS

    width = max(map(len, KINDS))
    rows = [f"{name:<{width}}  {translated(kind.help)}" for name, kind in KINDS.items()]
    return say(_EXPORT_HELP, ("\n" + " " * 18).join(rows))


class ExportMagics:
    """``magics``: the shell, the settings and the client that all magics of a notebook share."""

    def __init__(self, magics: Any) -> None:
        self._magics = magics

    def fcexport(self, line: str, cell: str | None = None) -> Written:
        name, given = read(line, _EXPORT_OPTIONS, EXPORT)
        from fc_magic.export.kinds import kind

        kind(given.get("to", ""))  # a wrong word is refused before anybody is asked
        client, secrets = self._magics.client(), "with-secrets" in given
        made = self._magics.named(name, lambda: client.export(name, given["to"], with_secrets=secrets))
        written: Written = made.write(given.get("out", ""), "force" in given)
        return written

    def fcpull(self, line: str, cell: str | None = None) -> Pulled:
        from fc_magic.notebook.pull import pull

        name, given = read(line, _PULL_OPTIONS, PULL)
        client = self._magics.client()
        out, force, secrets = given.get("out", ""), "force" in given, "with-secrets" in given
        found: Pulled = self._magics.named(name, lambda: pull(client, name, out, force, secrets))
        self._magics.shell.set_next_input(found.cell)
        return found


def read(line: str, options: Mapping[str, str], usage: str) -> tuple[str, dict[str, str]]:
    """A name, and options with their values; flags have ``yes``. Raises UsageError."""
    plain, given = optioned(line, options, _FLAGS, usage)
    return required(" ".join(plain), usage), {option: values[-1] for option, values in given.items()}

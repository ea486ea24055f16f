"""``%%fcrun``: the cell's handler, once, in an instance of the local Function Compute; nothing is deployed.

Imported by ``%load_ext`` with the others, so what takes time to import is imported when it is used.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from fc_magic.errors import ApiError, FcError, UsageError
from fc_magic.language.speech import say

if TYPE_CHECKING:
    from pathlib import Path

    from fc_magic.notebook.build import Built
    from fc_magic.notebook.line.head import Head
    from fc_magic.notebook.line.options import Line
    from fc_magic.wire.results import Invocation

USAGE = "%%fcrun [NAME] [options of %%fcdeploy] [--event TEXT | --event-file FILE]"
_WHAT = (
    "runs the cell's handler once, in an instance of the local Function Compute; "
    "nothing is deployed, and nothing stays"
)
#: option -> what it does
OPTIONS = {
    "event": "what the handler is called with: JSON or any text",
    "event-file": "the same, from a file",
}
_VALUES = {"event": "TEXT", "event-file": "FILE"}
#: options of %%fcdeploy that have no meaning here; a line that has one means to do something else
REFUSED = ("dry-run", "target", "api", "yes", "form", "rate", "upgrade")
#: of a function that is not named
NAME = "cell"


def help_text() -> str:
    from fc_magic.language.speech import translated
    from fc_magic.notebook.line.arguments import explained_options

    rows = {
        "NAME": say("what the function is called while it runs"),
        **{f"--{name} {value}": translated(OPTIONS[name]) for name, value in _VALUES.items()},
        say("others"): say("those of %%fcdeploy, which %%fcdeploy --help lists, but for {0}", _refused()),
    }
    return explained_options(USAGE, say(_WHAT), rows)


def _refused() -> str:
    return " ".join(f"--{name}" for name in REFUSED)


def table(magics: Any) -> list[tuple[str, Callable[..., Any], Callable[[], str]]]:
    """(name, what runs, what its help says), as the other magics have it."""
    return [("fcrun", Running(magics).fcrun, help_text)]


class Running:
    """``magics``: the shell, the settings and the client that all magics of a notebook share."""

    def __init__(self, magics: Any) -> None:
        self._magics = magics

    def fcrun(self, line: str, cell: str | None = None) -> Invocation | None:
        from fc_magic.client import once
        from fc_magic.client.function import checked
        from fc_magic.notebook.failures import remembering
        from fc_magic.notebook.line import head, options
        from fc_magic.notebook.place import Place

        above = head.read(line, cell, remembering.skipped(self._magics))
        asked = options.of_head(above, self._magics.shell.user_ns, more=OPTIONS)
        if asked.wants_help:
            print(help_text())
            return None
        _refuse(asked)
        for option in _idle(asked):
            print(f"⚠ {say('{0} has no effect: nothing is deployed', option)}")
        asked = dataclasses.replace(asked, name=asked.name or NAME)
        event = self._event(asked)
        with _told(asked), self._magics.reach.at(Place("local")):
            built = self._built(asked, above)
            try:
                invocation = once.run(self._magics.client(), built.fields, event)
            except ApiError as error:
                options.on_the_line(error, asked.origins)
                raise
        self._remember(asked, above, built, invocation)
        return checked(invocation, event)

    def _event(self, asked: Line) -> str | bytes:
        from pathlib import Path

        if len(OPTIONS.keys() & asked.extra.keys()) == 2:
            raise UsageError("there are two events: --event and --event-file", hint="--event '{\"key\": 1}'")
        path = asked.extra.pop("event-file", "")
        if not path:
            return asked.extra.pop("event", "")
        file = Path(path).expanduser()
        try:
            return file.read_bytes()
        except FileNotFoundError:
            what = f"--event-file {path}: No such file or directory"
            raise UsageError(what, hint=_instead(file)) from None
        except OSError as error:
            what = f"--event-file {path}: {error.strerror or error}"
            raise UsageError(what, hint="--event '{\"key\": 1}'") from None

    def _built(self, asked: Line, above: Head) -> Built:
        from fc_magic.notebook.build import Asked, build
        from fc_magic.notebook.history import slicer
        from fc_magic.notebook.progress import at_work

        magics = self._magics
        slice_of = slicer(magics.shell, asked.repeated.get("exclude", ()), magics.unstored)
        wanted = Asked.of(asked, above, asked.overrides, magics.settings.runtime)
        # libraries go into the ZIP: a layer would stay
        wanted = dataclasses.replace(wanted, given={**wanted.given, "no-layer": ("yes",)})
        with at_work(magics.shell, magics.settings) as at:
            return build(wanted, slice_of, at)

    def _remember(self, asked: Line, above: Head, built: Built, invocation: Invocation) -> None:
        from fc_magic.notebook.failures import remembering

        if built.is_cell:
            line = "%%fcrun" if asked.name == NAME else f"%%fcrun {asked.name}"
            handler = str(built.fields.get("handler", ""))
            source = remembering.source(self._magics, line, handler, above, built.sliced)
            self._magics.cells.remember(asked.name, invocation.code_checksum, source, keep=False)


def _instead(missing: Path) -> str:
    """The nearest name beside a file that is not there; else where it was looked for."""
    import difflib

    folder, beside = missing.absolute().parent, []
    with suppress(OSError):  # it is not there, or not to be listed
        beside = [one.name for one in folder.iterdir() if one.is_file()]
    near = difflib.get_close_matches(missing.name, beside, n=1)
    return f"did you mean {missing.with_name(near[0])}?" if near else f"it is not in {folder}"


def _refuse(asked: Line) -> None:
    refused = [name for name in REFUSED if name in asked.extra]
    if asked.extra.get("target") == "local":  # where it runs anyway
        refused.remove("target")
    if refused:
        options = " ".join(f"--{name}" for name in refused)
        raise UsageError(
            f"%%fcrun runs the cell here: there is no {options}", hint=f"%%fcdeploy NAME {options}"
        )


def _idle(asked: Line) -> Iterator[str]:
    """Settings of a deployment, as a line has them that was copied from one."""
    if asked.overrides.get("triggers"):
        yield "--trigger"
    if asked.overrides.get("publish"):
        yield "--publish"


@contextmanager
def _told(asked: Line) -> Iterator[None]:
    """A refusal says of a deployment that nothing changed: here there is none."""
    try:
        yield
    except FcError as error:
        error.message = error.message.replace("was not deployed", "was not run")
        error.hint = error.hint.replace(" What ran before still runs.", "").replace("deploys it", "runs it")
        error.hint = error.hint.replace(" %%fcdeploy ", " %%fcrun ")
        raise

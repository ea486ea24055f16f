"""``fc-magic deploy``: the ``%%fcdeploy`` cells of a file, by the same options and the same pipeline as the magic."""

from __future__ import annotations

import dataclasses
import difflib
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fc_magic.errors import ApiError, FcError, UsageError
from fc_magic.language.speech import say
from fc_magic.notebook import place
from fc_magic.notebook.build import Asked, Built, build
from fc_magic.notebook.line import options
from fc_magic.notebook.line.options import Line
from fc_magic.notebook.notebook_file import Deployable, deployables
from fc_magic.notebook.reach import Reach
from fc_magic.notebook.sliced import excluded
from fc_magic.slicing.static import slicer

if TYPE_CHECKING:
    from fc_magic.client.client import Client
    from fc_magic.config import Settings

USAGE = "fc-magic deploy NOTEBOOK.ipynb|FILE.py [NAME …] [options]"


@dataclass(frozen=True)
class Wanted:
    """One deployment: where it stands in the file, and what its line and the command say together."""

    at: Deployable
    line: Line

    @property
    def place(self) -> str:
        return f"{self.line.name} (In[{self.at.number}])" if self.at.number is not None else self.line.name


def usage() -> str:
    """The options are those of the magic."""
    _, rest = options.usage().split("\n", 1)
    what = "{0}: deploys the cells of a notebook, all or those named; options win over those of the cells"
    return f"{say(what, USAGE)}\n{rest}"


def deploy(words: Sequence[str], connect: Callable[[Settings], Client], tell: Callable[[str], None]) -> None:
    """All are built before the first is sent. ``tell`` is given the text of each card. Raises FcError."""
    from fc_magic.notebook.display import text
    from fc_magic.notebook.plan.planning import preview

    if {"--help", "-h"} & set(words):
        return tell(usage())
    plain, given = divided(words)
    if not plain:
        raise UsageError("which notebook is deployed?", hint=USAGE)
    path, command = Path(plain[0]), _command(given)
    if "form" in command.extra:
        raise UsageError("--form opens a form in a notebook; a command has none", hint="%fcform NAME")
    chosen = _chosen(path, plain[1:], command)
    reach = Reach(None, connect, folder=path.absolute().parent)
    for wanted, built in [(each, _built(each, path.absolute().parent, reach)) for each in chosen]:
        with reach.at(place.of(wanted.line.extra)):
            if "dry-run" in wanted.line.extra:
                with _named(wanted.place, wanted.line.name):
                    tell(text(preview(reach, wanted.line, built), reach.where()))
            else:
                tell(_sent(wanted, built, reach, path))


def _command(words: Sequence[str]) -> Line:
    with _helped():
        return options.parse(shlex.join(words))


def divided(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Words that are no options, and options with their values."""
    plain: list[str] = []
    given: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            plain.append(word)
            continue
        given.append(word)
        takes = "=" not in word and word.removeprefix("--") not in options.FLAGS
        if takes and rest and not rest[0].startswith("--"):
            given.append(rest.pop(0))
    return plain, given


def _chosen(path: Path, names: Sequence[str], command: Line) -> list[Wanted]:
    """Those of these names, in the order of the file; without names, all."""
    found = [_read(each, path) for each in deployables(path)]
    if path.suffix == ".py" and names:
        if len(names) > 1:
            raise UsageError(f"{path} is the code of one function", hint=f"fc-magic deploy {path} {names[0]}")
        found = [Wanted(each.at, dataclasses.replace(each.line, name=names[0])) for each in found]
    nameless = next((each for each in found if not each.line.name), None)
    if nameless:
        raise UsageError(
            f"{path}: the function of In[{nameless.at.number}] has no name", hint="%%fcdeploy NAME"
        )
    known = [each.line.name for each in found]
    if not known:
        raise UsageError(f"{path} has no cell that begins %%fcdeploy", hint="%%fcdeploy NAME")
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            raise UsageError(
                f"{path} deploys no {name}; it has {', '.join(dict.fromkeys(known))}",
                hint=f"did you mean {close[0]}?" if close else "",
            )
    wanted = [each for each in found if not names or each.line.name in names]
    return [dataclasses.replace(each, line=_together(each, command)) for each in wanted]


def _read(at: Deployable, path: Path) -> Wanted:
    with _named(f"In[{at.number}]" if at.number is not None else path.name), _helped():
        return Wanted(at, options.of_head(at.head, said=options.ALL))


def _together(wanted: Wanted, command: Line) -> Line:
    """What the command says wins; expressions of the rest are refused, as nothing is run."""
    said = {*command.overrides, *command.extra, *command.repeated}
    with _named(wanted.place), _helped():
        line = options.of_head(wanted.at.head, said=said)
    return Line(
        wanted.line.name,
        {**line.overrides, **command.overrides},
        {**line.extra, **command.extra},
        {**line.repeated, **command.repeated},
        {name: origin for name, origin in line.origins.items() if name not in command.overrides},
        (*line.warnings, *command.warnings),
    )


def _built(wanted: Wanted, folder: Path, reach: Reach) -> Built:
    from fc_magic.notebook.progress import at_work

    at, line = wanted.at, wanted.line
    left_out = excluded(line.repeated.get("exclude", ()))
    with (
        _named(wanted.place, wanted.line.name),
        reach.at(place.of(line.extra)),
        at_work(None, reach.settings) as workplace,
    ):
        asked = Asked.of(line, at.head, line.overrides, reach.settings.runtime)
        asked = dataclasses.replace(asked, base=folder)
        return build(asked, slicer(at.above, at.number, folder, left_out), workplace)


@contextmanager
def _helped() -> Iterator[None]:
    """Whoever has no notebook before them asks the command."""
    try:
        yield
    except UsageError as error:
        if error.hint == options.HELP:
            error.hint = "fc-magic deploy --help lists the options"
        raise


@contextmanager
def _named(place: str, name: str = "") -> Iterator[None]:
    """A refusal says whose it is: there may be several in the file. One of the function ``name`` may have said so."""
    try:
        yield
    except FcError as error:
        if not (name and error.message.startswith((f"{name}: ", f"{name} was ", f"{name} would "))):
            error.message = f"{place}: {error.message}"
        raise


def _sent(wanted: Wanted, built: Built, reach: Reach, path: Path) -> str:
    from fc_magic.notebook import libraries
    from fc_magic.notebook.display import text
    from fc_magic.notebook.failures import remembering

    with _named(wanted.place, wanted.line.name):
        try:
            function = libraries.deploy(reach.client(), built)
        except ApiError as error:
            options.on_the_line(error, wanted.line.origins)
            raise
    if built.is_cell:
        remembering.of_file(reach.settings.folder, wanted.at, path, function, built.sliced)
    warnings = (*function.info.warnings, *built.warnings)
    return text(dataclasses.replace(function.info, warnings=warnings), function.target.name)

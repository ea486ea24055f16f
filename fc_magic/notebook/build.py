"""From what a line and a cell say to the fields of a deployment: the code is found, completed, examined, packed.

The magics and the command line come here; neither IPython nor a server is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from fc_magic.errors import (
    CellError,
    FcError,
    Interrupted,
    PackageError,
    PreflightFailed,
    Problem,
    UsageError,
)
from fc_magic.language.speech import say, translated
from fc_magic.notebook import dependencies, libraries, sources
from fc_magic.notebook.form import masks
from fc_magic.notebook.line import options
from fc_magic.notebook.line.head import Head
from fc_magic.notebook.line.options import Line, Origin
from fc_magic.notebook.secrets import Found, secrets
from fc_magic.notebook.sliced import Slicer, excluded, sliced
from fc_magic.package import included
from fc_magic.package.contents import CELL, Contents
from fc_magic.package.layered import Layered
from fc_magic.package.workplace import Workplace
from fc_magic.preflight.examine import examine
from fc_magic.preflight.finding import FORCED, FORCES, Finding
from fc_magic.preflight.view import View
from fc_magic.slicing.result import Slice

#: how a warning ends about a variable that only the notebook has
_SETS_IT = re.compile(r"--env (\w+)=VALUE sets it$")


@dataclass(frozen=True)
class Asked:
    """One deployment as a person asks for it. ``settings`` are fields of the deployment; ``given`` the options that
    are no fields, each with its values; ``base`` is the notebook's folder, from which paths are seen. ``skipped``: so
    many lines stand before the magic's.
    ``libraries``: whether those that it asks for are fetched."""

    name: str
    cell: str
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    runtime: str = "python3.10"
    given: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    base: Path = Path()
    libraries: bool = True
    origins: Mapping[str, Origin] = field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = ()
    skipped: int = 0

    @classmethod
    def of(cls, line: Line, above: Head, settings: Mapping[str, Any], runtime: str) -> Asked:
        given = {**{name: (value,) for name, value in line.extra.items()}, **line.repeated}
        runtime = str(settings.get("runtime") or runtime)
        return cls(
            line.name,
            above.body,
            settings,
            runtime,
            given,
            origins=line.origins,
            warnings=line.warnings,
            skipped=above.skipped,
        )

    def has(self, option: str) -> bool:
        return option in self.given

    def one(self, option: str) -> str:
        """The last value of an option; empty without one."""
        return self.given.get(option, ("",))[-1]

    def every(self, option: str) -> tuple[str, ...]:
        return self.given.get(option, ())


@dataclass(frozen=True)
class Built:
    """``fields`` of the deployment, its code among them; ``contents`` are what that was packed from, if it was packed
    here; ``sliced`` is the file that the cell became, with what it needs of the notebook; ``layers`` have its
    libraries, if its ZIP has not; ``secrets`` stand in the file and are not shown."""

    fields: Mapping[str, Any] = field(repr=False)
    warnings: tuple[str, ...] = ()
    contents: Contents | None = field(default=None, repr=False)
    sliced: Slice | None = field(default=None, repr=False)
    layers: tuple[Layered, ...] = ()
    secrets: tuple[Found, ...] = ()

    @property
    def is_cell(self) -> bool:
        """Whether the cell is the code, or a part of it."""
        return self.contents is not None and CELL in self.contents.reasons.values()


def build(asked: Asked, slicer: Slicer | None = None, at: Workplace | None = None) -> Built:
    """``at``: where it is packed, unless where the settings say.

    Raises UsageError, CellError or PackageError before anything is sent.
    """
    try:
        built = _built(asked, slicer, at)
        return replace(built, warnings=(*asked.warnings, *_unused(asked), *built.warnings))
    except KeyboardInterrupt:
        raise Interrupted(
            f"{asked.name} was interrupted while it was packed; nothing was sent, what ran before still runs"
        ) from None
    except (CellError, PackageError, UsageError) as error:
        # whoever corrects that should know now what else is wrong
        _more(error, options.wrong(asked.settings, asked.origins))
        raise


def _unused(asked: Asked) -> Iterator[str]:
    if asked.has("rate") and not asked.has("dry-run"):
        yield f"--rate is for --dry-run; of what is deployed: %fccost {asked.name} --rate {asked.one('rate')}"


def _more(error: FcError, wrong: Sequence[Problem]) -> None:
    error.problems = (*error.problems, *wrong)
    if wrong and isinstance(error, PreflightFailed):  # it counts
        error.message += ", 1 setting" if len(wrong) == 1 else f", {len(wrong)} settings"
        error.hint = error.hint.removesuffix(FORCES)  # no option makes a wrong setting a right one


def _built(asked: Asked, slicer: Slicer | None, at: Workplace | None) -> Built:
    masks.refuse({**asked.settings, "requirements": asked.every("requirements")})
    files, folders = asked.every("file"), asked.every("include")
    settings = {**asked.settings, "name": asked.name}
    found = sources.read(
        settings,
        asked.cell,
        asked.runtime,
        asked.one("folder"),
        asked.base,
        bool(files or folders),
        asked.skipped,
    )
    if found.contents is None:
        dependencies.none_with(f"--{sources.named(settings).replace('_', '-')}", asked)
        if not found.inside:
            return Built(found.fields, found.warnings)
        inside = _examined(asked, found.fields, found.inside)
        return Built(found.fields, (*found.warnings, *included.warnings(found.inside), *inside))
    completed, piece = sliced(found.contents, slicer)
    more = included.read(files, folders, asked.base)
    contents = completed.beside(more).beside(dependencies.of(asked, at))
    warnings = (*found.warnings, *(_of_slice(piece, settings) if piece else ()), *included.warnings(contents))
    hidden = secrets(piece)
    told = dict.fromkeys(str(one) for one in hidden if one.is_told)  # several may have one name
    warnings += (*told, *_missed(contents, piece))
    warnings += contents.warnings
    warnings += _examined(asked, found.fields, contents, piece)
    code, layers = libraries.packed(contents, asked, at)
    return Built({**found.fields, "code": code}, warnings, contents, piece, layers, hidden)


def _of_slice(piece: Slice, settings: Mapping[str, Any]) -> Iterator[str]:
    """What slicing warns of, but for variables that the deployment sets."""
    environment = settings.get("environment")
    known = environment if isinstance(environment, Mapping) else {}
    for warning in piece.warnings:
        said = _SETS_IT.search(warning)
        if said is None or said[1] not in known:
            yield warning


def _missed(contents: Contents, sliced: Slice | None) -> tuple[str, ...]:
    why = "is read while the function starts, and is not in the package"
    paths = [path for path in (sliced.reads if sliced else ()) if path not in contents.files]
    return tuple(f"{path} {why}: --file {path}" for path in paths)


def _examined(
    asked: Asked, fields: Mapping[str, Any], contents: Contents, sliced: Slice | None = None
) -> tuple[str, ...]:
    """What is to be said of the code; raises PreflightFailed for what would fail there, unless it is forced."""
    view = View.of(fields, contents, asked.runtime, sliced)
    left_out = excluded(asked.every("exclude"))
    found = examine(replace(view, apart=libraries.are_apart(asked), excluded=left_out))
    if asked.has("dry-run"):
        forced = "--force: would be deployed in spite of"
        return found.told(forced if asked.has(FORCED) else "would not be deployed without --force:", _line)
    return found.passed(asked.name, asked.has(FORCED), _line)


def _line(found: Finding) -> str:
    """In the reader's language already: of several sentences in a row nobody could tell where one ends."""
    said = translated(found.said)
    said = say("{0}: {1}", said, translated(found.there)) if found.there else said
    said = say("{0}: {1}", translated(found.place.text), said) if found.place.text else said
    return say("{0}; {1}", said, translated(found.hint)) if found.hint else said

"""The magics, each a paragraph: parse, build, ask, show.

Imported by the first of them that runs; everything that takes time to import is imported by the one that needs it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from fc_magic.errors import (
    AliasNotFound,
    ApiError,
    FunctionNotFound,
    UsageError,
    VersionNotFound,
)
from fc_magic.language.speech import say, translated
from fc_magic.notebook import (
    calls,
    cost_magics,
    exports,
    forms,
    layers,
    log_magics,
    packages,
    place,
    running,
    targets,
    versions,
    words,
)
from fc_magic.notebook.failures import remembering
from fc_magic.notebook.failures.cells import Cells
from fc_magic.notebook.line.arguments import plain, required
from fc_magic.notebook.reach import Reach
from fc_magic.notebook.unstored import Unstored

if TYPE_CHECKING:
    from fc_magic.client.client import Client
    from fc_magic.client.function import RemoteFunction
    from fc_magic.config import Settings
    from fc_magic.notebook.form.form import Form
    from fc_magic.notebook.line.head import Head
    from fc_magic.notebook.line.options import Line
    from fc_magic.notebook.preview import Preview
    from fc_magic.wire.results import Functions, Instances, Invocation
    from fc_magic.wire.tasks import Accepted

#: magics whose line ends in what is taken as it is -> how many words come before that
_NAMES = {"fcinvoke": 1}
#: magics whose options may stand in the cell, too
_HEADED = ("fcdeploy", "fcrun")
T = TypeVar("T")


class FcMagics:
    """What the magics of one notebook share: settings, the client, forms, and which cell became which function."""

    def __init__(
        self,
        shell: Any,
        connect: Callable[[Settings], Client],
        configured: Callable[[], dict[str, Any]] = dict,
        unstored: Unstored | None = None,
    ) -> None:
        self.shell, self.reach, self.unstored = shell, Reach(shell, connect, configured), unstored
        self.forms = forms.Forms(self)
        self.reach.moved, self.reach.deleted = self.forms.moved, self.forms.forget
        self.cells = Cells(lambda: remembering.kept(self))
        #: what was packed here, by the name of the function
        self.packed: dict[str, packages.Noted] = {}

    def table(self) -> list[tuple[str, Callable[..., Any], Callable[[], str]]]:
        """(name, what runs, what its help says)"""
        # the options of a head are read with it
        own = [
            (name, run if name in _HEADED else self._placed(name, run), help_)
            for name, run, help_ in self._table()
        ]
        target = [(name, self._said(name, run), help_) for name, run, help_ in targets.table(self.reach)]
        return [("fcdeploy", self.fcdeploy, _deploy_help), *own, *target]

    def _said(self, name: str, run: Callable[..., Any]) -> Callable[..., Any]:
        """The magic behind expressions in braces; those of a cell's head are evaluated where that is read."""

        def said(line: str, cell: str | None = None) -> Any:
            if "{" in line and name not in _HEADED:
                from fc_magic.notebook.line import expressions

                line = expressions.replaced(line, self.shell.user_ns, _NAMES.get(name, 0))
            return run(line, cell)

        return said

    def _placed(self, name: str, run: Callable[..., Any]) -> Callable[..., Any]:
        """The magic behind ``--target``, ``--api`` and ``--yes``."""

        def placed(line: str, cell: str | None = None) -> Any:
            where, rest = place.taken(line, _NAMES.get(name, 0))
            with self.reach.at(where):
                return run(rest, cell)

        return self._said(name, placed)

    def _table(self) -> list[tuple[str, Callable[..., Any], Callable[[], str]]]:
        return [
            (
                "fcinvoke",
                self.fcinvoke,
                calls.help_text,
            ),
            ("fclist", self.fclist, lambda: "%fclist [PREFIX]: what is deployed"),
            (
                "fcinstances",
                self.fcinstances,
                lambda: "%fcinstances [NAME]: the instances of a function, or of all, and what they do",
            ),
            ("fcdelete", self.fcdelete, lambda: "%fcdelete NAME: removes a function with its triggers"),
            *forms.table(self),
            *layers.table(self),
            *packages.table(self),
            *running.table(self),
            *cost_magics.table(self),
            *versions.table(self),
            *exports.table(self),
            *log_magics.table(self),
        ]

    # ------------------------------------------------------------ deploy

    def fcdeploy(self, line: str, cell: str | None = None) -> RemoteFunction | Preview | Form | None:
        from fc_magic.notebook.line import head, options

        above = head.read(line, cell, remembering.skipped(self))
        asked = options.of_head(above, self.shell.user_ns)
        if asked.wants_help:
            print(_deploy_help())
            return None
        if not asked.name:
            raise UsageError("the function has no name", hint="%%fcdeploy NAME, such as %%fcdeploy hello")
        asked = self.forms.taken(asked, above)
        return (
            self.forms.open(asked.name, asked.extra) if "form" in asked.extra else self.deploy(asked, above)
        )

    def deploy(self, asked: Line, above: Head) -> RemoteFunction | Preview:
        """Parse was before; build, ask, and what is shown is the function itself."""
        from fc_magic.notebook import differing, libraries
        from fc_magic.notebook.build import Asked, build
        from fc_magic.notebook.history import slicer
        from fc_magic.notebook.line import options
        from fc_magic.notebook.progress import at_work

        settings = asked.overrides
        slice_of = slicer(self.shell, asked.repeated.get("exclude", ()), self.unstored)
        with at_work(self.shell, self.settings) as at:
            built = build(Asked.of(asked, above, settings, self.settings.runtime), slice_of, at)
        built = dataclasses.replace(built, warnings=(*built.warnings, *differing.warnings(built)))
        if "dry-run" in asked.extra:
            from fc_magic.notebook.plan.planning import preview

            return preview(self.reach, asked, built)
        with self.reach.at(place.of(asked.extra)):
            try:
                function = libraries.deploy(self.client(), built, self.packed.get(asked.name))
            except ApiError as error:
                options.on_the_line(error, asked.origins)
                raise
        function.info = dataclasses.replace(
            function.info, warnings=(*function.info.warnings, *built.warnings)
        )
        self.packed[function.info.name] = packages.noted(built)
        if built.is_cell:
            remembering.remember(self, function, asked, above, built.sliced)
        self.name(function)
        return function

    def name(self, function: RemoteFunction) -> None:
        """Makes the function a variable of the notebook, unless there is something else of that name."""
        name = words.variable(function.info.name)
        taken = self.shell.user_ns.get(name)
        if name and (taken is None or type(taken).__name__ == "RemoteFunction"):
            self.shell.push({name: function})
            return
        if name:
            note = f"{name} is something else in this notebook, of type {type(taken).__name__}; _ is the function"
        else:
            note = f"{function.info.name} is a word of Python's own and stays so; _ is the function"
        function.info = dataclasses.replace(function.info, warnings=(*function.info.warnings, note))

    # ------------------------------------------------------------ call and look

    def fcinvoke(self, line: str, cell: str | None = None) -> Invocation | Accepted:
        from fc_magic.client.client import checked

        asked = calls.read(line, cell)
        name, qualifier, later = asked.name, asked.qualifier, asked.later
        event = asked.event if cell is not None else calls.evaluated(asked.event, self.shell.user_ns)
        if later is not None:
            return self.named(
                name, lambda: self.client().invoke_async(name, event, qualifier=qualifier, **later)
            )
        invocation = self.named(name, lambda: self.client().invoke(name, event, qualifier=qualifier))
        return checked(invocation, event)

    def named(self, name: str, act: Callable[[], T]) -> T:
        """What ``act`` returns; a name that is not deployed is answered with the nearest one that is."""
        try:
            return act()
        except FunctionNotFound as error:
            import difflib

            known = [f.name for f in self.client().list()]
            close = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
            if close:
                error.hint = f"did you mean {close[0]}?"
            raise
        except (VersionNotFound, AliasNotFound) as error:
            error.hint = f"%fcversions {name}"
            raise

    def fclist(self, line: str, cell: str | None = None) -> Functions:
        return self.client().list(plain(line, "%fclist [PREFIX]"))

    def fcinstances(self, line: str, cell: str | None = None) -> Instances:
        name = plain(line, "%fcinstances [NAME]")
        if not name:
            return self.client().instances()
        required(name, "%fcinstances [NAME]")
        return self.named(name, lambda: self.client().instances(name))

    def fcdelete(self, line: str, cell: str | None = None) -> None:
        from fc_magic.notebook import libraries

        name = required(plain(line, "%fcdelete NAME"), "%fcdelete NAME")
        warnings = self.named(name, lambda: libraries.delete(self.client(), name))
        variable = words.variable(name)
        held = self.shell.user_ns.get(variable)
        # my-fn and my_fn share a variable
        if type(held).__name__ == "RemoteFunction" and held.info.name == name:
            self.shell.drop_by_id({variable: held})
        self.cells.forget(name, self.client().target.name)
        said = say("deleted from {0}", self.where())
        print("\n".join([f"✓ {name}  {said}", *(f"  ⚠ {translated(text)}" for text in warnings)]))

    # ------------------------------------------------------------ where it all goes

    @property
    def settings(self) -> Settings:
        return self.reach.settings

    def client(self) -> Client:
        """The client of where the line goes."""
        return self.reach.client()

    def where(self) -> str:
        return self.reach.where()

    def present(self, error: Any) -> list[str]:
        from fc_magic.notebook.display import present

        return present(error, self.cells, self.shell)


def _deploy_help() -> str:
    from fc_magic.notebook.line import options

    return options.usage()

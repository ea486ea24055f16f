"""``%fcform`` and ``%%fcdeploy --form``: the forms of one notebook, in step with the lines of its cells.

Imported by ``%load_ext`` with the others, so what takes time to import is imported when it is used.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from fc_magic.errors import FcError, FunctionNotFound, UsageError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from fc_magic.client.client import Client
    from fc_magic.notebook.form.form import Form
    from fc_magic.notebook.line.head import Head
    from fc_magic.notebook.line.options import Line
    from fc_magic.wire.results import Function

    #: where it was asked, and what is deployed there
    Found = tuple[Client, Function]

#: a form that is shown is not filled a blink later
PATIENCE_S = 0.1
USAGE = "%fcform NAME [--write]"
_WHAT = "a form that is in step with the line of %%fcdeploy NAME; --write: this cell becomes that cell"


def table(magics: Any) -> list[tuple[str, Callable[..., Any], Callable[[], str]]]:
    """(name, what runs, what its help says), as the other magics have it."""
    return [("fcform", magics.forms.fcform, lambda: f"{USAGE}: {_WHAT}")]


class Forms:
    """``magics``: what all magics of a notebook share. A form stays until its function is deleted, and is shown again
    with its values when its cell is run again."""

    def __init__(self, magics: Any) -> None:
        self._magics = magics
        self._forms: dict[str, Form] = {}
        #: the last line and cell of each name
        self._last: dict[str, tuple[Line, Head]] = {}

    # ------------------------------------------------------------ what the magics ask

    def fcform(self, line: str, cell: str | None = None) -> Form | None:
        from fc_magic.notebook.line.arguments import optioned, required

        plain, given = optioned(line, {}, ("write",), USAGE)
        form = self.open(required(" ".join(plain), USAGE))
        if "write" not in given:
            return form
        self._magics.shell.set_next_input(self._cell_of(form), replace=True)
        return None

    def taken(self, asked: Line, above: Head) -> Line:
        """A cell is run: what it says goes into the form, and what the form says goes with it."""
        self._last[asked.name] = (asked, above)
        form = self._forms.get(asked.name)
        if form is None:
            return self._whole(asked)
        from fc_magic.language.speech import say
        from fc_magic.notebook.line.options import Origin, option

        form.take(asked)
        said = form.state.line()
        # a refusal says of what the line does not have where it is
        own = {name: Origin(say("form: {0}", option(name))) for name in said.overrides}
        return dataclasses.replace(
            asked,
            warnings=(*asked.warnings, *_only_there(said, asked)),
            origins={**own, **asked.origins},
            overrides=said.overrides,
            extra={**asked.extra, **said.extra},
            repeated={**asked.repeated, **said.repeated},
        )

    def _whole(self, asked: Line) -> Line:
        """``…`` on a line that a form wrote stands for a secret; after a restart what is deployed has it."""
        from fc_magic.notebook.form.masks import HIDING, has_mask, unmasked

        if not any(has_mask(asked.overrides.get(name)) for name in HIDING):
            return asked
        known = {}
        with contextlib.suppress(FcError):  # what nobody knows is refused
            known = self._live(asked.name)
        found = {name: unmasked(name, value, known.get(name)) for name, value in asked.overrides.items()}
        return dataclasses.replace(asked, overrides=found)

    def open(self, name: str) -> Form:
        form = self._forms.get(name)
        if form is None:
            _check(name)
            live = None if name in self._last else self._asked(name)
            from fc_magic.notebook.form.acts import Acts
            from fc_magic.notebook.form.form import Form

            acts = Acts(
                self._deploy,
                self._dry_run,
                self._invoke,
                self._writer(),
                self._html,
                self._magics.where,
                lambda: self._magics.shell.user_ns,
            )
            form = Form(name, acts, {"runtime": self._magics.settings.runtime})
            self._begin(form, live)
            self._forms[name] = form
        return form

    def forget(self, name: str) -> None:
        self._forms.pop(name, None)

    # ------------------------------------------------------------ how it begins

    def _begin(self, form: Form, live: Future[Found] | None) -> None:
        """With the notebook's last line of that name; without one, as after a restart, with what is deployed. That
        is not waited for longer than nobody minds, since a local Function Compute may have to be started."""
        from concurrent.futures import wait

        from fc_magic.language.speech import say
        from fc_magic.notebook import ahead

        if live is None:
            form.take(self._last[form.name][0])
            return
        where = self._magics.where()
        form.awaits(say("asking {0} what is deployed …", where), lambda: self._found(form, live, where))
        is_there = wait([live], PATIENCE_S).done
        if is_there or not ahead.soon(self._magics.shell, live, form.settle):
            form.settle()

    def _found(self, form: Form, answer: Future[Found], where: str) -> None:
        """What somebody has set in the meantime stays."""
        from fc_magic.language.speech import say, translated

        try:
            live = read(*self._magics.named(form.name, answer.result))
        except FunctionNotFound as error:
            new = say("new: no cell has deployed it yet, and there is none on {0}", where)
            said = [new, translated(error.hint)] if "?" in error.hint else [new]
            form.begun(" · ".join(said), stays=True)
        except FcError as error:
            why = translated(error.message.partition("\n")[0].rstrip("."))
            form.begun(say("what is live on {0} is not known: {1}", where, why), stays=True)
        else:
            values, defaults = form.state.values, form.state.defaults
            form.fill({n: v for n, v in live.items() if n in values and values[n] == defaults[n]})
            form.begun(say("as deployed to {0}", where))

    def _live(self, name: str) -> dict[str, Any]:
        """What is deployed. Nothing if nothing is; raises FcError if nobody can be asked."""
        try:
            client = self._magics.client()
            return read(client, client.get(name).info)
        except FunctionNotFound:
            return {}

    def _asked(self, name: str) -> Future[Found]:
        from fc_magic.notebook import ahead

        reached = self._magics.reach.reaching()

        def ask() -> Found:
            client = reached()
            return client, client.get(name).info

        return ahead.asked(ask)

    # ------------------------------------------------------------ the buttons

    def _deploy(self, form: Form) -> object:
        return self._sent(form)

    def _dry_run(self, form: Form) -> object:
        return self._sent(form, {"dry-run": "yes"})

    def _sent(self, form: Form, more: dict[str, str] | None = None) -> object:
        """The last cell of that name again, with every value of the form, also those at their default."""
        from fc_magic.notebook.line.head import Head

        said = form.state.line()
        elsewhere = ("folder", "code", "zip_file", "oss_bucket", "image_url", "custom_container_config")
        if form.name not in self._last and not any(form.state.values[name] for name in elsewhere):
            raise UsageError(
                f"no cell has deployed {form.name} in this notebook yet",
                hint=f"run a cell that begins %%fcdeploy {form.name}",
            )
        _, above = self._last.get(form.name, (said, Head("")))
        asked = dataclasses.replace(
            said, overrides=form.state.settings(), extra={**said.extra, **(more or {})}, origins={}
        )
        return self._magics.deploy(asked, above)

    def _invoke(self, form: Form, event: str) -> object:
        from fc_magic.client.client import checked
        from fc_magic.notebook import place

        with self._magics.reach.at(place.of(form.state.line().extra)):
            client = self._magics.client()
            return checked(self._magics.named(form.name, lambda: client.invoke(form.name, event)), event)

    def _html(self, thing: object) -> str:
        from fc_magic.notebook import display

        shown = getattr(thing, "info", thing)
        return display.bundle(shown, self._magics.where(), cells=self._magics.cells)["text/html"]

    def _writer(self) -> Callable[[Form], str] | None:
        """Nothing where there are no cells to write to, as in Voilà."""
        import os

        return None if os.environ.get("SERVER_SOFTWARE", "").startswith("voila") else self._write

    def _write(self, form: Form) -> str:
        """A front end takes a new cell only along with the answer to a cell that is run."""
        from fc_magic.language.speech import say

        self._magics.shell.set_next_input(self._cell_of(form), replace=False)
        events = self._magics.shell.events

        def written(result: object = None) -> None:
            events.unregister("post_run_cell", written)
            form.judge()

        events.register("post_run_cell", written)
        return say("written below the next cell you run")

    def _cell_of(self, form: Form) -> str:
        form.settle()
        body = self._last[form.name][1].body.strip("\n") if form.name in self._last else ""
        return "\n".join([*form.lines(), body or _STARTER])


def read(client: Client, live: Function) -> dict[str, Any]:
    """What is deployed, without what a cell finds out by itself."""
    from fc_magic.package.layered import OURS
    from fc_magic.wire.runtimes import is_custom
    from fc_magic.wire.triggers import bare

    called_by = [{"type": t.type, "config": t.config()} for t in bare(live.triggers)]
    found = {**live.settings(), **live.source, "triggers": called_by}
    found["layers"] = [one for one in found["layers"] if not OURS.fullmatch(str(one.get("name")))]
    usual = (client.settings.role, client.target.role, client.role(client.settings.role))
    own = {"handler", *(() if is_custom(live.runtime) else ("entrypoint",))}
    left_out = {*(own if live.entrypoint == live.handler else {"handler"})}
    left_out |= {"role"} if found["role"] in usual else set()
    return {n: v for n, v in found.items() if n not in left_out and v not in ("", None)}


def _check(name: str) -> None:
    """Raises UsageError for a name that nothing can be deployed with."""
    from fc_magic.notebook import gathering

    wrong = [problem for problem in gathering.whole({"name": name}) if problem.field == "name"]
    if wrong:
        what = f"{name} can be no function: its name {wrong[0].problem}: {wrong[0].allowed}"
        raise UsageError(what, hint=f"%fcform {wrong[0].hint}")


def _only_there(said: Line, asked: Line) -> Iterator[str]:
    """The options that the line does not have: nobody who reads the cell, and no command that deploys the notebook,
    sees them."""
    from fc_magic.notebook.form import written

    more = dataclasses.replace(
        said,
        overrides={n: v for n, v in said.overrides.items() if n not in asked.overrides},
        extra={n: v for n, v in said.extra.items() if n not in asked.extra},
        repeated={n: v for n, v in said.repeated.items() if n not in asked.repeated},
    )
    _, *options = written.words(more)
    if options:
        yield f"from the form: {' '.join(options)} · %fcform {said.name} --write puts it into the cell"


_STARTER = 'def handler(event, context):\n    return "hello"'

"""``%fcform`` and ``%%fcdeploy --form``: the forms of one notebook, in step with the lines of its cells.

Imported by ``%load_ext`` with the others, so what takes time to import is imported when it is used.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple

from fc_magic.errors import FcError, FunctionNotFound, UsageError
from fc_magic.notebook import place

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


class Key(NamedTuple):
    """One name at two targets is two functions: what is known of one, secrets above all, is not the other's."""

    name: str
    target: str


class Forms:
    """``magics``: what all magics of a notebook share. A form stays until its function is deleted, and is shown again
    with its values when its cell is run again."""

    def __init__(self, magics: Any) -> None:
        self._magics = magics
        self._forms: dict[Key, Form] = {}
        #: the last line and cell of each key, the newest at the end
        self._last: dict[Key, tuple[Line, Head]] = {}
        #: what is written as a cell when the next cell was run
        self._written: tuple[Form, Key] | None = None

    # ------------------------------------------------------------ what the magics ask

    def fcform(self, line: str, cell: str | None = None) -> Form | None:
        from fc_magic.notebook.line.arguments import optioned, required

        plain, given = optioned(line, {}, ("write",), USAGE)
        said = self._magics.reach.line
        where = {n: "yes" if text is True else text for n, text in said._asdict().items() if text}
        key = self._key(required(" ".join(plain), USAGE), where)
        form = self._opened(key, where)
        if "write" not in given:
            return form
        self._magics.shell.set_next_input(self._cell_of(form, key), replace=True)
        return None

    def taken(self, asked: Line, above: Head) -> Line:
        """A cell is run: what it says goes into the form, and what the form says goes with it. A dry run changes
        nothing, so neither what the form says nor which cell its button sends."""
        key = self._key(asked.name, asked.extra)
        form = self._forms.get(key)
        if form is None:
            asked = self._whole(asked)
        is_trial = "dry-run" in asked.extra and "form" not in asked.extra
        if not is_trial:
            self._last.pop(key, None)
            self._last[key] = (asked, dataclasses.replace(above, number=self._number()))
        if form is None:
            return asked
        from fc_magic.language.speech import say
        from fc_magic.notebook.line.options import Origin, option

        if not is_trial:
            form.take(asked)
        said = form.tried(asked) if is_trial else form.state.line()
        # a refusal says of what the line does not have where it is
        own = {name: Origin(say("form: {0}", option(name))) for name in said.overrides}
        return dataclasses.replace(
            asked,
            warnings=(*asked.warnings, *_only_there(said, asked)),
            origins={**own, **asked.origins},
            # what the line says is never left out: it may be another's default
            overrides={**asked.overrides, **said.overrides},
            extra={**asked.extra, **said.extra},
            repeated={**asked.repeated, **said.repeated},
        )

    def _number(self) -> int | None:
        """A button sends the cell again when another one has run."""
        from fc_magic.notebook.history import number

        return number(self._magics.shell, self._magics.unstored)

    def _whole(self, asked: Line) -> Line:
        """``…`` on a line that a form wrote stands for a secret; after a restart what is deployed has it, where the
        line goes."""
        from fc_magic.notebook.form.masks import HIDING, has_mask, unmasked

        if not any(has_mask(asked.overrides.get(name)) for name in HIDING):
            return asked
        known = self._live(asked.name, asked.extra)
        found = {name: unmasked(name, value, known.get(name)) for name, value in asked.overrides.items()}
        return dataclasses.replace(asked, overrides=found)

    def open(self, name: str, extra: Mapping[str, str]) -> Form:
        """``extra`` has what a line says of where it goes."""
        return self._opened(self._key(name, extra), extra)

    def forget(self, name: str, target: str) -> None:
        """It was deleted there: what its form would deploy is nothing that one sees."""
        key = Key(name, target)
        self._last.pop(key, None)
        form = self._forms.pop(key, None)
        if form is not None:
            form.close()

    # ------------------------------------------------------------ whose it is

    def _key(self, name: str, extra: Mapping[str, str]) -> Key:
        with self._at(extra):
            return Key(name, self._magics.settings.target)

    def _at(self, extra: Mapping[str, str]) -> AbstractContextManager[None]:
        at: AbstractContextManager[None] = self._magics.reach.at(place.of(extra))
        return at

    def _elsewhere(self, key: Key) -> str:
        """The target of the function, if a line that names none goes to another."""
        with contextlib.suppress(FcError):  # of the settings: whatever needs them says it
            return key.target if key.target != self._magics.reach.usual else ""
        return ""

    def moved(self) -> None:
        """The notebook goes elsewhere: a line that named no target may have to, also one that is to be written."""
        for form in self._forms.values():
            form.moved()
        if self._written:
            with contextlib.suppress(FcError):
                self._magics.shell.set_next_input(self._cell_of(*self._written), replace=False)

    # ------------------------------------------------------------ how it begins

    def _opened(self, key: Key, extra: Mapping[str, str]) -> Form:
        from fc_magic.config import public

        form = self._forms.get(key)
        if form is not None:
            return form
        with self._at(extra):
            _check(key, self._magics.settings.origins.get("target", ""))
            live = None if key in self._last else self._asked(key.name)
            from fc_magic.notebook.form.acts import Acts
            from fc_magic.notebook.form.form import Form
            from fc_magic.notebook.form.state import PLACE
            from fc_magic.notebook.form.triggers import unfired_here

            acts = Acts(
                lambda form: self._sent(form, key),
                lambda form: self._sent(form, key, {"dry-run": "yes"}),
                lambda form, event: self._invoke(form, key, event),
                self._writer(key),
                self._html,
                lambda: public(key.target),
                lambda: self._magics.shell.user_ns,
                lambda: self._elsewhere(key),
                lambda form: self._live(form.name, form.said().extra),
            )
            where = {option: text for option, text in extra.items() if option in PLACE}
            form = Form(key.name, acts, {"runtime": self._magics.settings.runtime}, where)
            if key.target == "local":
                form.state.rules["fired"] = lambda: unfired_here(form.state)
            self._begin(form, key, live)
        self._forms[key] = form
        return form

    def _begin(self, form: Form, key: Key, live: Future[Found] | None) -> None:
        """With the notebook's last line of it; without one, as after a restart, with what is deployed. That is not
        waited for longer than nobody minds, since a local Function Compute may have to be started."""
        from concurrent.futures import wait

        from fc_magic.language.speech import say
        from fc_magic.notebook import ahead

        if live is None:
            form.take(self._last[key][0])
            return
        where = self._magics.where()
        coming = say("asking {0} what is deployed …", where)
        form.awaits(coming, lambda: self._found(form, live, key, where))
        is_there = wait([live], PATIENCE_S).done
        if is_there or not ahead.soon(self._magics.shell, live, form.settle):
            form.settle()

    def _found(self, form: Form, answer: Future[Found], key: Key, where: str) -> None:
        """What somebody has set in the meantime stays."""
        from fc_magic.language.speech import say, translated

        try:
            with self._at(form.said().extra):
                live = read(*self._magics.named(form.name, answer.result))
        except FunctionNotFound as error:
            new = say("new: no cell has deployed it yet, and there is none on {0}", where)
            said = [new, translated(error.hint)] if "?" in error.hint else [new]
            form.begun(" · ".join(said), stays=True)
        except FcError as error:
            why = translated(error.message.partition("\n")[0].rstrip("."))
            form.begun(say("what is live on {0} is not known: {1}", where, why), stays=True)
        else:
            form.arrived({n: v for n, v in live.items() if n in form.state.values})
            form.begun(say("as deployed to {0}", where))

    def _live(self, name: str, extra: Mapping[str, str]) -> dict[str, Any]:
        """What is deployed. Nothing if nothing is, or nobody can be asked: a ``…`` that nobody knows is refused."""
        with contextlib.suppress(FcError), self._at(extra):
            client = self._magics.client()
            return read(client, client.get(name).info)
        return {}

    def _asked(self, name: str) -> Future[Found]:
        from fc_magic.notebook import ahead

        reached = self._magics.reach.reaching()

        def ask() -> Found:
            client = reached()
            return client, client.get(name).info

        return ahead.asked(ask)

    # ------------------------------------------------------------ the buttons

    def _sent(self, form: Form, key: Key, more: dict[str, str] | None = None) -> object:
        """The last cell of that name again, with every value of the form, also those at their default."""
        from fc_magic.notebook.line.head import Head

        above = self._cell(key)
        if above is None and not _is_elsewhere(form):
            raise UsageError(
                f"no cell has deployed {form.name} in this notebook yet",
                hint=f"run a cell that begins %%fcdeploy {form.name}",
            )
        extra = {**form.said().extra, **(more or {})}
        asked = dataclasses.replace(
            form.state.line(), overrides=form.state.settings(), extra=extra, origins={}
        )
        return self._magics.deploy(asked, above or Head(""))

    def _cell(self, key: Key) -> Head | None:
        """The last cell of the function; without one, the last of that name that went anywhere."""
        if key in self._last:
            return self._last[key][1]
        return next((head for f, (_, head) in reversed(self._last.items()) if f.name == key.name), None)

    def _invoke(self, form: Form, key: Key, event: str) -> object:
        from fc_magic.client.client import checked

        with self._at(form.said().extra):
            client = self._magics.client()
            return checked(self._magics.named(form.name, lambda: client.invoke(form.name, event)), event)

    def _html(self, thing: object) -> str:
        from fc_magic.notebook import display

        shown = getattr(thing, "info", thing)
        return display.bundle(shown, self._magics.where(), cells=self._magics.cells)["text/html"]

    def _writer(self, key: Key) -> Callable[[Form], str] | None:
        """Nothing where there are no cells to write to, as in Voilà."""
        from fc_magic.notebook.watched import is_voila

        return None if is_voila() else lambda form: self._write(form, key)

    def _write(self, form: Form, key: Key) -> str:
        """A front end takes a new cell only along with the answer to a cell that is run."""
        from fc_magic.language.speech import say

        self._magics.shell.set_next_input(self._cell_of(form, key), replace=False)
        self._written = form, key
        events = self._magics.shell.events

        def written(result: object = None) -> None:
            self._written = None
            events.unregister("post_run_cell", written)
            form.judge()

        events.register("post_run_cell", written)
        return say("written below the next cell you run")

    def _cell_of(self, form: Form, key: Key) -> str:
        form.settle()
        above = self._cell(key)
        body = above.body.strip("\n") if above else "" if _is_elsewhere(form) else self._code(form, key)
        return "\n".join([*form.lines(), body or _starter(form)])

    def _code(self, form: Form, key: Key) -> str:
        """What is live as the body of a cell, so that no other code takes its place; nothing if nothing is. Raises
        UsageError if no cell can have it."""
        from fc_magic.notebook import pull

        try:
            with self._at(form.said().extra):
                body = pull.body(self._magics.client(), key.name)
        except FunctionNotFound:
            return ""
        if not body:
            raise UsageError(
                f"what runs as {key.name} is not the code of one cell", hint=f"%fcpull {key.name}"
            )
        return body.strip("\n")


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


def _check(key: Key, origin: str) -> None:
    """Raises UsageError for a name, or a target, that nothing is deployed with. ``origin``: that of the target."""
    from fc_magic.client import cloud, target
    from fc_magic.notebook import gathering

    cloud.check_target(key.target, origin)
    if "://" in key.target:
        target.check(key.target)
    wrong = [problem for problem in gathering.whole({"name": key.name}) if problem.field == "name"]
    if wrong:
        what = f"{key.name} can be no function: its name {wrong[0].problem}: {wrong[0].allowed}"
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


def _is_elsewhere(form: Form) -> bool:
    """Whether the code is not that of a cell."""
    names = ("folder", "code", "zip_file", "oss_bucket", "image_url", "custom_container_config")
    return any(form.state.values[name] for name in names)


def _starter(form: Form) -> str:
    """What a new cell begins with, in the language of its runtime."""
    if str(form.state.values["runtime"]).startswith("node"):
        return 'exports.handler = async (event, context) => "hello";'
    return 'def handler(event, context):\n    return "hello"'

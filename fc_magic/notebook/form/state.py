"""What a form stands at: the value of every setting, what is wrong with it, and the line that says the same.

No widget is known here. A value that is wrong is a value too: it is kept, said to be wrong, and can be corrected.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from fc_magic.errors import Problem
from fc_magic.language.speech import say
from fc_magic.notebook import gathering, place
from fc_magic.notebook.form.labels import labelled
from fc_magic.notebook.form.masks import HIDING, has_mask, unmasked
from fc_magic.notebook.form.written import can_be_written, normal
from fc_magic.notebook.line import options
from fc_magic.wire import checks, runtimes, spec
from fc_magic.wire.spec import FIELDS, read_trigger
from fc_magic.wire.triggers import Http, Trigger

#: options that are no fields of a deployment, and are something one sets once: a list, a text, or a tick
LISTS = ("requirements", "file", "include", "exclude", "leave-out", "keep")
TEXTS = ("folder",)
FLAGS = ("no-layer", "locked", "upgrade", "force")
PLACE = (*place.OPTIONS, *place.FLAGS)
#: every setting of a form, in the order of the line
NAMES = (*(name for name in FIELDS if name != "name"), *LISTS, *TEXTS, *FLAGS)
_JSON = ("vpc_config", "custom_container_config")


def nothing(name: str) -> Any:
    """The value of a setting that nobody has said anything of."""
    if name in LISTS or name in ("triggers", "layers"):
        return []
    if name in FLAGS:
        return False
    if name == "runtime":
        return runtimes.DEFAULT
    default = FIELDS[name].default if name in FIELDS else ""
    if isinstance(default, Mapping):
        return {}
    return default if default is not None or name in _JSON else ""


class State:
    """``values`` has every setting; ``defaults`` are those that say nothing. ``changed`` is told what was set.

    ``place`` is what a line says of where it goes, which is no setting.
    """

    def __init__(
        self, name: str, defaults: Mapping[str, Any] | None = None, place: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.defaults = {**{one: nothing(one) for one in NAMES}, **(defaults or {})}
        self.values: dict[str, Any] = dict(self.defaults)
        self.changed: Callable[[str], None] = lambda name: None
        #: what a person has set, also to what it was
        self.touched: set[str] = set()
        #: what only the screen can know to be wrong, such as two rows of one name
        self.rules: dict[str, Callable[[], Iterable[Problem]]] = {}
        self.place: dict[str, str] = dict(place or {})
        #: what is deployed: asked for a ``…`` that stands for nothing of the form
        self.deployed: Callable[[], Mapping[str, Any]] = dict
        #: what the last line said
        self._said: dict[str, Any] = {}
        #: values that an expression of the notebook made, and how that was written
        self._made: dict[str, tuple[Any, options.Origin]] = {}

    def set(self, name: str, value: Any) -> None:
        self.values[name] = value
        self.touched.add(name)
        self.changed(name)

    def overrides(self) -> dict[str, Any]:
        """The fields of the deployment that differ from the defaults."""
        return {n: v for n, v in self.values.items() if n in FIELDS and v != self.defaults[n]}

    def settings(self) -> dict[str, Any]:
        """Every field that says something, also what is at its default."""
        return {n: v for n, v in self.values.items() if n in FIELDS and v not in ("", None)}

    def line(self) -> options.Line:
        """What the form says, as a line that was read."""
        flags = {name: "yes" for name in FLAGS if self.values[name]}
        texts = {name: self.values[name] for name in TEXTS if self.values[name]}
        repeated = {name: tuple(self.values[name]) for name in LISTS if self.values[name]}
        made = {n: origin for n, (value, origin) in self._made.items() if self.values[n] == value}
        return options.Line(self.name, self.overrides(), {**self.place, **texts, **flags}, repeated, made)

    def called_by(self) -> list[Trigger]:
        """The triggers that are right; and of those over HTTP also the wrong ones: people call it all the same."""
        found: list[Trigger] = []
        for item in self.values["triggers"]:
            try:
                found.append(read_trigger(item))
            except ValueError:
                found += [Http()] if isinstance(item, Mapping) and item.get("type") == "http" else []
        return found

    # ------------------------------------------------------------ filled

    def fill(self, values: Mapping[str, Any]) -> None:
        """Takes ``values``; settings that are not in it stay. What no form has is left out."""
        given = {name: read(name, value) for name, value in values.items() if name in self.values}
        self.values.update({n: unmasked(n, v, self.values[n]) for n, v in given.items()})
        self._ask()

    def _ask(self) -> None:
        hidden = [name for name in HIDING if has_mask(self.values.get(name))]
        live = self.deployed() if hidden else {}
        self.values.update({n: unmasked(n, self.values[n], live.get(n)) for n in hidden})

    def take(self, line: options.Line) -> None:
        """A line was run: what it says is so, and what only the line before it had said is so no more."""
        said = {**line.overrides, **line.extra, **line.repeated}
        said |= {name: True for name in FLAGS if name in said}
        dropped = {n for n, v in self._said.items() if n not in said and self.values[n] == v}
        self.fill({**{name: self.defaults[name] for name in dropped}, **said})
        self._said = {name: self.values[name] for name in said if name in self.values}
        self._remember(line)

    def tried(self, line: options.Line) -> State:
        """What it would stand at if that line were run."""
        other = copy.copy(self)
        other.values = dict(self.values)
        other.take(line)
        return other

    def _remember(self, line: options.Line) -> None:
        """What of a line is no setting: where it goes, and how its values were made."""
        self.place = {name: text for name, text in line.extra.items() if name in PLACE}
        written = {n: o for n, o in line.origins.items() if n in self.values and can_be_written(n, o)}
        self._made = {n: (self.values[n], origin) for n, origin in written.items()}

    def replace(self, line: options.Line) -> None:
        """The whole form says what ``line`` says."""
        self.values, before = dict(self.defaults), self.values
        given = {**line.overrides, **line.extra, **line.repeated}
        given |= {name: True for name in FLAGS if name in given}
        for name, value in given.items():
            if name in self.values:
                self.values[name] = unmasked(name, read(name, value), before[name])
        self._ask()
        self.touched |= {*given, *(name for name, value in self.values.items() if value != before[name])}
        self._remember(line)

    # ------------------------------------------------------------ what is wrong

    def problems(self) -> list[Problem]:
        """What the server, or the magic, would refuse; ``triggers.1`` is the second trigger."""
        found = [*self._of_json(), *self._masks()]
        wrong = {checks.field_of(p.field) for p in found}
        body = {n: v for n, v in self.settings().items() if n not in wrong}
        if "://" not in str(body.get("code", "")):
            body.pop("code", None)  # a file or folder of this machine: looked at when it is deployed
        found += _of_sources(body)
        found += [p for rule in self.rules.values() for p in rule()]
        return checks.in_order([*found, *self._sources()])

    def _of_json(self) -> Iterable[Problem]:
        for name in _JSON:
            if isinstance(self.values[name], str) and self.values[name]:
                yield checks.problem(name, "is not JSON")

    def _masks(self) -> Iterable[Problem]:
        for name in (one for one in HIDING if one in self.values):
            for part, value in _parts(name, self.values[name]):
                if has_mask(value):
                    yield Problem(part, "has … where the value itself must be")

    def _sources(self) -> Iterable[Problem]:
        """A folder and another place of the code: the server would see only one of them."""
        others = ("code", "zip_file", "oss_bucket", "image_url")
        other = next((name for name in others if self.values[name]), "")
        if self.values["folder"] and other:
            yield Problem("folder", f"there are two sources: --folder, {options.option(other)}")


def _of_sources(body: dict[str, Any]) -> list[Problem]:
    """What is refused of ``body``. Of several sources of the code the server would say that they are several, and not
    look at them: here each has its own errors, too."""
    every = [
        [n for n in names if body.get(n)] for names in (spec.IMAGE_FIELDS, spec.OSS_FIELDS, ("zip_file",))
    ]
    first, *others = [names for names in every if names] or [[]]
    found = _refused({n: v for n, v in body.items() if not any(n in names for names in others)})
    for names in others:
        alone = {
            n: v for n, v in body.items() if n not in first and not any(n in o for o in others if o != names)
        }
        found += [p for p in _refused(alone) if p.field in names]
    if others:
        rest = ", ".join(labelled(names[0]) for names in others)
        found.append(Problem(first[0], say("conflicts with {0}: one code source only", rest)))
    return found


def _refused(body: Mapping[str, Any]) -> list[Problem]:
    return [p for p in gathering.whole(body) if checks.field_of(p.field) in NAMES]


def _parts(name: str, value: Any) -> list[tuple[str, Any]]:
    if name == "triggers":
        return [(f"{name}.{n}", item) for n, item in enumerate(value)]
    return [(name, value)]


def read(name: str, value: Any) -> Any:
    """A value in the one form that a state has it in."""
    if name == "triggers":
        return [normal(item) for item in value or ()] if isinstance(value, list | tuple) else []
    if name in LISTS:
        return [str(item) for item in ((value,) if isinstance(value, str) else value or ())]
    if name == "layers":
        return [dict(item) if isinstance(item, Mapping) else item for item in value or ()]
    if name == "environment":
        return _variables(value) if isinstance(value, Mapping) else {}
    if name in FLAGS:
        return value in ("yes", "true") if isinstance(value, str) else bool(value)
    return value if value is not None else nothing(name)


def _variables(given: Mapping[str, Any]) -> dict[str, Any]:
    """As ``wire`` reads them: JSON's true is the text true, a number its own, null is no variable. What it refuses
    stays as it is."""
    said = {str(k): v for k, v in given.items() if v is not None}
    return {k: _as_text(v) for k, v in said.items()}


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value

"""What stands where: the settings that are seen at once, and the tabs, each built when it is first opened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import ipywidgets as widgets

from fc_magic.errors import Problem
from fc_magic.language.speech import say
from fc_magic.notebook.form import parts
from fc_magic.notebook.form.environment import Environment
from fc_magic.notebook.form.labels import LABELS
from fc_magic.notebook.form.look import Look, classed
from fc_magic.notebook.form.network import Network
from fc_magic.notebook.form.state import State
from fc_magic.notebook.form.triggers import Triggers
from fc_magic.wire import checks, runtimes


class Part(Protocol):
    """Something of a form that shows settings and what is wrong with them."""

    widget: widgets.Widget

    def show(self) -> None: ...

    def judge(self, problems: Iterable[Problem]) -> None: ...


Build = Callable[[State, Look], Sequence[Part]]


def basics(state: State, look: Look) -> list[Part]:
    return [
        parts.choice(state, look, "runtime", LABELS["runtime"], runtimes.KNOWN[:-1]),
        parts.number(state, look, "memory", LABELS["memory"], parts.MEMORY),
        parts.number(state, look, "timeout", LABELS["timeout"]),
        parts.text(state, look, "description", LABELS["description"]),
    ]


def _code(state: State, look: Look) -> list[Part]:
    return [
        parts.text(state, look, "handler", LABELS["handler"]),
        parts.text(state, look, "entrypoint", LABELS["entrypoint"]),
        parts.several(state, look, "file", LABELS["file"], "model.bin\ndata/*.csv"),
        parts.several(state, look, "include", LABELS["include"], "templates"),
        parts.several(state, look, "exclude", LABELS["exclude"], "big_table"),
        parts.text(state, look, "folder", LABELS["folder"]),
        parts.text(state, look, "code", LABELS["code"], hidden=True),
        parts.text(state, look, "zip_file", LABELS["zip_file"], hidden=True),
        parts.text(state, look, "oss_bucket", LABELS["oss_bucket"]),
        parts.text(state, look, "oss_object_key", LABELS["oss_object_key"]),
        parts.tick(state, look, "publish", LABELS["publish"]),
        parts.tick(state, look, "force", LABELS["force"]),
    ]


def _libraries(state: State, look: Look) -> list[Part]:
    return [
        parts.several(state, look, "requirements", LABELS["requirements"], "pandas==2.2.*\nrequests"),
        parts.several(state, look, "layers", LABELS["layers"], "pillow:2"),
        parts.several(state, look, "leave-out", LABELS["leave-out"], "tests/\n*.md"),
        parts.several(state, look, "keep", LABELS["keep"], "*.md"),
        parts.tick(state, look, "no-layer", LABELS["no-layer"]),
        parts.tick(state, look, "locked", LABELS["locked"]),
        parts.tick(state, look, "upgrade", LABELS["upgrade"]),
    ]


def _container(state: State, look: Look) -> list[Part]:
    return [
        parts.text(state, look, "image_url", LABELS["image_url"], hidden=True),
        parts.text(state, look, "image_tag", LABELS["image_tag"]),
        parts.text(state, look, "image_digest_value", LABELS["image_digest_value"]),
        parts.json_box(state, look, "custom_container_config", LABELS["custom_container_config"]),
    ]


@dataclass(frozen=True)
class Section:
    title: str
    names: tuple[str, ...]
    build: Build


SECTIONS = (
    Section("Triggers", ("triggers",), lambda state, look: [Triggers(state, look)]),
    Section("Environment", ("environment",), lambda state, look: [Environment(state, look)]),
    Section(
        "Code",
        (
            *("handler", "entrypoint", "file", "include", "exclude", "folder"),
            *("code", "zip_file", "oss_bucket", "oss_object_key", "publish", "force"),
        ),
        _code,
    ),
    Section(
        "Libraries",
        ("requirements", "layers", "leave-out", "keep", "no-layer", "locked", "upgrade"),
        _libraries,
    ),
    Section("Network", ("vpc_config",), lambda state, look: [Network(state, look)]),
    Section("Role", ("role",), lambda state, look: [parts.text(state, look, "role", LABELS["role"])]),
    Section(
        "Container", ("image_url", "image_tag", "image_digest_value", "custom_container_config"), _container
    ),
)


class Tabs:
    """The sections. A title has ``✗`` if something in it is wrong, and ``•`` if something is set."""

    def __init__(self, state: State, look: Look, opened: Callable[[], None]) -> None:
        self._state, self._look, self._opened = state, look, opened
        self._built: dict[int, Sequence[Part]] = {}
        self._pages = [widgets.VBox([]) for _ in SECTIONS]
        self.widget = classed(widgets.Tab(self._pages, titles=self._titles(())), "tabs")
        self.widget.selected_index = 0
        self._open(0)
        self.widget.observe(self._turned, "selected_index")

    def _turned(self, change: Any) -> None:
        if change["new"] is not None and change["new"] not in self._built:
            self._open(change["new"])
            self._opened()

    def _open(self, place: int) -> None:
        self._built[place] = SECTIONS[place].build(self._state, self._look)
        self._pages[place].children = [part.widget for part in self._built[place]]

    def show(self) -> None:
        for part in self._parts():
            part.show()

    def judge(self, problems: Iterable[Problem]) -> None:
        found = list(problems)
        for part in self._parts():
            part.judge(found)
        titles = self._titles({checks.field_of(p.field) for p in found})
        if self.widget.titles != titles:
            self.widget.titles = titles

    def _parts(self) -> list[Part]:
        return [part for place in sorted(self._built) for part in self._built[place]]

    def _titles(self, wrong: Iterable[str]) -> tuple[str, ...]:
        values, defaults, bad = self._state.values, self._state.defaults, set(wrong)
        out = []
        for section in SECTIONS:
            is_set = any(values[name] != defaults[name] for name in section.names)
            mark = " ✗" if bad & set(section.names) else " •" if is_set else ""
            out.append(say(section.title) + mark)
        return tuple(out)

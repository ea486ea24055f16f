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
        parts.choice(state, look, "runtime", "Runtime", runtimes.KNOWN[:-1]),
        parts.number(state, look, "memory", "Memory", parts.MEMORY),
        parts.number(state, look, "timeout", "Timeout"),
        parts.text(state, look, "description", "Description"),
    ]


def _code(state: State, look: Look) -> list[Part]:
    return [
        parts.text(state, look, "handler", "Handler"),
        parts.text(state, look, "entrypoint", "Entry point"),
        parts.several(state, look, "file", "Files beside", "model.bin\ndata/*.csv"),
        parts.several(state, look, "include", "Folders beside", "templates"),
        parts.several(state, look, "exclude", "Leave out names", "big_table"),
        parts.text(state, look, "folder", "From a folder"),
        parts.text(state, look, "code", "From a ZIP", hidden=True),
        parts.text(state, look, "zip_file", "From a URL", hidden=True),
        parts.text(state, look, "oss_bucket", "From OSS bucket"),
        parts.text(state, look, "oss_object_key", "Its object"),
        parts.tick(state, look, "publish", "Publish a version"),
        parts.tick(state, look, "force", "Deploy in spite of findings"),
    ]


def _libraries(state: State, look: Look) -> list[Part]:
    return [
        parts.several(state, look, "requirements", "Requirements", "pandas==2.2.*\nrequests"),
        parts.several(state, look, "layers", "Layers", "pillow:2"),
        parts.several(state, look, "leave-out", "Leave out files", "tests/\n*.md"),
        parts.several(state, look, "keep", "Keep files", "*.md"),
        parts.tick(state, look, "no-layer", "Into the ZIP"),
        parts.tick(state, look, "locked", "As locked"),
        parts.tick(state, look, "upgrade", "Newest that fit"),
    ]


def _container(state: State, look: Look) -> list[Part]:
    return [
        parts.text(state, look, "image_url", "Image"),
        parts.text(state, look, "image_tag", "Tag"),
        parts.text(state, look, "image_digest_value", "Digest"),
        parts.json_box(state, look, "custom_container_config", "Settings (JSON)"),
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
    Section("Role", ("role",), lambda state, look: [parts.text(state, look, "role", "Role")]),
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

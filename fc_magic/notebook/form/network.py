"""The private network: three ids that belong together, as three boxes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from fc_magic.errors import Problem
from fc_magic.language.speech import say, translated
from fc_magic.notebook.form.look import Look, Note, classed
from fc_magic.notebook.form.parts import sentence
from fc_magic.notebook.form.state import State
from fc_magic.wire.spec import FIELDS

#: name -> its label, an example, and how else it is spelled
_IDS = {
    "vpc_id": ("VPC", "vpc-1", "vpcId"),
    "vswitch_ids": ("vSwitches", "vsw-1, vsw-2", "vswitchIds"),
    "security_group_id": ("Security group", "sg-1", "securityGroupId"),
}


class Network:
    """All empty is no network of one's own."""

    def __init__(self, state: State, look: Look) -> None:
        self._state, self._showing = state, False
        self._boxes = {
            name: widgets.Text(
                description=say(title), placeholder=example, style=look.text, layout=look.field
            )
            for name, (title, example, _) in _IDS.items()
        }
        # it is JSON on the line only
        self._note = Note(translated(FIELDS["vpc_config"].help), "beneath")
        for box in self._boxes.values():
            box.observe(self._typed, "value")
        self.widget = classed(widgets.VBox([*self._boxes.values(), self._note.widget]), "network")
        self.show()

    def _said(self) -> dict[str, Any] | None:
        given: dict[str, Any] = {n: box.value.strip() for n, box in self._boxes.items() if box.value.strip()}
        if "vswitch_ids" in given:
            given["vswitch_ids"] = [one for one in given["vswitch_ids"].replace(",", " ").split() if one]
        return given or None

    def _typed(self, _: object) -> None:
        if not self._showing:
            self._state.set("vpc_config", self._said())

    def show(self) -> None:
        value = self._state.values["vpc_config"]
        if self._said() == value:
            return
        given = value if isinstance(value, Mapping) else {}
        self._showing = True
        for name, (_, _, other) in _IDS.items():
            said = given.get(name, given.get(other, ""))
            self._boxes[name].value = (
                ", ".join(map(str, said)) if isinstance(said, list | tuple) else str(said)
            )
        self._showing = False

    def judge(self, problems: Iterable[Problem]) -> None:
        self._note.show([sentence(replace(p, allowed="")) for p in problems if p.field == "vpc_config"])

"""What ``%fctarget`` shows: where functions go, as whom, and where each setting came from."""

from __future__ import annotations

from typing import Any

from fc_magic.client.target import Target
from fc_magic.config import Settings, public
from fc_magic.notebook.card import Card, Line, Rows, Span, as_text, joined
from fc_magic.notebook.html import as_html


class TargetView:
    """A table of settings with their origins; secrets as ``****``."""

    def __init__(
        self, target: Target, settings: Settings, isolation: dict[str, dict[str, str]] | None = None
    ) -> None:
        self.target, self.settings, self.isolation = target, settings, isolation

    def _card(self) -> Card:
        target = self.target
        place = [Span(text, "plain") for text in (public(target.endpoint), f"region {target.region}")]
        if target.objects:
            place.append(Span(f"objects {public(target.objects)}", "plain"))
        rows = tuple(
            (name, Span(value or "–", "code"), Span(origin, "dim"))
            for name, value, origin in self.settings.rows()
        )
        head = Line(joined([f"target {public(target.name)}", *place]), "head")
        lines = (
            []
            if self.isolation is None
            else [Line((Span("isolation  ", "dim"), Span(_told(self.isolation))))]
        )
        return Card((head, *lines, Rows(rows, ("setting", "value", "from"), fold="settings")))

    def __repr__(self) -> str:
        return as_text(self._card())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        card = self._card()
        return {"text/plain": as_text(card), "text/html": as_html(card)}


#: layers of the server -> what they are for a person
_LAYERS = {
    "namespaces": "namespaces and a private /tmp",
    "landlock": "Landlock and a copy of the code",
    "memory limit": "memory limit",
    "disk limit": "disk limit",
    "process limit": "process limit",
}


def _told(isolation: dict[str, dict[str, str]]) -> str:
    """One line for what is on everywhere, and what is not, and why."""
    if not isolation:
        return "told once a function was deployed"
    off = {name: why for layers in isolation.values() for name, why in layers.items() if why}
    if "namespaces" not in off:
        off.pop("landlock", None)
        on = [text for name, text in _LAYERS.items() if name not in off and name != "landlock"]
    else:
        on = [text for name, text in _LAYERS.items() if name not in off]
    missing = [f"without {name}: {why}" for name, why in off.items() if name in _LAYERS]
    return " · ".join([", ".join(on) or "none", *missing])

"""What ``%fctarget`` shows: where functions go, as whom, and where each setting came from."""

from __future__ import annotations

from typing import Any

from fc_magic.client.target import Target
from fc_magic.config import Settings, public
from fc_magic.notebook.card import Card, Line, Rows, Span, as_text, joined
from fc_magic.notebook.html import as_html


class TargetView:
    """A table of settings with their origins; secrets as ``****``."""

    def __init__(self, target: Target, settings: Settings) -> None:
        self.target, self.settings = target, settings

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
        return Card((head, Rows(rows, ("setting", "value", "from"), fold="settings")))

    def __repr__(self) -> str:
        return as_text(self._card())

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        card = self._card()
        return {"text/plain": as_text(card), "text/html": as_html(card)}

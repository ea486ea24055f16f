"""What ``%fctarget`` shows: where functions go, as whom, and where each setting came from."""

from __future__ import annotations

from html import escape
from typing import Any

from fc_magic.client.target import Target
from fc_magic.config import Settings


class TargetView:
    """A table of settings with their origins; secrets as ``****``."""

    def __init__(self, target: Target, settings: Settings) -> None:
        self.target, self.settings = target, settings

    def _head(self) -> str:
        return f"target {self.target.name} · {self.target.endpoint} · region {self.target.region}"

    def __repr__(self) -> str:
        rows = [(name, value or "–", origin) for name, value, origin in self.settings.rows()]
        widths = [max(len(row[i]) for row in rows) for i in range(2)]
        lines = [f"  {name:<{widths[0]}}  {value:<{widths[1]}}  {origin}" for name, value, origin in rows]
        return "\n".join([self._head(), *lines])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        rows = "".join(
            f"<tr><td>{escape(name)}</td><td><code>{escape(value or '–')}</code></td><td>{escape(origin)}</td></tr>"
            for name, value, origin in self.settings.rows()
        )
        html = (
            f"<div class='fcm-card'><b>{escape(self._head())}</b><details><summary>settings</summary>"
            f"<table><tr><th>setting</th><th>value</th><th>from</th></tr>{rows}</table></details></div>"
        )
        return {"text/plain": repr(self), "text/html": html}

"""The rows of the form that can be added and removed: environment variables and triggers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from html import escape
from typing import Any

import ipywidgets as widgets

from fc_magic.wire import triggers
from fc_magic.wire.schedule import Schedule

SET = "•••••• set"
WIDE = {"description_width": "130px"}
#: what a person wants -> the trigger's type
WHEN = {"when an HTTP request comes": "http", "on a schedule": "timer"}
#: what has a field of its own in the row
_OWN = {"http": ("url",), "timer": ("cronExpression", "payload")}


def label(text: str) -> widgets.HTML:
    return widgets.HTML(text, layout=widgets.Layout(margin="0 0 0 136px"))


def error_html(texts: list[str]) -> str:
    """Errors in words, beside or beneath the field they are about; a sign too, not colour alone."""
    style = "color:var(--jp-error-color1,#c62828)"
    return "".join(f'<div style="{style}">✗ {escape(text)}</div>' for text in texts)


def remove_button(what: str, act: Callable[[], None]) -> widgets.Button:
    button = widgets.Button(
        description="Remove", tooltip=f"Remove {what}", layout=widgets.Layout(width="80px")
    )
    button.on_click(lambda _: act())
    return button


class Variable:
    """One environment variable. Its value never stays in a widget: a notebook may be saved with its widgets."""

    def __init__(self, key: str, value: str, changed: Callable[[], None], remove: Callable[[Variable], None]):
        self.value, self._changed = value, changed
        self._key = widgets.Text(key, description="Variable", placeholder="KEY", style=WIDE)
        self._secret = widgets.Password(
            placeholder=SET if value else "value",
            continuous_update=False,
            layout=widgets.Layout(width="200px"),
        )
        self._key.observe(lambda _: changed(), "value")
        self._secret.observe(self._take, "value")
        button = remove_button("this variable", lambda: remove(self))
        self.widget = widgets.HBox([self._key, self._secret, button])

    @property
    def key(self) -> str:
        return str(self._key.value).strip()

    def _take(self, change: Mapping[str, Any]) -> None:
        if change["new"]:
            self.value = change["new"]
            self._secret.placeholder = SET
            self._secret.value = ""
            self._changed()


class TriggerRow:
    """One trigger: what calls the function, and the two or three fields of that kind."""

    def __init__(
        self, trigger: Mapping[str, Any], changed: Callable[[], None], remove: Callable[[TriggerRow], None]
    ):
        self._changed = changed
        self._given, config = _read(trigger)
        when = dict(WHEN)
        if self._given not in when.values():
            when[self._given] = self._given
        self._kind = widgets.Dropdown(
            options=list(when.items()),
            value=self._given,
            description="Trigger",
            style=WIDE,
            layout=widgets.Layout(width="370px"),  # its longest sentence
        )
        own = {name: config.pop(name, "") for name in _OWN.get(self._given, ())}
        self._rest = config
        self._url = widgets.Text(_text(own.get("url", "")), placeholder="https://host/path (optional)")
        self._cron = widgets.Text(_text(own.get("cronExpression", "@every 5m")), placeholder="@every 5m")
        self._payload = widgets.Text(_text(own.get("payload", "")), placeholder="payload (optional)")
        self._note = label("")
        for widget in (self._kind, self._url, self._cron, self._payload):
            widget.observe(lambda _: self._show(), "value")
        self._button = remove_button("this trigger", lambda: remove(self))
        self._line = widgets.HBox([])
        self.widget = widgets.VBox([self._line, self._note])
        self._show(tell=False)

    @property
    def value(self) -> dict[str, Any]:
        """``{"type", "config"}`` as the deployments API has it."""
        # what was set besides belongs to the kind it was set for
        config = dict(self._rest) if self._kind.value == self._given else {}
        if self._kind.value == "http" and self._url.value.strip():
            config["url"] = self._url.value.strip()
        if self._kind.value == "timer":
            config["cronExpression"] = self._cron.value.strip()
            if self._payload.value:
                config["payload"] = self._payload.value
        return {"type": self._kind.value, "config": config}

    def _show(self, tell: bool = True) -> None:
        fields = {"http": [self._url], "timer": [self._cron, self._payload]}.get(self._kind.value, [])
        if self._line.children != (self._kind, *fields, self._button):
            self._line.children = (self._kind, *fields, self._button)
        self._note.value = self._next() if self._kind.value == "timer" else ""
        if tell:
            self._changed()

    def _next(self) -> str:
        """The next three firings, or what is wrong with the schedule."""
        now = datetime.now(timezone.utc)
        try:
            schedule = Schedule.parse(self._cron.value)
        except ValueError as error:
            return error_html([str(error)])
        found, after = [], now
        for _ in range(3):
            after = schedule.next(after, now)
            found.append(f"{after:%Y-%m-%d %H:%M:%S}")
        return f'<span style="opacity:.75">next {", ".join(found)} UTC</span>'


def _read(trigger: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Type and config as ``wire`` spells them; what it refuses stays as it was written, to be corrected."""
    kind, config = str(trigger.get("type", "http")), dict(trigger.get("config") or {})
    try:
        found = triggers.from_config(kind, config)
    except ValueError:
        return kind, config
    return found.type, found.config()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

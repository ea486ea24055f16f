"""The fields of each kind of trigger: HTTP, a schedule, a bucket, and any other as JSON."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import ipywidgets as widgets

from fc_magic.language.speech import say, translated
from fc_magic.notebook.form.look import Look, classed
from fc_magic.notebook.form.masks import masked, unmasked
from fc_magic.notebook.form.parts import Hidden
from fc_magic.notebook.form.unread import Unread
from fc_magic.wire import oss
from fc_magic.wire.schedule import Schedule

Config = dict[str, Any]
WHO = {
    "everybody": "anonymous",
    "signed requests": "function",
    "a JSON Web Token": "jwt",
    "a bearer token": "bearer",
}
_FIRINGS = 3
_MOMENT = "%Y-%m-%d %H:%M:%S"


class Kind(ABC):
    """The fields of one kind; ``rest`` is what of the config has none, and stays as it was set."""

    own: tuple[str, ...] = ()

    def __init__(self, config: Config, changed: Callable[[], None], look: Look) -> None:
        self.look, self._changed = look, changed
        self.rest = {name: value for name, value in config.items() if name not in self.own}
        self.boxes: Sequence[widgets.Widget] = self.build(config)

    @abstractmethod
    def build(self, config: Config) -> Sequence[widgets.Widget]:
        """The boxes, with what ``config`` says in them."""

    def note(self) -> str:
        """What there is to say of a trigger that is right."""
        kept = ", ".join(self.rest)
        return say("also set: {0}", kept) if kept else ""

    def text(
        self, title: str, value: Any, example: str, layout: widgets.Layout | None = None
    ) -> widgets.Text:
        made = widgets.Text(
            value if isinstance(value, str) else "" if value is None else json.dumps(value),
            description=say(title),
            placeholder=example,
            style=self.look.short,
            layout=layout or self.look.narrow,
        )
        return self.told(made)

    def told(self, made: widgets.Widget) -> widgets.Widget:
        made.observe(lambda _: self._changed(), "value")
        return made


class Fields(Kind):
    """A kind of which each setting has a box."""

    @abstractmethod
    def config(self) -> Config:
        """What the boxes say."""


class HttpFields(Fields):
    own = ("url", "methods", "authType", "authConfig")

    def build(self, config: Config) -> Sequence[widgets.Widget]:
        self._methods = self.text("Methods", _listed(config.get("methods")), say("all, or GET, POST"))
        self._address: Any = config.get("url")
        self._url = self.text(
            "URL",
            masked("code", self._address),
            say("its own, or {0}", "https://example.com/api"),
            self.look.wide,
        )
        self._url.continuous_update = False
        self._url.observe(lambda _: self._hide(), "value")
        known = {say(words): value for words, value in WHO.items()}
        given = config.get("authType", "anonymous")
        known.update({} if given in known.values() else {str(given): given})
        self._who = self.told(
            widgets.Dropdown(
                options=list(known.items()),
                value=given,
                description=say("Who may call"),
                style=self.look.short_choice,
                layout=self.look.narrow,
            )
        )
        self._auth: Any = config.get("authConfig")
        self._unread = Unread()
        self._json = widgets.Textarea(
            self._seen(),
            description="authConfig",
            placeholder='{"tokens": [{"tokenName": "page", "tokenData": "…"}]}',
            continuous_update=False,
            style=self.look.short,
            layout=self.look.code,
        )
        classed(self._json, "code").observe(self._taken, "value")
        self._who.observe(lambda _: self._tell(), "value")
        self._tell()
        return (self._url, self._methods, self._who, self._json)

    def _hide(self) -> None:
        self._url.value = masked("code", self._address)

    def _tell(self) -> None:
        wants = self._who.value in ("jwt", "bearer") or self._auth not in (None, "", {})
        self._json.layout = self.look.code if wants else self.look.hidden

    def _seen(self) -> str:
        if isinstance(self._auth, str):
            return self._unread.json(self._auth)
        seen = masked("custom_container_config", self._auth)
        return "" if seen is None else json.dumps(seen, ensure_ascii=False)

    def _taken(self, change: Any) -> None:
        said = change["new"].strip()
        if said == self._seen():
            return
        try:
            read = self._unread.read(said) if said else None
            self._auth = unmasked("custom_container_config", read, self._auth)
        except (ValueError, RecursionError):
            self._auth = self._unread.json(said)
        self._json.value = self._seen()
        self._changed()

    def config(self) -> Config:
        given: Config = {**self.rest}
        self._address = unmasked("code", self._url.value.strip(), self._address)
        if self._address:
            given["url"] = self._address
        if self._methods.value.strip():
            given["methods"] = [m.strip() for m in self._methods.value.replace(",", " ").split()]
        if self._who.value != "anonymous":
            given["authType"] = self._who.value
        if self._auth not in (None, "", {}):
            given["authConfig"] = self._auth
        return given


class TimerFields(Fields):
    own = ("cronExpression", "payload", "enable")
    _told: tuple[str, list[str]] = ("", [""])

    def build(self, config: Config) -> Sequence[widgets.Widget]:
        self._cron = self.text("Schedule", config.get("cronExpression", "@every 5m"), "@every 5m")
        payload = config.get("payload", "")
        as_text = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=False)
        self._payload = Hidden(as_text, self._changed, self.look, say("Payload"), say("what the event has"))
        self._on = self.told(
            widgets.Checkbox(
                config.get("enable", True) is not False,
                description=say("enabled"),
                indent=False,
                style=self.look.short_tick,
                layout=self.look.button,
            )
        )
        return (self._cron, self._payload.box, self._payload.clear, self._on)

    def config(self) -> Config:
        given = {**self.rest, "cronExpression": self._cron.value.strip()}
        if not self._on.value:
            given["enable"] = False
        if self._payload.value:
            given["payload"] = self._payload.value
        return given

    def note(self) -> str:
        """The next firings; they are told anew when the schedule is another, or the first of them is over."""
        expression = self._cron.value
        if self._told[0] != expression or self._told[1][0] < f"{datetime.now(timezone.utc):{_MOMENT}}":
            try:
                self._told = (expression, firings(expression))
            except ValueError as error:
                return translated(str(error))
        return say("next {0} UTC", ", ".join(self._told[1]))


class OssFields(Fields):
    own = ("sourceArn", "filter", "events")

    def build(self, config: Config) -> Sequence[widgets.Widget]:
        found = config.get("filter")
        key = found.get("key") if isinstance(found, Mapping) else {}
        key = key if isinstance(key, Mapping) else {}
        self._bucket = self.text("Bucket", config.get("sourceArn"), "my-bucket", self.look.part)
        self._prefix = self.text("Key begins with", key.get("prefix"), "in/", self.look.part)
        self._suffix = self.text("ends with", key.get("suffix"), ".png", self.look.part)
        self._events = self.text("Events", _listed(config.get("events")), oss.CREATED, self.look.narrow)
        return (self._bucket, self._prefix, self._suffix, self._events)

    def config(self) -> Config:
        key = {"prefix": self._prefix.value, "suffix": self._suffix.value}
        key = {name: text for name, text in key.items() if text}
        events = [e.strip() for e in self._events.value.replace(",", " ").split()] or [oss.CREATED]
        given = {**self.rest, "sourceArn": self._bucket.value.strip(), "events": events}
        return {**given, "filter": {"key": key}} if key else given


class JsonFields(Kind):
    """Any trigger, whole. It is taken when it can be read; secrets in it are shown as ``…`` when they were typed."""

    def __init__(self, item: Config, changed: Callable[[], None], look: Look) -> None:
        self.item: Any = item
        self._unread = Unread()
        super().__init__({}, changed, look)

    def build(self, config: Config) -> Sequence[widgets.Widget]:
        self._box = widgets.Textarea(
            self._seen(),
            description="JSON",
            continuous_update=False,
            style=self.look.short,
            layout=self.look.code,
        )
        classed(self._box, "code").observe(self._taken, "value")
        return (self._box,)

    @property
    def is_unread(self) -> bool:
        """Whether there is a text that is no JSON yet, which somebody wants to correct."""
        return isinstance(self.item, str)

    def _seen(self) -> str:
        if isinstance(self.item, str):
            return self._unread.json(self.item)
        return json.dumps(masked("triggers", [self.item])[0], ensure_ascii=False)

    def _taken(self, change: Any) -> None:
        said = change["new"].strip()
        if said == self._seen():
            return
        try:
            (self.item,) = unmasked("triggers", [self._unread.read(said)], [self.item])
        except (ValueError, RecursionError):
            self.item = self._unread.json(said)
        self._box.value = self._seen()
        self._changed()


KINDS: dict[str, type[Fields]] = {"http": HttpFields, "timer": TimerFields, "oss": OssFields}


def _listed(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def firings(expression: str, count: int = _FIRINGS) -> list[str]:
    """The next times of a schedule. Raises ValueError that says what is wrong with it."""
    now = datetime.now(timezone.utc)
    schedule, found, after = Schedule.parse(expression), [], now
    for _ in range(count):
        after = schedule.next(after, now)
        found.append(f"{after:{_MOMENT}}")
    return found

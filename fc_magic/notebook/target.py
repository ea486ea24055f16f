"""What ``%fctarget`` shows: where functions go, as whom, and where each setting came from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fc_magic.client.target import Target
from fc_magic.config import Settings, public
from fc_magic.language.speech import say, translated, word
from fc_magic.notebook.card import Card, Line, Rows, Span, as_text, joined
from fc_magic.notebook.html import as_html

_HEADER = ("setting", "value", "from")


class TargetView:
    """A table of settings with their origins; secrets as ``****``."""

    def __init__(
        self, target: Target | None, settings: Settings, isolation: dict[str, dict[str, str]] | None = None
    ) -> None:
        self.target, self.settings, self.isolation = target, settings, isolation

    def _card(self) -> Card:
        rows = tuple(
            (name, Span(value or "–", "code"), Span(word(origin), "dim"))
            for name, value, origin in self._rows()
        )
        name = public(self.target.name if self.target else self.settings.target)
        head = Line(
            joined([say("target {0}", name), *(Span(text, "plain") for text in self._facts())]), "head"
        )
        lines = (
            []
            if self.isolation is None
            else [Line((Span(say("isolation") + "  ", "dim"), Span(_told(self.isolation))))]
        )
        return Card((head, *lines, Rows(rows, tuple(map(say, _HEADER)), fold=say("settings"))))

    def _facts(self) -> Iterator[str]:
        target = self.target
        if target is None:
            yield from (say("not running"), say("region {0}", self.settings.region))
            return
        yield from (public(target.endpoint), say("region {0}", target.region), say("api {0}", target.api))
        if target.is_cloud and target.account_id:
            yield say("account {0}", target.account_id)
        if target.objects:
            yield say("objects {0}", public(target.objects))

    def _rows(self) -> Iterator[tuple[str, str, str]]:
        """The settings, with what is known of the target better than by them."""
        known = self._known()
        for name, value, origin in self.settings.rows():
            yield (name, *known.get(name, (value, origin)))

    def _known(self) -> dict[str, tuple[str, str]]:
        """setting -> value and origin: a key that is from elsewhere, and the account that the endpoint told."""
        target = self.target
        if target is None or not target.key_from:
            return {}
        found: dict[str, tuple[str, str]] = {}
        if target.account_id and target.account_id != self.settings.account_id:
            found["account_id"] = target.account_id, "told by the endpoint"
        if target.key_from != self.settings.origins.get("access_key_secret"):
            key = target.credentials
            token = ("****", target.key_from) if key.security_token else ("", "default")
            found |= {"access_key_id": (key.access_key_id, target.key_from), "security_token": token}
            found["access_key_secret"] = "****", target.key_from
        return found

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
        return say("told once a function was deployed")
    off = {name: why for layers in isolation.values() for name, why in layers.items() if why}
    if "namespaces" not in off:
        off.pop("landlock", None)
        on = [say(text) for name, text in _LAYERS.items() if name not in off and name != "landlock"]
    else:
        on = [say(text) for name, text in _LAYERS.items() if name not in off]
    missing = [
        say("without {0}: {1}", say(name), translated(why)) for name, why in off.items() if name in _LAYERS
    ]
    return " · ".join([say(", ").join(on) or say("none"), *missing])

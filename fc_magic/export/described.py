"""What every format is made from: a live function with its secrets taken out, and what is to be said of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fc_magic.export import live as found
from fc_magic.export.live import Domain, Live
from fc_magic.export.secrets import Hiding, Secret
from fc_magic.wire.checksum import crc64
from fc_magic.wire.domains import AUTH_TYPES


@dataclass(frozen=True)
class Described:
    """``body`` is the deployments API's, ``settings``, ``triggers`` and ``domain`` are FC 3.0's; none has the code.
    Where a value is a :class:`Secret` the format refers to it."""

    live: Live
    body: Mapping[str, Any] = field(repr=False)
    settings: Mapping[str, Any] = field(repr=False)
    triggers: tuple[Mapping[str, Any], ...] = field(repr=False)
    domain: Domain | None
    secrets: tuple[Secret, ...]
    #: what is true of it in every format
    notes: tuple[str, ...] = ()
    with_secrets: bool = False

    @property
    def name(self) -> str:
        return self.live.name

    @property
    def code(self) -> bytes | None:
        return self.live.code

    @property
    def checksum(self) -> str:
        return crc64(self.live.code) if self.live.code is not None else ""


def describe(live: Live, with_secrets: bool = False) -> Described:
    hiding = Hiding(with_secrets)
    settings = {
        key: hiding.hide(value, "environment" if key == "environmentVariables" else key, key)
        for key, value in live.settings.items()
    }
    kinds = [t.type for t in live.function.triggers]
    configs = [hiding.hide(found.explicit(t), t.name or t.type) for t in live.function.triggers]
    domain = next((found.domain(config) for config in configs if config.get("url")), None)
    shut = _shut(domain) if domain else []
    plain = found.body(live)
    body = {
        **plain,
        "environment": hiding.hide(plain["environment"], "environment"),
        "triggers": [
            {"type": t.type, "config": {key: value for key, value in config.items() if key in t.config()}}
            for t, config in zip(live.function.triggers, configs, strict=True)
        ],
    }
    return Described(
        live,
        body,
        settings,
        tuple(found.trigger(kind, config) for kind, config in zip(kinds, configs, strict=True)),
        domain if domain and not shut else None,
        tuple(hiding.found.values()),
        (*_common(live), *shut),
        with_secrets,
    )


def _common(live: Live) -> list[str]:
    notes = []
    names = [
        f"{value}" for value in _texts({**live.settings, "triggers": live.function.settings()["triggers"]})
    ]
    if live.here and live.account_id and any(f":{live.account_id}:" in text for text in names):
        notes.append(
            f"account {live.account_id} in ARNs is that of the embedded Function Compute: put in your own"
        )
    if live.function.layers:
        notes.append("its layers are named, and not in the files: they have to exist where it goes")
    return notes


def _shut(domain: Domain) -> list[str]:
    """A domain asks for itself who may call. One that cannot ask as the trigger does would let everybody in."""
    kind = domain.auth["authType"]
    if kind in AUTH_TYPES:
        return []
    return [
        f"the custom domain {domain.host} is left out: it has no authType {kind} and would let everybody in"
    ]


def _texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [text for inner in value.values() for text in _texts(inner)]
    if isinstance(value, list | tuple):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) and re.match(r"acs:", value) else []

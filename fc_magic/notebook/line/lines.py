"""The settings of a live function as the options of a ``%%fcdeploy`` line, and what no option says."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fc_magic.export import beside, beyond
from fc_magic.export.live import Live, explicit
from fc_magic.export.secrets import Hiding, Secret
from fc_magic.notebook.line import options
from fc_magic.wire import oss, triggers
from fc_magic.wire.results import Function
from fc_magic.wire.spec import FIELDS, Layer
from fc_magic.wire.triggers import Oss, Trigger


@dataclass
class Words:
    """``said`` is what the line has. ``tried`` is the same with something in the place of each secret, and without
    triggers that have one: what can be read here to see what the line means."""

    said: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, word: str, tried: str | None = None) -> None:
        self.said.append(word)
        if tried != "":
            self.tried.append(word if tried is None else tried)


def words(live: Live, usual_role: str, with_secrets: bool) -> Words:
    """``usual_role`` is the one that a deployment has without ``--role``."""
    out, function, hiding = Words(), live.function, Hiding(with_secrets)
    _plain(function, usual_role, out)
    _environment(function, hiding, out)
    for layer in function.layers:
        out.add(option("layers", _layer(layer)))
    if function.vpc_config:
        out.add(option("vpc_config", json.dumps(function.vpc_config.model_dump())))
    for trigger in triggers.bare(function.triggers):
        _trigger(_near(trigger, live), hiding, out)
    if live.code is None:
        for name, value in _image(live):
            out.add(option(name, value if isinstance(value, str) else json.dumps(value)))
    out.notes += [*beyond.notes(live.settings, "%%fcdeploy"), *beside.notes(live)]
    return out


def option(name: str, text: str) -> str:
    """``--name text``; a value that begins with two dashes would be taken for an option."""
    between = "=" if text.startswith("--") else " "
    return f"{options.option(name)}{between}{quoted(text)}"


def quoted(text: str) -> str:
    """As ``shlex.quote`` has it, but a text with an apostrophe stays readable."""
    return f'"{text}"' if "'" in text and not set(text) & set('"\\$`{}') else shlex.quote(text)


def _plain(function: Function, usual_role: str, out: Words) -> None:
    usual = {name: doc.default for name, doc in FIELDS.items()}
    usual |= {"handler": "index.handler", "entrypoint": function.handler, "role": usual_role, "runtime": ""}
    for name in ("runtime", "handler", "entrypoint", "memory", "timeout", "description", "role"):
        value = getattr(function, name)
        if value == usual[name]:
            continue
        text = str(value)
        if not text.isprintable():
            out.notes.append(
                f"{name} has line breaks or signs that a line cannot hold: they are spaces in the cell"
            )
            text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
        out.add(option(name, text))


def _environment(function: Function, hiding: Hiding, out: Words) -> None:
    """A secret is named without its value: ``--env NAME`` takes that from the notebook's environment."""
    secret = []
    for name, value in hiding.hide(dict(function.environment), "environment").items():
        if isinstance(value, Secret):
            secret.append(name)
            out.add(f"--env {name}", f"--env {name}=x")
        elif value.isprintable():
            out.add(option("environment", f"{name}={value}"))
        else:
            out.add(option("environment", json.dumps({name: value})))
    if secret:
        names = ", ".join(secret)
        out.notes.append(
            f"{names}: the value is not in the cell: it is taken from the notebook's environment; "
            "--with-secrets writes it there"
            if len(secret) == 1
            else f"{names}: the values are not in the cell: they are taken from the notebook's environment; "
            "--with-secrets writes them there"
        )


def _near(trigger: Trigger, live: Live) -> Trigger:
    """The inverse of ``triggers.located``: what is of the function's own region and account needs no ARN."""
    if not isinstance(trigger, Oss):
        return trigger
    bucket = trigger.model_copy(update={"source_arn": trigger.bucket, "invocation_role": oss.ROLE})
    here = triggers.located(bucket, live.region, live.account_id)
    return bucket if (live.account_id and here == trigger) else trigger


def _trigger(trigger: Trigger, hiding: Hiding, out: Words) -> None:
    before = set(hiding.found)
    hidden = hiding.hide(explicit(trigger), trigger.name or trigger.type)
    secrets = [secret for place, secret in hiding.found.items() if place not in before]
    if not secrets:
        text = triggers.text(trigger)
        whole = {"type": trigger.type, "config": trigger.config()}
        out.add(option("triggers", text if text.isprintable() else json.dumps(whole)))
        return
    config = {key: value for key, value in hidden.items() if key in trigger.config()}
    out.add(
        option("triggers", json.dumps({"type": trigger.type, "config": config}, default=_placeholder)), ""
    )
    for secret in secrets:
        what = "is not in the cell" if secret.known else "is known by its fingerprint only"
        out.notes.append(f"{secret.place} {what}: write it where {_placeholder(secret)} stands")


def _placeholder(secret: Secret) -> str:
    # no token and no key can have these signs, so nobody deploys it by mistake
    return f"${{{secret.name}}}"


def _layer(layer: Layer) -> str:
    return layer.name if layer.name.startswith("acs:") else f"{layer.name}:{layer.version}"


def _image(live: Live) -> Iterator[tuple[str, Any]]:
    """The fields of a container."""
    source = dict(live.function.source)
    container = dict(live.settings.get("customContainerConfig") or {})
    if not source and container.get("image"):
        source = {"image_url": container.pop("image"), "custom_container_config": container}
    yield from source.items()

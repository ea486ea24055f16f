"""What of a deployment this Function Compute does not do, and what it does otherwise than a region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fc_magic.errors import Problem
from fc_magic.server.worker import runtimes
from fc_magic.wire import checks, kept, oss, v2
from fc_magic.wire.spec import Deployment, Image
from fc_magic.wire.triggers import Http, Oss, Timer, Trigger, bare, item, unfired
from fc_magic.wire.wording import clipped

_HERE = "the embedded Function Compute"


def unserved(read: v2.Read) -> list[Problem]:
    """What is valid for Function Compute, but not here yet, is refused by name: never accepted and dropped.

    May take long: the first look for an interpreter runs it."""
    found = [*_not_installed(read)]
    if isinstance(read.code, Image):
        found.append(
            Problem(
                "image_url",
                f"{_HERE} runs no containers",
                hint="another source, such as code of a built-in runtime",
            )
        )
    return [*found, *_unserved_triggers(read.triggers)]


def _not_installed(read: v2.Read) -> Iterator[Problem]:
    if read.deployment and read.deployment.runtime in runtimes.served():
        try:
            runtimes.find(read.deployment.runtime)
        except runtimes.NotInstalled as error:
            what = f"cannot run here: {error}, and {error.install} would install it"
            yield Problem("runtime", what, given=read.deployment.runtime)


def wrong(read: v2.Read) -> Iterator[Problem]:
    """What only shows when it is tried: keys that no token can be verified with."""
    for number, trigger in read.triggers.items():
        if what := unusable_keys(trigger):
            yield _of_trigger(number, trigger, f"authConfig {what}", "")


def unusable_keys(trigger: Trigger) -> str:
    """What is wrong with the keys of a trigger that takes JSON Web Tokens; nothing if there is nothing. May take
    long."""
    if not isinstance(trigger, Http) or trigger.auth_type != "jwt" or trigger.has_masks():
        return ""
    from fc_magic.server import tokens  # cryptography is not worth its import before it is used

    return tokens.unusable(trigger.auth_config or {})


def _unserved_triggers(triggers: Mapping[int, Trigger]) -> Iterator[Problem]:
    """By the names that were given, not those that they would have."""
    for number, trigger in zip(triggers, bare(triggers.values()), strict=True):
        if what := unfired(trigger):
            yield _of_trigger(number, trigger, what, "http")


def _of_trigger(number: int, trigger: Trigger, what: str, instead: str) -> Problem:
    return Problem(
        f"triggers.{number}", what, given=checks.shown(f"triggers.{number}", item(trigger)), hint=instead
    )


def notes(deployment: Deployment, account_id: str, own: Mapping[str, Any]) -> Iterator[str]:
    """What is accepted and means something else here: warnings of the answer. ``own``: what the deployment has no
    field for."""
    yield from kept.notes(own.get("kept", {}))
    if deployment.vpc_config:
        yield "vpc_config is kept, but one machine has no VPC: the function runs outside of it"
    yield from notes_of(deployment.triggers, account_id)


def notes_of(triggers: Sequence[Trigger], account_id: str, only: str = "") -> Iterator[str]:
    """The same about the triggers of a function, or about ``only`` that one."""
    for number, trigger in enumerate(triggers):
        if only in ("", trigger.name):
            yield from (f"{trigger.name}: {text}" for text in _notes(trigger, account_id, triggers[:number]))


def _notes(trigger: Trigger, account_id: str, before: Sequence[Trigger]) -> Iterator[str]:
    if isinstance(trigger, Timer) and any(c.isdigit() for c in _weekday(trigger)):
        yield "whether FC counts weekdays from 0 or 1 is not documented; MON to SUN is safe"
    if isinstance(trigger, Oss):
        yield from _of_bucket(trigger, account_id)
    if not isinstance(trigger, Http | Timer | Oss):
        yield f"{_HERE} has no source of {trigger.type} events: the trigger is kept, and never fires"
    if same := next((other.name for other in before if _does(other) == _does(trigger)), None):
        yield f"it does what {same} does: the function is called twice, by each of them"


def _does(trigger: Trigger) -> tuple[str, object]:
    """What a trigger does, whatever it is called."""
    config = trigger.config()
    return trigger.type, {key: value for key, value in config.items() if key not in ("name", "description")}


def _of_bucket(trigger: Oss, account_id: str) -> Iterator[str]:
    key, owner = trigger.filter.key, oss.parts(trigger.source_arn)[1]
    if not (key.prefix or key.suffix):
        yield (
            f"it hears of every object of {trigger.bucket}; a function that writes there calls "
            "itself without end, unless a prefix or a suffix keeps what it writes apart"
        )
    for name, text in (("prefix", key.prefix), ("suffix", key.suffix)):
        if any(sign in text for sign in "*?["):
            yield f"{name} {clipped(text)} is no pattern: a key must have these very characters"
    if owner != account_id:
        yield f"sourceArn names account {clipped(owner)}, but every bucket here is {account_id}'s"


def _weekday(timer: Timer) -> str:
    fields = timer.cron_expression.split()
    return "" if timer.cron_expression.startswith("@") else fields[-1]

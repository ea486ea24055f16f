"""What of a deployment this Function Compute does not do, and what it does otherwise than a region."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fc_magic.errors import Problem
from fc_magic.server.worker import runtimes
from fc_magic.wire import kept, oss, v2
from fc_magic.wire.spec import Deployment, Image
from fc_magic.wire.triggers import Http, Oss, Timer, Trigger
from fc_magic.wire.wording import clipped

_HERE = "the embedded Function Compute"


def unserved(read: v2.Read) -> list[Problem]:
    """What is valid for Function Compute, but not here yet, is refused by name: never accepted and dropped.

    May take long: the first look for an interpreter runs it."""
    found = [*_not_installed(read)]
    if isinstance(read.code, Image):
        found.append(_problem("image_url", f"{_HERE} runs no containers", "a built-in runtime with code"))
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
        if isinstance(trigger, Http) and trigger.auth_type == "jwt" and not trigger.has_masks():
            from fc_magic.server import tokens  # cryptography is not worth its import before it is used

            if what := tokens.unusable(trigger.auth_config or {}):
                yield _problem(f"triggers.{number}", f"authConfig {what}", "")


def _unserved_triggers(triggers: Mapping[int, Trigger]) -> Iterator[Problem]:
    for number, trigger in triggers.items():
        if not isinstance(trigger, Http | Timer | Oss):
            what = f"{_HERE} does not fire {trigger.type} triggers"
            yield _problem(f"triggers.{number}", what, "an http, timer or oss trigger")


def _problem(place: str, what: str, instead: str) -> Problem:
    return Problem(place, what, hint=instead)


def notes(deployment: Deployment, account_id: str, own: Mapping[str, Any]) -> Iterator[str]:
    """What is accepted and means something else here: warnings of the answer. ``own``: what the deployment has no
    field for."""
    yield from kept.notes(own.get("kept", {}))
    if deployment.vpc_config:
        yield "vpc_config is kept, but one machine has no VPC: the function runs outside of it"
    for trigger in deployment.triggers:
        if trigger.qualifier != "LATEST":
            yield f"{trigger.name}: qualifier {clipped(trigger.qualifier)} is kept, but it is LATEST that is called"
        if isinstance(trigger, Timer) and any(c.isdigit() for c in _weekday(trigger)):
            yield f"{trigger.name}: whether FC counts weekdays from 0 or 1 is not documented; MON to SUN is safe"
        if isinstance(trigger, Oss):
            yield from _of_bucket(trigger, account_id)


def _of_bucket(trigger: Oss, account_id: str) -> Iterator[str]:
    key, owner = trigger.filter.key, oss.parts(trigger.source_arn)[1]
    if not (key.prefix or key.suffix):
        yield (
            f"{trigger.name}: it hears of every object of {trigger.bucket}; a function that writes there calls "
            "itself without end, unless a prefix or a suffix keeps what it writes apart"
        )
    if owner != account_id:
        yield f"{trigger.name}: sourceArn names account {clipped(owner)}, but every bucket here is {account_id}'s"


def _weekday(timer: Timer) -> str:
    fields = timer.cron_expression.split()
    return "" if timer.cron_expression.startswith("@") else fields[-1]

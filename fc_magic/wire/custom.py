"""``customRuntimeConfig``: how the program of a custom runtime is started, where it listens, when it has started.

Its command is the entrypoint of a deployment, words and arguments together: so a deployment may change it, too.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationError

from fc_magic.wire.fields import Value
from fc_magic.wire.wording import reason

#: UNCONFIRMED that it is the default; the examples have it
PORT = 9000
#: as long as the entrypoint of a deployment may be
MAX_COMMAND = 4096

_Word = Annotated[str, Field(strict=True, min_length=1, max_length=1024, pattern=r"^[^\x00]*$")]
_Words = Annotated[tuple[_Word, ...], Field(max_length=256)]


def _number(name: str, low: int, high: int) -> Any:
    return Field(alias=name, strict=True, ge=low, le=high)


class HealthCheck(Value):
    """No path: a program has started when it listens."""

    model_config = ConfigDict(loc_by_alias=True)

    path: Annotated[str, Field(alias="httpGetUrl", max_length=2048, pattern=r"^(/[!-~]*)?$")] = ""
    initial_delay_s: Annotated[int, _number("initialDelaySeconds", 0, 120)] = 0
    period_s: Annotated[int, _number("periodSeconds", 1, 120)] = 3
    timeout_s: Annotated[int, _number("timeoutSeconds", 1, 3)] = 1
    failures: Annotated[int, _number("failureThreshold", 1, 120)] = 3
    successes: Annotated[int, _number("successThreshold", 1, 120)] = 1


class Custom(Value):
    """What the deployments API has no field for; ``args`` are those of the entrypoint's words that were given so."""

    args: tuple[str, ...] = ()
    port: Annotated[int, _number("port", 1, 65535)] = PORT
    health: HealthCheck | None = None


class _Given(Value):
    model_config = ConfigDict(loc_by_alias=True)

    command: _Words = ()
    args: _Words = ()
    port: Annotated[int, _number("port", 1, 65535)] = PORT
    health: Annotated[HealthCheck | None, Field(alias="healthCheckConfig")] = None


def read(value: Mapping[str, Any]) -> tuple[str, Custom]:
    """The entrypoint (nothing: the bootstrap file) and the rest. Raises ValueError that says what is wrong."""
    try:
        found = _Given.model_validate(_set(value))
    except ValidationError as error:
        raise ValueError(reason(error)) from None
    if found.args and not found.command:
        raise ValueError("has args and no command")
    command = shlex.join((*found.command, *found.args))
    if len(command) > MAX_COMMAND:
        raise ValueError(f"command and args have more than {MAX_COMMAND} characters")
    return command, Custom(args=found.args, port=found.port, health=found.health)


def _set(value: Mapping[str, Any]) -> dict[str, Any]:
    """Without what tools send to say nothing."""
    parts = {name: _set(part) if isinstance(part, Mapping) else part for name, part in value.items()}
    return {name: part for name, part in parts.items() if part not in (None, "", {}, [])}


def encode(words: Sequence[str], custom: Custom | None) -> dict[str, Any]:
    """``words`` are the whole command: arguments that no longer end it have been replaced with it."""
    custom, words = custom or Custom(), list(words)
    args = list(custom.args) if custom.args and words[-len(custom.args) :] == list(custom.args) else []
    answer: dict[str, Any] = {"port": custom.port}
    if words:
        answer["command"] = words[: len(words) - len(args)]
    if args:
        answer["args"] = args
    if custom.health:
        answer["healthCheckConfig"] = custom.health.model_dump(by_alias=True)
    return answer

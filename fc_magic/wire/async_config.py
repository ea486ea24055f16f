"""How a function's asynchronous calls are treated: the settings, and their JSON in FC 3.0's own API."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fc_magic.errors import InvalidArgument, Problem
from fc_magic.wire import checks
from fc_magic.wire.fc3 import VERSION, functions_path
from fc_magic.wire.wording import clipped, first_few

LATEST = "LATEST"
#: UNCONFIRMED: the fc3 component has 18000 s by default and 2592000 s at most
DEFAULT_AGE_S, MAX_AGE_S = 86400, 604800
DEFAULT_RETRIES, MAX_RETRIES = 3, 8
MAX_ARN = 512
#: UNCONFIRMED: whether the ARN of a config ends with the qualifier when that is LATEST
ARN_NAMES_LATEST = False
_FUNCTION_ARN = re.compile(
    r"acs:fc:([^:/]*):([^:/]*):functions/([A-Za-z0-9_-]{1,128})(?:/([A-Za-z0-9_-]{1,128}))?"
)


@dataclass(frozen=True)
class AsyncConfig:
    """``retries`` after a function failed, ``max_age_s`` that a call may wait, ``task``: calls are tasks that can be
    looked up and stopped. ``on_success`` and ``on_failure`` are ARNs that are told how a call ended."""

    task: bool = False
    max_age_s: int = DEFAULT_AGE_S
    retries: int = DEFAULT_RETRIES
    on_success: str = ""
    on_failure: str = ""
    created: str = ""
    modified: str = ""


def path(name: str = "") -> str:
    return functions_path(name) + "/async-invoke-config" if name else f"/{VERSION}/async-invoke-configs"


def arn(region: str, account: str, name: str, qualifier: str = "") -> str:
    """Of a function, or of what a qualifier of it names."""
    own = f"acs:fc:{region}:{account}:functions/{name}"
    return f"{own}/{qualifier}" if qualifier and (ARN_NAMES_LATEST or qualifier != LATEST) else own


def function_of(destination: str) -> tuple[str, str, str, str] | None:
    """Region, account, name and qualifier, if that is the ARN of a function."""
    found = _FUNCTION_ARN.fullmatch(destination)
    return (found[1], found[2], found[3], found[4] or LATEST) if found else None


# ---------------------------------------------------------------- JSON


def encode(config: AsyncConfig, function_arn: str, qualifier: str = LATEST) -> dict[str, Any]:
    return {
        "functionArn": function_arn,
        **keep(config),
        # ours: the ARN of LATEST does not say so
        "qualifier": qualifier,
    }


def keep(config: AsyncConfig) -> dict[str, Any]:
    """As it is stored."""
    sides = {"onSuccess": config.on_success, "onFailure": config.on_failure}
    return {
        "asyncTask": config.task,
        "destinationConfig": {side: {"destination": arn} for side, arn in sides.items() if arn},
        "maxAsyncEventAgeInSeconds": config.max_age_s,
        "maxAsyncRetryAttempts": config.retries,
        "createdTime": config.created,
        "lastModifiedTime": config.modified,
    }


def kept(answer: Mapping[str, Any]) -> AsyncConfig:
    """What ``keep`` or ``encode`` wrote."""
    sides = answer.get("destinationConfig") or {}
    return AsyncConfig(
        task=bool(answer.get("asyncTask")),
        max_age_s=answer.get("maxAsyncEventAgeInSeconds", DEFAULT_AGE_S),
        retries=answer.get("maxAsyncRetryAttempts", DEFAULT_RETRIES),
        on_success=(sides.get("onSuccess") or {}).get("destination") or "",
        on_failure=(sides.get("onFailure") or {}).get("destination") or "",
        created=answer.get("createdTime", ""),
        modified=answer.get("lastModifiedTime", ""),
    )


# ---------------------------------------------------------------- what is put


def read(body: Any, old: AsyncConfig) -> AsyncConfig:
    """A body of PutAsyncInvokeConfig; what it does not name stays as in ``old``. Raises InvalidArgument with every
    wrong field."""
    if not isinstance(body, Mapping):
        raise InvalidArgument("the body is not a JSON object")
    wrong: list[Problem] = []
    changes: dict[str, Any] = {}
    for name, value in body.items():
        if value is None or name not in _FIELDS:
            continue  # FC's clients send more than a service knows
        found, problems = _FIELDS[name](value)
        changes |= found
        wrong += problems
    if wrong:
        raise InvalidArgument(f"the async config was refused: {first_few(wrong)}", problems=wrong)
    return replace(old, **changes)


_Read = tuple[dict[str, Any], list[Problem]]


def _whole(name: str, field: str, most: int, least: int) -> Callable[[Any], _Read]:
    def taken(value: Any) -> _Read:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return {field: value}, []
        what = checks.problem(name, "is not such a whole number", value)
        return {}, [replace(what, allowed=f"{least} to {most}")]

    return taken


def _flag(value: Any) -> _Read:
    if isinstance(value, bool):
        return {"task": value}, []
    return {}, [replace(checks.problem("asyncTask", "is neither", value), allowed="true or false")]


def _destinations(value: Any) -> _Read:
    """Both at once: what an object does not name is not told any more."""
    if not isinstance(value, Mapping):
        return {}, [checks.problem("destinationConfig", "is not a JSON object")]
    found = {"on_success": "", "on_failure": ""}
    wrong = []
    for side, field in (("onSuccess", "on_success"), ("onFailure", "on_failure")):
        given = value.get(side) or {}
        arn = given.get("destination") or "" if isinstance(given, Mapping) else given
        if problem := _arn_problem(arn):
            place = f"destinationConfig.{side}.destination"
            wrong.append(
                replace(checks.problem(place, problem, arn), allowed="acs:fc:REGION:ACCOUNT:functions/NAME")
            )
        else:
            found[field] = arn
    return found, wrong


def _arn_problem(arn: Any) -> str:
    if not isinstance(arn, str):
        return "is not text"
    if len(arn) > MAX_ARN:
        return f"is longer than {MAX_ARN} characters"
    return "is not an ARN" if arn and not re.fullmatch(r"acs:[a-z0-9]+:.*", arn) else ""


_FIELDS: dict[str, Callable[[Any], _Read]] = {
    "asyncTask": _flag,
    "destinationConfig": _destinations,
    "maxAsyncEventAgeInSeconds": _whole("maxAsyncEventAgeInSeconds", "max_age_s", MAX_AGE_S, 1),
    "maxAsyncRetryAttempts": _whole("maxAsyncRetryAttempts", "retries", MAX_RETRIES, 0),
}


def warnings(config: AsyncConfig, name: str, region: str, is_there: Callable[[str], bool]) -> Iterator[str]:
    """What one machine cannot honour of it, and what may surprise. ``is_there``: whether there is such a function."""
    for side, destination in (("onSuccess", config.on_success), ("onFailure", config.on_failure)):
        if not destination:
            continue
        found = function_of(destination)
        what = f"{side} {clipped(destination)}"
        if found is None:
            yield f"{what} is kept, but nothing is delivered there: here only functions can be destinations"
        elif found[0] != region:
            yield f"{what} is kept, but nothing is delivered there: this Function Compute is region {region}"
        elif found[2] == name:
            yield f"{what} is the function itself: it calls itself, until a chain of such calls is cut off"
        elif not is_there(found[2]):
            yield f"{what}: there is no such function yet; until there is, delivery fails"

"""Triggers in FC 3.0's own API: JSON of ``/2023-03-30/functions/{functionName}/triggers`` <-> our triggers.

``triggerConfig`` is JSON as text there; what FC has beside it, such as sourceArn, a deployment has in ``config``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from fc_magic.errors import InvalidArgument, Problem
from fc_magic.wire import checks, triggers
from fc_magic.wire.fc3 import functions_path
from fc_magic.wire.fields import spelled
from fc_magic.wire.schedule import MAX_CRON
from fc_magic.wire.triggers import KINDS, NAME_PATTERN, Http, Oss, Timer, Trigger
from fc_magic.wire.wording import clipped, first_few, what

#: UNCONFIRMED for FC 3.0: who may call where a triggerConfig does not say it
AUTH_TYPE = "function"
STATUS = "OK"
QUALIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}|[1-9][0-9]{0,9}")
#: a field of the API -> the key of a trigger's config that it is
_LIFTED = {
    "triggerName": "name",
    "description": "description",
    "qualifier": "qualifier",
    "sourceArn": "sourceArn",
    "invocationRole": "invocationRole",
}
_OF_CONFIG = {key: field for field, key in _LIFTED.items()}
#: what UpdateTrigger may not change
_FIXED = {"triggerType": "the type", "sourceArn": "the source"}
_MASKED = "has a fingerprint (sha256:…), as answers show it, where the secret itself must be"
#: of a custom domain: what a deployment says of itself in the config of its trigger
_NOT_HERE = {"url": "is not of a triggerConfig: a custom domain leads a host and a path to a function"}
_ALLOWED = {
    "triggerName": "1 to 128 letters, digits, _ or -, not starting with a digit or -",
    "triggerType": ", ".join(KINDS),
    "description": "at most 256 characters",
    "invocationRole": "acs:ram::ACCOUNT_ID:role/NAME",
    "qualifier": "LATEST, a version or an alias",
    "triggerConfig": "a JSON object as text",
    "triggerConfig.authType": "anonymous, function, jwt, bearer",
    "triggerConfig.methods": ", ".join(triggers.METHODS),
    "triggerConfig.cronExpression": f"@every 5m, or six fields, seconds first; at most {MAX_CRON} characters",
    "triggerConfig.events": "names such as oss:ObjectCreated:PutObject",
}


def path(function: str, name: str = "") -> str:
    from fc_magic.wire.signature import percent

    return f"{functions_path(function)}/triggers" + (f"/{percent(name)}" if name else "")


@dataclass(frozen=True)
class Attached:
    """A trigger that exists, with what FC says of it: whose it is, since when, and its URL if it is an http one."""

    trigger: Trigger
    trigger_id: str = ""
    function_arn: str = ""
    created_time: str = ""
    last_modified_time: str = ""
    url: str = ""
    warnings: tuple[str, ...] = ()


# ---------------------------------------------------------------- answers


def encode(attached: Attached) -> dict[str, Any]:
    trigger = triggers.public(attached.trigger)
    answer: dict[str, Any] = {
        "triggerName": trigger.name,
        "triggerType": trigger.type,
        "triggerId": attached.trigger_id,
        "triggerConfig": json.dumps(config(trigger), ensure_ascii=False, separators=(",", ":")),
        "description": trigger.description,
        "qualifier": trigger.qualifier,
        "targetArn": attached.function_arn,
        "status": STATUS,
        "createdTime": attached.created_time,
        "lastModifiedTime": attached.last_modified_time,
    }
    lifted = {"sourceArn": trigger.source_arn, "invocationRole": trigger.invocation_role}
    answer |= {field: value for field, value in lifted.items() if value}
    if isinstance(trigger, Http):
        answer["httpTrigger"] = {"urlInternet": attached.url, "urlIntranet": attached.url}
    # ours: other clients ignore what they do not know
    return {**answer, "warnings": list(attached.warnings)} if attached.warnings else answer


def config(trigger: Trigger) -> dict[str, Any]:
    """``triggerConfig`` as an object, with what is always said of its type."""
    own = {k: v for k, v in trigger.config().items() if k not in _OF_CONFIG and k not in _NOT_HERE}
    if isinstance(trigger, Http):
        own = {**own, "authType": trigger.auth_type, "disableURLInternet": trigger.disable_url_internet}
        if trigger.auth_config is not None:
            own["authConfig"] = json.dumps(trigger.auth_config, ensure_ascii=False, separators=(",", ":"))
    elif isinstance(trigger, Timer):
        own = {**own, "enable": trigger.enable, "payload": trigger.payload}
    elif isinstance(trigger, Oss):
        own["filter"] = trigger.filter.model_dump()
    return own


def decode(answer: Mapping[str, Any]) -> Attached:
    """What any Function Compute says of a trigger. Raises KeyError, TypeError or ValueError if it is none."""
    own = _object(answer.get("triggerConfig") or {})
    lifted = {key: answer[field] for field, key in _LIFTED.items() if answer.get(field)}
    return Attached(
        trigger=triggers.from_config(answer["triggerType"], {**own, **lifted}),
        trigger_id=answer.get("triggerId") or "",
        function_arn=answer.get("targetArn") or "",
        created_time=answer.get("createdTime") or "",
        last_modified_time=answer.get("lastModifiedTime") or "",
        url=(answer.get("httpTrigger") or {}).get("urlInternet") or "",
        warnings=tuple(answer.get("warnings") or ()),
    )


def encode_input(trigger: Trigger) -> dict[str, Any]:
    """The body of CreateTrigger. The ``url`` of an http trigger is not in it: that is a custom domain."""
    body = {
        "triggerName": trigger.name,
        "triggerType": trigger.type,
        "triggerConfig": json.dumps(config(trigger), ensure_ascii=False, separators=(",", ":")),
        "description": trigger.description,
        "qualifier": trigger.qualifier,
        "sourceArn": trigger.source_arn,
        "invocationRole": trigger.invocation_role,
    }
    return {name: value for name, value in body.items() if value}


# ---------------------------------------------------------------- requests


def read(body: Any) -> Trigger:
    """A body of CreateTrigger. Raises InvalidArgument that names the trigger and every wrong field."""
    given = _fields(body, "created", ("triggerType", "triggerConfig", *_LIFTED))
    missing = [Problem(name, "is required", _ALLOWED[name]) for name in _REQUIRED if given.get(name) is None]
    return _read(given, missing, "created")


_REQUIRED = ("triggerName", "triggerType", "triggerConfig")


def read_update(body: Any, old: Trigger) -> Trigger:
    """A body of UpdateTrigger: what it does not name stays, triggerConfig is replaced as a whole."""
    name = old.name or ""
    given = _fields(body, "updated", ("triggerType", "triggerConfig", *_LIFTED), name)
    fixed = {"triggerType": old.type, "sourceArn": old.source_arn, "triggerName": name}
    wrong = [_fixed(field, given[field], is_) for field, is_ in fixed.items() if given.get(field, is_) != is_]
    was = {
        field: value for field, key in _LIFTED.items() if (value := _attribute(old, key)) not in (None, "")
    }
    kept = {"triggerConfig": config(old)} if "triggerConfig" not in given else {}
    new = _read({**was, **kept, **given, **fixed}, wrong, "updated")
    # a deployment's own: this API has no word for it
    own = {"url": old.url} if isinstance(old, Http) else {}
    return new.model_copy(update=own) if own else new


def _attribute(trigger: Trigger, key: str) -> Any:
    return {
        "name": trigger.name,
        "description": trigger.description,
        "qualifier": trigger.qualifier,
        "sourceArn": trigger.source_arn,
        "invocationRole": trigger.invocation_role,
    }[key]


def _fixed(field: str, given: Any, is_: str) -> Problem:
    thing = _FIXED.get(field, "the name")
    hint = "delete it and create another one" if field in _FIXED else is_
    return Problem(field, f"{thing} of a trigger cannot change", is_, checks.shown("", given), hint)


def _fields(body: Any, done: str, known: Sequence[str], name: str = "") -> dict[str, Any]:
    if not isinstance(body, Mapping):
        raise InvalidArgument("the body is not a JSON object", hint="send the trigger as a JSON object")
    given = {str(field): value for field, value in body.items() if value is not None}
    wrong = [Problem(clipped(field), "is not a field of a trigger") for field in given if field not in known]
    wrong += [Problem(field, why) for field, value in given.items() if (why := checks.unfit(value))]
    if wrong:
        raise refusal(wrong, name or given.get("triggerName"), done)
    return given


def _read(given: Mapping[str, Any], wrong: list[Problem], done: str) -> Trigger:
    kind, own = given.get("triggerType"), {}
    if kind is not None and kind not in KINDS:
        wrong.append(_problem("triggerType", "is no type of trigger", kind))
    try:
        own = _object(given.get("triggerConfig") or {})
    except ValueError as error:
        wrong.append(_problem("triggerConfig", str(error)))
        kind = None
    strange = [key for key in own if key in _OF_CONFIG or key in _NOT_HERE]
    wrong += [_problem(f"triggerConfig.{key}", _NOT_HERE.get(key, _BESIDE)) for key in strange]
    lifted = {key: given[field] for field, key in _LIFTED.items() if given.get(field) not in (None, "")}
    wrong += _texts(given)
    trigger = None
    if kind in KINDS:
        values = {key: value for key, value in own.items() if key not in strange}
        trigger, found = _checked(str(kind), values, lifted)
        wrong += found
    if trigger is not None and trigger.has_masks():
        wrong.append(_problem("triggerConfig.authConfig", _MASKED))
    if wrong or trigger is None:
        raise refusal(wrong, given.get("triggerName"), done)
    return trigger


_BESIDE = "stands beside triggerConfig, not in it"


def _texts(given: Mapping[str, Any]) -> list[Problem]:
    """What is wrong with the fields that every type has, whatever else is."""
    most = {"description": 256, "invocationRole": 300, "sourceArn": 300}
    found = []
    for field in _LIFTED:
        value = given.get(field, "")
        if not isinstance(value, str):
            found.append(_problem(field, "is not text", value))
        elif len(value) > most.get(field, 128):
            found.append(_problem(field, "is too long", value))
        elif field == "triggerName" and field in given and not re.fullmatch(NAME_PATTERN, value):
            found.append(_problem(field, "is not a name", value))
        elif field == "qualifier" and value and not QUALIFIER.fullmatch(value):
            found.append(_problem(field, "is no version or alias", value))
    return found


def _checked(
    kind: str, own: dict[str, Any], lifted: Mapping[str, Any]
) -> tuple[Trigger | None, list[Problem]]:
    """The trigger, and what is wrong in its config and with its source."""
    from fc_magic.wire import event_sources  # many models: a server that starts need not wait for them

    if kind == "http":
        own = {"authType": AUTH_TYPE, **own}
    texts = {key: value for key, value in lifted.items() if isinstance(value, str)}
    wrong = event_sources.arn_problem(kind, texts.get("sourceArn", ""))
    found = (
        [_problem("sourceArn", wrong, texts.get("sourceArn"), event_sources.EXAMPLES[kind])] if wrong else []
    )
    try:
        event_sources.check(kind, own)
        trigger = triggers.from_config(kind, {**own, **texts})
    except ValidationError as error:
        return None, [*found, *_problems(error)]
    return trigger, found


def _problems(error: ValidationError) -> Iterable[Problem]:
    """Each wrong field or key of a config once, by its whole place."""
    found: dict[str, list[str]] = {}
    for item in error.errors():
        first, *inner = (clipped(spelled(part)) for part in item["loc"])
        place = _OF_CONFIG.get(first) or ".".join(["triggerConfig", first, *inner])
        found.setdefault(place, []).append(what(item))
    for place, texts in found.items():
        yield _problem(place, "; ".join(dict.fromkeys(texts)))


def _problem(field: str, wrong: str, given: Any = None, hint: str = "") -> Problem:
    return Problem(
        field, wrong, _ALLOWED.get(field, ""), "" if given is None else checks.shown("", given), hint
    )


def refusal(wrong: Iterable[Problem], name: Any, done: str) -> InvalidArgument:
    """``done``: created or updated, which it was not."""
    once = list({problem.field: problem for problem in reversed(list(wrong))}.values())[::-1]
    which = f"trigger '{clipped(name)}'" if isinstance(name, str) and name else "the trigger"
    return InvalidArgument(f"{which} was not {done}: {first_few(once)}", problems=once)


def _object(given: Any) -> dict[str, Any]:
    """Tools send text, as it is documented, or the object itself."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            raise ValueError("is not JSON") from None
        if why := checks.unfit(given):
            raise ValueError(why)
    if not isinstance(given, dict):
        raise ValueError("is not a JSON object")
    return dict(given)

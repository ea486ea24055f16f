"""What CreateFunction and UpdateFunction of FC 3.0 ask for: the fields they name become those of a deployment.

What one machine cannot honour is kept as it came; what cannot run at all is named, and refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from fc_magic.errors import InvalidArgument, NotSupported, Problem
from fc_magic.wire import checks, kept, runtimes, v2
from fc_magic.wire.function_fields import NO_CODE, SERVED, Asked, follow, is_nothing
from fc_magic.wire.results import Function
from fc_magic.wire.source import Inline
from fc_magic.wire.wording import clipped, first_few

#: of one field
MOST_WRONG = 20
#: what a new function has where CreateFunction says nothing
DEFAULTS = {"memory": 512, "timeout": 3, "role": "", "description": "", "environment": {}}
#: a field of a deployment -> its name here, where they differ
NAMES = {
    "name": "functionName",
    "memory": "memorySize",
    "environment": "environmentVariables",
    "vpc_config": "vpcConfig",
    "entrypoint": "instanceLifecycleConfig",
    "oss_bucket": "code.ossBucketName",
    "oss_object_key": "code.ossObjectName",
}
#: of CreateFunction only; the operation that changes them later
_ONCE = {"tags": "TagResources", "resourceGroupId": "ChangeResourceGroup"}
#: what runs in a container of its own -> what to do instead
_CONTAINERS = ("customContainerConfig", "microSandboxConfig")
_INSTEAD = "custom.debian12 with the program in the package, or a region"
_RUNTIMES_IN_CONTAINERS = (runtimes.CONTAINER, "micro-sandbox")


def create(body: Any, served: Iterable[str]) -> Asked:
    """``served``: the runtimes that run here. Raises InvalidArgument if the body is no object."""
    given = _given(body)
    asked = Asked({**DEFAULTS, "code": Inline(zip=b"")}, {"kept": {}})
    if "functionName" in given:
        asked.body["name"] = given.pop("functionName")
    _take(asked, {name: value for name, value in given.items() if not _is_placeholder(value)}, served)
    if "code" not in given and not asked.unserved:
        asked.refuse("code", NO_CODE)
    follow(asked, given, None)
    return asked


def change(body: Any, function: Function, code: bytes, served: Iterable[str]) -> Asked:
    """``function`` is what is deployed, ``code`` its ZIP. Raises InvalidArgument if the body is no object."""
    given = _given(body)
    own = {"source": function.source, "kept": dict(function.kept)}
    asked = Asked({**v2.as_body(function), "code": Inline(zip=code)}, own)
    if given.pop("functionName", function.name) != function.name:
        what = f"differs from {function.name}, the name in the path: a name cannot change"
        asked.refuse("functionName", what, body["functionName"])
    for name in set(_ONCE) & set(given):
        if not is_nothing(given.pop(name)):
            asked.refuse(name, "is not a field of UpdateFunction", hint=_ONCE[name])
    _take(asked, given, served)
    follow(asked, given, function)
    return asked


def _given(body: Any) -> dict[str, Any]:
    """null is the same as left out."""
    if not isinstance(body, Mapping):
        raise InvalidArgument("the body is not a JSON object", hint="send the fields of the function as one")
    return {str(name): value for name, value in body.items() if value is not None}


def _take(asked: Asked, given: Mapping[str, Any], served: Iterable[str]) -> None:
    for name, value in given.items():
        if why := checks.unfit(value):
            asked.refuse(clipped(name), why)
        elif name in SERVED:
            SERVED[name](asked, value)
        elif name in kept.NAMES:
            _keep(asked, name, value)
        elif name in _CONTAINERS:
            if not is_nothing(value):
                asked.unserved.append(
                    Problem(name, "needs containers, which are not run here", hint=_INSTEAD)
                )
        else:
            # clients are newer than we are; FC takes what it does not know, too
            asked.warnings.append(f"{clipped(name)} is not known here, and was ignored")
    runtime = asked.body.get("runtime")
    if runtime in (*runtimes.KNOWN, "micro-sandbox") and runtime not in served:
        asked.unserved.append(_not_run(runtime))


def _not_run(runtime: str) -> Problem:
    if runtime in _RUNTIMES_IN_CONTAINERS:
        return Problem("runtime", "needs containers, which are not run here", given=runtime, hint=_INSTEAD)
    what = "has no interpreter here"
    hint = "a custom runtime that starts the program, or a region"
    return Problem("runtime", what, given=runtime, hint=hint)


def _keep(asked: Asked, name: str, value: Any) -> None:
    """As it came; what is empty all the way down clears it."""
    if is_nothing(value):
        asked.own["kept"].pop(name, None)
        return
    wrong = list(islice(kept.wrong(name, value), MOST_WRONG))
    asked.wrong += wrong
    if not wrong:
        asked.own["kept"][name] = value


def in_words(error: InvalidArgument | NotSupported, name: str, done: str) -> InvalidArgument | NotSupported:
    """The refusal of a deployment in the words of this API."""
    problems = list(renamed(error.problems))
    if problems:
        error.message = f"{clipped(name)} was not {done}: {first_few(problems)}"
    error.problems = tuple(problems)
    return error


def renamed(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Problems of a deployment by the names of this API, each once."""
    found = list({p.field: p for p in reversed(list(problems))}.values())[::-1]
    handlers = [p.given for p in found if p.field == "handler"]
    for problem in found:
        first, dot, rest = problem.field.partition(".")
        # without an initializer the entrypoint is the handler, and was not given
        if not (first == "entrypoint" and problem.given in handlers):
            yield dataclasses.replace(problem, field=NAMES.get(first, first) + dot + rest)


def _is_placeholder(value: Any) -> bool:
    """What the Python SDK writes for a part that was not given."""
    return isinstance(value, list | Mapping) and is_nothing(value)

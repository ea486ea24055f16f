"""What exists and what happened: ``Function`` and ``Invocation``. Plain values, the same on both sides."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fc_magic.wire import runtimes
from fc_magic.wire.custom import Custom
from fc_magic.wire.spec import Layer, VpcConfig
from fc_magic.wire.triggers import Trigger, meanings, public

#: the qualifier of what was deployed last, published or not
LATEST = "LATEST"
#: of a request's log, the end that the answer has
TAIL_BYTES = 4096


@dataclass(frozen=True)
class Url:
    """Where a trigger can be reached."""

    trigger: str
    url: str


@dataclass(frozen=True)
class Hook:
    """What is called before an instance ends, and for how many seconds at most."""

    handler: str
    timeout: int


@dataclass(frozen=True)
class Function:
    """A deployed function, without its code. Times are ISO-8601 in UTC; ``memory`` MB, ``timeout`` s,
    ``code_size`` bytes, ``code_checksum`` the CRC-64/XZ of the ZIP in decimal.

    ``instance_concurrency`` (calls at once of one instance), ``initializer_timeout`` (s, 0: as long as FC allows),
    ``pre_stop``, ``cpu`` (0: as the memory has it), ``disk`` (MB), ``internet`` and, of a custom runtime,
    ``initialize`` (what its initializer is called) and ``custom`` have no field in the deployments API: FC 3.0's own
    sets them, a deployment leaves them be. So it is with ``kept``: fields as they came that nothing here acts upon.
    ``tags``, ``group`` (of resources) and ``restriction`` (invocations are disabled) are beside what is deployed.

    ``version`` is the published version that has this content, or LATEST while none has; ``revision`` counts the
    contents that a name had, published or not. ``qualifier`` is what it was asked for as: LATEST, or a version.
    """

    name: str
    region: str
    arn: str
    runtime: str
    handler: str
    entrypoint: str
    memory: int
    timeout: int
    role: str
    description: str = ""
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    vpc_config: VpcConfig | None = None
    triggers: tuple[Trigger, ...] = ()
    trigger_ids: Mapping[str, str] = field(default_factory=dict, repr=False)
    layers: tuple[Layer, ...] = ()
    layer_sizes: tuple[int, ...] = field(default=(), compare=False)
    source: Mapping[str, Any] = field(default_factory=dict, repr=False)
    instance_concurrency: int = 1
    initializer_timeout: int = 0
    pre_stop: Hook | None = None
    cpu: float = 0.0
    disk: int = 512
    internet: bool = True
    initialize: str = ""
    custom: Custom | None = None
    kept: Mapping[str, Any] = field(default_factory=dict, repr=False)
    tags: Mapping[str, str] = field(default_factory=dict, compare=False)
    group: str = field(default="", compare=False)
    restriction: Mapping[str, Any] | None = field(default=None, compare=False)
    state: str = "Active"
    version: str = LATEST
    revision: int = 1
    qualifier: str = LATEST
    function_id: str = ""
    code_checksum: str = ""
    code_size: int = 0
    created_time: str = ""
    last_modified_time: str = ""
    urls: tuple[Url, ...] = ()
    warnings: tuple[str, ...] = ()
    request_id: str = ""
    calls_today: int = 0
    errors_today: int = 0
    #: what the deployment did: created, updated or unchanged; nothing if it was only looked up
    outcome: str = field(default="", compare=False)
    elapsed_s: float = field(default=0.0, compare=False)
    #: what a deployment found there, if it did
    before: Function | None = field(default=None, compare=False, repr=False)
    #: the distributions that were deployed with it just now, ``name version``
    libraries: tuple[str, ...] = field(default=(), compare=False)
    #: in words: what that deployment changed, and which names of a notebook went along, from which cells
    changed: tuple[str, ...] = field(default=(), compare=False)
    along: tuple[tuple[str, ...], tuple[str, ...]] = field(default=((), ()), compare=False)

    @property
    def initializer(self) -> str:
        """What runs once in a new instance, or nothing: a ``file.function``. The entrypoint of a custom runtime is
        the command that starts its server, which is told to initialize by a request."""
        if runtimes.is_custom(self.runtime):
            return self.initialize
        return "" if self.entrypoint == self.handler else self.entrypoint

    def public(self) -> Function:
        """As an answer has it: what is secret in a trigger is a fingerprint."""
        return replace(self, triggers=tuple(public(t) for t in self.triggers))

    @property
    def command(self) -> tuple[str, ...]:
        """What starts the program of a custom runtime, word by word; nothing if that is its bootstrap file."""
        own = runtimes.is_custom(self.runtime) and self.entrypoint != self.handler
        return tuple(shlex.split(self.entrypoint)) if own else ()

    def having(self, **values: Any) -> Function:
        """The same with other values, for lists: ``replace`` sets each of the many fields anew."""
        other: Function = object.__new__(type(self))
        other.__dict__.update(self.__dict__, **values)
        return other

    def settings(self) -> dict[str, Any]:
        """The same shape as ``Deployment.settings()``, for comparing."""
        return {
            "description": self.description,
            "runtime": self.runtime,
            "entrypoint": self.entrypoint,
            "handler": self.handler,
            "memory": self.memory,
            "timeout": self.timeout,
            "environment": dict(self.environment),
            "role": self.role,
            "vpc_config": self.vpc_config.model_dump(mode="json") if self.vpc_config else None,
            "triggers": meanings(self.triggers),
            "layers": [layer.model_dump(mode="json") for layer in self.layers],
        }


class Functions(tuple[Function, ...]):
    """A list of functions, the last changed first: all, or those whose name begins with ``prefix``.

    ``warnings`` name what is deployed and could not be listed.
    """

    prefix: str = ""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Instance:
    """An instance of a function. ``state`` is idle, busy, starting or draining (it serves no new call, and ends);
    ``qualifier`` is LATEST or the version it serves, ``version`` what its content was published as when it started;
    ``revision`` counts contents, published or not (0: not known).
    ``age_s`` and ``calls`` since it was made, ``memory_mb`` what it holds now. Of a region only the id, the version
    and, as the state, what it calls status is known."""

    function: str
    instance_id: str
    state: str
    version: str
    created_time: str = ""
    age_s: float = 0.0
    calls: int | None = None
    memory_mb: float | None = None
    qualifier: str = LATEST
    revision: int = 0


class Instances(tuple[Instance, ...]):
    """The instances of a function, the oldest first; without a name of all functions."""

    function: str = ""


@dataclass(frozen=True)
class RequestLog:
    """One request in a function's log. ``caller`` is what called: invoke, async, http, timer, oss, or what became of
    an instance: pre-stop, idle, start; ``text`` its lines; ``error`` what it answered if it failed: errorMessage,
    errorType, stackTrace, as far as there are; ``version`` what served it: LATEST, or the id of a version; ``retry``:
    of an asynchronous call, how often it was tried before."""

    request_id: str
    started: str
    caller: str
    text: str = field(repr=False)
    duration_ms: float = 0.0
    error_type: str = ""
    cold: bool = False
    error: Mapping[str, Any] = field(default_factory=dict, repr=False)
    code_checksum: str = ""
    version: str = ""
    retry: int = 0
    memory_mb: float = 0.0


@dataclass(frozen=True)
class Log:
    """The last requests of a function, oldest first: the one that was asked for by ``request_id``, those that began
    at ``since`` or later, those that failed (``errors``), those that have what ``grep`` finds. ``next`` is where what
    comes later begins."""

    function: str
    requests: tuple[RequestLog, ...] = ()
    request_id: str = ""
    since: str = ""
    errors: bool = False
    grep: str = ""
    next: str = field(default="", repr=False)
    missed: int = 0


_DECODE = json.JSONDecoder().decode


def value_of(payload: bytes) -> Any:
    """What a function answered as Python would show it: parsed JSON, else text, else bytes. No body is None."""
    if not payload:
        return None
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return payload
    try:
        # a mark of the order of bytes is no JSON
        return _DECODE(text)
    except (ValueError, RecursionError):
        return text


@dataclass(frozen=True)
class Invocation:
    """One call of a function. ``payload`` is the function's answer, or the error JSON if ``error_type`` is set.

    ``duration_ms`` as billed by the server, ``memory_mb`` the peak of the instance, ``cold_ms`` the time an
    instance took to start (0 if one was warm), ``log`` the tail of this request's log. ``behind``: the notes of an
    exception, then what caused it, the nearest first; a region tells neither. ``kept``: whether its function, and
    with it the whole log, is still there to be asked for.
    """

    function: str
    request_id: str
    payload: bytes = field(repr=False)
    error_type: str = ""
    log: str = field(default="", repr=False)
    duration_ms: float = 0.0
    cold_ms: float = 0.0
    memory_mb: float = 0.0
    memory_limit_mb: int = 0
    instance_id: str = ""
    version: str = ""
    code_checksum: str = ""
    content_type: str = "application/octet-stream"
    behind: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    kept: bool = field(default=True, repr=False)

    @property
    def ok(self) -> bool:
        return not self.error_type

    @property
    def value(self) -> Any:
        """The answer as Python would show it, see ``value_of``."""
        return value_of(self.payload)

    @property
    def error(self) -> dict[str, Any]:
        """``errorMessage``, ``errorType``, ``stackTrace`` of a failed call, as far as they were given."""
        found = self.value if self.error_type else {}
        return found if isinstance(found, dict) else {"errorMessage": str(found)}

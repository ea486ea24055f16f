"""Fields of a function that one machine cannot honour: their shapes, and what is said of them.

They are stored and returned as they came; a field that is not known inside one of them stays, too.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from fc_magic.errors import Problem
from fc_magic.wire.wording import clipped, what

#: of a session: seconds it may live, calls at once
SESSION_S, SESSION_CALLS = 21600, 200


class _Part(BaseModel):
    model_config = ConfigDict(
        extra="allow",
        strict=True,
        alias_generator=to_camel,
        hide_input_in_errors=True,
        populate_by_name=False,
    )


def _text(most: int, least: int = 0) -> Any:
    return Annotated[str, Field(min_length=least, max_length=most)]


def _number(low: int, high: int) -> Any:
    return Annotated[int, Field(strict=True, ge=low, le=high)]


def _header(name: str) -> str:
    if name.lower().startswith("x-fc-"):
        raise ValueError("begins with x-fc-")
    return name


_Id = Annotated[int, Field(ge=-1, le=2**31)]
_Header = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{4,39}$"), AfterValidator(_header)]


class _Mounted(_Part):
    mount_dir: _text(64) | None = None  # type: ignore[valid-type]


class _Nas(_Part):
    class Point(_Mounted):
        server_addr: _text(128) | None = None  # type: ignore[valid-type]
        enable_tls: Annotated[bool | None, Field(alias="enableTLS")] = None

    group_id: _Id | None = None
    user_id: _Id | None = None
    mount_points: Annotated[list[Point], Field(max_length=5)] = []


class _Oss(_Part):
    class Point(_Part):
        bucket_name: _text(64, 3) | None = None  # type: ignore[valid-type]
        bucket_path: _text(128) | None = None  # type: ignore[valid-type]
        endpoint: _text(128) | None = None  # type: ignore[valid-type]
        mount_dir: _text(64, 2) | None = None  # type: ignore[valid-type]
        read_only: bool | None = None

    mount_points: Annotated[list[Point], Field(max_length=5)] = []


class _PolarFs(_Part):
    class Point(_Part):
        extra_options: str | None = None
        instance_id: str | None = None
        mount_dir: str | None = None
        read_only: bool | None = None
        remote_dir: str | None = None

    group_id: _Id | None = None
    user_id: _Id | None = None
    mount_points: list[Point] = []


class _JuiceFs(_Part):
    class Point(_Part):
        mount_dir: str
        volume_name: str
        args: list[str] = []
        remote_dir: str | None = None
        token: str | None = None

    envs: dict[str, str] = {}
    mount_points: list[Point] = []


class _Log(_Part):
    project: _text(63) | None = None  # type: ignore[valid-type]
    logstore: _text(63) | None = None  # type: ignore[valid-type]
    log_begin_rule: Literal["None", "DefaultRegex", ""] | None = None
    enable_instance_metrics: bool | None = None
    enable_llm_metrics: bool | None = None
    enable_request_metrics: bool | None = None


class _Gpu(_Part):
    gpu_memory_size: Annotated[int, Field(ge=0, multiple_of=1024)] | None = None
    gpu_type: _text(128) | None = None  # type: ignore[valid-type]


class _Dns(_Part):
    class Option(_Part):
        name: _text(256) | None = None  # type: ignore[valid-type]
        value: _text(256) | None = None  # type: ignore[valid-type]

    name_servers: list[str] = []
    searches: list[str] = []
    dns_options: list[Option] = []


class _Tracing(_Part):
    type: str | None = None
    params: dict[str, str] = {}


class _Session(_Part):
    """What sessionAffinityConfig has, which is a text of JSON."""

    affinity_header_field_name: _Header | None = None
    sse_endpoint_path: str | None = None
    session_concurrency_per_instance: _number(1, SESSION_CALLS) | None = None  # type: ignore[valid-type]
    session_ttl_in_seconds: Annotated[int | None, Field(alias="sessionTTLInSeconds", ge=1, le=SESSION_S)] = (
        None
    )
    session_idle_timeout_in_seconds: _number(0, SESSION_S) | None = None  # type: ignore[valid-type]
    disable_session_id_reuse: bool | None = None


#: field -> its shape, and what is not done with it here
_FIELDS: dict[str, tuple[Any, str]] = {
    "customDNS": (_Dns, "functions find names as this machine does"),
    "disableOndemand": (StrictBool, "calls are served on demand as well"),
    "enableLongLiving": (StrictBool, "it means nothing here"),
    "gpuConfig": (_Gpu, "functions get no GPU here"),
    "idleTimeout": (_number(0, 86400), "the server says how long an idle instance is kept"),
    "instanceIsolationMode": (
        Literal["SHARE", "SESSION_EXCLUSIVE", "REQUEST_EXCLUSIVE"],
        "an instance serves one call after the other, whosever they are",
    ),
    "juiceFsConfig": (_JuiceFs, "nothing is mounted here"),
    "logConfig": (_Log, "logs stay on this machine"),
    "nasConfig": (_Nas, "nothing is mounted here"),
    "ossMountConfig": (_Oss, "nothing is mounted here"),
    "polarFsConfig": (_PolarFs, "nothing is mounted here"),
    # UNCONFIRMED: MCP_STREAMABLE
    "sessionAffinity": (
        Literal["NONE", "MCP_SSE", "MCP_STREAMABLE", "GENERATED_COOKIE", "HEADER_FIELD"],
        "calls of a session go to any instance",
    ),
    "sessionAffinityConfig": (str, "calls of a session go to any instance"),
    "tracingConfig": (_Tracing, "nothing is traced here"),
    #: honoured, and has no place elsewhere
    "disableInjectCredentials": (Literal["None", "Env", "Request", "All"], ""),
}
NAMES = frozenset(_FIELDS)
#: said, but what is so anyway
_PLAIN = {"SHARE", "NONE"}


@functools.cache
def _checked(shape: Any) -> TypeAdapter[Any]:
    """Made when it is needed: most functions have none of this."""
    return TypeAdapter(shape)


def wrong(name: str, value: Any) -> Iterator[Problem]:
    """What is wrong with the value of a field, each by its place."""
    yield from _misfits(_FIELDS[name][0], name, value)
    if name == "sessionAffinityConfig" and isinstance(value, str):
        yield from _wrong_session(name, value)


def _wrong_session(name: str, text: str) -> Iterator[Problem]:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        yield Problem(name, "is not a JSON object as text", given=clipped(text))
        return
    yield from _misfits(_Session, name, said)
    idle, life = said.get("sessionIdleTimeoutInSeconds"), said.get("sessionTTLInSeconds")
    if isinstance(idle, int) and isinstance(life, int) and idle > life:
        place = f"{name}.sessionIdleTimeoutInSeconds"
        yield Problem(place, "is longer than the session", f"at most {life} s", str(idle))


def _misfits(shape: Any, name: str, value: Any) -> Iterator[Problem]:
    try:
        _checked(shape).validate_python(value)
    except ValidationError as error:
        for item in error.errors():
            place = ".".join(str(part) for part in (name, *item["loc"]))
            yield Problem(clipped(place), what(item))


def notes(kept: Mapping[str, Any]) -> Iterator[str]:
    """A warning for each field that has no effect."""
    for name, value in kept.items():
        _, why = _FIELDS.get(name, (None, ""))
        if why and not (isinstance(value, str) and value in _PLAIN):
            yield f"{name} is kept, but {why}"

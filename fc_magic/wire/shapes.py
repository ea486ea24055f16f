"""The shapes of what is only kept of a function, as FC 3.0's models have them, with their limits.

A field that is not known inside one of them stays. Imported when such a field comes: most functions have none.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
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


SHAPES: dict[str, Any] = {
    "customDNS": _Dns,
    "disableInjectCredentials": Literal["None", "Env", "Request", "All"],
    "disableOndemand": StrictBool,
    "enableLongLiving": StrictBool,
    "gpuConfig": _Gpu,
    "idleTimeout": _number(0, 86400),
    "instanceIsolationMode": Literal["SHARE", "SESSION_EXCLUSIVE", "REQUEST_EXCLUSIVE"],
    "juiceFsConfig": _JuiceFs,
    "logConfig": _Log,
    "nasConfig": _Nas,
    "ossMountConfig": _Oss,
    "polarFsConfig": _PolarFs,
    # UNCONFIRMED: MCP_STREAMABLE
    "sessionAffinity": Literal["NONE", "MCP_SSE", "MCP_STREAMABLE", "GENERATED_COOKIE", "HEADER_FIELD"],
    "sessionAffinityConfig": str,
    "tracingConfig": _Tracing,
}


@functools.cache
def _checked(shape: Any) -> TypeAdapter[Any]:
    """Made when it is needed."""
    return TypeAdapter(shape)


def wrong(name: str, value: Any) -> Iterator[Problem]:
    """What is wrong with the value of a field, each by its place."""
    yield from _misfits(SHAPES[name], name, value)
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

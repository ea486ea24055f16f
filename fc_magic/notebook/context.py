"""The second argument of a handler, as the Python runtimes make it, for a call that runs in the notebook."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fc_magic.wire.results import LATEST

if TYPE_CHECKING:
    from fc_magic.client.target import Target
    from fc_magic.wire.results import Function

_FORMAT = "%(asctime)s.%(msecs)03dZ {0} [%(levelname)s] %(message)s"


class Record:
    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


class Credentials(Record):
    def __repr__(self) -> str:
        return f"Credentials(access_key_id={vars(self).get('access_key_id')!r})"


class FunctionMeta(Record):
    pass


class FCContext(Record):
    """What a handler sees of its call. Errors about it name it as the runtimes do."""

    def getLogger(self) -> logging.Logger:  # noqa: N802 - Function Compute calls it so
        return logging.getLogger()

    def to_json(self) -> str:
        shown = {k: v for k, v in vars(self).items() if k not in ("logger", "credentials")}
        return json.dumps(shown, default=vars)


def make(function: Function, target: Target, request_id: str) -> FCContext:
    """Of python3.12 it is smaller, and has other names."""
    meta = {
        "name": function.name,
        "handler": function.handler,
        "memory": function.memory,
        "timeout": function.timeout,
    }
    logs = {"log_project": "", "log_store": ""}
    common = {"request_id": request_id, "region": target.region, "account_id": target.account_id}
    if function.runtime == "python3.12":
        whole = FunctionMeta(version_id=LATEST, qualifier=LATEST, **meta)
        return FCContext(function=whole, logger=logging.getLogger(), **logs, **common)
    key = target.credentials
    id_, secret, token = key.access_key_id, key.access_key_secret, key.security_token
    return FCContext(
        requestId=request_id,
        credentials=Credentials(
            **{"access_key_id": id_, "access_key_secret": secret, "security_token": token},
            **{"accessKeyId": id_, "accessKeySecret": secret, "securityToken": token},
        ),
        function=FunctionMeta(**meta),
        service=Record(name="", qualifier=LATEST, version_id=LATEST, **logs),
        tracing=Record(span_context="", jaeger_endpoint="", span_baggages={}),
        retry_count=0,
        **common,
    )


def environment(function: Function, target: Target, instance_id: str) -> dict[str, str]:
    """What Function Compute sets, then the function's own variables; keys are those that the notebook has, and files
    of the function are looked for beside it."""
    key = target.credentials
    return {
        "TZ": "UTC",
        "FC_INSTANCE_ID": instance_id,
        "FC_FUNC_CODE_PATH": os.getcwd(),
        "FC_FUNCTION_VERSION" if function.runtime == "python3.12" else "FC_VER_ID": LATEST,
        "FC_ACCOUNT_ID": target.account_id,
        "FC_FUNCTION_NAME": function.name,
        "FC_FUNCTION_HANDLER": function.handler,
        "FC_FUNCTION_MEMORY_SIZE": str(function.memory),
        "FC_REGION": target.region,
        "ALIBABA_CLOUD_ACCESS_KEY_ID": key.access_key_id,
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET": key.access_key_secret,
        "ALIBABA_CLOUD_SECURITY_TOKEN": key.security_token,
        **({"OSS_ENDPOINT": target.objects} if target.name == "local" and target.objects else {}),
        **function.environment,
    }


class Variables:
    """The environment of one instance: what a function sets there holds for its next call, too."""

    def __init__(self) -> None:
        #: by the function; nothing is one that it took away
        self._changed: dict[str, str | None] = {}

    @contextmanager
    def of(self, values: Mapping[str, str]) -> Iterator[None]:
        """Meanwhile the environment has them; then it is the kernel's again."""
        before = dict(os.environ)
        _surround({**before, **values, **self._changed})
        begun = dict(os.environ)
        try:
            yield
        finally:
            ended = dict(os.environ)
            names = (name for name in {*begun, *ended} if begun.get(name) != ended.get(name))
            self._changed.update({name: ended.get(name) for name in names})
            _surround(before)


def _surround(values: Mapping[str, str | None]) -> None:
    """The environment has these variables, and no other."""
    wanted = {name: value for name, value in values.items() if value is not None}
    for name in os.environ.keys() - wanted.keys():
        del os.environ[name]
    os.environ.update({name: value for name, value in wanted.items() if os.environ.get(name) != value})
    if hasattr(time, "tzset"):  # Windows has none; a process that starts takes its zone from there by itself
        time.tzset()


class Lines(logging.StreamHandler[Any]):
    """Writes as in an instance, into the output of the cell that calls."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> Any:
        return sys.stdout


class Log:
    """The root logger of one instance: what a function sets there holds for its next call, too."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._handlers: list[logging.Handler] = [self._lines]
        self._level = logging.INFO

    @contextmanager
    def of(self, request_id: str) -> Iterator[None]:
        """Meanwhile logging is the function's; then it is the kernel's again."""
        form = logging.Formatter(_FORMAT.format(request_id), "%Y-%m-%dT%H:%M:%S")
        form.converter = time.gmtime
        self._lines.setFormatter(form)
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        root.handlers[:] = self._handlers
        root.setLevel(self._level)
        try:
            yield
        finally:
            self._handlers, self._level = root.handlers[:], root.level
            root.handlers[:] = handlers
            root.setLevel(level)


class Loop:
    """The event loop of one instance. It has none that runs, so a handler may run one; that of a kernel runs, and
    waits for the cell meanwhile."""

    def __init__(self) -> None:
        self._own: asyncio.AbstractEventLoop | None = None

    @contextmanager
    def set(self) -> Iterator[None]:
        running = asyncio._get_running_loop()
        if running is None:
            yield
            return
        if self._own is None:
            self._own = asyncio.new_event_loop()
            weakref.finalize(self, self._own.close)
        asyncio._set_running_loop(None)
        asyncio.set_event_loop(self._own)
        try:
            yield
        finally:
            asyncio.set_event_loop(running)
            asyncio._set_running_loop(running)

"""The function that a deployment makes: a new one, or the next content of one that is there."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable
from datetime import datetime, timezone

from fc_magic.server.identity import Identity
from fc_magic.wire import fc3, v2
from fc_magic.wire.checksum import crc64
from fc_magic.wire.results import Function
from fc_magic.wire.spec import Deployment
from fc_magic.wire.triggers import meanings


def function(
    deployment: Deployment, raw: bytes, old: Function | None, warnings: Iterable[str], identity: Identity
) -> Function:
    """``raw`` is the ZIP of its code. It is no version yet."""
    now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    known = {t.name: old.trigger_ids.get(t.name or "", "") for t in old.triggers} if old else {}
    return Function(
        name=deployment.name,
        region=identity.region,
        arn=identity.function_arn(deployment.name),
        runtime=deployment.runtime,
        handler=deployment.handler,
        entrypoint=deployment.entrypoint,
        memory=deployment.memory,
        timeout=deployment.timeout,
        role=deployment.role,
        description=deployment.description,
        environment=deployment.environment,
        vpc_config=deployment.vpc_config,
        triggers=deployment.triggers,
        trigger_ids={t.name or "": known.get(t.name) or str(uuid.uuid4()) for t in deployment.triggers},
        layers=deployment.layers,
        source=v2.source(deployment.code),
        revision=old.revision + 1 if old else 1,
        function_id=old.function_id if old else str(uuid.uuid4()),
        code_checksum=crc64(raw),
        code_size=len(raw),
        created_time=old.created_time if old else now,
        last_modified_time=now,
        warnings=tuple(warnings),
    )


def unless_same(old: Function | None, new: Function) -> Function:
    """The new one; with the content of the old one it is no other version, and instances go on; if its triggers are
    the same too, nothing has changed."""
    if old is None or content(old) != content(new):
        return new
    same = meanings(old.triggers) == meanings(new.triggers)
    kept = ("version", "revision", "last_modified_time") if same else ("version", "revision")
    return dataclasses.replace(new, **{name: getattr(old, name) for name in kept})


def content(function: Function) -> tuple[object, ...]:
    """What a version keeps: triggers are no part of it."""
    kept = {name: value for name, value in function.settings().items() if name != "triggers"}
    return function.code_checksum, kept, fc3.own(function)

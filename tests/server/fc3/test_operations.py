"""Every operation of FC 3.0's API through the official clients, unchanged: Python, sync and async, and Node.js."""

from __future__ import annotations

import asyncio
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk
from darabonba.runtime import RuntimeOptions

from fc_magic.server.fc3.unserved import OPERATIONS
from tests.conftest import KEY_ID, SECRET, Server
from tests.server.fc3 import node
from tests.server.fc3.operations import STORY, Step, holds, spelled, story

#: refused by its state in a story, so it is told elsewhere: see refusals.py and test_asynchronous
ELSEWHERE = {"StopAsyncTask"}


def method(operation: str) -> str:
    """CreateFunction -> create_function"""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", operation).lower()


def arguments(step: Step, stream: type = io.BytesIO) -> tuple[Any, ...]:
    """What the method of the Python SDK is called with, from a step's own words."""
    if step.request is None:
        return step.path
    request = getattr(models, f"{step.operation}Request")().from_map(dict(step.request))
    if step.operation != "InvokeFunction":
        return (*step.path, request)
    request.body = None if step.event is None else stream(step.event)
    headers = models.InvokeFunctionHeaders(**{_snake(key): value for key, value in step.headers.items()})
    return (*step.path, request, headers, RuntimeOptions(read_timeout=60_000, connect_timeout=5_000))


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def named(step: Step) -> str:
    return method(step.operation) + ("_with_options" if step.operation == "InvokeFunction" else "")


def right(step: Step, status: int, body: Any) -> None:
    """Fails unless this answer is what the step says."""
    assert status == step.status, (step.operation, body)
    if step.operation == "InvokeFunction":
        assert body == step.says
    else:
        assert holds(body, step.answer), (step.operation, body)


def _body(answer: Any) -> Any:
    """Its JSON, or its bytes; {} if this operation answers nothing."""
    body = getattr(answer, "body", None)
    if body is None:
        return {}
    return body.read() if hasattr(body, "read") else body.to_map()


def test_by_the_sync_client(sdk: Sdk) -> None:
    """The story, told by the SDK for Python."""
    for step in story("fc3-story-sync"):
        answer = getattr(sdk, named(step))(*arguments(step))
        right(step, answer.status_code, _body(answer))


def test_by_the_async_client(sdk: Sdk) -> None:
    """The story, told by its methods that end in _async. They cannot read an event from a stream."""

    async def tell() -> None:
        for step in story("fc3-story-async"):
            answer = await getattr(sdk, f"{named(step)}_async")(*arguments(step, bytes))
            right(step, answer.status_code, _body(answer))

    asyncio.run(tell())


@pytest.mark.timeout(300)
def test_by_nodejs(server: Server, tmp_path: Path) -> None:
    """The story, told by the SDK for Node.js."""
    steps = story("fc3-story-node")
    told = tmp_path / "steps.json"
    told.write_text(json.dumps([spelled(step) for step in steps]))
    keys = {"url": server.url, "id": KEY_ID, "secret": SECRET, "steps": str(told)}
    said = node.run(Path(__file__).with_name("operations.js"), keys)["answers"]
    assert isinstance(said, list)
    for step, answer in zip(steps, said, strict=True):
        body = answer["body"]
        right(step, answer["status"], bytes.fromhex(body) if isinstance(body, str) else body)


def test_all_of_them() -> None:
    """No operation of the SDK is forgotten: it is in the story, or it is refused by its name."""
    every = {
        name.removesuffix("_async") for name in vars(Sdk) if re.search(r"(?<!with_options)_async$", name)
    }
    told = {method(step.operation) for step in STORY}
    assert every == told | {method(name) for name in {*OPERATIONS.values(), *ELSEWHERE}}

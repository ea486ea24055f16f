"""Functions in versions: each says a text of its own, and what it is told of itself."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk
from alibabacloud_tea_openapi.exceptions import ClientException
from darabonba.runtime import RuntimeOptions

from tests.conftest import body, zipped
from tests.server.calls import Answer, Caller


def says(text: str) -> bytes:
    """A function that answers ``text``, and how it is called."""
    return zipped(
        "import json, os\n"
        "calls = 0\n"
        "def handler(event, context):\n"
        "    global calls\n"
        "    calls += 1\n"
        f"    return json.dumps([{text!r}, context.service.qualifier, context.service.version_id,"
        " os.environ['FC_VER_ID'], calls])\n"
    )


def put(caller: Caller, name: str, text: str, **fields: Any) -> Answer:
    """Deploys what says ``text``, as a new function or again."""
    whole = body(name, says(text), **fields)
    answer = caller.put(name, whole) if caller.get(name).status == 200 else caller.deploy(whole)
    assert answer.status in (200, 201), answer.body
    return answer


def change(sdk: Sdk, name: str, **fields: Any) -> None:
    sdk.update_function(name, models.UpdateFunctionRequest(body=models.UpdateFunctionInput(**fields)))


def publish(sdk: Sdk, name: str, description: str | None = None) -> models.Version:
    asked = models.PublishVersionInput(description=description)
    return sdk.publish_function_version(name, models.PublishFunctionVersionRequest(body=asked)).body


def called(sdk: Sdk, name: str, qualifier: str | None = None) -> tuple[Any, str]:
    """What the function answered, and which version the headers say served it."""
    request = models.InvokeFunctionRequest(qualifier=qualifier, body=io.BytesIO(b""))
    options = RuntimeOptions(read_timeout=30_000, connect_timeout=5_000)
    answer = sdk.invoke_function_with_options(name, request, models.InvokeFunctionHeaders(), options)
    assert "x-fc-error-type" not in answer.headers
    return json.loads(answer.body.read()), answer.headers["x-fc-invocation-service-version"]


def ids(sdk: Sdk, name: str, **asked: Any) -> list[str]:
    page = sdk.list_function_versions(name, models.ListFunctionVersionsRequest(**asked)).body
    return [version.version_id for version in page.versions]


def refused(call: Callable[[], Any], code: str, status: int) -> str:
    with pytest.raises(ClientException) as caught:
        call()
    assert (caught.value.code, caught.value.status_code) == (code, status)
    assert caught.value.data["RequestId"].startswith("1-")
    return str(caught.value)

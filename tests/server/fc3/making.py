"""Functions as the official SDK makes them, and calls of it that are short."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk
from alibabacloud_tea_openapi.exceptions import ClientException
from darabonba.runtime import RuntimeOptions

from tests.conftest import zipped

PREFIX = "fc3-"
ECHO = "def handler(event, context):\n    return event\n"


def code(source: str = ECHO, **more: str) -> models.InputCodeLocation:
    return models.InputCodeLocation(zip_file=base64.b64encode(zipped(source)).decode(), **more)


def asked(name: str, **fields: Any) -> models.CreateFunctionInput:
    """The least that makes a function, and what is given."""
    least = {"function_name": name, "runtime": "python3.10", "handler": "index.handler", "code": code()}
    return models.CreateFunctionInput(**{**least, **fields})


@dataclass
class Made:
    """Creates, and shows, functions by the SDK."""

    sdk: Sdk

    def __call__(self, name: str, **fields: Any) -> models.Function:
        request = models.CreateFunctionRequest(body=asked(PREFIX + name, **fields))
        return self.sdk.create_function(request).body

    def again(self, name: str) -> models.Function:
        return self.sdk.get_function(name, models.GetFunctionRequest()).body

    def change(self, name: str, **fields: Any) -> models.Function:
        body = models.UpdateFunctionInput(**fields)
        return self.sdk.update_function(name, models.UpdateFunctionRequest(body=body)).body

    def invoke(self, name: str, event: bytes = b"") -> bytes:
        request = models.InvokeFunctionRequest(body=io.BytesIO(event))
        options = RuntimeOptions(read_timeout=60_000, connect_timeout=5_000)
        headers = models.InvokeFunctionHeaders()
        answer: bytes = self.sdk.invoke_function_with_options(name, request, headers, options).body.read()
        return answer


def refused(call: Callable[[], Any]) -> ClientException:
    with pytest.raises(ClientException) as caught:
        call()
    return caught.value

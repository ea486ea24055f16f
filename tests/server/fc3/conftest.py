"""The official Python SDK against the shared server, sync and async, and what deletes what a test made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alibabacloud_fc20230330.client import Client as Sdk

from tests.conftest import Server
from tests.server.calls import Caller
from tests.server.fc3.making import PREFIX, Made
from tests.server.test_functions import sdk_of


@pytest.fixture
def sdk(server: Server) -> Sdk:
    """Its methods ending in ``_async`` are the async client."""
    return sdk_of(server)


@pytest.fixture
def caller(server: Server) -> Iterator[Caller]:
    """Signed requests with nothing between; functions named as tests here name them are deleted afterwards."""
    made = Caller(server.url)
    yield made
    for left in made.names(PREFIX):
        made.delete(left)


@pytest.fixture
def make(sdk: Sdk, caller: Caller) -> Made:
    """``make("name", memory_size=256)`` creates a function by the SDK."""
    return Made(sdk)

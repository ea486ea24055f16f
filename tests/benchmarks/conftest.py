"""What the benchmarks measure: a server of their own, and its client."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fc_magic.client.client import Client
from tests.conftest import Server, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("bench")) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[Client]:
    with server.client() as made:
        yield made

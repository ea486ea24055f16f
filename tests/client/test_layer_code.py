"""ZIPs on their way: what a layer has comes back as it was, and one that takes its time is told of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fc_magic.client.client import Client
from fc_magic.errors import FcError, LayerNotFound
from tests.conftest import Server, zipped

LARGE = zipped({"index.py": "def handler(event, context):\n    return 1\n", "data.bin": bytes(5 << 20)})


@pytest.fixture(params=["v2", "fc3"])
def client(server: Server, request: pytest.FixtureRequest) -> Iterator[Client]:
    with server.client(request.param) as made:
        yield made
        for function in made.list("way-"):
            made.delete(function.name)
        for layer in made.layers():
            if layer.name.startswith("way-"):
                made.delete_layer(layer.name, layer.version)


def test_the_zip_of_a_layer(client: Client) -> None:
    """Byte for byte; one that is not there is said to be so."""
    code = zipped({"python/tool.py": "v = 1\n"})
    made = client.publish_layer("way-layer", code)
    assert client.layer_code("way-layer", made.version) == code
    with pytest.raises(LayerNotFound):
        client.layer_code("way-nobody", 1)


def test_what_takes_its_time_is_told_of(client: Client) -> None:
    """When it begins and when it is there, by whose it is; a few kilobytes are not worth a word."""
    said: list[tuple[str, int, int]] = []

    @contextmanager
    def watching(what: str, size: int) -> Iterator[object]:
        yield lambda done: said.append((what, done, size))

    client.session.progress = watching  # type: ignore[assignment]
    client.deploy({"name": "way-large", "code": LARGE})
    client.publish_layer("way-large-layer", LARGE)
    size = len(LARGE)
    assert said == [(name, done, size) for name in ("way-large", "way-large-layer") for done in (0, size)]
    said.clear()
    client.deploy({"name": "way-large", "code": LARGE})
    client.deploy({"name": "way-small", "code": zipped("def handler(event, context):\n    return 1\n")})
    assert said == []
    with pytest.raises(FcError):
        client.publish_layer("way large", LARGE)
    assert said == []

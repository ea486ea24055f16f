"""Layers that no function has any more: they are found, and only they are removed, whatever goes wrong meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from fc_magic.client.client import Client
from fc_magic.config import Settings
from fc_magic.errors import FunctionNotFound, InvalidArgument
from fc_magic.notebook import libraries
from fc_magic.notebook.build import Built
from fc_magic.package.contents import Contents, Wheel
from fc_magic.package.layered import layered
from tests.client.endpoint import Endpoint, Request, answer
from tests.client.faults import FaultyWire, always
from tests.conftest import Server, zipped
from tests.package.wheels import wheel

CODE = "import lib\ndef handler(event, context):\n    return lib.version\n"


@pytest.fixture(params=["v2", "fc3"])
def client(server: Server, request: pytest.FixtureRequest) -> Iterator[Client]:
    with server.client(request.param) as made:
        yield made
        for function in made.list("collect-"):
            made.delete(function.name)
        for layer in made.layers():
            if layer.name.startswith(("collect-", "fc-magic-")):
                made.delete_layer(layer.name, layer.version)


def layer(client: Client, name: str) -> dict[str, str]:
    made = client.publish_layer(name, zipped({"python/lib.py": f"version = {name!r}\n"}))
    return {"name": made.name, "version": str(made.version)}


def labels(client: Client) -> set[str]:
    return {one.label for one in client.layers()}


def test_layers_of_a_function_and_its_versions(client: Client) -> None:
    """Those of any version count, and a name that is not there is said to be so."""
    a, b = layer(client, "collect-a"), layer(client, "collect-b")
    code = zipped(CODE)
    client.deploy({"name": "collect-f", "code": code, "layers": [a]})
    client.deploy({"name": "collect-f", "code": code, "layers": [b]})
    found = {f"collect-a:{a['version']}", f"collect-b:{b['version']}"}
    assert client.layers_of("collect-f") == found
    client.deploy({"name": "collect-f", "code": code, "publish": False})
    assert client.layers_of("collect-f") == found
    client.delete_version("collect-f", 1)
    assert client.layers_of("collect-f") == {f"collect-b:{b['version']}"}
    with pytest.raises(FunctionNotFound):
        client.layers_of("collect-nobody")


def test_only_what_nobody_has_is_removed(client: Client) -> None:
    """A layer stays for a function, and for a version of another one."""
    made = {name: layer(client, f"collect-{name}") for name in ("now", "before", "never", "other")}
    code = zipped(CODE)
    client.deploy({"name": "collect-one", "code": code, "layers": [made["now"]]})
    client.deploy({"name": "collect-two", "code": code, "layers": [made["before"]]})
    client.deploy({"name": "collect-two", "code": code})
    all_labels = {name: f"collect-{name}:{one['version']}" for name, one in made.items()}
    asked = [all_labels[name] for name in ("now", "before", "never")]
    assert client.collect_layers(asked, "collect-two") == (all_labels["never"],)
    assert labels(client) >= {all_labels[name] for name in ("now", "before", "other")}
    assert all_labels["never"] not in labels(client)
    assert client.collect_layers([]) == ()


# ---------------------------------------------------------------- what a deployment does about them


@pytest.fixture
def made(tmp_path: Path) -> Wheel:
    return wheel(tmp_path, "lib", {"lib/__init__.py": b"version = 'one'\n"})


def built(made: Wheel, name: str, **fields: object) -> Built:
    code = Contents({"index.py": CODE.encode()})
    return Built(
        {"name": name, "runtime": "python3.10", "handler": "index.handler", "code": code.zipped(), **fields},
        contents=replace(code, wheels=(made,)),
        layers=layered((made,), "python3.10"),
    )


def through(wire: FaultyWire, client: Client) -> Client:
    return Client(replace(client.target, endpoint=wire.url), Settings.load({}, retries=0))


def test_a_layer_that_is_removed_before_a_function_has_it(
    client: Client, server: Server, made: Wheel
) -> None:
    """Between finding it and deploying with it somebody removes it: it is published again."""
    asked = built(made, "collect-late")
    first = libraries.deploy(client, asked).info.layers[0]
    removed: list[str] = []

    def removing(request: Request) -> str:
        writes = request.method in ("POST", "PUT") and "/layers/" not in request.path
        if writes and not removed:
            removed.append(asked.layers[0].name)
            for one in client.layers(removed[0]):
                client.delete_layer(one.name, one.version)
        return ""

    with FaultyWire(server.url, removing) as wire, through(wire, client) as late:
        function = libraries.deploy(late, built(made, "collect-later"))
    assert removed
    assert function.info.layers[0].name == first.name
    assert int(function.info.layers[0].version) == int(first.version) + 1
    assert client.invoke("collect-later").value == "one"


def test_what_cannot_be_removed_is_a_warning(client: Client, server: Server, made: Wheel) -> None:
    """The function is deleted all the same, and the layer is still there."""
    asked = built(made, "collect-stays")
    libraries.deploy(client, asked)
    with FaultyWire(server.url, always("500", "/layers/", "DELETE")) as wire, through(wire, client) as faulty:
        (said,) = libraries.delete(faulty, "collect-stays")
    assert said.startswith("a layer that no function has may still be there: ")
    assert [f.name for f in client.list("collect-stays")] == []
    assert client.layers(asked.layers[0].name)


def test_layers_of_others_are_never_touched(client: Client, made: Wheel) -> None:
    """Deleting the last function that has it removes no layer of another name."""
    own = layer(client, "collect-own")
    libraries.deploy(client, built(made, "collect-both", layers=[own]))
    assert libraries.delete(client, "collect-both") == []
    assert f"collect-own:{own['version']}" in labels(client)
    assert not any(label.startswith("fc-magic-") for label in labels(client))


def test_a_refused_deployment_publishes_nothing(client: Client, made: Wheel) -> None:
    """A wrong field is said before its libraries are sent: else they would be a layer that nobody has."""
    with pytest.raises(InvalidArgument):
        libraries.deploy(client, built(made, "collect-wrong", memory=7))
    assert not any(label.startswith("fc-magic-") for label in labels(client))


def test_a_function_that_could_not_be_listed() -> None:
    """It may have any layer, so none is removed."""
    listed = {"deployments": [], "warnings": ["other cannot be read"]}
    with Endpoint([answer(200, listed), answer(204)]) as endpoint, endpoint.client() as client:
        assert client.collect_layers(["fc-magic-python3_10-0123456789ab:1"]) == ()
    assert [request.method for request in endpoint.requests] == ["GET"]

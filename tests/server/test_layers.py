"""Layers: FC 3.0's own calls as the official SDK makes them, what a deployment is given, what a function finds."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shlex
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk
from alibabacloud_tea_openapi.exceptions import ClientException
from alibabacloud_tea_openapi.models import Config

from fc_magic.server.identity import Identity
from fc_magic.server.layers import Layers
from fc_magic.server.store import Store
from fc_magic.server.worker import merge, runtimes
from fc_magic.wire.checksum import crc64
from fc_magic.wire.layers import LayerInput
from fc_magic.wire.spec import Layer
from tests.conftest import ACCOUNT, KEY_ID, REGION, SECRET, Server, body, function_file, serving, zipped
from tests.conftest import FUNCTIONS as FUNCTIONS_FOLDER
from tests.server.buckets import bucket_at
from tests.server.calls import FUNCTIONS, Answer, Caller
from tests.server.processes import wait_for

LAYERS = "/2023-03-30/layers"


def sdk_of(server: Server) -> Sdk:
    endpoint = server.url.removeprefix("http://")
    return Sdk(Config(endpoint=endpoint, protocol="http", access_key_id=KEY_ID, access_key_secret=SECRET))


@pytest.fixture
def sdk(server: Server) -> Iterator[Sdk]:
    made = sdk_of(server)
    yield made
    for layer in made.list_layers(models.ListLayersRequest()).body.layers:
        for version in versions(made, layer.layer_name):
            made.delete_layer_version(layer.layer_name, str(version))


@pytest.fixture
def caller(server: Server) -> Iterator[Caller]:
    made = Caller(server.url)
    yield made
    for left in made.names("l-"):
        made.delete(left)


def versions(sdk: Sdk, name: str) -> list[int]:
    return [v.version for v in sdk.list_layer_versions(name, models.ListLayerVersionsRequest()).body.layers]


def publish(sdk: Sdk, name: str, raw: bytes, *runtimes: str, **fields: Any) -> Any:
    code = models.InputCodeLocation(
        zip_file=base64.b64encode(raw).decode(), checksum=fields.pop("checksum", None)
    )
    asked = models.CreateLayerVersionInput(code=code, compatible_runtime=list(runtimes), **fields)
    return sdk.create_layer_version(name, models.CreateLayerVersionRequest(body=asked)).body


def refused(call: Callable[[], Any]) -> tuple[str, int]:
    with pytest.raises(ClientException) as caught:
        call()
    return caught.value.code, caught.value.status_code


def python(**modules: str) -> bytes:
    """A layer of modules, each with the text ``v``."""
    return zipped({f"python/{name}.py": f"v = {text!r}\n" for name, text in modules.items()})


def arn(name: str, version: int, region: str = REGION, account: str = ACCOUNT) -> str:
    return f"acs:fc:{region}:{account}:layers/{name}/versions/{version}"


DOES = function_file("does")
DOES_SOURCE = (FUNCTIONS_FOLDER / "does.py").read_text()


def did(caller: Caller, name: str, statements: str) -> Any:
    """What statements in an instance of the function leave in ``answer``."""
    answered = caller.invoke(name, f"{statements}\nanswer = [answer]".encode())
    assert "x-fc-error-type" not in answered.headers, answered.body
    return json.loads(answered.body)[0]


def deployed(caller: Caller, name: str, *layers: Any, **fields: Any) -> Callable[[str], Any]:
    """``do("answer = 1")`` in a function with these layers."""
    given = [layer if isinstance(layer, dict) else {"name": layer} for layer in layers]
    answer = caller.deploy(body(name, **{"code": DOES, **fields}, layers=given))
    assert answer.status == 201, answer.said
    return lambda statements: did(caller, name, statements)


# ---------------------------------------------------------------- FC 3.0's own calls


def test_publish_and_get(sdk: Sdk) -> None:
    """A version is numbered from 1 and says what was published; by its ARN it is the same."""
    raw = python(a="1")
    made = publish(sdk, "full", raw, "python3.10", "python3.12", description="about", license="MIT")
    said = (made.layer_name, made.version, made.layer_version_arn, made.compatible_runtime)
    assert said == ("full", 1, arn("full", 1), ["python3.10", "python3.12"])
    assert (made.code_size, made.code_checksum, made.acl) == (len(raw), crc64(raw), "0")
    assert (made.description, made.license) == ("about", "MIT")
    assert made.create_time.endswith("Z")
    for found in (sdk.get_layer_version("full", "1").body, sdk.get_layer_version_by_arn(arn("full", 1)).body):
        assert {**found.to_map(), "code": None} == {**made.to_map(), "code": None}
        assert found.code.repository_type == "OSS"
        assert requests.get(found.code.location, timeout=10).content == raw


def test_a_number_is_not_given_twice(sdk: Sdk) -> None:
    """Versions count up, also when the last one was removed; the same content may be published again."""
    for expected in (1, 2, 3):
        assert publish(sdk, "counted", python(a="same")).version == expected
    sdk.delete_layer_version("counted", "3")
    sdk.delete_layer_version("counted", "1")
    assert publish(sdk, "counted", python(a="same")).version == 4
    assert versions(sdk, "counted") == [2, 4]


def test_lists(sdk: Sdk) -> None:
    """A list has the latest version of each layer, or all versions of one, in pages whose last names no next."""
    for name in ("list-a", "list-b", "list-b", "list-c", "other"):
        publish(sdk, name, python(a=name))
    found, token = [], None
    while True:
        page = sdk.list_layers(models.ListLayersRequest(prefix="list-", limit=2, next_token=token)).body
        found += [(layer.layer_name, layer.version) for layer in page.layers]
        token = page.next_token
        if token is None:
            break
    assert found == [("list-a", 1), ("list-b", 2), ("list-c", 1)]
    for text in ("x", "y"):
        publish(sdk, "list-b", python(a=text))
    first = sdk.list_layer_versions("list-b", models.ListLayerVersionsRequest(limit=3)).body
    assert ([v.version for v in first.layers], first.next_version) == ([1, 2, 3], 4)
    rest = sdk.list_layer_versions("list-b", models.ListLayerVersionsRequest(start_version=4)).body
    assert ([v.version for v in rest.layers], rest.next_version) == ([4], None)
    official = models.ListLayersRequest(official="true", public="true")
    assert sdk.list_layers(official).body.layers == []


def test_who_may_use_it(sdk: Sdk, caller: Caller) -> None:
    """A layer is private until it is shared, in either spelling, with all its versions."""
    publish(sdk, "shared", python(a="1"))
    shared = models.ListLayersRequest(public="true", prefix="shared")
    assert sdk.list_layers(shared).body.layers == []
    sdk.put_layer_acl("shared", models.PutLayerACLRequest(acl="1"))
    publish(sdk, "shared", python(a="2"))
    assert [layer.acl for layer in sdk.list_layers(shared).body.layers] == ["1"]
    assert sdk.get_layer_version("shared", "1").body.acl == "1"
    sdk.put_layer_acl("shared", models.PutLayerACLRequest(public="false"))
    assert sdk.list_layers(shared).body.layers == []
    assert caller.call("PUT", f"{LAYERS}/shared/acl").code == "InvalidArgument"
    assert caller.call("PUT", f"{LAYERS}/shared/acl", query="acl=2").code == "InvalidArgument"


def test_what_does_not_exist(sdk: Sdk, caller: Caller) -> None:
    """A layer that is not there and a version that is not there are two refusals."""
    publish(sdk, "there", python(a="1"))
    for call in (
        lambda: sdk.get_layer_version("nowhere", "1"),
        lambda: sdk.list_layer_versions("nowhere", models.ListLayerVersionsRequest()),
        lambda: sdk.delete_layer_version("nowhere", "1"),
        lambda: sdk.put_layer_acl("nowhere", models.PutLayerACLRequest(acl="1")),
        lambda: sdk.get_layer_version_by_arn(arn("there", 1, account="official")),
        lambda: sdk.get_layer_version_by_arn(arn("there", 1, region="cn-beijing")),
    ):
        assert refused(call) == ("LayerNotFound", 404)
    for call in (
        lambda: sdk.get_layer_version("there", "2"),
        lambda: sdk.delete_layer_version("there", "2"),
        lambda: sdk.get_layer_version_by_arn(arn("there", 2)),
    ):
        assert refused(call) == ("LayerVersionNotFound", 404)
    for version in ("0", "x", "-1", "1.0", "²"):
        path = f"{LAYERS}/there/versions/{version}".replace("²", "%C2%B2")
        assert caller.call("GET", path).code == "InvalidArgument"
    sdk.delete_layer_version("there", "1")
    assert refused(lambda: versions(sdk, "there")) == ("LayerNotFound", 404)


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


FINE = {"zipFile": b64(python(a="1"))}


@pytest.mark.parametrize(
    ("name", "wrong", "fields"),
    [
        ("l", {}, ["code"]),
        ("l", {"code": {}}, ["code.zipFile"]),
        ("l", {"code": {"zipFile": "!"}}, ["code.zipFile"]),
        ("l", {"code": {"zipFile": b64(b"PK nonsense")}}, ["code.zipFile"]),
        ("l", {"code": {**FINE, "ossBucketName": "bucket", "ossObjectName": "k"}}, ["code"]),
        ("l", {"code": {"ossBucketName": "B", "ossObjectName": "k"}}, ["code.ossBucketName"]),
        ("l", {"code": {**FINE, "checksum": "1"}}, ["code.checksum"]),
        ("1", {"code": FINE}, ["layerName"]),
        ("a%2Fb", {"code": FINE}, ["layerName"]),
        ("l", {"code": FINE, "compatibleRuntime": "python3.10"}, ["compatibleRuntime"]),
        ("l", {"code": FINE, "compatibleRuntime": ["pyton3.10"]}, ["compatibleRuntime"]),
        ("l", {"code": FINE, "compatibleRuntime": ["python3.10"] * 21}, ["compatibleRuntime"]),
        ("l", {"code": FINE, "description": "x" * 257}, ["description"]),
        ("1", {"description": 5, "license": []}, ["layerName", "code", "description", "license"]),
    ],
    ids=lambda v: str(v)[:40],
)
def test_wrong_values(sdk: Sdk, caller: Caller, name: str, wrong: dict[str, Any], fields: list[str]) -> None:
    """Every wrong value is named at once, and no version comes of it."""
    answer = caller.call("POST", f"{LAYERS}/{name}/versions", wrong)
    assert (answer.status, answer.code, answer.fields) == (400, "InvalidArgument", fields)
    assert sdk.list_layers(models.ListLayersRequest()).body.layers == []


def test_other_refusals(sdk: Sdk, caller: Caller) -> None:
    """No object, links in the ZIP and a bucket that does not exist are refused as what they are."""
    assert caller.call("POST", f"{LAYERS}/l/versions", b"[]").code == "InvalidArgument"
    stored = {"code": {"ossBucketName": "no-bucket", "ossObjectName": "k.zip"}}
    answer = caller.call("POST", f"{LAYERS}/l/versions", stored)
    assert (answer.code, answer.fields) == ("InvalidArgument", ["oss_bucket"])
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("python/link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    answer = caller.call("POST", f"{LAYERS}/l/versions", {"code": {"zipFile": b64(buffer.getvalue())}})
    assert "is a link or a device" in answer.said["Message"]
    unsigned = Caller(caller.url, secret="guessed").call("GET", LAYERS)
    assert unsigned.code == "SignatureNotMatch"


def test_layer_from_the_object_store(server: Server, sdk: Sdk, caller: Caller) -> None:
    """The ZIP of a layer may be an object."""
    with bucket_at(server.objects_url, "layers") as bucket:
        bucket.put_object("k.zip", zipped({"python/stored.py": "v = 'stored'"}))
    code = models.InputCodeLocation(oss_bucket_name="layers", oss_object_name="k.zip")
    asked = models.CreateLayerVersionRequest(
        models.CreateLayerVersionInput(code=code, compatible_runtime=["python3.10"])
    )
    assert sdk.create_layer_version("stored", asked).body.version == 1
    assert deployed(caller, "l-stored", "stored")("import stored; answer = stored.v") == "stored"
    caller.delete("l-stored")
    sdk.delete_layer_version("stored", "1")


# ---------------------------------------------------------------- of a deployment


def test_latest_is_pinned(sdk: Sdk, caller: Caller) -> None:
    """Latest means the version of that moment; a new one changes nothing until the next deployment."""
    publish(sdk, "moving", python(moving="one"))
    do = deployed(caller, "l-pinned", "moving")
    assert caller.get("l-pinned").said["layers"] == [{"name": "moving", "version": "1"}]
    publish(sdk, "moving", python(moving="two"))
    assert do("import moving; answer = moving.v") == "one"
    again = caller.put(
        "l-pinned", body("l-pinned", DOES, layers=[{"name": "moving", "version": "latest"}])
    ).said
    assert (again["layers"], again["version"]) == ([{"name": "moving", "version": "2"}], "2")
    assert do("import moving; answer = moving.v") == "two"
    same = caller.put("l-pinned", body("l-pinned", DOES, layers=[{"name": arn("moving", 2)}])).said
    assert (same["layers"], same["version"]) == ([{"name": "moving", "version": "2"}], "2")


def test_layers_as_fc_spells_them(sdk: Sdk, caller: Caller) -> None:
    """FC 3.0's own answer has the ARN and the size of each layer."""
    raw = python(a="1")
    publish(sdk, "spelled", raw)
    deployed(caller, "l-spelled", "spelled")
    shown = [{"arn": arn("spelled", 1), "size": len(raw)}]
    assert caller.call("GET", f"{FUNCTIONS}/l-spelled").said["layers"] == shown
    listed = caller.call("GET", FUNCTIONS, query="prefix=l-spelled").said["functions"]
    assert [function["layers"] for function in listed] == [shown]
    assert [
        layer.arn for layer in sdk.get_function("l-spelled", models.GetFunctionRequest()).body.layers
    ] == [arn("spelled", 1)]


def test_unknown_layers(sdk: Sdk, caller: Caller) -> None:
    """Each layer that cannot be had is named with what there is, together with whatever else is wrong."""
    publish(sdk, "pillow", python(a="1"))
    publish(sdk, "only310", python(a="1"), "python3.10")
    layers = [
        {"name": "pilow"},
        {"name": "pillow", "version": "7"},
        {"name": arn("Python310", 3, account="official")},
        {"name": arn("pillow", 1, region="cn-beijing")},
        {"name": "only310"},
    ]
    answer = caller.deploy(body("l-none", layers=layers, runtime="python3.12", memory=7))
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert answer.fields == ["memory", *(f"layers.{n}" for n in range(5))]
    said = {d["field"]: (d["problem"], d["allowed"], d["hint"]) for d in answer.said["Details"]}
    assert said["layers.0"][0] == "there is no layer pilow"
    assert "only310:1, pillow:1" in said["layers.0"][1]
    assert said["layers.0"][2] == "pillow:1"
    assert said["layers.1"] == ("there is no version 7 of layer pillow", "it has version 1", "pillow:1")
    assert "belongs to official" in said["layers.2"][0]
    assert "is in cn-beijing" in said["layers.3"][0]
    message = f"The Layer {arn('only310', 1)} is not compatible with this runtime."
    assert said["layers.4"][:2] == (message, "its runtimes are python3.10")
    hints = {d["field"]: d.get("hint") for d in answer.said["Details"]}
    assert hints["layers.4"] == "publish only310 for python3.12 too, or choose the runtime python3.10"
    assert caller.names("l-none") == []


@pytest.mark.parametrize(
    ("layer", "wrong"),
    [
        ({"name": "acs:fc:nonsense"}, "name is not the ARN of a layer version"),
        ({"name": arn("a", 2), "version": "3"}, "version differs from 2, the one in the ARN"),
        ({"name": "a", "version": "0"}, "version must be a whole number from 1, or latest"),
    ],
)
def test_layers_that_are_none(caller: Caller, layer: dict[str, str], wrong: str) -> None:
    """A layer that is not spelled as one is refused before it is looked for."""
    detail = caller.deploy(body("l-none", layers=[layer])).said["Details"]
    assert [(d["field"], d["problem"]) for d in detail] == [("layers.0", wrong)]


def test_most_layers(sdk: Sdk, caller: Caller) -> None:
    """A function has at most five layers."""
    for number in range(6):
        publish(sdk, f"many{number}", python(**{f"m{number}": str(number)}))
    six = [{"name": f"many{number}"} for number in range(6)]
    assert caller.deploy(body("l-six", layers=six)).fields == ["layers"]
    assert deployed(caller, "l-five", *six[:5])("import m0, m4; answer = m0.v + m4.v") == "04"


def test_size_of_all_layers(tmp_path: Path) -> None:
    """What the layers of a function have together is limited."""
    store = Store(tmp_path)
    layers = Layers(store, Identity(REGION, ACCOUNT, ("", "", "")), most_bytes=2 * len(python(a="1")))
    for name in ("a", "b", "c"):
        asyncio.run(layers.publish(name, LayerInput(python(**{name: "1"}))))
    asked = [Layer(name=name) for name in ("a", "b", "c")]
    assert layers.problems(dict(enumerate(asked[:2])), "python3.10") == []
    assert [p.field for p in layers.problems(dict(enumerate(asked)), "python3.10")] == ["layers"]
    store.close()


# ---------------------------------------------------------------- what a function finds


@pytest.fixture(params=["forked", "run"])
def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    """Of an instance that is forked, or of one that is started anew: the C library's variables force that."""
    return {"MALLOC_ARENA_MAX": "2"} if request.param == "run" else {}


def test_first_wins(sdk: Sdk, caller: Caller, environment: dict[str, str]) -> None:
    """Folders of all layers are one; of equal files the layer's that was named first is seen."""
    publish(sdk, "one", python(both="one", mine="one"))
    publish(sdk, "two", python(both="two", yours="two"))
    look = "import both, mine, yours; answer = [both.v, mine.v, yours.v]"
    assert deployed(caller, "l-12", "one", "two", environment=environment)(look) == ["one", "one", "two"]
    assert deployed(caller, "l-21", "two", "one", environment=environment)(look) == ["two", "one", "two"]


def test_same_content_twice(sdk: Sdk, caller: Caller) -> None:
    """Two versions with the same files, and one layer named twice, are no trouble."""
    publish(sdk, "twin", python(twin="1"))
    publish(sdk, "twin", python(twin="1"))
    one, two = ({"name": "twin", "version": v} for v in ("1", "2"))
    assert deployed(caller, "l-twins", two, one, one)("import twin; answer = twin.v") == "1"


def test_order_of_search(sdk: Sdk, caller: Caller, environment: dict[str, str]) -> None:
    """The function's own files come first, then the layers', then the standard library."""
    version = "{}.{}".format(*runtimes.find("python3.10").version)
    site = f"python/lib/python{version}/site-packages"
    files = {
        f"{site}/a.py": "v = 'site'",
        "python/a.py": "v = 'python'",
        "python/csv.py": "v = 'the layer'",
        "python/uuid/__init__.py": "v = 'the layer'",
        "python/index.py": "raise SystemExit",
    }
    publish(sdk, "order", zipped(files))
    do = deployed(caller, "l-order", "order", environment=environment)
    assert do("import sys; answer = sys.path[:3]") == ["/code", f"/opt/{site}", "/opt/python"]
    # imported in the fork server before: they must be forgotten
    look = "import a, csv, uuid; answer = [a.v, csv.v, uuid.v]"
    assert do(look) == ["site", "the layer", "the layer"]


def test_a_layer_makes_nothing_forgotten_elsewhere(sdk: Sdk, caller: Caller) -> None:
    """A function without the layer has the standard library's modules."""
    publish(sdk, "shadows", python(csv="the layer"))
    assert deployed(caller, "l-with", "shadows")("import csv; answer = csv.v") == "the layer"
    assert deployed(caller, "l-without")(
        "import csv; answer = csv.__name__ + csv.QUOTE_ALL.__class__.__name__"
    ) == ("csvint")


def test_programs_and_libraries(sdk: Sdk, caller: Caller, environment: dict[str, str]) -> None:
    """A program in bin is found by its name, and lib is where libraries are looked for."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, mode, text in (
            ("bin/greet", 0o755, "#!/bin/sh\necho hello $1\n"),
            ("lib/libx.so", 0o644, ""),
        ):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, text)
    publish(sdk, "programs", buffer.getvalue())
    do = deployed(caller, "l-programs", "programs", environment=environment)
    run = (
        "import subprocess; answer = subprocess.run(['greet', 'you'], capture_output=True, text=True).stdout"
    )
    assert do(run) == "hello you\n"
    paths = do("import os; answer = os.environ['LD_LIBRARY_PATH'].split(':')")
    assert "/opt/lib" in paths
    assert do("import os; answer = os.listdir('/opt/lib')") == ["libx.so"]


def test_everything_is_writable(sdk: Sdk, caller: Caller) -> None:
    """What is written below /opt is the instance's own, with a layer and without, and the next one has it not."""
    publish(sdk, "clean", python(clean="1"))
    write = "import os, glob\nbefore = sorted(glob.glob('/opt/**', recursive=True))\n" + (
        "os.makedirs('/opt/new/deep'); open('/opt/new/deep/file', 'w').write('x')\n"
        "if os.path.isdir('/opt/python'): open('/opt/python/clean.py', 'a').write('changed')\n"
        "answer = before"
    )
    for name, layers in (("l-dirty", ["clean"]), ("l-plain", [])):
        do = deployed(caller, name, *layers)
        first = do(write)
        assert "/opt/new/deep/file" in do("import glob; answer = glob.glob('/opt/**', recursive=True)")
        caller.put(name, body(name, DOES, layers=[{"name": n} for n in layers], memory=256))
        assert do(write) == first


def test_layers_count_against_the_disk(sdk: Sdk, caller: Caller) -> None:
    """What is written to /opt and to /tmp is limited together; what a layer brought does not count."""
    publish(sdk, "disk", zipped({"data/large": bytes(1 << 20)}))
    do = deployed(caller, "l-disk", "disk", memory=1024, timeout=60)
    fill = (
        "import os\ndef fill(path, mb):\n"
        "  with open(path, 'wb') as f:\n    for _ in range(mb): f.write(bytes(1 << 20))\n"
        "fill('/opt/a', 300)\n"
        "try: fill('/tmp/b', 300); answer = 'room'\n"
        "except OSError as error: answer = error.strerror\n"
        "os.unlink('/opt/a'); os.unlink('/tmp/b')"
    )
    assert do(fill) == "No space left on device"


# ---------------------------------------------------------------- how long content is kept


def contents(server: Server) -> set[str]:
    # what is on its way out has a name with a dot
    return {path.name for path in (server.data / "code").iterdir() if not path.name.startswith(".")}


def test_functions_go_on_without_the_version(sdk: Sdk, caller: Caller, server: Server) -> None:
    """A version that was removed stays with the functions that have it, new instances too, and goes with the last."""
    before = contents(server)
    publish(sdk, "removed", python(removed="still here"))
    deployed(caller, "l-one", "removed")
    deployed(caller, "l-two", "removed")
    sdk.delete_layer_version("removed", "1")
    for name in ("l-one", "l-two"):
        assert did(caller, name, "import removed; answer = removed.v") == "still here"
    assert caller.put("l-one", body("l-one", DOES, layers=[{"name": "removed", "version": "1"}])).fields == [
        "layers.0"
    ]
    caller.put("l-one", body("l-one", DOES))
    assert len(contents(server) - before) == 2
    caller.delete("l-two")
    caller.delete("l-one")
    wait_for(lambda: contents(server) == before)


def test_content_of_layer_and_function(sdk: Sdk, caller: Caller, server: Server) -> None:
    """The same ZIP as a function's code and as a layer is one content, and either can go first."""
    before = contents(server)
    publish(sdk, "alike", DOES)
    do = deployed(caller, "l-alike")
    assert len(contents(server) - before) == 1
    sdk.delete_layer_version("alike", "1")
    assert do("answer = 1") == 1
    publish(sdk, "alike", DOES)
    caller.delete("l-alike")
    other = zipped({"index.py": DOES_SOURCE, "more.py": ""})
    assert deployed(caller, "l-other", "alike", code=other)("answer = 2") == 2
    caller.delete("l-other")
    sdk.delete_layer_version("alike", "2")
    wait_for(lambda: contents(server) == before)


def test_layers_are_there_after_a_restart(tmp_path: Path) -> None:
    """Layers, their numbers, and what functions have of them outlive the server, also when it is killed."""
    with serving(tmp_path) as server:
        sdk, caller = sdk_of(server), Caller(server.url)
        for text in ("one", "two", "three"):
            publish(sdk, "kept", python(kept=text), description=text)
        sdk.put_layer_acl("kept", models.PutLayerACLRequest(acl="1"))
        deployed(caller, "l-kept", {"name": "kept", "version": "1"})
        sdk.delete_layer_version("kept", "1")
        sdk.delete_layer_version("kept", "3")
        server.kill()
    with serving(tmp_path) as server:
        sdk, caller = sdk_of(server), Caller(server.url)
        assert versions(sdk, "kept") == [2]
        found = sdk.get_layer_version("kept", "2").body
        assert (found.description, found.acl) == ("two", "1")
        assert did(caller, "l-kept", "import kept; answer = kept.v") == "one"
        assert publish(sdk, "kept", python(kept="four")).version == 4
        caller.delete("l-kept")
        wait_for(lambda: len(contents(server)) == 2)


# ---------------------------------------------------------------- compiled libraries


def test_compiled_for_another_python(sdk: Sdk, caller: Caller) -> None:
    """Libraries that the interpreter of the runtime does not load are said, when published and when deployed."""
    name = "python/fast.cpython-37-x86_64-linux-gnu.so"
    made = caller.call(
        "POST",
        f"{LAYERS}/fast/versions",
        {
            "code": {"zipFile": b64(zipped({name: b"\x7fELF"}))},
            "compatibleRuntime": ["python3.10", "nodejs20"],
        },
    )
    assert len(made.said["warnings"]) == 1
    assert (
        "layer fast:1 has libraries compiled for Python 3.7 x86_64; python3.10 runs on"
        in made.said["warnings"][0]
    )
    answer: Answer = caller.deploy(body("l-fast", layers=[{"name": "fast"}]))
    assert any(
        "layer fast:1 has libraries compiled for Python 3.7" in text for text in answer.said["warnings"]
    )


# ---------------------------------------------------------------- without namespaces


def laid(place: Path, key: str, files: dict[str, str]) -> Path:
    folder = place / key / "files"
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_merged_folder(tmp_path: Path) -> None:
    """Without namespaces several layers are one folder of links, the first on top, whatever is a folder in which."""
    one = laid(tmp_path, "1" * 64, {"python/a": "one", "is": "a file", "folder/x": "one"})
    two = laid(
        tmp_path, "2" * 64, {"python/a": "two", "python/b": "two", "is/a": "folder", "folder": "a file"}
    )
    assert merge.merged([one]) == one
    found = merge.merged([one, two])
    assert {str(p.relative_to(found)): p.read_text() for p in found.rglob("*") if p.is_file()} == {
        "python/a": "one", "python/b": "two", "is": "a file", "folder/x": "one",
    }  # fmt: skip
    assert (found / "python/b").samefile(two / "python/b")
    assert merge.merged([one, two]) == found
    assert merge.merged([two, one]) != found
    assert len([path for path in tmp_path.iterdir() if merge.is_of(path.name, "1" * 64)]) == 2
    assert not list(tmp_path.glob(".*"))


def test_layers_without_namespaces(tmp_path: Path) -> None:
    """Where the machine allows no namespaces a function finds its layers all the same, at paths of the machine."""
    if os.getuid():
        pytest.skip("only root can forbid namespaces to a process")
    serve = [sys.executable, "-m", "fc_magic", "serve", f"--data={tmp_path}"]
    inner = f"echo 0 > /proc/sys/user/max_user_namespaces && exec {shlex.join(serve)}"
    environment = {**os.environ, "FC_MAGIC_ACCESS_KEY_ID": KEY_ID, "FC_MAGIC_ACCESS_KEY_SECRET": SECRET}
    words = ["unshare", "--user", "--map-root-user", "sh", "-c", inner]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    try:
        objects, url = (process.stdout.readline().split()[-1] for _ in range(2))
        server = Server(url, objects, tmp_path, process)
        sdk, caller = sdk_of(server), Caller(server.url)
        publish(sdk, "one", zipped({"python/both.py": "v = 'one'", "python/csv.py": "v = 'one'"}))
        publish(
            sdk,
            "two",
            zipped({"python/both.py": "v = 'two'", "python/two.py": "v = 2", "bin/x": "#!/bin/sh\n"}),
        )
        alone = deployed(caller, "l-alone", "two")
        assert alone("import both, two, csv; answer = [both.v, two.v, csv.QUOTE_ALL]") == ["two", 2, 1]
        do = deployed(caller, "l-both", "one", "two")
        assert do("import both, two, csv; answer = [both.v, two.v, csv.v]") == ["one", 2, "one"]
        opt = do("import sys; answer = sys.path[2]").removesuffix("/python")
        assert opt.startswith(str(tmp_path / "code"))
        assert do("import os; answer = os.environ['PATH']").startswith(f"{opt}/bin:")
        assert do("import os; answer = os.environ['LD_LIBRARY_PATH']").endswith(f":{opt}/lib")
        merged = Path(opt).parent
        assert merged.is_dir()
        caller.delete("l-both")
        sdk.delete_layer_version("one", "1")
        wait_for(lambda: not merged.exists())
        assert alone("import both; answer = both.v") == "two"
    finally:
        process.kill()
        process.wait(20)
        process.stdout.close()

"""Lithops' backend aliyun_fc and storage aliyun_oss, unchanged, through a proxy that plays the region's hosts.

``FC_MAGIC_TEST_LITHOPS`` is a Python 3.10 that has ``lithops[aliyun]``.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from alibabacloud_fc20230330 import models
from alibabacloud_fc20230330.client import Client as Sdk

from tests.clients.region import playing
from tests.conftest import ACCOUNT, KEY_ID, REGION, ROLE, SECRET, Server, serving
from tests.server.test_functions import sdk_of

PYTHON = "FC_MAGIC_TEST_LITHOPS"
pytestmark = [
    pytest.mark.clients,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        PYTHON not in os.environ, reason=f"{PYTHON} names no Python with Lithops: make clients does"
    ),
]
#: what a Python runtime of FC has and an embedded one has not, as far as Lithops imports it
PREINSTALLED = Path(__file__).with_name("fc-preinstalled.txt")
CONFIG = {
    "lithops": {"backend": "aliyun_fc", "storage": "aliyun_oss"},
    "aliyun": {
        "account_id": ACCOUNT,
        "access_key_id": KEY_ID,
        "access_key_secret": SECRET,
        "region": REGION,
    },
    "aliyun_oss": {"storage_bucket": "lithops-here"},
    "aliyun_fc": {"role_arn": ROLE, "runtime_timeout": 60},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("fc")) as running:
        yield running


@pytest.fixture
def environment(server: Server, tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """Lithops' configuration, the proxy, and a certifi that knows the proxy's authority."""
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(CONFIG))
    with playing(tmp_path / "ca", server.url, server.objects_url) as region:
        trusted = _certifi(tmp_path / "trusted", tmp_path / "ca" / "ca.pem")
        yield {
            **os.environ,
            "HOME": str(tmp_path),
            "LITHOPS_CONFIG_FILE": str(config),
            "PIP_REQUIREMENT": str(PREINSTALLED),
            "PYTHONPATH": str(trusted),
            "HTTPS_PROXY": region.url,
            "HTTP_PROXY": region.url,
        }


def _certifi(folder: Path, authority: Path) -> Path:
    """The certifi of that Python and one authority more, in a folder of its own: nothing installed is changed."""
    where = "import certifi, pathlib; print(pathlib.Path(certifi.__file__).parent)"
    own = Path(subprocess.check_output([os.environ[PYTHON], "-c", where], text=True).strip())
    (folder / "certifi").mkdir(parents=True)
    for path in own.iterdir():
        if path.is_file():
            (folder / "certifi" / path.name).write_bytes(path.read_bytes())
    with open(folder / "certifi" / "cacert.pem", "ab") as file:
        file.write(authority.read_bytes())
    return folder


def run(environment: Mapping[str, str], *arguments: str) -> str:
    command = [os.environ[PYTHON], *arguments]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def workers(sdk: Sdk) -> list[str]:
    listed = sdk.list_functions(models.ListFunctionsRequest(prefix="lithops-worker")).body.functions
    return [function.function_name for function in listed]


def test_lithops(environment: Mapping[str, str], server: Server) -> None:
    """A runtime is built, deployed, listed and deleted, and between them maps, reduces and raises."""
    sdk, cli = sdk_of(server), str(Path(os.environ[PYTHON]).with_name("lithops"))
    run(environment, cli, "runtime", "deploy", "default")
    (worker,) = workers(sdk)
    # at a region its object store is reached by name; here through the store's own port, as a proxy
    body = models.UpdateFunctionInput(environment_variables={"HTTP_PROXY": server.objects_url})
    sdk.update_function(worker, models.UpdateFunctionRequest(body=body))
    assert worker in run(environment, cli, "runtime", "list", "-b", "aliyun_fc")
    said = run(environment, str(Path(__file__).with_name("lithops_story.py")))
    assert json.loads(said.splitlines()[-1]) == [[2, 4, 6, 8, 10], 12, "division by zero"]
    run(environment, cli, "runtime", "delete", "default-python-runtime-v310", "-b", "aliyun_fc")
    assert workers(sdk) == []

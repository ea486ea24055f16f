"""Every documented error can be provoked through the official SDK, and arrives as Function Compute sends it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alibabacloud_fc20230330.client import Client as Sdk
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException, ClientException, ServerException

from fc_magic.errors import BY_CODE
from fc_magic.server.fc3.unserved import OPERATIONS
from tests.conftest import ACCOUNT, REGION, Server
from tests.server.calls import FUNCTIONS, Caller
from tests.server.fc3.making import Made
from tests.server.fc3.refusals import NOBODY, REFUSALS, Refusal
from tests.server.fc3.refusals_beside import BESIDE


@pytest.fixture
def name(make: Made) -> Iterator[str]:
    """A function that exists."""
    return make("refusing").function_name


@pytest.mark.parametrize(
    "row",
    [*REFUSALS, *BESIDE],
    ids=lambda row: f"{row.operation}-{row.code}-{row.says}"[:60].replace("'", ""),
)
def test_refusal(sdk: Sdk, name: str, row: Refusal) -> None:
    """The SDK raises what it raises at a region: with the code, the status, the message and a request id."""
    if row.first:
        row.first(sdk, name)
    with pytest.raises(AlibabaCloudException) as caught:
        row.call(sdk, name)
    error = caught.value
    assert type(error) is (ClientException if row.status < 500 else ServerException)
    assert (error.code, error.status_code) == (row.code, row.status)
    assert row.says in error.message
    assert error.data["RequestId"].startswith("1-")
    assert error.data["RequestId"] in error.message
    assert row.code in BY_CODE


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_is_not_served(server: Server, method: str, path: str) -> None:
    """An operation that is not done here is refused by its name, whatever is sent to it."""
    there = path.format(name=NOBODY, session="s", snapshot="s")
    answer = Caller(server.url).call(method, there, b"{}" if method in ("POST", "PUT") else b"")
    assert (answer.status, answer.code) == (400, "NotSupported")
    assert OPERATIONS[method, path] in answer.said["Message"]
    assert answer.headers["x-fc-request-id"] == answer.said["RequestId"]


HOSTS = [
    f"{ACCOUNT}.{REGION}.fc.aliyuncs.com",
    f"{ACCOUNT}.{REGION}-internal.fc.aliyuncs.com",
    f"{REGION}.fc.aliyuncs.com",
    f"fcv3.{REGION}.aliyuncs.com",
]


@pytest.mark.parametrize("host", HOSTS)
def test_hosts_of_a_region(server: Server, name: str, host: str) -> None:
    """Requests to the hosts of the region it plays are answered, with the account id in it and without."""
    caller = Caller(server.url)
    assert caller.call("GET", f"{FUNCTIONS}/{name}", host=host).said["functionName"] == name
    assert caller.invoke(name, b"x", host=host).body == b"x"


@pytest.mark.parametrize(
    "host",
    [f"1.{REGION}.fc.aliyuncs.com", "fcv3.cn-beijing.aliyuncs.com", "fc.example.com", f"{HOSTS[0]}.evil.com"],
)
def test_other_hosts(server: Server, host: str) -> None:
    """Another account's host, another region's, and anybody's are not."""
    answer = Caller(server.url).call("GET", FUNCTIONS, host=host)
    assert (answer.status, answer.code) == (403, "AccessDenied")

"""From settings to a target: which host, which dialect, which account; and what is said before a write."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import fc_magic
from fc_magic.client.client import Client
from fc_magic.client.target import Credentials, Target
from fc_magic.config import Settings
from fc_magic.errors import UsageError
from fc_magic.wire import regions
from tests.client.endpoint import FUNCTION, Endpoint, answer, refusal

KEYS = {"access_key_id": "AK", "access_key_secret": "s"}
OLDER = ("me-central-1", "cn-shanghai-finance-1", "cn-hangzhou-finance", "cn-heyuan-acdr-1")


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No profile of whoever runs the tests."""
    monkeypatch.setenv("HOME", str(tmp_path))


def target_of(**given_: Any) -> Target:
    with fc_magic.connect(Settings.load({}, **{**KEYS, **given_})) as client:
        return client.target


@pytest.mark.parametrize("region", regions.KNOWN)
def test_hosts_of_regions(region: str) -> None:
    """Every region has the host that the official SDK has for it, and the hosts of an account."""
    from alibabacloud_fc20230330.client import Client as Official
    from alibabacloud_tea_openapi.models import Config

    official = Official(Config(access_key_id="a", access_key_secret="b", region_id=region))
    assert target_of(target=region).endpoint == f"https://{official._endpoint.strip()}"
    account, internal = (
        target_of(target=region, network=n, account_id="42").endpoint for n in ("account", "internal")
    )
    assert account == f"https://42.{region}.fc.aliyuncs.com"
    assert internal == f"https://42.{region}-internal.fc.aliyuncs.com"


@pytest.mark.parametrize("network", ["account", "internal"])
def test_host_that_needs_the_account(network: str) -> None:
    """A host that begins with the account id needs it, and how to say it is said."""
    with pytest.raises(UsageError, match="begins with the account id") as caught:
        target_of(target="cn-hangzhou", network=network)
    assert "FC_MAGIC_ACCOUNT_ID" in caught.value.hint


def test_objects_of_a_region() -> None:
    """OSS is in the region, by the network that was chosen, or where it was said to be."""
    assert target_of(target="cn-hangzhou").objects == "https://oss-cn-hangzhou.aliyuncs.com"
    inside = target_of(target="cn-hangzhou", network="internal", account_id="1")
    assert inside.objects == "https://oss-cn-hangzhou-internal.aliyuncs.com"
    for said in ("http://127.0.0.1:9", "http://127.0.0.1:9/"):
        assert target_of(target="http://127.0.0.1:8", oss_endpoint=said).objects == "http://127.0.0.1:9"


@pytest.mark.parametrize(
    ("given_", "api"),
    [
        ({"target": "cn-hangzhou"}, "fc3"),
        ({"target": "cn-hangzhou", "api": "v2"}, "v2"),
        ({"target": "http://127.0.0.1:9"}, "v2"),
        ({"target": "http://127.0.0.1:9", "api": "fc3"}, "fc3"),
        ({"target": "https://fc.example.com"}, "v2"),
        ({"target": "https://fcv3.cn-hangzhou.aliyuncs.com"}, "fc3"),
        ({"target": "https://42.cn-hangzhou.fc.aliyuncs.com", "api": "v2"}, "v2"),
    ],
    ids=str,
)
def test_dialect(given_: dict[str, str], api: str) -> None:
    """A region speaks FC 3.0 and a URL the deployments API, unless its host is one of FC 3.0's or it is said."""
    assert target_of(**given_).api == api


def test_region_with_the_deployments_api() -> None:
    """The deployments API of a region is at its public host."""
    assert target_of(target="cn-hangzhou", api="v2").endpoint == "https://fc.aliyuncs.com"


@pytest.mark.parametrize(
    ("host", "region", "account"),
    [
        ("fcv3.cn-shanghai.aliyuncs.com", "cn-shanghai", ""),
        ("42.cn-shanghai.fc.aliyuncs.com", "cn-shanghai", "42"),
        ("42.cn-shanghai-internal.fc.aliyuncs.com", "cn-shanghai", "42"),
        ("42.CN-Shanghai-Internal.FC.aliyuncs.com", "cn-shanghai", "42"),
        ("cn-shanghai-finance-1.fc.aliyuncs.com", "cn-shanghai-finance-1", ""),
        ("fc-vpc.cn-shanghai.aliyuncs.com", "cn-shanghai", ""),
        ("fc.aliyuncs.com", "us-west-1", "7"),
        ("fcv3.cn-shanghai.aliyuncs.com.example.com", "us-west-1", "7"),
        ("127.0.0.1", "us-west-1", "7"),
    ],
)
def test_what_a_host_tells(host: str, region: str, account: str) -> None:
    """The region and the account that a host tells are so, whatever is set; else what is set counts."""
    found = target_of(target=f"https://{host}", region="us-west-1", account_id="7")
    assert (found.region, found.account_id) == (region, account or "7")


@given(
    st.sampled_from(regions.KNOWN), st.sampled_from(["public", "account", "internal"]), st.integers(1, 10**16)
)
def test_hosts_tell_what_they_are_made_of(region: str, network: str, account: int) -> None:
    """What is made of a region and an account tells them again."""
    told = regions.told_by(regions.host(region, network, str(account)))
    assert told == (region, "" if network == "public" else str(account))


@given(st.text())
def test_any_host(name: str) -> None:
    """A name that is no host of Function Compute tells nothing, or a region by its form."""
    region, account = regions.told_by(name)
    assert not account or account.isdigit()
    assert not region or region.islower()


@pytest.mark.parametrize(
    ("said", "endpoint"),
    [
        ("http://127.0.0.1:9", "http://127.0.0.1:9"),
        ("https://10.0.0.8/fc/", "https://10.0.0.8/fc"),
        ("fc.intra.example.com", "https://fc.intra.example.com"),
    ],
)
@pytest.mark.parametrize("variable", ["FC_MAGIC_ENDPOINT", "FC_CLIENT_CUSTOM_ENDPOINT"])
def test_endpoint_of_a_region(variable: str, said: str, endpoint: str) -> None:
    """A region can be at another address; it stays a region, with all that this means."""
    with fc_magic.connect(Settings.load({variable: said}, target="cn-shanghai", **KEYS)) as client:
        found = client.target
    assert (found.endpoint, found.region, found.api, found.is_cloud) == (endpoint, "cn-shanghai", "fc3", True)


def test_endpoint_that_is_no_address() -> None:
    """A broken address names the variable that has it."""
    with pytest.raises(UsageError, match=r"is not an http .*\(FC_MAGIC_ENDPOINT\)"):
        fc_magic.connect(Settings.load({"FC_MAGIC_ENDPOINT": "http://[bad"}, target="cn-shanghai", **KEYS))


@pytest.mark.parametrize(
    ("target", "cloud"),
    [
        ("cn-hangzhou", True),
        ("https://fc.example.com", True),
        ("http://10.0.0.1:80", True),
        ("http://127.0.0.1:9", False),
        ("http://127.1.2.3:9", False),
        ("http://localhost:9", False),
        ("http://[::1]:9", False),
        ("http://localhost.example.com", True),
    ],
)
def test_what_is_the_cloud(target: str, cloud: bool) -> None:
    """A region is the cloud, and so is a URL that is not this machine."""
    assert target_of(target=target).is_cloud is cloud


def test_target_that_is_nothing_names_its_origin() -> None:
    """A mistyped target says where it was said."""
    with pytest.raises(UsageError, match=r"'lcoal' \(FC_MAGIC_TARGET\)"):
        fc_magic.connect(Settings.load({"FC_MAGIC_TARGET": "lcoal"}))


# ---------------------------------------------------------------- the account


ARN = "acs:fc:cn-hangzhou:4242:functions/f"


def client_at(url: str, **more: Any) -> Client:
    return fc_magic.connect(Settings.load({}, target=url, retries=0, **{**KEYS, **more}))


def test_account_is_learned() -> None:
    """The account id is learned from the ARN of a function in an answer, and makes an ARN of a bare role name."""
    with Endpoint([answer(200, {**FUNCTION, "arn": ARN})]) as there, client_at(there.url) as client:
        assert client.target.account_id == ""
        client.get("f")
        assert client.target.account_id == "4242"
        assert client.role("builder") == "acs:ram::4242:role/builder"


def test_account_is_asked_for_where_a_role_needs_it() -> None:
    """A bare role name asks for what is deployed, once, and takes the account from there."""
    listed = answer(200, {"deployments": [{**FUNCTION, "arn": ARN}]})
    with Endpoint([listed]) as there, client_at(there.url) as client:
        assert client.role("builder") == client.role("builder") == "acs:ram::4242:role/builder"
        assert len(there.requests) == 1


@pytest.mark.parametrize(
    "said",
    [
        {"arn": "acs:fc:cn-hangzhou:4242:layers/l/versions/1"},
        {"arn": "acs:fc:cn-beijing:4242:functions/f"},
        {"description": f'"arn": "{ARN}"'},
        {"more": [{"layerVersionArn": "acs:fc:cn-hangzhou:9:layers/l/versions/1"}]},
    ],
    ids=str,
)
def test_account_is_not_learned_from_others(said: dict[str, Any]) -> None:
    """Layers may be of others, another region's function is another matter, and free text says what it likes."""
    with Endpoint([answer(200, {**FUNCTION, **said})]) as there, client_at(there.url) as client:
        client.get("f")
        assert client.target.account_id == ""


def test_account_is_not_learned_from_a_function() -> None:
    """What a function answers is not the endpoint's word."""
    called = answer(200, {"functionArn": ARN}, X_Fc_Request_Id="1-a")
    with Endpoint([called]) as there, client_at(there.url) as client:
        assert client.invoke("f").value == {"functionArn": ARN}
        assert client.target.account_id == ""


def test_account_that_was_set_stays() -> None:
    """What a person set is not corrected."""
    with (
        Endpoint([answer(200, {**FUNCTION, "arn": ARN})]) as there,
        client_at(there.url, account_id="7") as client,
    ):
        client.get("f")
        assert client.target.account_id == "7"


# ---------------------------------------------------------------- before a write


CODE = b"PK\x05\x06" + bytes(18)


def test_every_write_passes_the_hook() -> None:
    """Whatever changes something at the target is announced before it is sent, in words; a call is not."""
    said: list[str] = []
    script = [refusal(404, "DeploymentNotFound"), answer(200, FUNCTION)]
    with Endpoint(script) as there, client_at(there.url, account_id="1") as client:
        client.session.before_write = said.append
        role = "acs:ram::1:role/r"
        client.deploy({"name": "f", "code": CODE, "role": role, "triggers": [{"type": "http"}]})
        client.get("f")
        client.delete("f")
        client.delete_layer("l", 3)
        before = len(said)
        client.invoke("f", "x")
    assert said == [
        "deploy f: python3.10, 128 MB, 60 s, called by http",
        "delete the function f, with its triggers and versions",
        "delete version 3 of the layer l",
    ]
    assert before == len(said)


def test_nothing_is_sent_that_is_refused() -> None:
    """What the hook raises is raised, and the write is not sent."""

    def refuse(what: str) -> None:
        raise UsageError(f"no: {what}")

    with Endpoint([answer(200, FUNCTION)]) as there, client_at(there.url) as client:
        client.session.before_write = refuse
        with pytest.raises(UsageError, match="no: delete the function f"):
            client.delete("f")
    assert there.requests == []


def test_by_code_nobody_is_asked() -> None:
    """A client that a program made writes: who wrote the program has agreed."""
    with Endpoint([answer(200, {})]) as there, client_at(there.url) as client:
        assert client.session.before_write is None
        client.delete("f")
    assert len(there.requests) == 1


def test_dialect_that_cannot_be_said_yet() -> None:
    """Deploying through FC 3.0 says what to do instead, and calls go on."""
    called = answer(200, b"5", X_Fc_Request_Id="1-a")
    with Endpoint([called]) as there, client_at(there.url, api="fc3") as client:
        assert client.target.api == "fc3"
        assert client.invoke("f").value == 5


def test_environment_is_not_touched() -> None:
    """Reaching a target changes nothing of this process's environment."""
    before = dict(os.environ)
    target_of(target="cn-hangzhou")
    assert dict(os.environ) == before


def test_plain_target_is_as_before() -> None:
    """A target that a program makes speaks the deployments API, and nobody is asked."""
    made = Target("mine", "http://127.0.0.1:9", "cn-hangzhou", Credentials("a", "b"))
    assert (made.api, made.is_cloud, made.key_from) == ("v2", False, "")

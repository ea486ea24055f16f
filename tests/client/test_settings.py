"""Settings: option over environment over default, each with its origin; and targets that cannot be."""

from __future__ import annotations

import json
from typing import Any

import pytest

import fc_magic
from fc_magic.config import Settings, environment_names
from fc_magic.errors import UsageError
from fc_magic.wire import regions, runtimes
from tests.conftest import Server

#: settings that are not any text
WORDS = {"code_bucket": ["my-code"], "api": ["fc3"], "network": ["account"], "yes": ["yes"], "lang": ["zh"]}
KEYS = {"access_key_id": "AK", "access_key_secret": "s"}


def test_defaults_need_nothing() -> None:
    """With nothing set, functions go to this machine."""
    settings = Settings.load({})
    assert (settings.target, settings.runtime, settings.retries) == ("local", "python3.10", 3)
    assert {origin for _, _, origin in settings.rows()} == {"default"}


def test_option_beats_environment_beats_default() -> None:
    """Each value knows where it came from."""
    settings = Settings.load(
        {"FC_MAGIC_REGION": "cn-beijing", "FC_MAGIC_TARGET": "cn-beijing"}, target="local"
    )
    rows = {name: (value, origin) for name, value, origin in settings.rows()}
    assert rows["target"] == ("local", "option")
    assert rows["region"] == ("cn-beijing", "FC_MAGIC_REGION")
    assert rows["runtime"] == ("python3.10", "default")
    changed = settings.with_("%fctarget", target="cn-hangzhou")
    assert ("target", "cn-hangzhou", "%fctarget") in changed.rows()
    assert settings.target == "local"


@pytest.mark.parametrize(("setting", "names"), environment_names().items(), ids=lambda v: str(v))
def test_every_setting_has_a_variable(setting: str, names: tuple[str, ...]) -> None:
    """Every setting can be set by each of its variables, the first one winning; blanks around it do not count."""
    values = WORDS.get(setting, [str(n + 1) for n in range(len(names))])
    for n in range(len(names)):
        loaded = Settings.load({name: f" {v}\n" for name, v in list(zip(names, values, strict=True))[n:]})
        assert str(getattr(loaded, setting)).removesuffix(".0") == values[n].replace("yes", "True")
        assert loaded.origins == {setting: names[n]}
    assert Settings.load({names[0]: ""}) == Settings.load({names[0]: " "}) == Settings.load({})


@pytest.mark.parametrize("name", ["FC_MAGIC_IDLE_STOP", "FC_MAGIC_READ_TIMEOUT", "FC_MAGIC_CONNECT_TIMEOUT"])
@pytest.mark.parametrize("text", ["abc", "-1", "nan", "inf", "1e300", "1,5", "²"])
def test_number_that_is_none(name: str, text: str) -> None:
    """A number that is none, or that nothing can wait for, names the variable and what to type."""
    with pytest.raises(UsageError, match=name) as caught:
        Settings.load({name: text})
    assert caught.value.hint.startswith(f"export {name}=")


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("FC_MAGIC_RETRIES", "0", True),
        ("FC_MAGIC_RETRIES", "2.5", False),
        ("FC_MAGIC_IDLE_STOP", "0", True),
        ("FC_MAGIC_IDLE_STOP", "0.5", True),
        ("FC_MAGIC_READ_TIMEOUT", "0", False),
        ("FC_MAGIC_CONNECT_TIMEOUT", "0.0", False),
    ],
)
def test_zero_and_fractions(name: str, text: str, allowed: bool) -> None:
    """No repetition and no idle stop are settings; waiting for no time at all is none."""
    if allowed:
        assert Settings.load({name: text}).origins
    else:
        with pytest.raises(UsageError):
            Settings.load({name: text})


def test_secrets_are_masked() -> None:
    """Secrets show as ****, and only if they are set."""
    settings = Settings.load({}, access_key_secret="hush", security_token="hush-too")
    rows = {name: value for name, value, _ in settings.rows()}
    assert (rows["access_key_secret"], rows["security_token"]) == ("****", "****")
    assert "hush" not in repr(settings)
    assert {n: v for n, v, _ in Settings.load({}).rows()}["access_key_secret"] == ""


@pytest.mark.parametrize("target", ["cn-hangzhou", "http://192.0.2.1:9"])
def test_target_without_a_key(target: str) -> None:
    """Any target but local needs a key, and says how to give one."""
    with pytest.raises(UsageError, match="needs an access key") as caught:
        fc_magic.connect(Settings.load({}, target=target))
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in caught.value.hint


def test_server_of_this_machine_without_a_key(server: Server) -> None:
    """What is said leads to its keys, and to none of the cloud; they are taken as it says."""
    with pytest.raises(UsageError, match="needs an access key") as caught:
        fc_magic.connect(Settings.load({}, target=server.url))
    said = str(caught.value)
    assert all(word not in said for word in ("aliyun configure", "FC_MAGIC_ECS_ROLE", "ALIBABA_CLOUD"))
    for name in ("keys.json", "data folder", "FC_MAGIC_ACCESS_KEY_ID", "FC_MAGIC_ACCESS_KEY_SECRET"):
        assert name in caught.value.hint
    keys = json.loads((server.data / "keys.json").read_text())
    given = {f"FC_MAGIC_{name.upper()}": keys[name] for name in ("access_key_id", "access_key_secret")}
    with fc_magic.connect(Settings.load(given, target=server.url)) as client:
        client.list()


@pytest.mark.parametrize(
    "target",
    [
        "ftp://host",
        "http://",
        "http:///path",
        "http://host:99999",
        "http://host:0",
        "http://h:x",
        "http://h:-1",
        "http://[bad",
        "http://[::1",
        "http://::1]",
        "http://[nonsense]",
        "http://[::1]x",
        "http://[::1]:99999",
        "://",
        "http://h h",
        "http://h\n",
        "http://a..b",
        "http://.b",
        "http://h?a=1",
        "http://h#a",
        "http://h\\x",
    ],
)
def test_target_that_is_no_url(target: str) -> None:
    """A target that looks like a URL and is none is refused by name."""
    with pytest.raises(UsageError, match="is not an http") as caught:
        fc_magic.connect(Settings.load({}, target=target, **KEYS))
    assert "http://HOST:PORT" in caught.value.hint


@pytest.mark.parametrize(
    ("target", "meant"),
    [
        ("lcoal", "local"),
        ("cn-hangzou", "cn-hangzhou"),
        ("cn_hangzhou", "cn-hangzhou"),
        ("prod", ""),
        ("", ""),
    ],
)
def test_target_that_is_nothing(target: str, meant: str) -> None:
    """A mistyped target is no region to send code to; what was meant is named."""
    with pytest.raises(UsageError, match="is not local, a region") as caught:
        fc_magic.connect(Settings.load({}, target=target, **KEYS))
    assert caught.value.hint == (f"did you mean {meant}?" if meant else "")


@pytest.mark.parametrize(
    "target", [*regions.KNOWN, "sa-east-1", "na-south-1", "ap-southeast-8", "cn-nanjing"]
)
def test_region_of_tomorrow(target: str) -> None:
    """A region that is not known here is still a region."""
    with fc_magic.connect(Settings.load({}, target=target, **KEYS)) as client:
        assert client.target.region == target


@pytest.mark.parametrize(
    "given", [{"retries": -1}, {"retries": 2.5}, {"read_timeout": 0}, {"idle_stop": "soon"}], ids=str
)
def test_argument_that_is_no_number(given: dict[str, Any]) -> None:
    """An argument is held to the same limits as a variable."""
    with pytest.raises(UsageError, match="is not a number from") as caught:
        Settings.load({}, **given)
    assert caught.value.hint.startswith(next(iter(given)))


def test_setting_that_is_none() -> None:
    """A name that is no setting is refused, not left out."""
    with pytest.raises(UsageError, match="tagret is not a setting"):
        Settings.load({}, tagret="local")


def test_default_runtime() -> None:
    """The settings and the table of runtimes name the same default."""
    assert Settings.load({}).runtime == runtimes.DEFAULT


@pytest.mark.parametrize(
    ("target", "endpoint", "region"),
    [
        ("cn-shanghai", "https://fcv3.cn-shanghai.aliyuncs.com", "cn-shanghai"),
        ("http://127.0.0.1:9/", "http://127.0.0.1:9", "cn-hangzhou"),
        ("https://fc.example.com", "https://fc.example.com", "cn-hangzhou"),
        ("HTTP://fc.example.com/base", "HTTP://fc.example.com/base", "cn-hangzhou"),
        ("http://[::1]:8080", "http://[::1]:8080", "cn-hangzhou"),
        ("http://函数.example.com", "http://函数.example.com", "cn-hangzhou"),
    ],
)
def test_target_elsewhere(target: str, endpoint: str, region: str) -> None:
    """A region is reached at the public host, a URL as it is."""
    given: dict[str, Any] = {**KEYS, "target": target, "role": "acs:ram::1:role/r"}
    with fc_magic.connect(Settings.load({}, **given)) as client:
        found = client.target
    assert (found.endpoint, found.region, found.name) == (endpoint, region, target)
    assert found.runtimes is None

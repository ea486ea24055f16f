"""Whose key: settings, the aliyun CLI's profiles, Alibaba's own package; renewed in time; what is said if none is."""

from __future__ import annotations

import json
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import fc_magic
from fc_magic.client import alibaba
from fc_magic.client.client import Client
from fc_magic.client.target import Credentials
from fc_magic.config import Settings
from fc_magic.errors import ApiError, UsageError
from tests.client.endpoint import FUNCTION, Endpoint, answer, refusal, silence

SECRET, TOKEN = "MarkOfTheSecretMustNeverShow", "MarkOfTheTokenMustNeverShow"
AK = {"mode": "AK", "access_key_id": "CliId", "access_key_secret": SECRET, "region_id": "cn-shenzhen"}
STS = {**AK, "mode": "StsToken", "sts_token": TOKEN}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of nobody, and an environment that says nothing of keys; a proxy is not for this machine."""
    for name in [n for n in os.environ if n.startswith(("FC_MAGIC_", "ALIBABA_CLOUD_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path


@pytest.fixture
def cli(home: Path) -> Callable[..., None]:
    """Writes the aliyun CLI's file: the first profile is its current one."""

    def write(**profiles: Any) -> None:
        (home / ".aliyun").mkdir(exist_ok=True)
        listed = [{"name": name, **profile} for name, profile in profiles.items()]
        said = {"current": next(iter(profiles)), "profiles": listed}
        (home / ".aliyun" / "config.json").write_text(json.dumps(said))

    return write


def connected(environ: dict[str, str] | None = None, **given: Any) -> Client:
    """The client of a region, of the settings and this process's environment with ``environ``."""
    os.environ.update(environ or {})
    return fc_magic.connect(Settings.load(dict(os.environ), **{"target": "cn-hangzhou", **given}))


def key(client: Client) -> tuple[str, str, str]:
    found = client.target.credentials
    return found.access_key_id, found.access_key_secret, found.security_token


# ---------------------------------------------------------------- in this order


def test_order(cli: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments, our variables, Alibaba's variables, the CLI's profile; where the key is from is known."""
    cli(default=AK)
    theirs = {"ALIBABA_CLOUD_ACCESS_KEY_ID": "Theirs", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "t"}
    ours = {"FC_MAGIC_ACCESS_KEY_ID": "Ours", "FC_MAGIC_ACCESS_KEY_SECRET": "o"}
    for name, text in {**theirs, **ours}.items():
        monkeypatch.setenv(name, text)
    found = []
    for given in ({"access_key_id": "Mine", "access_key_secret": "m"}, {}):
        with connected(**given) as client:
            found.append((key(client)[0], client.target.key_from))
    for gone in (ours, theirs):
        for name in gone:
            monkeypatch.delenv(name)
        with connected() as client:
            found.append((key(client)[0], client.target.key_from))
    assert found == [
        ("Mine", "option"),
        ("Ours", "FC_MAGIC_ACCESS_KEY_SECRET"),
        ("Theirs", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"),
        ("CliId", "profile default of ~/.aliyun/config.json"),
    ]


def test_profiles(cli: Callable[..., None]) -> None:
    """The CLI's current profile is used, or the one that is named; an STS profile brings its token."""
    cli(first=AK, second={**STS, "access_key_id": "Second"})
    with connected() as client:
        assert key(client) == ("CliId", SECRET, "")
    with connected(profile="second") as client:
        assert key(client) == ("Second", SECRET, TOKEN)
    with pytest.raises(UsageError, match=r"third is not a profile of .*; there are first, second"):
        connected(profile="third")


def test_what_a_profile_says_beside_the_key(cli: Callable[..., None]) -> None:
    """Its region and account are the weakest; the account only with the profile's own key."""
    cli(default={**AK, "ram_role_arn": "acs:ram::4242:role/r"})
    with connected(target="https://fc.example.com") as client:
        assert (client.target.region, client.target.account_id) == ("cn-shenzhen", "4242")
        assert client.settings.origins["region"] == "profile default of ~/.aliyun/config.json"
    with connected(target="https://fc.example.com", region="cn-beijing", account_id="7") as client:
        assert (client.target.region, client.target.account_id) == ("cn-beijing", "7")
    with connected(target="https://fc.example.com", access_key_id="a", access_key_secret="b") as client:
        assert (client.target.region, client.target.account_id) == ("cn-shenzhen", "")
    with connected(target="cn-hangzhou") as client:
        assert client.target.region == "cn-hangzhou"


def test_local_target_takes_no_key_of_the_cloud(cli: Callable[..., None], home: Path) -> None:
    """The local Function Compute has its own key, and its region and account are not the profile's."""
    cli(default={**AK, "ram_role_arn": "acs:ram::4242:role/r"})
    settings = Settings.load({}, home=str(home / "data"), idle_stop=0.5)
    with fc_magic.connect(settings) as client:
        assert key(client)[0] != "CliId"
        assert (client.target.region, client.target.account_id) == ("cn-hangzhou", "1234567890123456")


@pytest.mark.parametrize(
    ("environ", "profile", "said"),
    [
        (
            {},
            None,
            {"settings and environment": "have no access_key_id", "~/.aliyun/config.json": "does not exist"},
        ),
        (
            {"FC_MAGIC_ACCESS_KEY_ID": "Half"},
            None,
            {"settings and environment": "have access_key_id (FC_MAGIC_ACCESS_KEY_ID) without its secret"},
        ),
        (
            {"FC_MAGIC_ACCESS_KEY_SECRET": SECRET},
            None,
            {
                "settings and environment": "have access_key_secret (FC_MAGIC_ACCESS_KEY_SECRET) without its id"
            },
        ),
        ({}, {"mode": "AK"}, {"profile default of ~/.aliyun/config.json": "has no access key"}),
        ({}, {**AK, "mode": "StsToken"}, {"profile default of ~/.aliyun/config.json": "has no STS token"}),
        (
            {},
            {**STS, "sts_expiration": 1000000000},
            {"profile default of ~/.aliyun/config.json": "its STS token ended at 2001-09-09"},
        ),
        (
            {},
            {"mode": "EcsRamRole", "ram_role_name": "r"},
            {"profile default of ~/.aliyun/config.json (EcsRamRole)": "the ECS metadata service is off"},
        ),
        (
            {"ALIBABA_CLOUD_CLI_PROFILE_DISABLED": "true"},
            AK,
            {"~/.aliyun/config.json": "ALIBABA_CLOUD_CLI_PROFILE_DISABLED is set"},
        ),
        (
            {"FC_MAGIC_ECS_ROLE": "auto", "ALIBABA_CLOUD_ECS_METADATA_DISABLED": "true"},
            None,
            {"ECS metadata service": "ALIBABA_CLOUD_ECS_METADATA_DISABLED is set"},
        ),
        ({}, None, {"ECS metadata service": "is off"}),
    ],
)
def test_no_key(
    cli: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    profile: Any,
    said: dict[str, str],
) -> None:
    """What was tried and why it did not work is said by the names of places, and nothing else."""
    if profile:
        cli(default=profile)
    for name, text in environ.items():
        monkeypatch.setenv(name, text)
    with pytest.raises(UsageError, match="needs an access key, and none was found") as caught:
        connected()
    tried = {problem.field: problem.problem for problem in caught.value.problems}
    for place, why in said.items():
        assert why in tried[place], tried
    assert "ALIBABA_CLOUD_ACCESS_KEY_ID" in caught.value.hint
    assert SECRET not in str(caught.value)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"current": 5, "profiles": {"a": 1}}',
        "\0",
        '{"profiles": [5]}',
        '{"profiles": [{"name": []}], "current": {}}',
    ],
)
def test_file_of_the_cli_that_is_broken(home: Path, text: str) -> None:
    """A file that is not as the CLI writes it is one more place without a key."""
    (home / ".aliyun").mkdir()
    (home / ".aliyun" / "config.json").write_text(text)
    with pytest.raises(UsageError, match="none was found") as caught:
        connected()
    assert any(problem.field == "~/.aliyun/config.json" for problem in caught.value.problems)


# ---------------------------------------------------------------- Alibaba's own package


def lent(key_id: str, seconds: float = 3600.0, secret: str = SECRET, token: str = TOKEN) -> Any:
    """An answer of a credentials URI: a key for so many seconds."""
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
    body = {"AccessKeyId": key_id, "AccessKeySecret": secret, "SecurityToken": token, "Expiration": ends}
    return answer(200, {"Code": "Success", **body})


def test_credentials_uri(monkeypatch: pytest.MonkeyPatch) -> None:
    """A credentials URI is asked once, and its key is used while it is good."""
    with Endpoint([lent("Lent")]) as lender:
        monkeypatch.setenv("ALIBABA_CLOUD_CREDENTIALS_URI", f"{lender.url}/key?name=x")
        with connected() as client:
            assert key(client) == key(client) == ("Lent", SECRET, TOKEN)
            assert client.target.key_from == "ALIBABA_CLOUD_CREDENTIALS_URI"
        assert len(lender.requests) == 1


def test_key_is_renewed_before_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is about to end is replaced before the next request, without a refusal."""
    with Endpoint([lent("First", 2.2), lent("Second")]) as lender, Endpoint([answer(200, FUNCTION)]) as there:
        monkeypatch.setenv("ALIBABA_CLOUD_CREDENTIALS_URI", lender.url)
        with connected(target=there.url) as client:
            client.get("f")
            ends = time.monotonic() + 10
            while "Second" not in there.requests[-1].headers["authorization"]:
                assert time.monotonic() < ends
                client.get("f")
        assert "Credential=First," in there.requests[0].headers["authorization"]


REFUSED = (
    "InvalidSecurityToken",
    "InvalidSecurityToken.Expired",
    "SecurityTokenExpired",
    "InvalidAccessKeyID",
)


@pytest.mark.parametrize("code", REFUSED)
def test_key_is_renewed_when_it_is_refused(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """A refusal of a temporary key is answered with a new key and the same request, once, also for a write."""
    script = [refusal(403, code), answer(200, {})]
    with Endpoint([lent("First"), lent("Second")]) as lender, Endpoint(script) as there:
        monkeypatch.setenv("ALIBABA_CLOUD_CREDENTIALS_URI", lender.url)
        with connected(target=there.url, retries=0) as client:
            client.delete("f")
            assert key(client)[0] == "Second"
    assert [
        r.headers["authorization"].partition("Credential=")[2].partition(",")[0] for r in there.requests
    ] == [
        "First",
        "Second",
    ]
    assert [r.headers["x-acs-security-token"] for r in there.requests] == [TOKEN, TOKEN]


def test_one_renewal(monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is refused after its renewal, too, is refused: no loop."""
    with Endpoint([lent(f"Key{n}") for n in range(9)]) as lender:
        with Endpoint([refusal(403, "InvalidSecurityToken")]) as there:
            monkeypatch.setenv("ALIBABA_CLOUD_CREDENTIALS_URI", lender.url)
            with connected(target=there.url) as client, pytest.raises(ApiError) as caught:
                client.get("f")
    assert caught.value.code == "InvalidSecurityToken"
    assert "ALIBABA_CLOUD_CREDENTIALS_URI is not taken any more" in caught.value.hint
    assert (len(there.requests), len(lender.requests)) == (2, 2)


def test_profile_is_read_again(cli: Callable[..., None]) -> None:
    """A profile whose token was refused is read again: the CLI may have a new one."""
    cli(default=STS)
    with Endpoint([refusal(403, "InvalidSecurityToken"), answer(200, FUNCTION)]) as there:
        with connected(target=there.url, retries=0) as client:
            cli(default={**STS, "sts_token": "Renewed"})
            client.get("f")
    assert [r.headers["x-acs-security-token"] for r in there.requests] == [TOKEN, "Renewed"]


def test_environment_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """So is the environment, where a notebook sets a new token; and it is the same variable that counts."""
    monkeypatch.setenv("FC_MAGIC_CONFIG", os.devnull)
    for name, text in (("ID", "Env"), ("SECRET", SECRET)):
        monkeypatch.setenv(f"ALIBABA_CLOUD_ACCESS_KEY_{name}", text)
    monkeypatch.setenv("ALIBABA_CLOUD_SECURITY_TOKEN", TOKEN)
    with Endpoint([refusal(403, "InvalidSecurityToken"), answer(200, FUNCTION)]) as there:
        with connected(target=there.url, retries=0) as client:
            monkeypatch.setenv("ALIBABA_CLOUD_SECURITY_TOKEN", "Renewed")
            client.get("f")
    assert [r.headers["x-acs-security-token"] for r in there.requests] == [TOKEN, "Renewed"]


@pytest.mark.parametrize("token", [TOKEN, ""])
def test_nothing_to_renew(token: str) -> None:
    """A key that was passed as an argument, and a lasting one, are refused as they are, after one request."""
    with Endpoint([refusal(403, "InvalidAccessKeyID")]) as there:
        given = {"access_key_id": "Mine", "access_key_secret": SECRET, "security_token": token}
        with connected(target=there.url, **given) as client, pytest.raises(ApiError):
            client.get("f")
    assert len(there.requests) == 1


def test_many_threads_renew_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight requests that are refused at once ask for one new key."""
    gate = threading.Barrier(8)

    def refuse(connection: Any, request: Any, ended: threading.Event) -> None:
        if "Credential=First" in request.headers["authorization"]:
            gate.wait(20)
            refusal(403, "InvalidSecurityToken")(connection, request, ended)
        else:
            answer(200, FUNCTION)(connection, request, ended)

    with Endpoint([lent("First"), lent("Second")]) as lender, Endpoint([refuse]) as there:
        monkeypatch.setenv("ALIBABA_CLOUD_CREDENTIALS_URI", lender.url)
        with connected(target=there.url) as client:
            threads = [threading.Thread(target=client.get, args=("f",)) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(30)
        assert len(lender.requests) == 2
    assert len(there.requests) == 16


@pytest.mark.parametrize("mode", ["RamRoleArn", "OIDC", "CloudSSO", "External", "NeverHeardOf"])
def test_other_modes_of_the_cli(cli: Callable[..., None], mode: str) -> None:
    """What a profile has is handed to Alibaba's package; what it says of a failure has no value in it."""
    cli(
        default={
            **STS,
            "mode": mode,
            "process_command": f"echo {SECRET}",
            "ram_role_arn": "",
            "role_session_name": "",
        }
    )
    with pytest.raises(UsageError, match="none was found") as caught:
        connected(read_timeout=5)
    tried = {problem.field: problem.problem for problem in caught.value.problems}
    assert tried[f"profile default of ~/.aliyun/config.json ({mode})"]
    assert SECRET not in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_profile_that_builds_on_another(cli: Callable[..., None]) -> None:
    """A role that is taken from another profile's ECS role waits for leave, too."""
    cli(
        default={
            "mode": "ChainableRamRoleArn",
            "source_profile": "machine",
            "ram_role_arn": "acs:ram::1:role/r",
        },
        machine={"mode": "EcsRamRole", "source_profile": "default"},
    )
    with pytest.raises(UsageError) as caught:
        connected()
    tried = {problem.field: problem.problem for problem in caught.value.problems}
    assert "is off" in tried["profile default of ~/.aliyun/config.json (ChainableRamRoleArn)"]


def test_external_program_of_a_profile(cli: Callable[..., None], home: Path) -> None:
    """A profile of mode External runs its program; what that prints is the key."""
    said = {"mode": "StsToken", "access_key_id": "Ext", "access_key_secret": SECRET, "sts_token": TOKEN}
    (home / "said.json").write_text(json.dumps({**said, "expiration": "2100-01-01T00:00:00Z"}))
    cli(default={"mode": "External", "process_command": f"cat {home / 'said.json'}"})
    with connected() as client:
        assert key(client) == ("Ext", SECRET, TOKEN)
        assert client.target.key_from == "profile default of ~/.aliyun/config.json (External)"


def test_file_of_the_package(home: Path) -> None:
    """~/.alibabacloud/credentials.ini is read by Alibaba's package; an ECS role in it waits for leave."""
    (home / ".alibabacloud").mkdir()
    file = home / ".alibabacloud" / "credentials.ini"
    file.write_text(f"[default]\ntype = access_key\naccess_key_id = Ini\naccess_key_secret = {SECRET}\n")
    with connected() as client:
        assert key(client) == ("Ini", SECRET, "")
    file.write_text("[default]\ntype = ecs_ram_role  # here\nrole_name = r\n")
    with pytest.raises(UsageError) as caught:
        connected()
    assert 'ecs_role = "auto"' in str(caught.value)


def test_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A place that does not answer is given up in time, and is named."""
    with Endpoint([silence]) as lender:
        monkeypatch.setenv("ALIBABA_CLOUD_CREDENTIALS_URI", f"{lender.url}/{SECRET}")
        began = time.monotonic()
        with pytest.raises(UsageError) as caught:
            connected(read_timeout=0.5)
        assert time.monotonic() - began < 5
    tried = {problem.field: problem.problem for problem in caught.value.problems}
    assert tried["ALIBABA_CLOUD_CREDENTIALS_URI"] == "gave no answer within 0.5 s"


def test_what_a_place_says_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """A place that refuses with a key in its answer, at an address with a password: no value is said or logged."""
    caplog.set_level(logging.DEBUG)
    for name in ("credentials", "alibabacloud-tea", "urllib3"):
        caplog.set_level(logging.DEBUG, name)
    for wrong in (
        answer(403, {"AccessKeySecret": SECRET}),
        answer(200, {"AccessKeySecret": SECRET}),
        answer(200, b"x"),
    ):
        with Endpoint([wrong]) as lender:
            monkeypatch.setenv("ALIBABA_CLOUD_CREDENTIALS_URI", f"{lender.url}/key?token={TOKEN}")
            with pytest.raises(UsageError) as caught:
                connected()
        chain = [caught.value, caught.value.__cause__, caught.value.__context__]
        said = (
            " ".join(repr(error) + str(error) for error in chain) + caplog.text + "".join(capfd.readouterr())
        )
        assert "ALIBABA_CLOUD_CREDENTIALS_URI" in said
        assert SECRET not in said
        assert TOKEN not in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("http_code: 403, result: {'a': 'SecretSecretSecretSecret'}", "http_code: 403"),
        ("error from http://u:p@host:80/x?y=z,  http_code=5", "error from http://host:80/…,  http_code=5"),
        ("bad SecretSecret/SecretSecret+= here", "bad … here"),
        ("first\nSecret", "first"),
        ("", ""),
    ],
)
def test_words_of_others(text: str, said: str) -> None:
    """Of what a package says the answers, the ends of addresses and what looks like a key are left out."""
    assert alibaba.told(ValueError(text)) == f"ValueError: {said}".removesuffix(": ")


def test_without_the_package(home: Path) -> None:
    """Where the package is not installed, it is named with the command that installs it, if something needs it."""
    program = (
        "import sys\nsys.modules['alibabacloud_credentials'] = None\nimport fc_magic\n"
        "from fc_magic.config import Settings\n"
        "try: fc_magic.connect(Settings.load(target='cn-hangzhou'))\n"
        "except fc_magic.errors.UsageError as e: print(e)\n"
    )
    environ = {
        **os.environ,
        "ALIBABA_CLOUD_CREDENTIALS_URI": "http://127.0.0.1:1/",
        "FC_MAGIC_CONFIG": os.devnull,
    }
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environ, cwd=home, timeout=30
    )
    assert "needs the package alibabacloud_credentials: pip install 'fc-magic[credentials]'" in done.stdout, (
        done.stderr
    )


@pytest.mark.parametrize("kept", ["settings", "profile"])
def test_package_is_not_imported_for_a_plain_key(cli: Callable[..., None], home: Path, kept: str) -> None:
    """Who has a key pays nothing for the package: it is not even imported."""
    cli(default=AK)
    program = (
        "import sys, fc_magic\nfrom fc_magic.config import Settings\n"
        "fc_magic.connect(Settings.load(target='cn-hangzhou'))\nprint('alibabacloud_credentials' in sys.modules)\n"
    )
    more = (
        {"ALIBABA_CLOUD_ACCESS_KEY_ID": "a", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "b"}
        if kept == "settings"
        else {}
    )
    environ = {**os.environ, **more, "FC_MAGIC_CONFIG": os.devnull}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=environ, cwd=home, timeout=30
    )
    assert done.stdout.strip() == "False", done.stderr


def test_metadata_service_is_not_asked_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without leave no place of the package is the metadata service; with it, it is the last but the URI."""
    named = [place.name for place in alibaba.places(Settings.load({}), None, {})]
    assert named == []
    asked = Settings.load({"ALIBABA_CLOUD_ECS_METADATA": "my-role"})
    assert [(p.name, p.refused) for p in alibaba.places(asked, None, {})] == [("ECS metadata service", "")]


# ---------------------------------------------------------------- what is kept of a key


def test_keys_are_not_pickled(cli: Callable[..., None]) -> None:
    """Nothing that holds a key is pickled, so that no key gets into a file of a session."""
    cli(default=STS)
    with connected() as client:
        for thing in (
            client,
            client.target,
            client.target.credentials,
            client.objects,
            client.auth,
            client.session,
        ):
            with pytest.raises(TypeError):
                pickle.dumps(thing)


def test_copies_of_a_key_are_the_key() -> None:
    """Copying is no way around it, and does not fail."""
    import copy

    own = Credentials("a", "b", "c")
    assert copy.copy(own) is copy.deepcopy(own) is own

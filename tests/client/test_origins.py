"""Where settings come from: option, %config, environment, project, user file, default; and files that are wrong."""

from __future__ import annotations

import copy
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fc_magic.config import SECRET, Settings, environment_names, names
from fc_magic.errors import UsageError
from fc_magic.origins import PERSONAL


class Files:
    """A project with a folder in it, and a user's file beside it."""

    def __init__(self, root: Path) -> None:
        self.project, self.user = root / "project" / "pyproject.toml", root / "config.toml"
        self.folder = root / "project" / "notebooks" / "deep"
        self.folder.mkdir(parents=True)

    def write(self, project: str | None = None, user: str | None = None) -> Files:
        if project is not None:
            self.project.write_text(f"[project]\nname = 'x'\n[tool.fc-magic]\n{project}\n")
        if user is not None:
            self.user.write_text(user)
            self.user.chmod(0o600)
        return self

    def load(self, environ: dict[str, str] | None = None, **given: Any) -> Settings:
        named = {"FC_MAGIC_CONFIG": str(self.user)} if self.user.exists() else {"FC_MAGIC_CONFIG": os.devnull}
        return Settings.load({**named, **(environ or {})}, folder=self.folder, **given)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_precedence(files: Files) -> None:
    """Option over %config over environment over project over user file over default, each with its origin."""
    files.write('target = "cn-beijing"', 'target = "cn-chengdu"')
    environ, configured = {"FC_MAGIC_TARGET": "cn-qingdao"}, {"target": "cn-shanghai"}
    steps: list[tuple[Settings, str, str]] = [
        (files.load(environ, configured=configured, target="local"), "local", "option"),
        (files.load(environ, configured=configured), "cn-shanghai", "%config"),
        (files.load(environ), "cn-qingdao", "FC_MAGIC_TARGET"),
        (files.load(), "cn-beijing", str(files.project)),
    ]
    files.project.unlink()
    steps.append((files.load(), "cn-chengdu", str(files.user)))
    files.user.unlink()
    steps.append((files.load(), "local", "default"))
    for settings, value, origin in steps:
        assert ("target", value, origin) in settings.rows()


def test_names_as_toml_writes_them(files: Files) -> None:
    """A hyphen is an underscore; numbers, truth and an account id are written as TOML has them."""
    files.write(
        "idle-stop = 5\nread_timeout = 2.5\nretries = 0\naccount-id = 1234\nyes = false".replace(
            "yes = false", ""
        )
    )
    found = files.load()
    assert (found.idle_stop, found.read_timeout, found.retries, found.account_id) == (5.0, 2.5, 0, "1234")
    files.write(user="yes = true")
    assert files.load().yes is True


def test_nearest_project(files: Files) -> None:
    """The nearest pyproject.toml counts, also if it says nothing of us."""
    files.write('target = "cn-beijing"')
    (files.folder / "pyproject.toml").write_text("[project]\nname = 'inner'\n")
    assert files.load().target == "local"


def test_project_that_is_not_ours_is_not_judged(files: Files) -> None:
    """A broken file of somebody else's is somebody else's."""
    files.project.write_text("this is [ not TOML")
    assert files.load() == Settings()


WRONG = {
    "unknown": ('tagret = "local"', "tagret is not a setting; there are target", "did you mean target?"),
    "api": ('api = "v3"', "api is 'v3', which is not v2 or fc3", "api = v2"),
    "network": ('network = "vpc"', "which is not public or account or internal", "network = public"),
    "number": ("retries = -1", "which is not a number from 0 to 1000000", "retries = 3"),
    "word for a number": (
        'read_timeout = "soon"',
        "a number from more than 0 to 1000000",
        "read_timeout = 60",
    ),
    "list for a text": ('runtime = ["a"]', "runtime is ['a'], which is not text", "runtime = "),
    "truth for a text": ("role = true", "role is True, which is not text", "role = "),
    "account": ('account_id = "12x"', "account_id is '12x', which is not digits", "account_id = "),
    "twice": ("idle-stop = 1\nidle_stop = 2", "idle_stop twice", ""),
    "no TOML": ("target = local", "is not TOML (at line ", 'target = "local"'),
}


@pytest.mark.parametrize("place", ["project", "user"])
@pytest.mark.parametrize(("text", "said", "hint"), WRONG.values(), ids=WRONG)
def test_file_that_is_wrong(files: Files, place: str, text: str, said: str, hint: str) -> None:
    """A refusal names the file, the key and what is allowed, also if something stronger would beat the value."""
    files.write(**{place: text})
    with pytest.raises(UsageError) as caught:
        files.load(api="v2", retries=1)
    assert said in caught.value.message
    assert str(getattr(files, place)) in caught.value.message
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", PERSONAL)
def test_what_a_project_may_not_say(files: Files, name: str) -> None:
    """A secret in pyproject.toml is refused with advice, and so is an agreement for whoever opens the project."""
    value = "true" if name == "yes" else '"TheSecretItself"'
    files.write(f"{name} = {value}")
    with pytest.raises(UsageError, match="may not") as caught:
        files.load()
    assert name in caught.value.message
    assert str(files.project) in caught.value.message
    assert "environment" in caught.value.hint
    assert "TheSecretItself" not in str(caught.value)


@pytest.mark.parametrize(("mode", "allowed"), [(0o600, True), (0o400, True), (0o640, False), (0o604, False)])
def test_secret_in_the_users_file(files: Files, mode: int, allowed: bool) -> None:
    """The user's file may have a secret if nobody else can read it; else chmod is named."""
    files.write(user='access_key_id = "AK"\naccess_key_secret = "TheSecretItself"')
    files.user.chmod(mode)
    if allowed:
        assert files.load().access_key_secret == "TheSecretItself"
        return
    with pytest.raises(UsageError, match="others than you can read it") as caught:
        files.load()
    assert caught.value.hint == f"chmod 600 {files.user}"
    assert "TheSecretItself" not in str(caught.value)


def test_file_without_a_secret_may_be_read_by_all(files: Files) -> None:
    """Only what is secret needs to be kept."""
    files.write(user='target = "cn-beijing"')
    files.user.chmod(0o644)
    assert files.load().target == "cn-beijing"


def test_file_that_is_named_and_not_there(files: Files, tmp_path: Path) -> None:
    """A file that FC_MAGIC_CONFIG names must be there; the usual one need not be."""
    with pytest.raises(UsageError, match="there is no such file"):
        files.load({"FC_MAGIC_CONFIG": str(tmp_path / "none.toml")})


def test_files_are_read_when_nothing_is_given(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings.load() reads this process's folder and environment; with an environment given it reads no file."""
    files.write('target = "cn-beijing"')
    monkeypatch.chdir(files.folder)
    monkeypatch.setenv("FC_MAGIC_CONFIG", os.devnull)
    assert Settings.load().target == "cn-beijing"
    assert Settings.load({}).target == "local"


def test_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that was removed under a process is no reason to fail."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.setenv("FC_MAGIC_CONFIG", os.devnull)
    gone.rmdir()
    try:
        assert Settings.load().retries == 3
    finally:
        os.chdir(tmp_path)


def test_users_file_in_its_usual_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without FC_MAGIC_CONFIG the file is where the system keeps such files, and its origin is written with ~."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "conf"))
    monkeypatch.delenv("FC_MAGIC_CONFIG", raising=False)
    monkeypatch.delenv("FC_MAGIC_RUNTIME", raising=False)
    from platformdirs import user_config_dir

    file = Path(user_config_dir("fc-magic", appauthor=False)) / "config.toml"
    file.parent.mkdir(parents=True)
    file.write_text('runtime = "python3.12"')
    assert file.is_relative_to(tmp_path)
    assert Settings.load().origins["runtime"] == f"~/{file.relative_to(tmp_path)}"


# ---------------------------------------------------------------- whose key it is


OURS = {"FC_MAGIC_ACCESS_KEY_ID": "ours", "FC_MAGIC_ACCESS_KEY_SECRET": "our-secret"}
THEIRS = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "theirs",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "their-secret",
    "ALIBABA_CLOUD_SECURITY_TOKEN": "their-token",
}


@pytest.mark.parametrize(
    ("environ", "given_", "key"),
    [
        (THEIRS, {}, ("theirs", "their-secret", "their-token")),
        ({**OURS, **THEIRS}, {}, ("ours", "our-secret", "")),
        ({**OURS, **THEIRS, "FC_MAGIC_SECURITY_TOKEN": "our-token"}, {}, ("ours", "our-secret", "our-token")),
        (THEIRS, {"access_key_id": "mine", "access_key_secret": "my-secret"}, ("mine", "my-secret", "")),
        # half a key beside a whole one of somebody else's stays half a key
        (THEIRS, {"access_key_id": "mine"}, ("mine", "", "")),
        ({"FC_MAGIC_ACCESS_KEY_SECRET": "s"}, {"access_key_id": "mine"}, ("mine", "s", "")),
        (THEIRS, {"profile": "team"}, ("", "", "")),
        ({**THEIRS, "ALIBABA_CLOUD_PROFILE": "team"}, {}, ("theirs", "their-secret", "their-token")),
        ({**THEIRS, "FC_MAGIC_PROFILE": "team"}, {}, ("", "", "")),
    ],
)
def test_keys_are_not_mixed(environ: dict[str, str], given_: dict[str, str], key: tuple[str, ...]) -> None:
    """Id, secret and token are of one origin; a profile that was chosen more strongly than the key is meant."""
    found = Settings.load(environ, **given_)
    assert (found.access_key_id, found.access_key_secret, found.security_token) == key


@given(
    st.dictionaries(
        st.sampled_from(names()), st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1)
    )
)
def test_any_environment(values: dict[str, str]) -> None:
    """Whatever is in the variables, it is kept as it is, or refused by the variable's name and without a secret."""
    environ = {environment_names()[name][0]: text for name, text in values.items()}
    refused = ""
    try:
        settings = Settings.load(environ)
    except UsageError as error:
        refused = error.message
        settings = Settings()
    assert not refused or any(name in refused for name in environ)
    assert set(settings.origins.values()) <= set(environ)
    shown = {name: value for name, value, _ in settings.rows()}
    assert all(shown[name] in ("", "****") for name in SECRET)


# ---------------------------------------------------------------- what is kept of them


def test_settings_with_a_secret_are_not_pickled() -> None:
    """A pickle would carry the secret; without one there is nothing to keep back. A copy is the same thing."""
    plain, secret = Settings.load({}, target="cn-beijing"), Settings.load({}, access_key_secret="s")
    assert pickle.loads(pickle.dumps(plain)) == plain
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)
    assert copy.deepcopy(secret) is copy.copy(secret) is secret

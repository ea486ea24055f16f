"""Files go where they are meant to go, and nothing that is there is lost."""

from __future__ import annotations

import os
import stat
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fc_magic.errors import UsageError
from fc_magic.export import archive, secrets
from fc_magic.export.result import Export
from fc_magic.export.secrets import Hiding, Secret, looks_secret
from tests.conftest import zipped

FOLDER = Export("f", "s.yaml", {"s.yaml": b"a", "code/index.py": b"b"}, "f-s", step="cd {place} && s deploy")
FILE = Export("f", "zip", {"f.zip": b"z"}, step="x {place}")


def test_where(here: Path) -> None:
    """A folder of the function's name, or the named one; a single file takes a name, or goes into a folder."""
    assert FOLDER.write().files == (("f-s/s.yaml", 1), ("f-s/code/index.py", 1))
    assert FOLDER.write("my folder").step == "cd 'my folder' && s deploy"
    assert FILE.write().files == (("f.zip", 1),)
    (here / "there").mkdir()
    assert FILE.write("there").files == (("there/f.zip", 1),)
    assert FILE.write("new/other.zip").step == "x new/other.zip"
    assert (here / "new/other.zip").read_bytes() == b"z"


def test_nothing_is_written_over(here: Path) -> None:
    """What is there is named and stays, and the rest is not written either; ``force`` writes over it."""
    (here / "f-s").mkdir()
    (here / "f-s/s.yaml").write_bytes(b"mine")
    with pytest.raises(UsageError, match=r"nothing was written: f-s/s\.yaml exists") as caught:
        FOLDER.write()
    assert "--force" in caught.value.hint
    assert [p.name for p in (here / "f-s").rglob("*")] == ["s.yaml"]
    assert (here / "f-s/s.yaml").read_bytes() == b"mine"
    FOLDER.write(force=True)
    assert (here / "f-s/s.yaml").read_bytes() == b"a"


def test_a_link_is_not_followed(here: Path) -> None:
    """``force`` replaces a link, and not the file that it leads to."""
    (here / "mine").write_bytes(b"mine")
    (here / "f.zip").symlink_to("mine")
    FILE.write(force=True)
    assert (here / "mine").read_bytes() == b"mine"


def test_other_code_is_told(here: Path) -> None:
    """A file that was in the folder of the code before would be deployed: it is named, and not removed."""
    (here / "f-s/code").mkdir(parents=True)
    (here / "f-s/code/old.py").write_bytes(b"")
    assert any("f-s/code/old.py was there before" in note for note in FOLDER.write().notes)
    assert (here / "f-s/code/old.py").exists()


def test_places_that_are_none(here: Path) -> None:
    """A file where a folder must be, and a folder where a file must be."""
    (here / "f-s").write_bytes(b"")
    with pytest.raises(UsageError, match="f-s is a file"):
        FOLDER.write()
    (here / "f.zip").mkdir()
    with pytest.raises(UsageError, match="f\\.zip is a folder"):
        FILE.write()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_cannot_be_written(here: Path) -> None:
    """The reason is the system's."""
    here.chmod(0o500)
    with pytest.raises(UsageError, match="cannot be written"):
        FOLDER.write()


# ---------------------------------------------------------------- packages


def made(*entries: tuple[str, bytes, int]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, raw, mode in entries:
            entry = zipfile.ZipInfo(name)
            entry.create_system, entry.external_attr = 3, mode << 16
            package.writestr(entry, raw)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (made(("../out", b"", 0o644)), "cannot be a path"),
        (made(("/etc/x", b"", 0o644)), "cannot be a path"),
        (made(("a", b"b", stat.S_IFLNK | 0o777)), "symbolic links"),
        (made(("a", b"", 0), ("A", b"", 0)), "differ only in large and small"),
        (b"no zip", "not a zip"),
    ],
    ids=["above", "absolute", "link", "case", "broken"],
)
def test_package_that_stays_one(raw: bytes, why: str) -> None:
    """A package with what no folder can hold everywhere is not unpacked."""
    found = archive.unpack(raw)
    assert found.files is None
    assert why in found.why


def test_package_of_ours() -> None:
    """Its files zipped again are the same bytes; those of another program need not be."""
    assert archive.unpack(zipped({"a/b.py": "x", "c": "y"})).same
    other = archive.unpack(made(("b", b"", 0o644), ("a", b"", 0o644)))
    assert other.files is not None
    assert not other.same


# ---------------------------------------------------------------- secrets


@pytest.mark.parametrize(
    "name",
    [
        "API_KEY",
        "apiKey",
        "DB_PASSWORD",
        "db_passwd",
        "SECRET",
        "ClientSecret",
        "GITHUB_TOKEN",
        "KEY_2",
        "TOKENS",
    ],
)
def test_secret_names(name: str) -> None:
    """What such a variable has is not written."""
    assert looks_secret(name, "x")
    assert not looks_secret(name, "")


@pytest.mark.parametrize("name", ["LEVEL", "ACCESS_KEY_ID", "TOKEN_URL", "KEYBOARD", "TIMEOUT"])
def test_plain_names(name: str) -> None:
    """Others are settings; an address with a password in it is a secret under any name."""
    assert not looks_secret(name, "x")
    assert not looks_secret(name, "https://example.com/a@b")
    assert looks_secret(name, "postgres://me:word@example.com/db")


def test_names_of_secrets_are_no_trap() -> None:
    """A function's own ``ALIBABA_CLOUD_…`` is not taken from whoever deploys, and two secrets have two names."""
    hiding = Hiding()
    found = hiding.hide(
        {"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "a", "web_key": "b", "WEB_KEY": "c"}, "environment"
    )
    names = [secret.name for secret in found.values()]
    assert names[0] == "FUNCTION_ALIBABA_CLOUD_ACCESS_KEY_SECRET"
    assert len({name.upper() for name in names}) == 3


@given(st.dictionaries(st.text(), st.text(), max_size=4), st.text())
def test_a_place_is_nothing_to_run(values: dict[str, str], key: str) -> None:
    """The name and the place of a secret are plain words, whatever a key was called: they stand in scripts."""
    hiding = Hiding()
    hiding.hide({f"{key}_KEY": "x", **{f"{k}SECRET": v for k, v in values.items()}}, "environment")
    for secret in hiding.found.values():
        assert secret.name.isascii()
        assert secret.name.replace("_", "a").isalnum()
        assert secret.place.replace("_", "").replace(".", "").replace("-", "").isalnum()


def test_notes() -> None:
    """They name what is missing, and say whether it could have been written."""
    known, unknown = Secret("A_KEY", "environment.A_KEY", True), Secret("WEB_B", "web.b", False)
    said = secrets.notes([known, unknown], "the environment")
    assert "--with-secrets" in said[0]
    assert "fingerprint" in said[1]
    assert "WEB_B" in said[1]

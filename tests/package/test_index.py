"""Where distributions are looked for, and what is found of one that has no wheel that would do."""

from __future__ import annotations

from pathlib import Path

import pytest

from fc_magic.package.index import Places, Released, places, released
from fc_magic.package.resolve import environment, usual_index
from fc_magic.package.transport import Transport
from tests.package.wheelhouse import Index, put

USUAL = "https://usual/simple"


@pytest.mark.parametrize(
    ("environ", "options", "found"),
    [
        ({}, (), Places((USUAL,))),
        ({"UV_DEFAULT_INDEX": "https://a", "UV_INDEX_URL": "https://b"}, (), Places(("https://a",))),
        ({"UV_INDEX": "own=https://a https://b"}, (), Places(("https://a", "https://b", USUAL))),
        ({"UV_DEFAULT_INDEX": "main=https://a"}, ("--index-url https://b",), Places(("https://a",))),
        (
            {"T": "x"},
            ("--index-url https://${T}@a", "--extra-index-url https://b"),
            Places(("https://b", "https://x@a")),
        ),
        ({"UV_FIND_LINKS": "a,b"}, ("--find-links c",), Places((USUAL,), ("c", "a", "b"))),
        ({"UV_NO_INDEX": "1"}, (), Places()),
        ({}, ("--no-index", "--find-links c"), Places((), ("c",))),
        (
            {"PIP_INDEX_URL": "https://a", "PIP_EXTRA_INDEX_URL": "https://b"},
            (),
            Places(("https://b", "https://a")),
        ),
        ({"PIP_INDEX_URL": "https://a", "UV_INDEX_URL": "https://b"}, (), Places(("https://b",))),
    ],
)
def test_where_uv_looks(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], options: tuple[str, ...], found: Places
) -> None:
    """The variables of uv, else those of pip, then the options of a file."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert places(environment(environ), options, USUAL) == found


def test_where_uv_looks_if_nobody_says() -> None:
    """uv itself tells."""
    assert usual_index().startswith("https://")
    assert places({}, (), "") == Places()


@pytest.mark.parametrize("is_html", [False, True])
def test_of_an_index(index: Index, tmp_path: Path, is_html: bool) -> None:
    """Both kinds of answer say the same."""
    index.is_html = is_html
    file = index.add("own_one", "1.0", tag="cp310-cp310-win32")
    index.yanked.add(file)
    index.files["own_one-2.0.tar.gz"] = b""
    index.files["own_one-readme.txt"] = b""
    assert set(released("Own.One", Places((index.url,)), Transport(), tmp_path)) == {
        Released(file, "1.0", frozenset({"cp310-cp310-win32"}), True),
        Released("own_one-2.0.tar.gz", "2.0"),
    }


def test_the_first_index_that_has_it(index: Index, tmp_path: Path) -> None:
    """Folders are looked at beside it; who cannot be asked has nothing."""
    put(tmp_path / "one", "own", "3.0")
    put(tmp_path / "two" / "own", "own", "2.0")
    index.add("own")
    where = Places(("http://127.0.0.1:9/simple", (tmp_path / "two").as_uri(), index.url), ("one", "none"))
    assert [file.version for file in released("own", where, Transport(), tmp_path)] == ["2.0", "3.0"]
    assert released("none", where, Transport(), tmp_path) == ()

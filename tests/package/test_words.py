"""Requirements as a person writes them: on a line, in a comment, in a script block, in a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement as Read

from fc_magic.errors import FcError, PackageError, UsageError
from fc_magic.package import words
from fc_magic.package.wanted import gather

NAMES = st.from_regex(r"[a-z][a-z0-9]{0,6}(-[a-z0-9]{1,4})?", fullmatch=True)
VERSIONS = st.from_regex(r"[0-9]{1,2}(\.[0-9]{1,2}){0,2}", fullmatch=True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pandas==2.2.* requests", ["pandas==2.2.*", "requests"]),
        ("pandas>=2,<3, requests", ["pandas>=2,<3", "requests"]),
        ("pandas >= 2 , < 3 requests", ["pandas>=2,<3", "requests"]),
        ("requests[socks, http2] idna", ["requests[socks,http2]", "idna"]),
        ("a (>=2,<3) b", ["a(>=2,<3)", "b"]),
        ("a; python_version < '3.12', b", ["a; python_version < '3.12'", "b"]),
        ("a; os_name in 'x, y', b", ["a; os_name in 'x, y'", "b"]),
        ("own @ https://x/own-1-py3-none-any.whl six", ["own @ https://x/own-1-py3-none-any.whl", "six"]),
        ("-r requirements.txt six", ["-r requirements.txt", "six"]),
        ("./dist/own-1-py3-none-any.whl,six", ["./dist/own-1-py3-none-any.whl", "six"]),
        ("a\nb", ["a", "b"]),
        (" , ,", []),
    ],
)
def test_where_one_ends(text: str, found: list[str]) -> None:
    """Blanks, commas and lines separate; versions, extras and markers do not."""
    assert words.split(text) == found


@st.composite
def requirements(draw: st.DrawFn) -> str:
    name = draw(NAMES)
    extras = f"[{','.join(draw(st.lists(NAMES, max_size=2)))}]" if draw(st.booleans()) else ""
    specs = draw(st.lists(st.tuples(st.sampled_from(["==", ">=", "<", "!=", "~="]), VERSIONS), max_size=2))
    spec = ",".join(f"{sign}{version if sign != '~=' else version + '.1'}" for sign, version in specs)
    return f"{name}{extras.replace('[]', '')}{spec}"


@given(st.lists(requirements(), min_size=1, max_size=5), st.sampled_from([" ", ", ", ",", "\n", "  "]))
def test_what_was_joined_is_parted(wanted: list[str], between: str) -> None:
    """Whatever stands between them, the requirements are those that were written."""
    found = words.split(between.join(wanted))
    assert [str(Read(one)) for one in found] == [str(Read(one)) for one in wanted]


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text of an option or of a cell ends in another error than ours."""
    for given_, cell in (
        ([text], ""),
        ([], f"# requires: {text}\n"),
        ([], f"# /// script\n# {text}\n# ///\n"),
    ):
        try:
            gather(given_, cell, Path("/nonexistent"))
        except FcError:
            continue


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("# requires: pandas==2.2.*, requests\n", ["pandas==2.2.*", "requests"]),
        ("#requires: six\nx = 1\n    # Requires:  idna  # the newest\n", ["six", "idna"]),
        ('x = """\n# requires: six\n"""\n', []),
        ("x = 1  # requires: six\n", []),
        ("# it requires: six\n", []),
        ('# /// script\n# dependencies = ["six>=1", "idna"]\n# ///\n', ["six>=1", "idna"]),
        ('# requires: a\n# /// script\n# dependencies = [\n#   "b",\n# ]\n# ///\n', ["a", "b"]),
        ('# /// other\n# dependencies = ["six"]\n# ///\n', []),
        ("# requires: six\n!ls -l (\n", ["six"]),
        ("# requires:\n", []),
    ],
)
def test_cells(cell: str, found: list[str]) -> None:
    """Comments that have a line of their own and the script block; what looks like one inside a text is none."""
    assert [one.text for one in gather([], cell).requirements] == found


def test_two_script_blocks() -> None:
    """PEP 723 has an error for them."""
    block = '# /// script\n# dependencies = ["six"]\n# ///\n'
    with pytest.raises(UsageError, match="two script blocks in the cell: lines 1 and 5"):
        gather([], f"{block}x = 1\n{block}")


@pytest.mark.parametrize(
    ("cell", "spec"),
    [
        ("# requires-python: 3.12\n", "==3.12.*"),
        ("# requires-python: >=3.10\n", ">=3.10"),
        ('# /// script\n# requires-python = ">=3.11"\n# ///\n', ">=3.11"),
        ("x = 1\n", ""),
    ],
)
def test_python_of_a_cell(cell: str, spec: str) -> None:
    """A comment or the script block says which Python the cell is for."""
    assert gather([], cell).python == spec


# ---------------------------------------------------------------- files


def test_a_file(tmp_path: Path) -> None:
    """Comments, long lines, files in files, hashes and the options that name an index."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "base.txt").write_text("idna # how names are written\n")
    (tmp_path / "requirements.txt").write_text(
        "# what it needs\n--extra-index-url=https://x/simple\n--only-binary :all:\n"
        "-rmore/base.txt\n-c limits.txt\n"
        "six==1.0 \\\n    --hash=sha256:AB \\\n    --hash sha256:cd\n\n--no-index\n-f more\n"
        "own @ https://x/own-1-py3-none-any.whl#sha256=ab\n"
    )
    (tmp_path / "limits.txt").write_text("six<2\n")
    found = gather(["requirements.txt"], "", tmp_path)
    assert [one.text for one in found.requirements] == [
        "idna",
        "six==1.0",
        "own @ https://x/own-1-py3-none-any.whl#sha256=ab",
    ]
    assert found.requirements[1].hashes == {"sha256:ab", "sha256:cd"}
    assert [one.place for one in found.requirements] == [
        "more/base.txt:1",
        "requirements.txt:6",
        "requirements.txt:12",
    ]
    assert found.options == ("--extra-index-url https://x/simple", "--no-index", "--find-links more")
    assert found.constraints == ("six<2",)


def test_a_project(tmp_path: Path) -> None:
    """The dependencies of a pyproject.toml."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\ndependencies = ["six>1", "idna"]\n')
    assert gather(["pyproject.toml"], "", tmp_path).names == ("six", "idna")
    for text, said in (("[project", "is not TOML"), ("", "no list of dependencies")):
        (tmp_path / "pyproject.toml").write_text(text)
        with pytest.raises(FcError, match=said):
            gather(["pyproject.toml"], "", tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-r requirements.txt\n", "asks for itself"),
        ("-r none.txt\n", "none.txt: there is no such file"),
        ("--trusted-host x\n", r"--trusted-host \(requirements.txt:1\) is not known here"),
        ("six\n-e .\n", r"-e . cannot be editable in a function \(requirements.txt:2\)"),
        ("git+https://x/y.git@main\n", "is a repository"),
        ("own @ git+ssh://git@x/y.git\n", "is a repository"),
        ("https://x/own-1.0.tar.gz\n", "is source"),
        ("https://x/own\n", "is no URL of a wheel"),
        ("./dist\n", "is a folder, not a wheel"),
        ("./dist/own.whl\n", "is no name of a wheel"),
    ],
)
def test_a_file_that_cannot_be(tmp_path: Path, text: str, said: str) -> None:
    """Each with its line, and what to do."""
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "own.whl").write_text("")
    (tmp_path / "requirements.txt").write_text(text)
    with pytest.raises(UsageError, match=said) as caught:
        gather(["requirements.txt"], "", tmp_path)
    assert caught.value.hint


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A file of other bytes than text."""
    (tmp_path / "requirements.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PackageError, match=r"requirements.txt cannot be read"):
        gather(["requirements.txt"], "", tmp_path)


@given(st.text(max_size=60))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """No text of a file ends in another error than ours."""
    folder = tmp_path_factory.mktemp("any")
    for name in ("requirements.txt", "pyproject.toml"):
        (folder / name).write_text(text, encoding="utf-8")
        try:
            gather([name], "", folder)
        except FcError:
            continue


def test_merged() -> None:
    """What is said twice counts once, with the place where it was said first."""
    found = gather(["six idna", "six"], "# requires: idna, own\n")
    assert [(one.text, one.place) for one in found.requirements] == [
        ("six", "--requirements"),
        ("idna", "--requirements"),
        ("own", "line 1 of the cell"),
    ]
    assert found.names == ("six", "idna", "own")


def test_passwords() -> None:
    """Neither what a lock keeps nor a repr has one."""
    found = gather(["own @ https://me:TopSecret@x/own-1-py3-none-any.whl"])
    assert "TopSecret" not in str(found.said)
    assert "TopSecret" not in found.requirements[0].shown
    with pytest.raises(UsageError) as caught:
        gather(["git+https://me:TopSecret@x/y.git"])
    assert "TopSecret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://me:p@ss@x/own-1-py3-none-any.whl", "https://x/own-1-py3-none-any.whl"),
        (
            "https://x/own-1-py3-none-any.whl?OSSAccessKeyId=a&Expires=9&Signature=b%3D",
            "https://x/own-1-py3-none-any.whl?Expires=9",
        ),
        (
            "https://x/own-1-py3-none-any.whl?x-oss-signature=b&raw=true#frag",
            "https://x/own-1-py3-none-any.whl?raw=true#frag",
        ),
        ("https://x/own-1-py3-none-any.whl?sig=b", "https://x/own-1-py3-none-any.whl"),
        ("https://x/own-1-py3-none-any.whl?raw=true", "https://x/own-1-py3-none-any.whl?raw=true"),
    ],
)
def test_what_is_secret_in_a_url(url: str, kept: str) -> None:
    """A password that has an @, and what signs a URL; all else stays."""
    found = gather([f"own @ {url}"])
    assert found.requirements[0].shown == f"own @ {kept}"
    assert found.said["requirements"] == [f"own @ {kept}"]

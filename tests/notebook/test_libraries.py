"""Libraries as a person meets them: asked for on the line, in a layer of their own or in the ZIP, and looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fc_magic.package.layered import OURS
from tests.notebook.conftest import Ran, Shell, kernel_in, text_of, words_of_html
from tests.package.wheelhouse import Index, serving

WHERE = (
    "    return [tool.version, tool.__file__, __import__('importlib.metadata').metadata.version('tool')]\n"
)


@pytest.fixture(autouse=True)
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """The only index that is looked at, and a folder for the notebook's locks."""
    for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    with serving() as made:
        made.add(
            "tool", needs=("part",), **{"tool/tests/__init__.py": "big = 1\n" * 1000, "tool/data.csv": "1"}
        )
        made.add("part", size=50_000)
        monkeypatch.setenv("UV_DEFAULT_INDEX", made.url)
        monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
        yield made


def deploy(shell: Shell, name: str, options: str = "", body: str = WHERE, comment: str = "") -> Ran:
    return shell.run(
        f"%%fcdeploy {name} --requirements tool {options}\n{comment}\nimport tool\n"
        f"def handler(event, context):\n{body}"
    )


def ours(shell: Shell) -> list[str]:
    """The layers of libraries that are there."""
    return [layer.label for layer in shell.run("%fclayers").value if OURS.fullmatch(layer.name)]


def test_story(shell: Shell, index: Index) -> None:
    """A layer is published once: code that changes is sent without it, and another function has it too. It goes with
    the last of them."""
    ran = deploy(shell, "lib_one")
    assert ran.success, ran.text
    layers = ours(shell)
    assert len(layers) == 1
    assert f"libraries  tool 1.0, part 1.0 in layer {layers[0]}" in ran.text
    assert "layers " not in ran.text
    assert shell.run("lib_one()").value == ["1.0", "/opt/python/tool/__init__.py", "1.0"]
    assert deploy(shell, "lib_one").value.info.outcome == "unchanged"
    changed = deploy(shell, "lib_one", comment="# changed")
    assert changed.value.info.outcome == "updated"
    assert changed.value.info.code_size < 1000
    assert deploy(shell, "lib_two").success
    assert ours(shell) == layers
    described = shell.run(f"%fclayer {layers[0].partition(':')[0]}").value
    assert described.description == "tool 1.0, part 1.0"
    assert described.runtimes == ("python3.10",)
    assert shell.run("%fcdelete lib_one").success
    assert ours(shell) == layers
    assert shell.run("lib_two()").value[0] == "1.0"
    assert shell.run("%fcdelete lib_two").text == "✓ lib_two  deleted from local\n"
    assert ours(shell) == []


def test_a_layer_stays_as_long_as_a_version_has_it(shell: Shell, index: Index) -> None:
    """Going back finds the libraries that the version had; without the version nobody needs them."""
    deploy(shell, "lib_back")
    index.add("tool", "2.0")
    second = deploy(shell, "lib_back", "--upgrade")
    assert shell.run("lib_back()").value[0] == "2.0"
    assert second.value.info.libraries == ("tool 2.0",)
    assert len(ours(shell)) == 2
    assert shell.run("%fcrollback lib_back 1").success
    assert shell.run("lib_back()").value[0] == "1.0"
    assert shell.run("%fcdelete lib_back").success
    assert ours(shell) == []


def test_a_layer_goes_when_nothing_has_it(shell: Shell, index: Index) -> None:
    """A deployment that publishes no version leaves nothing that would need the layer before."""
    deploy(shell, "lib_goes", "--no-publish")
    before = ours(shell)
    index.add("tool", "2.0")
    deploy(shell, "lib_goes", "--no-publish --upgrade")
    after = ours(shell)
    assert len(after) == 1
    assert after != before
    assert shell.run("%%fcdeploy lib_goes --no-publish\ndef handler(event, context):\n    return 1\n").success
    assert ours(shell) == []
    shell.run("%fcdelete lib_goes")


def test_no_layer(shell: Shell) -> None:
    """Then the ZIP has all, and says so."""
    ran = deploy(shell, "lib_zip", "--no-layer")
    assert "libraries  tool 1.0, part 1.0 in the package" in ran.text
    assert shell.run("lib_zip()").value == ["1.0", "/code/tool/__init__.py", "1.0"]
    assert ours(shell) == []
    assert deploy(shell, "lib_zip", "--no-layer").value.info.outcome == "unchanged"
    shell.run("%fcdelete lib_zip")


def test_beside_layers_of_ones_own(shell: Shell, tmp_path: Path) -> None:
    """Those that a person names come first and win; there is room for five in all."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "tool.py").write_text("version = 'mine'\n")
    for number in range(5):
        assert shell.run(f"%fclayer lib-mine-{number} --folder {tmp_path / 'mine'}").success
    ran = deploy(shell, "lib_beside", "--layer lib-mine-0", "    return tool.version\n")
    assert "layers     lib-mine-0:1\n" in ran.text
    assert ran.value.info.layers[0].name == "lib-mine-0"
    full = " ".join(f"--layer lib-mine-{number}" for number in range(5))
    refused = deploy(shell, "lib_full", full)
    assert "lib_full would have 6 layers with those of its libraries" in refused.text
    assert "--no-layer puts the libraries into the ZIP" in refused.text
    assert deploy(shell, "lib_full", f"{full} --no-layer").success
    shell.run("%fcdelete lib_beside")
    shell.run("%fcdelete lib_full")


# ---------------------------------------------------------------- what is in it


def columns(text: str) -> dict[str, list[str]]:
    """The rows of a table by their first word."""
    rows = [re.split(r" {2,}", line.strip()) for line in text.splitlines()]
    return {row[0]: row[1:] for row in rows}


def test_package(shell: Shell, home: Path) -> None:
    """The parts, the biggest first, with what they are there for; the same after a restart but for the reasons of
    the cell."""
    shell.run("with open('extra.json', 'w') as file: _ = file.write('{}')")
    deploy(shell, "lib_seen", "--file extra.json")
    ran = shell.run("%fcpackage lib_seen")
    assert ran.success, ran.text
    rows = columns(ran.text)
    assert rows["part"][0] == "1.0"
    assert rows["part"][-1] == "needed by tool"
    assert rows["tool"][-1] == "asked for"
    assert rows["index.py"][-1] == "the cell"
    assert rows["extra.json"][-1] == "--file extra.json"
    assert "left out: 3 files" in ran.text
    assert "tests of the library" in ran.text
    layer = ours(shell)[0].partition(":")[0]
    assert f"package {shell.variable('lib_seen').info.code_size} B · {layer}" in ran.text
    assert "%fcpackage lib_seen --all" in ran.text
    assert set(ran.value.zips) == {"package", layer}
    html = words_of_html(shell.bundle(ran.value)["text/html"])
    assert all(word in html for word in ("part", "needed by tool", "asked for", "index.py"))
    every = shell.run("%fcpackage lib_seen --all").text
    assert "└ python/tool/data.csv" in every
    assert "tool/tests" not in every
    with kernel_in(home) as another:
        text = text_of(another.run("%fcpackage lib_seen"))
        assert columns(text)["part"][-1] == "needed by tool"
        assert "index.py" in columns(text)
        assert "left out: 3 files" in text
    shell.run("%fcdelete lib_seen")


def test_package_in_one_zip(shell: Shell, tmp_path: Path) -> None:
    """It tells whose each file is, although all of them are side by side."""
    deploy(shell, "lib_flat", "--no-layer")
    found = {part.name: part for part in shell.run("%fcpackage lib_flat").value.parts}
    assert {file.path for file in found["tool"].files} >= {"tool/__init__.py", "tool/data.csv"}
    assert {file.path for file in found["part"].files} >= {"part/ballast.txt"}
    assert [file.path for file in found["index.py"].files] == ["index.py"]
    shell.run("%fcdelete lib_flat")


def test_package_of_others(shell: Shell, tmp_path: Path) -> None:
    """What an installer has put into a folder is told apart by its own records."""
    import zipfile

    with zipfile.ZipFile(tmp_path / "theirs.zip", "w") as archive:
        archive.writestr("index.py", "def handler(event, context):\n    return 1\n")
        archive.writestr("six.py", "")
        info = "six-1.0.dist-info"
        archive.writestr(f"{info}/RECORD", f"six.py,,\n{info}/METADATA,,\n{info}/RECORD,,\n")
        archive.writestr(f"{info}/METADATA", "Name: six\nVersion: 1.0\n")
    shell.run(f"%fcdeploy lib_theirs --code {tmp_path}/theirs.zip")
    rows = columns(shell.run("%fcpackage lib_theirs").text)
    assert rows["six"][0] == "1.0"
    assert rows["six"][-1] == "asked for"
    assert "index.py" in rows
    shell.run("%fcdelete lib_theirs")


def test_mistakes(shell: Shell) -> None:
    """Each says what to type."""
    assert "a name is missing" in shell.run("%fcpackage").text
    assert "is not an option" in shell.run("%fcpackage x --every").text
    assert "lib_nobody" in shell.run("%fcpackage lib_nobody").text
    ran = deploy(shell, "lib_wrong", "--leave-out ../x")
    assert not ran.success
    assert "'../x' is no pattern of paths" in ran.text


# ---------------------------------------------------------------- what is left out


def paths(shell: Shell, name: str) -> set[str]:
    parts = shell.run(f"%fcpackage {name}").value.parts
    return {file.path.removeprefix("python/") for part in parts for file in part.files}


def test_leave_out_and_keep(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line says it for one function, the setting for all; another choice is another layer."""
    deploy(shell, "lib_less", "--leave-out *.csv --keep tool/tests/")
    found = paths(shell, "lib_less")
    assert "tool/data.csv" not in found
    assert "tool/tests/__init__.py" in found
    deploy(shell, "lib_more")
    assert "tool/data.csv" in paths(shell, "lib_more")
    assert len(ours(shell)) == 2
    shell.run("%config FcMagic.leave_out = '*.csv !/tool/data.csv ballast.txt'")
    deploy(shell, "lib_more", comment="# again")
    found = paths(shell, "lib_more")
    shell.run("%config FcMagic.leave_out = ''")
    assert "tool/data.csv" in found
    assert "part/ballast.txt" not in found
    shell.run("%fcdelete lib_less")
    shell.run("%fcdelete lib_more")
    assert ours(shell) == []


def test_dry_run(shell: Shell) -> None:
    """It names the libraries and where they would be, and publishes nothing."""
    text = " ".join(deploy(shell, "lib_dry", "--dry-run").text.split())
    assert "libraries tool 1.0, part 1.0 in layer fc-magic-python3_10-" in text
    text = " ".join(deploy(shell, "lib_dry", "--dry-run --no-layer").text.split())
    assert "libraries tool 1.0, part 1.0 in the ZIP" in text
    assert ours(shell) == []

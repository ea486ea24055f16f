"""Layers as a person meets them: publish, look, deploy with them, remove, and what is said of mistakes."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

import pytest

from fc_magic.notebook import layers
from fc_magic.server.worker import runtimes
from fc_magic.wire.runtimes import PYTHON
from tests.conftest import zipped
from tests.notebook.conftest import Shell

HANDLER = "def handler(event, context):\n    return {}\n"


def folder(at: Path, **modules: str) -> Path:
    at.mkdir(exist_ok=True)
    for name, text in modules.items():
        (at / f"{name}.py").write_text(f"v = {text!r}\n")
    return at


def test_folder(shell: Shell, tmp_path: Path) -> None:
    """A folder of modules becomes a layer; the card says what was done, how large it is, and what to do next."""
    place = folder(tmp_path / "shop", shop="open")
    ran = shell.run(f"%fclayer nb-shop --folder {place} --description 'the shop'")
    assert ran.success
    lines = ran.text.splitlines()
    head = next(line for line in lines if "nb-shop" in line)
    assert "✓ nb-shop  published to local · version 1 ·" in head
    assert "any runtime · " in ran.text
    assert "arn    acs:fc:cn-hangzhou:1234567890123456:layers/nb-shop/versions/1" in ran.text
    assert "files  put below python/" in ran.text
    assert "about  the shop" in ran.text
    assert "%%fcdeploy NAME --layer nb-shop:1   ·   %fclayers nb-shop" in ran.text
    assert (ran.value.version, ran.value.outcome) == (1, "published")


def test_the_same_again(shell: Shell, tmp_path: Path) -> None:
    """What did not change is not published again; anything that did is a new version."""
    place = folder(tmp_path / "again", again="1")
    line = f"%fclayer nb-again --folder {place} --runtime python3.10,python3.12"
    assert shell.run(line).value.version == 1
    ran = shell.run(line)
    assert (ran.value.version, ran.value.outcome) == (1, "unchanged")
    assert "– nb-again  unchanged on local · version 1" in ran.text
    assert "python3.10, python3.12 · " in ran.text
    assert shell.run(f"{line} --description new").value.version == 2
    folder(place, again="2")
    assert shell.run(f"{line} --description new").value.version == 3


def test_story(shell: Shell, tmp_path: Path) -> None:
    """Publish, deploy with it, see it in the card and the list, remove it: the function goes on."""
    (tmp_path / "tools.zip").write_bytes(zipped({"tools.py": "v = 'one'"}))
    assert shell.run(f"%fclayer nb-tools --zip {tmp_path}/tools.zip").success
    cell = f"%%fcdeploy nb_story --layer nb-tools\nimport tools\n{HANDLER.format('tools.v')}"
    ran = shell.run(cell)
    assert "layers  nb-tools:1" in ran.text
    assert shell.run("nb_story()").value == "one"
    assert "unchanged" in shell.run(cell).text
    assert "nb-tools:1" in shell.run("%fclist nb_story").text
    listed = shell.run("%fclayers")
    assert "nb-tools" in [layer.name for layer in listed.value]
    assert "layer" in listed.text
    assert "published" in listed.text
    (tmp_path / "tools.zip").write_bytes(zipped({"tools.py": "v = 'two'"}))
    shell.run(f"%fclayer nb-tools --zip {tmp_path}/tools.zip")
    assert [layer.version for layer in shell.run("%fclayers nb-tools").value] == [2, 1]
    assert shell.run("nb_story()").value == "one"
    again = shell.run(cell).text
    assert re.search(r"layers +nb-tools:2", again)
    assert "changes  layer nb-tools 1 → 2" in again
    assert shell.run("nb_story()").value == "two"
    removed = shell.run("%fclayer nb-tools:2 --delete")
    assert "✓ nb-tools:2  deleted from local" in removed.text
    assert "still in nb_story" in removed.text
    assert shell.run("nb_story()").value == "two"
    assert shell.run("%fclayer nb-tools").value.version == 1
    assert shell.run("%fclayer nb-tools:1").value.version == 1
    shell.run("%fclayer nb-tools:1 --delete")
    assert "There is no layer nb-tools here." in shell.run("%fclayers nb-tools").text
    shell.run("%fcdelete nb_story")


def test_requirements(shell: Shell) -> None:
    """A library with compiled parts is fetched for the runtime, not for this Python, and is imported there."""
    exact = [r for r in PYTHON if "python{}.{}".format(*runtimes.find(r).version) == r]
    if not exact or platform.machine() != "x86_64":
        pytest.skip("no wheel for a runtime loads on this machine")
    publish = f'%fclayer nb-speed --requirements "markupsafe==3.0.2" --runtime {exact[0]}'
    ran = shell.run(publish)
    assert ran.success, ran.text
    assert ran.value.contents == ("markupsafe 3.0.2",)
    assert ran.value.runtimes == (exact[0],)
    assert "has  markupsafe 3.0.2" in ran.text
    source = "import markupsafe\nfrom markupsafe import _speedups\n" + HANDLER.format(
        "[_speedups.__file__, str(markupsafe.escape('<'))]"
    )
    shell.run(f"%%fcdeploy nb_speed --runtime {exact[0]} --layer nb-speed:1\n{source}")
    file, escaped = shell.run("nb_speed()").value
    tag = exact[0].removeprefix("python").replace(".", "")
    assert file == f"/opt/python/markupsafe/_speedups.cpython-{tag}-x86_64-linux-gnu.so"
    assert escaped == "&lt;"
    assert shell.run(publish).value.outcome == "unchanged"
    other = next(r for r in PYTHON if r != exact[0])
    refused = shell.run(f"%%fcdeploy nb_other --runtime {other} --layer nb-speed:1\n{source}")
    assert "is not compatible with this runtime." in refused.error.problems[0].problem
    hint = f"publish nb-speed for {other} too, or choose the runtime {exact[0]}"
    assert refused.error.problems[0].hint == hint
    assert f"its runtimes are {exact[0]}" in refused.error.problems[0].allowed
    shell.run("%fcdelete nb_speed")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%fclayer", "a name is missing"),
        ("%fclayer a b --folder x", "b is too much"),
        ("%fclayer a --requirements pandas requests", "requests is too much"),
        ("%fclayer a --folder", "--folder has no value"),
        ("%fclayer a --folder x --zip y", "there are 2 sources: --folder, --zip"),
        ("%fclayer a --nonsense x", "--nonsense is not an option"),
        ("%fclayer a:1 --folder x", "gets its number from Function Compute"),
        ("%fclayer a:x", "a:x is not NAME:VERSION"),
        ("%fclayer a --delete", "one version is removed"),
        ("%fclayer a:1 --delete --folder x", "one version is removed"),
        ("%fclayer a --folder nowhere", "there is no such folder"),
        ("%fclayer a --zip nowhere.zip", "cannot be read"),
        ("%fclayer a --requirements nowhere.txt", "there is no such file"),
        ("%fclayer a --requirements x --runtime python3.9,python3.10", "one runtime at a time"),
        ("%fclayer a --requirements x --runtime nodejs20", "built for Python"),
        ("%fclayer nb-nobody", "there is no layer nb-nobody"),
        ("%fclayer nb-nobody:1", "layer 'nb-nobody' does not exist"),
        ("%fclayer nb-nobody:1 --delete", "layer 'nb-nobody' does not exist"),
        ("%fclayer 'a b' --folder {0}", "layer a b was not published"),
        ("%fclayer a --folder {0} --runtime pyton3.10", "is not a runtime"),
    ],
)
def test_mistakes(shell: Shell, tmp_path: Path, line: str, said: str) -> None:
    """Every mistake ends the cell with what is wrong, and publishes nothing."""
    before = len(shell.run("%fclayers").value)
    ran = shell.run(line.format(folder(tmp_path / "fine", a="1")))
    assert not ran.success
    assert said in " ".join(ran.text.split())
    assert len(shell.run("%fclayers").value) == before


def test_unknown_layer_of_a_deployment(shell: Shell) -> None:
    """A layer that is not there is refused with the magic that publishes one."""
    ran = shell.run(f"%%fcdeploy nb_none --layer nowhere:3\n{HANDLER.format(1)}")
    assert not ran.success
    text = " ".join(ran.text.split())
    assert "--layer nowhere:3 there is no layer nowhere" in text
    assert "%fclayer NAME --requirements TEXT" in text


def test_help(shell: Shell) -> None:
    """The help has every option."""
    text = shell.run("%fclayer --help").text
    assert all(f"--{name}" in text for name in (*layers.OPTIONS, *layers.FLAGS))


def test_home_is_the_tilde(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path may begin at the home directory."""
    monkeypatch.setitem(os.environ, "HOME", str(tmp_path))
    folder(tmp_path / "home-layer", home="1")
    assert shell.run("%fclayer nb-home --folder ~/home-layer").success

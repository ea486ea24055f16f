"""Where a notebook's functions go: %fctarget, --target, --api, --yes, %config, the question before the first write.

A second embedded Function Compute stands for a region: the region is pointed at it by the setting ``endpoint``.
"""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.manager import start_new_kernel

from fc_magic import errors
from fc_magic.cli import main
from fc_magic.client.client import Client
from fc_magic.client.target import Credentials, Target
from fc_magic.config import SECRET as SECRETS
from fc_magic.config import Settings, names
from fc_magic.notebook import configurable, place
from fc_magic.notebook.place import Place
from tests.conftest import KEY_ID, SECRET, Server, serving
from tests.notebook.conftest import (
    Kernel,
    Shell,
    clean_environment,
    deploying,
    environment,
    kernel_in,
    text_of,
)

REGION = "cn-shanghai"
ECHO = "return event.decode()"


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Function Compute that plays cn-shanghai, with the tests' key."""
    with serving(tmp_path_factory.mktemp("region"), "--region", REGION, "--account-id", "4242") as running:
        yield running


def pointed(region: Server, **more: str) -> dict[str, str]:
    """The variables that point a region there."""
    return {
        "FC_MAGIC_ENDPOINT": region.url,
        "FC_MAGIC_OSS_ENDPOINT": region.objects_url,
        "FC_MAGIC_API": "v2",
        "FC_MAGIC_ROLE": "acs:ram::4242:role/fcServiceRole",
        "FC_MAGIC_ACCESS_KEY_ID": KEY_ID,
        "FC_MAGIC_ACCESS_KEY_SECRET": SECRET,
        "FC_MAGIC_SECURITY_TOKEN": "",
        **more,
    }


@pytest.fixture
def cloud(shell: Shell, region: Server) -> Iterator[Shell]:
    """A shell for which the region is there; afterwards it is local again, and nothing is agreed or configured."""
    with environment({**os.environ, **pointed(region)}):
        magics = shell.ip.magics_manager.magics["line"]["fcdelete"]
        assert shell.run("%reload_ext fc_magic").success
        assert shell.run("%fctarget local").success
        assert magics is not shell.ip.magics_manager.magics["line"]["fcdelete"]
        yield shell
    assert shell.run("%reload_ext fc_magic").success


@contextmanager
def client_at(region: Server) -> Iterator[Client]:
    target = Target("there", region.url, REGION, Credentials(KEY_ID, SECRET))
    with Client(target, Settings.load({})) as client:
        yield client


def names_at(region: Server) -> set[str]:
    with client_at(region) as client:
        return {function.name for function in client.list()}


# ---------------------------------------------------------------- switching


def test_switch(cloud: Shell, region: Server) -> None:
    """%fctarget sends a notebook elsewhere and back, and says where it is and what it speaks."""
    done = cloud.run(f"%fctarget {REGION}")
    assert f"target {REGION} · {region.url} · region {REGION} · api v2" in " ".join(done.text.split())
    assert cloud.run(deploying("switched", ECHO, "--yes")).value.target.name == REGION
    assert "switched" in names_at(region)
    shown = cloud.run("%fctarget").text
    assert "account_id         4242" in shown
    assert "told by the endpoint" in shown
    assert "target local" in cloud.run("%fctarget local").text
    assert cloud.run("%fclist switched").value == ()
    assert cloud.run(f"%fclist --target {REGION} switched").value[0].name == "switched"
    # the variable is the function that was deployed, wherever the notebook is now
    assert cloud.run("switched('x')").value == "x"
    assert cloud.run(f"%fcdelete switched --target {REGION}").text == f"✓ switched  deleted from {REGION}\n"
    assert "switched" not in names_at(region)


def test_one_cell(cloud: Shell, region: Server) -> None:
    """--target sends one cell elsewhere; the notebook stays where it is, and the card says where it went."""
    done = cloud.run(deploying("once", ECHO, f"--target {REGION} --yes"))
    assert f"✓ once  deployed to {REGION} · version 1" in done.text
    assert cloud.run("%fclist once").value == ()
    said = cloud.run(f'%fcinvoke once --target {REGION} {{"a":  "--target local"}}')
    assert said.value.value == {"a": "--target local"}
    assert [r.caller for r in cloud.run(f"%fclogs --target={REGION} once").value.requests] == ["invoke"]
    cloud.run(f"%fcdelete --target {REGION} once")


def test_deleted_at_one_target(cloud: Shell, region: Server) -> None:
    """The function of the same name and code that still runs here is shown with its cell."""
    cloud.run(f"%config FcMagic.region = '{REGION}'")
    failing = "%%fcdeploy both-run {}\ndef handler(event, context):\n    raise ValueError('here')\n"
    assert cloud.run(failing.format("")).success
    assert cloud.run(failing.format(f"--target {region.url}")).success
    assert cloud.run(f"%fcdelete both-run --target {region.url}").success
    shown = cloud.run("%fcinvoke both-run").text
    assert "line 3, in handler(event, context)" in shown
    assert "Cell In[" in shown
    cloud.run("%fcdelete both-run")


def test_url_of_this_machine(cloud: Shell, region: Server) -> None:
    """A URL that is this machine is not the cloud: nobody is asked."""
    cloud.run(f"%config FcMagic.region = '{REGION}'")
    done = cloud.run(deploying("near", ECHO, f"--target {region.url}"))
    assert done.success, done.text
    assert done.value.target.is_cloud is False
    assert cloud.run(f"%fcdelete near --target {region.url}").success


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%fctarget cn-hangzou", "did you mean cn-hangzhou?"),
        ("%fctarget one two", "is not one target"),
        ("%fctarget --nonsense", "is not one target"),
        ("%fctarget --api v3", "--api v3: must be v2 or fc3"),
        ("%fclist --target", "--target has no value"),
        ("%fclist --target --yes", "--target has no value"),
        ("%fclist --target lcoal", "did you mean local?"),
        (deploying("f", ECHO, "--api v4"), "--api v4: must be v2 or fc3"),
        ("%fclayers --api", "--api has no value"),
    ],
)
def test_place_that_is_none(cloud: Shell, cell: str, said: str) -> None:
    """A place that cannot be is refused with what is allowed, and the notebook stays where it is."""
    done = cloud.run(cell)
    assert isinstance(done.error, errors.UsageError)
    assert said in done.text
    assert cloud.run("%fctarget").value.target.name == "local"


def test_dialect_of_a_line_and_of_a_notebook(cloud: Shell, region: Server) -> None:
    """--api is of one line or, with %fctarget, of the notebook; another target begins with its own."""
    assert cloud.run(f"%fctarget {REGION} --api fc3").value.target.api == "fc3"
    assert cloud.run("%fctarget").value.target.api == "fc3"
    assert cloud.run("%fctarget --api v2").value.target.api == "v2"
    assert cloud.run(f"%fctarget {region.url} --api fc3").value.target.api == "fc3"
    with environment({**os.environ, "FC_MAGIC_API": ""}):
        assert cloud.run(f"%fctarget {REGION}").value.target.api == "fc3"
        assert cloud.run(f"%fctarget {region.url}").value.target.api == "v2"


# ---------------------------------------------------------------- agreeing


def test_nobody_to_ask(cloud: Shell, region: Server) -> None:
    """Where nobody can be asked nothing is sent, and what to add is said."""
    done = cloud.run(deploying("unasked", ECHO, f"--target {REGION}"))
    assert isinstance(done.error, errors.UsageError)
    for said in (
        f"{REGION} is the cloud, and nobody can be asked here",
        "deploy unasked: python3.10, 128 MB, 60 s",
        f"access key {KEY_ID}, from FC_MAGIC_ACCESS_KEY_SECRET",
        f"region {REGION}",
        f"endpoint {region.url} (v2)",
        "add --yes to the line, or set FC_MAGIC_YES=1",
    ):
        assert said in " ".join(done.text.split()), done.text
    assert "unasked" not in names_at(region)
    assert SECRET not in done.text


@pytest.mark.parametrize(
    "cell",
    [
        "%fcdelete there",
        "%fclayer there:1 --delete",
        "%fclayer there --folder FOLDER",
    ],
)
def test_every_write_is_asked_for(cloud: Shell, tmp_path: Path, cell: str) -> None:
    """Whatever magic writes, it asks; reading does not."""
    (tmp_path / "a.py").write_text("")
    cloud.run(f"%fctarget {REGION}")
    assert cloud.run("%fclist").success
    assert cloud.run("%fclayers").success
    done = cloud.run(cell.replace("FOLDER", str(tmp_path)))
    assert "nobody can be asked here" in done.text


def test_yes_is_for_the_notebook_and_the_target(cloud: Shell, region: Server) -> None:
    """--yes agrees once: the next write to that target is not asked for, one to another target is."""
    assert cloud.run(deploying("agreed", ECHO, f"--target {REGION} --yes")).success
    assert cloud.run(deploying("agreed", "return 2", f"--target {REGION}")).success
    assert cloud.run("agreed.delete()").success
    with environment({**os.environ, "FC_MAGIC_ENDPOINT": region.url.replace("127.0.0.1", "localhost")}):
        cloud.run("%fctarget local")
        assert "nobody can be asked" in cloud.run(deploying("agreed", ECHO, f"--target {REGION}")).text


def test_yes_as_a_setting(cloud: Shell) -> None:
    """FC_MAGIC_YES=1 agrees, and so does %config FcMagic.yes = True."""
    cell = deploying("set", ECHO, f"--target {REGION}")
    assert not cloud.run(cell).success
    cloud.run("%config FcMagic.yes = True")
    assert cloud.run(cell).success
    assert cloud.run(f"%fcdelete set --target {REGION}").success


# ---------------------------------------------------------------- %config


@pytest.fixture
def configured(cloud: Shell) -> Iterator[Shell]:
    yield cloud
    for name in configurable.NAMES:
        cloud.run(f"%config FcMagic.{name} = None")


def rows(shell: Shell) -> dict[str, tuple[str, str]]:
    return {name: (value, origin) for name, value, origin in shell.run("%fctarget").value.settings.rows()}


def test_config(configured: Shell) -> None:
    """%config sets what the environment says otherwise, shows it, and is beaten by a line."""
    assert configured.run(f"%config FcMagic.target = '{REGION}'").success
    configured.run("%config FcMagic.read_timeout = 7")
    found = rows(configured)
    assert found["target"] == (REGION, "%config")
    assert found["read_timeout"] == ("7", "%config")
    assert configured.run("%config FcMagic.target").value == REGION
    assert configured.run("%fclist --target local").success
    # what a person did last counts: %fctarget, and then %config again
    assert configured.run("%fctarget local").value.target.name == "local"
    configured.run(f"%config FcMagic.target = '{REGION}'")
    assert configured.run("%fctarget").value.target.name == REGION


def test_config_lists(configured: Shell) -> None:
    """%config lists the object; with its name it lists every setting, what it may be, and no secret."""
    assert "FcMagic" in configured.run("%config").text
    text = configured.run("%config FcMagic").text
    assert "FcMagic.api=<v2 or fc3>" in text
    assert "FcMagic.retries=<a number from 0 to 1000000>" in text
    assert not [name for name in SECRETS if name in text]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("api = 'v3'", "api is 'v3', which is not v2 or fc3 · %config FcMagic.api = 'v2'"),
        ("yes = 'often'", "which is not yes or no · %config FcMagic.yes = False"),
        ("target = 'lcoal'", "did you mean local?"),
        ("retries = -1", "a number from 0 to 1000000"),
        ("lang = 'fr'", "lang is 'fr', which is not en or zh · %config FcMagic.lang = 'en'"),
        ("yes = 'perhaps'", "yes is 'perhaps', which is not yes or no"),
        ("tagret = 'local'", " · did you mean target?"),
        ("access_key_secret = 'MarkOfASecret'", "a cell is no place for a secret"),
    ],
)
def test_config_that_is_wrong(
    configured: Shell, caplog: pytest.LogCaptureFixture, line: str, said: str
) -> None:
    """A wrong value is an error that names what is allowed, and changes nothing, now or later."""
    before = rows(configured)
    text = configured.run(f"%config FcMagic.{line}").text + caplog.text
    assert said in text
    assert "MarkOfASecret" not in text
    assert rows(configured) == before
    assert configured.run("%config FcMagic.runtime = 'python3.12'").success
    assert rows(configured)["runtime"] == ("python3.12", "%config")


def test_names_of_config() -> None:
    """%config has every setting but secrets."""
    assert sorted(configurable.NAMES) == sorted(set(names()) - set(SECRETS))


def test_files_of_ipython(home: Path) -> None:
    """``c.FcMagic`` in IPython's own configuration is the same as %config."""
    program = (
        "from IPython.core.interactiveshell import InteractiveShell\nfrom traitlets.config import Config\n"
        "c = Config()\nc.FcMagic.runtime = 'python3.12'\n"
        "shell = InteractiveShell.instance(config=c)\nshell.run_line_magic('load_ext', 'fc_magic')\n"
        "print(shell.run_line_magic('config', 'FcMagic.runtime'))\n"
        "shell.run_line_magic('unload_ext', 'fc_magic')\n"
        "print([type(one).__name__ for one in shell.configurables].count('FcMagic'))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=50)
    assert done.stdout.split() == ["python3.12", "0"], done.stderr


def test_file_beside_the_notebook(configured: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project is looked for from the notebook's folder; a front end may tell it, else it is the kernel's."""
    (tmp_path / "pyproject.toml").write_text("[tool.fc-magic]\nruntime = 'python3.12'\n")
    deep = tmp_path / "notebooks"
    deep.mkdir()
    shown = {"runtime": ("python3.12", str(tmp_path / "pyproject.toml"))}
    configured.ip.user_ns["__vsc_ipynb_file__"] = str(deep / "a.ipynb")
    try:
        assert shown.items() <= rows(configured).items()
    finally:
        del configured.ip.user_ns["__vsc_ipynb_file__"]
    assert rows(configured)["runtime"] == ("python3.10", "default")
    monkeypatch.chdir(deep)
    assert shown.items() <= rows(configured).items()


# ---------------------------------------------------------------- real kernels


class Asked:
    """A kernel with a person: ``run`` gives the answers to its questions, and returns what was shown. ``displays``:
    what stands under the cells in the end, by the id of each that has one."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.displays: dict[str, dict[str, str]] = {}

    def run(self, code: str, *answers: str) -> tuple[str, list[str]]:
        """What the cell showed, and the prompts that were answered."""
        shown: list[str] = []
        prompts: list[str] = []
        left = list(answers)

        def output(message: Any) -> None:
            content = message["content"]
            if display := content.get("transient", {}).get("display_id"):
                self.displays[display] = content["data"]
            shown.append(
                content.get("text") or "\n".join(content.get("traceback", [])) or str(content.get("data", ""))
            )

        def asked(message: Any) -> None:
            prompts.append(message["content"]["prompt"])
            self._client.input(left.pop(0))

        self._client.execute_interactive(
            code, output_hook=output, stdin_hook=asked, timeout=50, allow_stdin=True
        )
        return "\n".join(shown), prompts

    def press(self, comm: str) -> None:
        """What a front end sends when a person presses a widget's button."""
        content = {"comm_id": comm, "data": {"method": "custom", "content": {"event": "click"}}}
        self._client.shell_channel.send(self._client.session.msg("comm_msg", content))


@contextmanager
def person(folder: Path) -> Iterator[Asked]:
    manager, client = start_new_kernel(cwd=str(folder))
    try:
        asked = Asked(client)
        asked.run("%load_ext fc_magic")
        yield asked
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_person_in_a_notebook(home: Path, region: Server) -> None:
    """A person sees account, region, endpoint and what will happen; no is no, yes is yes, and once is enough."""
    cell = deploying("person", ECHO, f"--target {REGION}")
    with environment({**os.environ, **pointed(region)}), person(home) as kernel:
        text, prompts = kernel.run(cell, "n")
        assert prompts == ["Go on? [y/N] "]
        for said in (
            "account",
            "access key",
            f"region    {REGION}",
            f"endpoint  {region.url}",
            "will      deploy person",
        ):
            assert said in text, text
        assert "Nothing was sent" in text
        assert "person" not in names_at(region)
        text, prompts = kernel.run(cell, "y")
        assert len(prompts) == 1
        assert "deployed to" in text
        assert "person" in names_at(region)
        text, prompts = kernel.run(f"%fcdelete person --target {REGION}")
        assert (prompts, "person" in names_at(region)) == ([], False), text
        assert SECRET not in text


def test_button_and_thread(home: Path, region: Server) -> None:
    """Where no cell runs a question has no place: a form's button and a thread are refused, and nobody waits."""
    cell = deploying("pressed", ECHO, f"--target {REGION}")
    thread = (
        "import threading; f = lambda: print(get_ipython().run_cell('%fcdelete pressed').error_in_exec)\n"
        "t = threading.Thread(target=f); t.start(); t.join()"
    )
    with environment({**os.environ, **pointed(region, FC_MAGIC_TARGET=REGION)}), person(home) as kernel:
        assert kernel.run(cell, "n")[1]
        shown, _ = kernel.run(
            "form = get_ipython().run_line_magic('fcform', 'pressed'); print(form.buttons.deploy.comm.comm_id)"
        )
        kernel.press(shown.split()[-1])
        for where in ("print(form.buttons.shown.value)", thread):
            shown, prompts = kernel.run(where)
            assert (prompts, "nobody can be asked here" in shown) == ([], True), shown
        assert "pressed" not in names_at(region)


def test_headless_kernel(home: Path, region: Server) -> None:
    """A kernel without a person, as under nbclient, fails at once and says what to add; with it, it deploys."""
    with environment({**os.environ, **pointed(region)}), kernel_in(home) as kernel:
        outputs = kernel.run(deploying("headless", ECHO, f"--target {REGION}"), fails=True)
        assert "add --yes to the line, or set FC_MAGIC_YES=1" in text_of(outputs)
        assert "headless" not in names_at(region)
        kernel.run(deploying("headless", ECHO, f"--target {REGION} --yes"))
        assert "headless" in names_at(region)
        kernel.run(f"%fcdelete headless --target {REGION}")


def test_nbconvert(home: Path, tmp_path: Path, region: Server) -> None:
    """nbconvert runs through where the environment agrees."""
    notebook = nbformat.v4.new_notebook()
    cells = ("%load_ext fc_magic", f"%fctarget {REGION}", deploying("converted", ECHO), "%fcdelete converted")
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(notebook, tmp_path / "a.ipynb")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "nbconvert",
            "--to",
            "notebook",
            "--execute",
            "--output",
            "b.ipynb",
            "a.ipynb",
        ],
        cwd=tmp_path,
        env={**os.environ, **pointed(region, FC_MAGIC_YES="1")},
        capture_output=True,
        text=True,
        timeout=55,
    )
    assert done.returncode == 0, done.stderr


def test_person_at_a_terminal(home: Path, region: Server, tmp_path: Path) -> None:
    """In a terminal the question is asked there."""
    cell = deploying("typed", ECHO, f"--target {REGION}")
    program = tmp_path / "shell.py"
    program.write_text(
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance(colors='NoColor')\nshell.run_line_magic('load_ext', 'fc_magic')\n"
        f"shell.run_cell({cell!r})\n"
    )
    near, far = pty.openpty()
    try:
        process = subprocess.Popen(
            [sys.executable, str(program)],
            stdin=far,
            stdout=far,
            stderr=far,
            env={**os.environ, **pointed(region)},
        )
        os.close(far)
        shown = _read(near, "Go on? [y/N] ")
        os.write(near, b"y\n")
        shown += _read(near, "deployed to")
        process.wait(30)
    finally:
        os.close(near)
    assert f"endpoint  {region.url}" in shown
    with client_at(region) as client:
        client.delete("typed")


def _read(terminal: int, until: str) -> str:
    shown, ends = "", time.monotonic() + 40
    while until not in shown:
        assert time.monotonic() < ends, shown
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 65536).decode(errors="replace")
    return shown


# ---------------------------------------------------------------- the line and the command


@pytest.mark.parametrize(
    ("line", "names_", "found", "rest"),
    [
        ("", 0, Place(), ""),
        ("hello", 0, Place(), "hello"),
        ("  a   b ", 0, Place(), "  a   b "),
        ("--target x hello", 0, Place("x"), "hello"),
        ("hello --target=x --api fc3 --yes", 0, Place("x", "fc3", True), "hello"),
        ("hello --zip 'a  --target b' --yes", 0, Place(yes=True), "hello --zip 'a  --target b'"),
        ("hello --target 'x'", 0, Place("x"), "hello"),
        ('hello {"a":  1}  --yes', 1, Place(), 'hello {"a":  1}  --yes'),
        ("--yes hello --target x {'a': '--api'}  b", 1, Place("x", "", True), "hello {'a': '--api'}  b"),
        ("hello it's --yes", 1, Place(), "hello it's --yes"),
        ("it's --yes", 0, Place(), "it's --yes"),
        ("hello # --yes", 0, Place(), "hello # --yes"),
        ("hello --yes # mine", 0, Place(yes=True), "hello"),
        ("hello --target a\\ b", 0, Place("a b"), "hello"),
        ("hello --target 'x' # y", 1, Place("x"), "hello # y"),
        (
            "--yes hello --delay 3 --target x --async {it's --yes",
            1,
            Place("x", "", True),
            "hello --delay 3 --async {it's --yes",
        ),
        ("hello --yes=1", 0, Place(), "hello --yes=1"),
    ],
)
def test_place_of_a_line(line: str, names_: int, found: Place, rest: str) -> None:
    """The options are found wherever they may stand, and nothing else of the line changes that matters."""
    assert place.taken(line, names_) == (found, rest)


@given(st.text(), st.integers(0, 2))
def test_any_line(line: str, names_: int) -> None:
    """A line without our options is left as it is; any other is read, or refused by the option's name."""
    try:
        found, rest = place.taken(line, names_)
    except errors.UsageError as error:
        assert str(error).startswith(("--target", "--api"))  # noqa: PT017
    else:
        assert found != Place() or rest == line


def test_command(home: Path, region: Server, capsys: pytest.CaptureFixture[str]) -> None:
    """``fc-magic target`` shows what %fctarget shows; it starts nothing, and a wrong target is a wrong use."""
    elsewhere = str(home / "elsewhere")
    with environment({**os.environ, **pointed(region), "FC_MAGIC_HOME": elsewhere}):
        assert main(["target"]) == 0
        assert "target local · not running" in capsys.readouterr().out
        assert not Path(elsewhere).exists()
        assert main(["target", REGION, "--api", "fc3"]) == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert f"target {REGION} · {region.url} · region {REGION} · api fc3" in shown
        assert "access_key_secret **** FC_MAGIC_ACCESS_KEY_SECRET" in shown
        assert SECRET not in shown
        assert main(["target", "lcoal"]) == 2
        assert "did you mean local?" in capsys.readouterr().err


def test_kernel_reads_files_late(kernel: Kernel) -> None:
    """Loading the extension reads no file and parses no TOML."""
    shown = text_of(kernel.run("import sys; print('tomllib' in sys.modules or 'tomli' in sys.modules)"))
    assert shown.strip() == "False"


def test_environment_of_the_tests(tmp_path: Path) -> None:
    """The tests' own shells read no file of whoever runs them."""
    assert clean_environment(tmp_path)["FC_MAGIC_CONFIG"] == os.devnull

"""Tab on our lines: options, values, what is deployed, names of the notebook; and none of it anywhere else."""

from __future__ import annotations

import os
import shlex
import signal
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.completer import provisionalcompleter
from jupyter_core.utils import run_sync

from fc_magic.notebook import loading
from fc_magic.notebook.completion import completing, completion, offers, shapes
from fc_magic.notebook.line import options
from fc_magic.notebook.magics import FcMagics
from fc_magic.wire.spec import FIELDS
from tests.notebook.conftest import Kernel, Shell, deploying, held_up, kernel_in, server_of
from tests.notebook.forms import press

CODE = "def other(event, context):\n    return 1\n\nasync def handler(event, context):\n    return os.pat\n"


def at_cursor(text: str) -> tuple[str, int]:
    """A text with the cursor at ``¦``."""
    return text.replace("¦", "", 1), text.index("¦")


def completed(shell: Shell, text: str) -> list[str]:
    """What the cell would be with each completion, in order."""
    text, at = at_cursor(text)
    with provisionalcompleter():
        found = list(shell.ip.Completer.completions(text, at))
    return [text[: one.start] + one.text + text[one.end :] for one in found]


def values(shell: Shell, text: str) -> list[str]:
    """What would stand in the place of the word at the cursor."""
    text, at = at_cursor(text)
    with provisionalcompleter():
        return [one.text for one in shell.ip.Completer.completions(text, at)]


@pytest.fixture(params=[True, False], ids=["jedi", "no jedi"])
def tab(shell: Shell, request: pytest.FixtureRequest) -> Iterator[Shell]:
    """A shell that completes with jedi, and one without."""
    before = shell.ip.Completer.use_jedi
    shell.ip.Completer.use_jedi = request.param
    yield shell
    shell.ip.Completer.use_jedi = before


# ---------------------------------------------------------------- the tables


def test_every_option_has_completion() -> None:
    """What completion knows of ``%%fcdeploy`` is what there is: its fields and its other options."""
    fields = {doc.option for doc in FIELDS.values()}
    assert set(shapes.DEPLOY) == fields | set(options.EXTRA)
    assert set(shapes.DEPLOY_FLAGS) == set(options.FLAGS)
    lists = {doc.option for doc in FIELDS.values() if doc.kind in ("list", "map")}
    assert lists | options.REPEATED == shapes.DEPLOY_REPEATED
    for option, kind in shapes.DEPLOY.items():
        if kind.startswith("like "):
            (doc,) = [doc for doc in FIELDS.values() if doc.option == option]
            example = doc.example if doc.example.startswith("{") else shlex.split(doc.example)[0]
            assert kind == f"like {example}"
        else:
            assert not kind or kind.startswith("one of ") or kind in offers.KINDS


def test_every_magic_is_registered() -> None:
    """The names that ``%load_ext`` registers are those of the magics' own tables."""
    table = FcMagics(None, lambda settings: pytest.fail("no client is needed")).table()
    assert sorted(loading.NAMES) == sorted(name for name, _, _ in table)
    helps = {name: help_ for name, _, help_ in table}
    for name, help_ in helps.items():
        shape = shapes.of(name, lambda name: helps[name]())
        documented = set(shapes._ROW.findall(help_())) if name != "fcdeploy" else set()
        assert {option for option, _ in documented} <= set(shape.options), name
        assert {"target", "api", "yes", "help"} <= set(shape.options)


# ---------------------------------------------------------------- what is offered


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("%%fcdeploy hello --mem¦\n", "%%fcdeploy hello --memory\n"),
        ("%%fcdeploy hello --memory 5¦\n", "%%fcdeploy hello --memory 512\n"),
        ("%%fcdeploy hello --memory=5¦\n", "%%fcdeploy hello --memory=512\n"),
        ("%%fcdeploy hello --runtime nodejs2¦\n", "%%fcdeploy hello --runtime nodejs20\n"),
        ("%%fcdeploy hello --target cn-qing¦\n", "%%fcdeploy hello --target cn-qingdao\n"),
        ("%%fcdeploy hello --publish f¦\n", "%%fcdeploy hello --publish false\n"),
        ("%%fcdeploy hello --handler index.o¦\n" + CODE, "%%fcdeploy hello --handler index.other\n" + CODE),
        ('%%fcdeploy hello --trigger "timer:@every 5¦\n', '%%fcdeploy hello --trigger "timer:@every 5m"\n'),
        ('%%fcdeploy hello --trigger "timer:@every 5¦"\n', '%%fcdeploy hello --trigger "timer:@every 5m"\n'),
        ("%%fcdeploy hello --trigger timer:@every\\ 5¦\n", '%%fcdeploy hello --trigger "timer:@every 5m"\n'),
        ("%%fcdeploy hello --memory {tab_m¦}\n", "%%fcdeploy hello --memory {tab_memory}\n"),
        ("%%fcdeploy hello --env A={tab_config.si¦\n", "%%fcdeploy hello --env A={tab_config.size\n"),
        (
            '%%fcdeploy hello --description "costs {tab_m¦"\n',
            '%%fcdeploy hello --description "costs {tab_memory"\n',
        ),
        (
            "%%fcdeploy hello \\\n   --timeout 60 \\\n   --mem¦\n",
            "%%fcdeploy hello \\\n   --timeout 60 \\\n   --memory\n",
        ),
        (
            "%%fcdeploy hello\n# note\n#| fc: --mem¦\n" + CODE,
            "%%fcdeploy hello\n# note\n#| fc: --memory\n" + CODE,
        ),
        ("%%fcdeploy hello\n//| fc: --runtime=nodejs2¦\n", "%%fcdeploy hello\n//| fc: --runtime=nodejs20\n"),
        (
            "%%fcdeploy hello\n#| fc: --runtime \\\n#| fc: nodejs2¦ \\\n#| fc: --memory 512\n",
            "%%fcdeploy hello\n#| fc: --runtime \\\n#| fc: nodejs20 \\\n#| fc: --memory 512\n",
        ),
        ("%%fcdeploy hello --mem¦ --timeout 3\n", "%%fcdeploy hello --memory --timeout 3\n"),
        ("\n\n%%fcdeploy hello --mem¦\n", "\n\n%%fcdeploy hello --memory\n"),
        ("%fcdeploy hello --mem¦", "%fcdeploy hello --memory"),
        ("x = 1\n%fcexport hello --to ter¦\n", "x = 1\n%fcexport hello --to terraform\n"),
        ("found = %fclogs hello --lim¦", "found = %fclogs hello --limit"),
        ("%%time\n%fcalias hello live --canary 3 --ver¦", "%%time\n%fcalias hello live --canary 3 --version"),
        ("%fctarget cn-qing¦", "%fctarget cn-qingdao"),
        ("%fclayer x --runtime python3.1¦", "%fclayer x --runtime python3.10"),
    ],
)
def test_completed(tab: Shell, text: str, wanted: str) -> None:
    """The word at the cursor is completed in its place, whatever stands around it."""
    tab.run("import types; tab_memory = 512; tab_config = types.SimpleNamespace(size=3)")
    assert wanted in completed(tab, text)


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("%%fcdeploy hello --memroy¦\n", ["--memory"]),
        ("%%fcdeploy hello --xyzzy¦\n", ["--xyzzy"]),
        ("%%fcdeploy hello --description pri¦\n", ["pri"]),
        ("%%fcdeploy hello --description ¦\n", ['"thumbnails for the shop"']),
        ("%%fcdeploy hello # pri¦\n", ["pri"]),
        ("%%fcdeploy hello # pri ¦\n", ["pri "]),
        ("%fclogs nobody --request ¦", ["--request "]),
        ("%fcinvoke hello --delay ¦", ["10", "60", "600"]),
        ("%%fcdeploy hello --env A=pri¦\n", ["A=pri"]),
        ("%fclogs hello --request pri¦", ["pri"]),
        ("%fclogs hello --target pri¦", ["pri"]),
        ("%fcinvoke hello pri¦", ["pri"]),
        ('%fcinvoke hello {"a": pri¦', ["pri"]),
        ("%%fcdeploy hello --publish ¦", ["true", "false"]),
        ("%fclogs hello --api ¦", ["v2", "fc3"]),
    ],
)
def test_nobody_else_speaks_on_our_lines(tab: Shell, text: str, only: list[str]) -> None:
    """There are no names of Python between our values, and what cannot be guessed stays."""
    assert values(tab, text) == only


def test_options_that_are_given(tab: Shell) -> None:
    """One that is on the line, behind the cursor or in another line is not offered again; one that repeats is."""
    text = (
        "%%fcdeploy hello --memory 512 --env A=1 --¦ --timeout 3 \\\n  --role x\n#| fc: --runtime python3.10\n"
        + CODE
    )
    found = values(tab, text)
    assert not {"--memory", "--timeout", "--role", "--runtime"} & set(found)
    assert {"--env", "--trigger", "--handler", "--dry-run"} <= set(found)
    found = values(tab, text.replace("--¦ ", "").replace("#| fc:", "#| fc: --¦"))
    assert not {"--memory", "--timeout", "--role", "--runtime"} & set(found)


def test_files(tab: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are seen from the working directory; a folder goes on, and one with a space is quoted."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a b.csv").write_text("")
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "code.zip").write_text("")
    assert values(tab, "%%fcdeploy x --include ¦\n") == ["data/"]
    assert values(tab, "%%fcdeploy x --file data/¦\n") == ['"data/a b.csv"']
    assert values(tab, '%%fcdeploy x --file "data/a¦\n') == ['"data/a b.csv"']
    assert values(tab, "%%fcdeploy x --include .h¦\n") == [".hidden/"]
    assert values(tab, "%%fcdeploy x --requirements ¦\n") == ["data/", "requirements.txt"]
    assert values(tab, "%%fcdeploy x --code ¦\n") == ["code.zip", "data/"]
    assert values(tab, "%%fcdeploy x --file nowhere/¦\n") == ["nowhere/"]
    assert values(tab, "%%fcdeploy x --file ~nobody-at-all/¦\n") == ["~nobody-at-all/"]


def test_folder_of_many_files(tab: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first that fit are offered, whatever comes before them."""
    monkeypatch.chdir(tmp_path)
    for number in range(300):
        (tmp_path / f"a{number:03}.csv").touch()
    (tmp_path / "zebra.csv").touch()
    (tmp_path / "zoo").mkdir()
    assert values(tab, "%%fcdeploy x --file zeb¦\n") == ["zebra.csv"]
    assert values(tab, "%%fcdeploy x --include ¦\n") == ["zoo/"]
    assert values(tab, "%%fcdeploy x --file ¦\n") == [f"a{number:03}.csv" for number in range(200)]


def test_variables_of_the_environment(tab: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--env NAME`` takes a variable from here; its value is not shown."""
    monkeypatch.setenv("TAB_TOKEN", "TopSecretValue")
    found = values(tab, "%%fcdeploy x --env TAB¦\n")
    assert found == ["TAB_TOKEN"]


# ---------------------------------------------------------------- what is deployed


def waited(tab: Shell, text: str) -> list[str]:
    """What is offered when who was asked has answered."""
    values(tab, text)
    for thread in threading.enumerate():
        if thread.name == "fc-magic completion":
            thread.join(10)
    return values(tab, text)


def test_what_is_deployed(tab: Shell) -> None:
    """Functions, versions, aliases and requests of the target, by every magic that takes them."""
    assert tab.run(deploying("tab-hello", "return event", "--env SHOP=1")).success
    assert tab.run(deploying("tab-hello", "return 2", "--env SHOP=1")).success
    assert tab.run("%fcalias tab-hello live --version 1").success
    request = tab.run("%fcinvoke tab-hello 1").value.request_id
    tab.run("del tab_hello")
    for line in ("%fcinvoke ", "%fclogs ", "%fcdelete ", "%%fcdeploy ", "%fclist ", "%fcversions "):
        assert waited(tab, f"{line}tab-h¦") == ["tab-hello"], line
    assert waited(tab, "%fcrollback tab-hello ¦")[-2:] == ["2", "1"]
    assert waited(tab, "%fcalias tab-hello l¦") == ["live"]
    assert waited(tab, "%fcinvoke tab-hello:l¦") == ["tab-hello:live"]
    assert request in waited(tab, "%fclogs tab-hello --request ¦")
    assert waited(tab, "%%fcdeploy tab-hello --env SH¦\n")[0] == "SHOP="
    assert waited(tab, "%%fcdeploy\n#| fc: --env SHO¦\n") == ["SHO"]


def test_what_was_deployed_just_now(home: Path, tab: Shell) -> None:
    """The first Tab knows of it, also if it was no magic that deployed, or the answer takes its time."""
    assert tab.run(deploying("tab-now", "return 1")).success
    assert waited(tab, "%fcrollback tab-now ¦")[-1:] == ["1"]
    form = tab.run("%fcform tab-now").value
    form.fill({"memory": 512})
    assert values(tab, "%fcrollback tab-now ¦")[-1:] == ["1"]
    press(form, "Deploy")
    assert values(tab, "%fcrollback tab-now ¦")[-2:] == ["2", "1"]
    assert tab.run(deploying("tab-now", "return 3")).success
    running = server_of(home)
    assert running
    os.kill(running.pid, signal.SIGSTOP)
    threading.Timer(0.1, os.kill, (running.pid, signal.SIGCONT)).start()
    assert values(tab, "%fcrollback tab-now ¦")[-3:] == ["3", "2", "1"]


def test_layers(tab: Shell, tmp_path: Path) -> None:
    """Layers by name and version; of a magic of layers the name."""
    (tmp_path / "mod.py").write_text("x = 1\n")
    assert tab.run(f"%fclayer tab-layer --folder {tmp_path}").success
    assert waited(tab, "%%fcdeploy x --layer tab-¦\n") == ["tab-layer:1"]
    assert waited(tab, "%fclayers tab-¦") == ["tab-layer"]


def test_target_of_the_line(tab: Shell) -> None:
    """A line that goes elsewhere is offered what is there: nothing, as nobody was asked there."""
    assert tab.run(deploying("here-tab", "return event")).success
    tab.run("del here_tab")
    assert waited(tab, "%fclogs here-¦") == ["here-tab"]
    assert waited(tab, "%fclogs --target local here-¦") == ["here-tab"]
    assert waited(tab, "%fclogs --target=cn-hangzhou here-¦") == ["here-"]
    for there in (
        "%fclogs here-¦ --target cn-hangzhou",
        "%%fcdeploy here-¦\n#| fc: --target cn-hangzhou\n",
        "%%fcdeploy here-¦\n#| fc: --memory 256 \\\n#| fc: --target cn-hangzhou\n",
    ):
        assert waited(tab, there) == ["here-"]
    (other, *_) = waited(tab, "%%fcdeploy here-¦ --target local\n#| fc: --target cn-hangzhou\n")
    assert other == "here-tab"
    header = "%%fcdeploy here-tab\n#| fc: --memory 256\n#| fc: --target {}\n#| fc: --env SHO¦\n"
    assert tab.run(deploying("here-tab", "return 2", "--env SHOP=1")).success
    tab.run("del here_tab")
    assert waited(tab, header.format("local"))[:1] == ["SHOP="]
    assert waited(tab, header.format("cn-hangzhou"))[:1] == ["SHO"]
    assert waited(tab, header.format("cn-hangzhou").replace("here-tab", "here-tab --target local"))[:1] == [
        "SHOP="
    ]


def test_server_that_hangs_is_not_waited_for(home: Path, tab: Shell) -> None:
    """What it answered last is offered; its answer may come when it likes."""
    assert tab.run(deploying("tab-hangs", "return event")).success
    assert "tab-hangs" in waited(tab, "%fclogs tab-hangs¦")
    with held_up(home):
        tab.run("%fclist --help")  # what is known may be true no more
        began = time.monotonic()
        assert values(tab, "%fclogs tab-hangs¦") == ["tab-hangs"]
        assert values(tab, "%fcversions tab-hangs¦") == ["tab-hangs"]
        assert time.monotonic() - began < 2  # a call waits for its answer for longer than that
    assert waited(tab, "%fclogs tab-hangs¦") == ["tab-hangs"]


FIRST_OF_EACH = """
import time
from IPython.core.completer import provisionalcompleter
began = time.monotonic()
with provisionalcompleter():
    for number in range(10):
        text = f"%fcrollback tab-{number} "
        list(get_ipython().Completer.completions(text, len(text)))
print(time.monotonic() - began)
"""


def test_first_answer_is_not_waited_for(home: Path, shell: Shell) -> None:
    """A kernel that has changed nothing knows nothing that is wrong: there is nothing to wait for."""
    assert shell.run("%fclist").success
    with kernel_in(home) as other:
        other.run("%fclist")
        with held_up(home):
            (output,) = [one for one in other.run(FIRST_OF_EACH) if one.get("name") == "stdout"]
    assert float(output.text) < 2.5


def test_refusal_is_an_answer(tab: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever refuses is not asked again by each Tab, and not waited for."""
    asked: list[str] = []

    class Refusing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(403)

        def log_message(self, *_: object) -> None: ...

    monkeypatch.setenv("FC_MAGIC_ACCESS_KEY_ID", "LTAI5tNobodyAtAll")
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as refusing:
        threading.Thread(target=refusing.serve_forever, daemon=True).start()
        try:
            assert tab.run(f"%fctarget http://127.0.0.1:{refusing.server_port} --yes").success
            assert not tab.run("%fclist").success
            asked.clear()
            for _ in range(3):
                assert waited(tab, "%fclogs far-¦") == ["far-"]
            assert len(asked) < 6  # one, unless all this takes longer than an answer is new
        finally:
            tab.run("%fctarget local")
            refusing.shutdown()


def test_no_server_is_started(home: Path, shell: Shell) -> None:
    """A notebook that has asked nobody asks nobody for a completion either; nor does one whose server is gone."""
    running = server_of(home)
    if running:
        running.stop()
    assert values(shell, "%fcinvoke nothing-¦") == ["nothing-"]
    assert waited(shell, "%fclogs ¦") is not None
    assert server_of(home) is None


# ---------------------------------------------------------------- and nowhere else

BODIES = [
    "%%fcdeploy hello --memory 512\n#| fc: --timeout 3\nimport os\nos.pat¦\n",
    "%%fcdeploy hello \\\n --memory 512\nimp¦\n",
    "%%fcdeploy hello --memory 512\n# a comment pri¦\n",
    "%%fcdeploy hello --memory 512\nx = '--mem¦'\n",
    "import os\nos.pat¦",
    "x = {'--mem¦': 1}",
    "%%bash\n%fclogs --lim¦",
    "%%fcdep¦",
    "%fcl¦",
    "%lo¦",
    "pri¦",
    "",
]


@pytest.mark.parametrize("text", [text for text in BODIES if text])
def test_python_is_completed_as_without_us(tab: Shell, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything but our lines has the completions that it has without the extension's matcher."""
    # of what it finds IPython says the types for so many milliseconds, and then no more
    monkeypatch.setattr(tab.ip.Completer, "jedi_compute_type_timeout", 60_000)
    found = tab.ip.Completer.custom_matchers
    ours = [one for one in found if isinstance(one, completing.Matcher)]
    assert len(ours) == 1
    with_us = completed(tab, text)
    found.remove(ours[0])
    try:
        assert completed(tab, text) == with_us
    finally:
        found.append(ours[0])


def test_unloading_takes_it_back(shell: Shell) -> None:
    """Without the extension nobody completes for it; loaded twice, it completes once."""
    assert shell.run("%unload_ext fc_magic").success
    try:
        assert not [one for one in shell.ip.Completer.custom_matchers if isinstance(one, completing.Matcher)]
    finally:
        assert shell.run("%load_ext fc_magic").success
    shell.run("%reload_ext fc_magic")
    assert values(shell, "%%fcdeploy hello --mem¦\n") == ["--memory"]


class Quiet:
    """A session that knows nothing."""

    names = loading.NAMES
    namespace: dict[str, Any] = {"mem": 1}
    lookups = type("Nobody", (), {"__getattr__": lambda self, name: lambda *args: []})()

    def usage_of(self, name: str) -> str:
        return f"%{name} NAME [VERSION] [--limit N] [EVENT]: something"

    def setting(self, name: str) -> str:
        return ""


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["%%fcdeploy ", "%fcinvoke ", "%fcrollback ", "x = %fclogs ", "%%fcdeploy a\n#| fc: "]),
    st.text("ab-={}[]'\"\\# \n:./~", max_size=25),
    st.text("ab-= '\"\\\n", max_size=10),
)
def test_whatever_is_typed(magic: str, before: str, behind: str) -> None:
    """A result is one that IPython can place: what is replaced stands before the cursor."""
    text, at, quiet = f"{magic}{before}{behind}", len(magic) + len(before), cast(loading.Session, Quiet())
    spot = completion.spot_of(text, at)
    if spot is not None:
        completion.offered(spot, quiet)  # raises nothing, which would be silent
    found = completion.complete(text, at, quiet)
    if found is not None:
        assert f"{magic}{before}".endswith(found["matched_fragment"])
        assert "\n" not in found["matched_fragment"]
        assert found["completions"]
        assert all("\n" not in one.text for one in found["completions"])


# ---------------------------------------------------------------- over the protocol


def asked(kernel: Kernel, text: str) -> tuple[list[str], dict[str, Any]]:
    """The cell after each completion, as a front end makes it of a reply to ``complete_request``."""
    code, at = at_cursor(text)

    async def reply() -> Any:
        return await kernel.client.kc.complete(code, at, reply=True, timeout=30)

    content = run_sync(reply)()["content"]
    made = [
        code[: content["cursor_start"]] + match + code[content["cursor_end"] :]
        for match in content["matches"]
    ]
    return made, content


@pytest.mark.parametrize("jedi", [True, False])
def test_in_a_kernel(kernel: Kernel, jedi: bool) -> None:
    """The kernel's reply has the right place for a word, a value behind ``=`` and a quoted one; each comes once."""
    kernel.run(f"%config IPCompleter.use_jedi = {jedi}")
    kernel.run("mem_of_tab = 3")
    for text, wanted in [
        ("%%fcdeploy hello --mem¦\n" + CODE, "%%fcdeploy hello --memory\n" + CODE),
        ("%%fcdeploy hello --memory=51¦\n" + CODE, "%%fcdeploy hello --memory=512\n" + CODE),
        ('%%fcdeploy hello --trigger "timer:@every 5¦"\n', '%%fcdeploy hello --trigger "timer:@every 5m"\n'),
        ("%%fcdeploy hello --memory {mem_of¦}\n", "%%fcdeploy hello --memory {mem_of_tab}\n"),
        ("%%fcdeploy hello\n#| fc: --runtime nodejs2¦\n", "%%fcdeploy hello\n#| fc: --runtime nodejs20\n"),
    ]:
        made, content = asked(kernel, text)
        assert made == [wanted]
        assert content["status"] == "ok"
    made, _ = asked(kernel, "%%fcdeploy hello --¦\n")
    assert len(made) == len(set(made)) > 20
    assert all(one.startswith("%%fcdeploy hello --") for one in made)

"""Forms in a notebook: in step with the cells, filled from what is deployed, with buttons that do something."""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

import fc_magic
from fc_magic.errors import UsageError
from fc_magic.package.bundle import bundle
from tests.conftest import KEY_ID, serving
from tests.conftest import SECRET as SECRET_OF_KEY
from tests.notebook.conftest import Kernel, Shell, deploying, held_up, kernel_in, server_of, text_of
from tests.notebook.forms import field, press, shown, tab, tree
from tests.notebook.test_targets import person

SECRET = "EnvValueHidden"
CHINESE = re.compile("[\u4e00-\u9fff]")


# ---------------------------------------------------------------- in step with the cells


def test_next_deployment_takes_the_values(shell: Shell) -> None:
    """The next cell of that name has the form's values; an option on its line wins, and is in the form then."""
    shell.run(deploying("taken", "import os; return os.environ['WORD']", "--env WORD=line"))
    form = shell.run("%fcform taken").value
    assert form.values(masked=False)["environment"] == {"WORD": "line"}
    field(form, "Memory (MB)").value = "256"
    field(form, "Timeout (s)").value = "9"
    info = shell.run(deploying("taken", "return 1", "--env WORD=line --timeout 7")).value.info
    assert (info.memory, info.timeout, info.environment) == (256, 7, {"WORD": "line"})
    assert info.warnings == ("from the form: --memory 256 · %fcform taken --write puts it into the cell",)
    assert field(form, "Timeout (s)").value == "7"
    assert shell.run("%fcform taken").value is form
    assert shell.run(deploying("untaken", "return 1")).value.info.memory == 128


def test_option_that_is_gone_from_the_line_is_gone(shell: Shell) -> None:
    """What only the line had said ends with it; what a person set in the form stays."""
    shell.run(deploying("dropped", "return 1", "--timeout 7 --env A=1 --file README.md --force"))
    form = shell.run("%fcform dropped").value
    assert (form.values()["timeout"], form.values()["force"]) == (7, True)
    field(form, "Memory (MB)").value = "256"
    info = shell.run(deploying("dropped", "return 1", "--env B=2")).value.info
    assert (info.memory, info.timeout, info.environment) == (256, 60, {"B": "2"})
    assert form.line() == "%%fcdeploy dropped --memory 256 --env 'B=…'"


def test_card_says_what_is_only_in_the_form(kernel: Kernel) -> None:
    """Both faces of a deployment, and of a dry run, say what the line does not have; secrets are not told. The form's
    own buttons deploy what the form says, and need not say so."""
    kernel.run(deploying("told", "return 1"))
    kernel.run("form = get_ipython().run_line_magic('fcform', 'told'); from tests.notebook.forms import *")
    kernel.run("form.fill({'memory': 512, 'leave-out': ['tests/'], 'environment': {'WORD': 'hid' 'den'}})")
    line = "--memory 512 --env 'WORD=…' --leave-out tests/"
    said = f"from the form: {line} · %fcform told --write puts it into the cell"
    for more in ("--dry-run", ""):
        (output,) = kernel.run(deploying("told", "return 1", more))
        assert said in " ".join(output.data["text/plain"].split())
        assert said in html.unescape(output.data["text/html"])
    assert "from the form" not in text_of(kernel.run("press(form, 'Deploy'); shown(form)"))
    assert "from the form" not in text_of(kernel.run(deploying("told", "return 1", line)))


def test_dry_run_leaves_the_form_as_it_is(shell: Shell) -> None:
    """It says what a deployment would do, with what the form has; afterwards the form, and what its button sends, are
    what they were."""
    shell.run(deploying("steady", "return 'meant'", "--memory 256 --env WORD=line --trigger http"))
    form = shell.run("%fcform steady").value
    field(form, "Timeout (s)").value = "9"
    before = form.line()
    tried = shell.run(deploying("steady", "return 'tried'", "--dry-run")).value.plan
    changes = {one.setting: one.after for one in tried.changes}
    assert changes == {"memory": "128 MB", "timeout": "9 s", "env WORD": "", "trigger http-1": ""}
    assert (form.line(), form.problems()) == (before, {})
    press(form, "Deploy")
    info = shell.run("steady.info").value
    assert (info.memory, info.timeout, info.environment) == (256, 9, {"WORD": "line"})
    assert shell.run("steady()").value == "meant"


def test_refusal_says_what_the_form_has(shell: Shell) -> None:
    """A wrong value that the line does not have is said to be the form's."""
    shell.run(deploying("wrongly", "return 1"))
    form = shell.run("%fcform wrongly").value
    field(form, "Memory (MB)").value = "7"
    failed = shell.run(deploying("wrongly", "return 1", "--timeout 0"))
    assert not failed.success
    assert "form: --memory 7" in failed.text
    assert "  --timeout 0" in failed.text


def test_cell_opens_a_form(shell: Shell) -> None:
    """``--form`` deploys nothing; the form has the values of the line, and its button deploys the cell."""
    form = shell.run(deploying("asked", "return 'cell'", "--form --memory 192")).value
    assert form.line() == "%%fcdeploy asked --memory 192"
    assert shell.variable("asked") is None
    press(form, "Deploy")
    assert shell.run("asked(), asked.info.memory").value == ("cell", 192)


def test_hidden_values_of_a_written_line(shell: Shell, kernel: Kernel) -> None:
    """``…`` stands for what the form has, or what is deployed; where nobody knows it the cell fails."""
    shell.run(deploying("hidden", "import os; return os.environ['WORD']", f"--env WORD={SECRET}"))
    form = shell.run("%fcform hidden").value
    assert SECRET not in form.line()
    shell.run(deploying("hidden", "import os; return os.environ['WORD']", form.line().partition("hidden")[2]))
    assert shell.run("hidden()").value == SECRET
    kernel.run(deploying("hidden", "import os; return os.environ['WORD'] + '!'", "--env 'WORD=…'"))
    assert text_of(kernel.run("hidden()")) == f"'{SECRET}!'"
    failed = shell.run(deploying("unhidden", "return 1", "--env 'WORD=…' --env KNOWN=1 --env 'OTHER=…'"))
    assert not failed.success
    assert "--env WORD, OTHER has …, which stands for a value that this notebook does not know" in failed.text
    hidden = """--trigger '{"type": "http", "config": {"authType": "jwt", "authConfig": {"token": "…"}}}'"""
    failed = shell.run(deploying("unhidden", "return 1", f"--trigger 'timer:@every 5m' {hidden}"))
    assert "--trigger http has …" in failed.text
    failed = shell.run(
        deploying("hidden", "return 1", "--env 'OTHER=…'")
    )  # it has a form, which does not know it
    assert not failed.success
    assert shell.run("hidden()").value == f"{SECRET}!"


@pytest.mark.parametrize("deletion", ["%fcdelete reborn", "reborn.delete()"])
def test_deleted_function_has_a_new_form(shell: Shell, deletion: str) -> None:
    """Its deletion forgets the form's values, also those that nothing can be deployed with."""
    shell.run(deploying("reborn", "return 1"))
    form = shell.run("%fcform reborn").value
    form.fill({"memory": 512, "timeout": "soon"})
    assert shell.run(deletion).success
    assert "deleted from local" in repr(form)
    ran = shell.run(deploying("reborn", "return 1"))
    assert ran.success, ran.text
    assert ran.value.info.memory == 128


# ---------------------------------------------------------------- what it begins with


def test_form_begins_with_what_is_deployed(shell: Shell) -> None:
    """Where no cell of the notebook has deployed the function, as after a restart, the form shows what runs."""
    with fc_magic.connect() as client:
        code = bundle({"index.py": b"def handler(e, c): return 1"})
        timer = {"type": "timer", "config": {"cronExpression": "@every 1h"}}
        fields = {"name": "before", "code": code, "memory": 512, "triggers": [timer]}
        client.deploy({**fields, "environment": {"WORD": SECRET}, "description": "two\nlines"})
    form = shell.run("%fcform before").value
    assert form.values()["memory"] == 512
    line = "%%fcdeploy before --description {'two\\nlines'} --memory 512 --env 'WORD=…' --trigger 'timer:@every 1h'"
    assert form.line() == line
    assert "as deployed to local" in shown(form)
    assert SECRET not in shown(form)
    assert repr(form).startswith("form of before · as deployed to local\n")
    field(form, "Timeout (s)").value = "9"
    assert "as deployed" not in shown(form) + repr(form)


OPENED = """
import asyncio, ipywidgets
from tests.notebook.forms import field, shown, tree
form = get_ipython().run_line_magic("fcform", "late")
"""
FILLED = """
came = asyncio.Event()
def changed(*_):
    if "as deployed to local" in shown(form):
        came.set()
for one in tree(form.widget):
    if isinstance(one, ipywidgets.HTML):
        one.observe(changed, "value")
changed()
await asyncio.wait_for(came.wait(), 30)
"""


@pytest.mark.parametrize("until", ["", FILLED])
def test_form_is_shown_before_anybody_answers(home: Path, shell: Shell, until: str) -> None:
    """It is there at once, and what is deployed comes by itself, or as soon as somebody needs it. Nothing can be
    deployed before; what is set meanwhile stays."""
    assert shell.run(deploying("late", "return 1", "--memory 512 --timeout 7")).success
    with person(home) as asked:
        with held_up(home):
            text, _ = asked.run(
                f"{OPENED}print(shown(form), [field(form, n).disabled for n in ('Deploy', 'Write to cell')])\n"
                "field(form, 'Timeout (s)').value = '9'"
            )
        assert "asking local what is deployed …" in text
        assert "[True, True]" in text
        said = "print([form.values()[n] for n in ('memory', 'timeout')], field(form, 'Deploy').disabled)"
        text, _ = asked.run(f"{until}{said}")
        assert "[512, 9] False" in text


def test_cell_of_a_form_that_waits(home: Path, shell: Shell) -> None:
    """It is deployed with what the form has when that has come."""
    assert shell.run(deploying("late", "return 1", "--memory 512")).success
    with person(home) as asked:
        with held_up(home):
            text, _ = asked.run(f"{OPENED}print(shown(form))")
        assert "asking local" in text
        text, _ = asked.run(deploying("late", "return 2", "--timeout 9"))
        assert "512 MB · 9 s" in text


def test_form_that_waits_is_saved_as_what_came(home: Path, shell: Shell) -> None:
    """Until something is known no value is said; then what stands under the cell says it, too."""
    assert shell.run(deploying("late", "return 1", "--memory 512 --env A=1")).success
    with person(home) as asked:
        with held_up(home):
            asked.run(f"{OPENED}form")
        (display,) = asked.displays
        before = asked.displays[display]
        assert before["text/plain"] == "form of late · asking local what is deployed …"
        assert "128" not in re.sub("<style>.*?</style>", "", before["text/html"], flags=re.DOTALL)
        asked.run(FILLED)
        (after,) = asked.displays.values()
        assert after["text/plain"].startswith("form of late · as deployed to local\n")
        for face in ("text/plain", "text/html"):
            assert "%%fcdeploy late --memory 512 --env" in after[face]
        view = "application/vnd.jupyter.widget-view+json"
        assert after[view] == before[view]
        text, _ = asked.run("form")
        assert "as deployed to local" in text
        assert len(asked.displays) == 1


def test_interrupted_form_waits_on(home: Path, shell: Shell) -> None:
    """Nobody deploys without what is live, and it comes all the same."""
    assert shell.run(deploying("late", "return 1", "--memory 512")).success
    interrupted = (
        "import os, signal, threading\n"
        "threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "try: print(form.line())\nexcept KeyboardInterrupt: print('interrupted')\n"
        "field(form, 'Timeout (s)').value = '9'\n"
        "print([field(form, n).disabled for n in ('Deploy', 'Write to cell')])"
    )
    with person(home) as asked:
        with held_up(home):
            asked.run(OPENED)
            text, _ = asked.run(interrupted)
        assert "interrupted\n" in text
        assert "[True, True]\n" in text
        text, _ = asked.run(f"{FILLED}print(form.line(), field(form, 'Deploy').disabled)")
        assert "%%fcdeploy late --memory 512 --timeout 9 False\n" in text


def test_default_that_is_typed_stays(home: Path, shell: Shell) -> None:
    """Whoever types a value means it, also one that says nothing elsewhere."""
    assert shell.run(deploying("late", "return 1", "--memory 512 --timeout 7 --env A=1")).success
    with person(home) as asked:
        with held_up(home):
            asked.run(
                f"{OPENED}field(form, 'Line').value = '%%fcdeploy late --memory 128'\n"
                "field(form, 'Timeout (s)').value = '9'; field(form, 'Timeout (s)').value = '60'"
            )
        text, _ = asked.run(
            f"{FILLED}print([form.values(masked=False)[n] for n in ('memory', 'timeout', 'environment')])"
        )
        assert "[128, 60, {'A': '1'}]" in text


def test_form_says_that_nobody_could_be_asked(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands at the defaults then, which are not what is deployed, and says so, also when it was edited."""
    monkeypatch.setenv("FC_MAGIC_ACCESS_KEY_ID", "LTAI5tNobodyAtAll")
    shell.run("%config FcMagic.retries = 0")
    try:
        assert shell.run("%fctarget http://127.0.0.1:9 --yes").success
        form = shell.run("%fcform unreached").value
        for seconds in ("9", "8"):
            assert "what is live on http://127.0.0.1:9 is not known: " in shown(form)
            assert "what is live on http://127.0.0.1:9 is not known: " in " ".join(repr(form).split())
            field(form, "Timeout (s)").value = seconds
    finally:
        shell.run("%config FcMagic.retries = None")
        shell.run("%fctarget local")


@pytest.mark.parametrize("line", ["%fcform Bad.Name", "%%fcdeploy Bad.Name --form\nx = 1"])
def test_name_that_no_function_can_have(shell: Shell, line: str) -> None:
    """There is nothing to fill in: the cell says what a name is."""
    failed = shell.run(line)
    assert not failed.success
    assert "Bad.Name can be no function: its name does not have the right form: 1 to 64 letters" in " ".join(
        failed.text.split()
    )


def test_target_that_cannot_be(shell: Shell) -> None:
    """No line of its form could run."""
    failed = shell.run("%fcform far --target http://me:HiddenWord@127.0.0.1:9")
    assert not failed.success
    assert "is not an http or https URL of a host, without user and query" in " ".join(failed.text.split())
    assert "HiddenWord" not in failed.text
    failed = shell.run("%fcform far --target cn-hangzou")
    assert isinstance(failed.error, UsageError)
    assert failed.error.message.startswith("the target 'cn-hangzou' (--target) is not local, a region")
    assert failed.error.hint == "did you mean cn-hangzhou?"


def test_form_of_a_new_function_says_so(shell: Shell) -> None:
    """Nothing of that name is deployed: at the top, with the nearest name, until a cell deploys it."""
    new = "new: no cell has deployed it yet, and there is none on local"
    shell.run(deploying("converting", "return 1"))
    form = shell.run("%fcform convertign").value
    assert f"{new} · did you mean converting?" in shown(form)
    assert new in shown(shell.run("%fcform zzz").value)
    assert new not in shown(shell.run("%fcform converting").value)
    shell.run(deploying("convertign", "return 1"))
    assert new not in shown(form)


def test_failed_line_can_be_corrected(shell: Shell) -> None:
    """After a refusal the form begins with the refused line, and its button deploys the corrected one."""
    assert not shell.run(deploying("corrected", "return 1", "--memory 7 --timeout 5")).success
    form = shell.run("%fcform corrected").value
    assert list(form.problems()) == ["memory"]
    field(form, "Memory (MB)").value = "192"
    press(form, "Deploy")
    assert (shell.variable("corrected").info.memory, shell.variable("corrected").info.timeout) == (192, 5)


# ---------------------------------------------------------------- buttons


def test_button_deploys_the_last_cell(shell: Shell) -> None:
    """The button deploys the last cell of that name with every value of the form, also those at their default."""
    shell.run(deploying("pressed", "return 'first'"))
    shell.run(deploying("pressed", "return 'second'", "--memory 256 --description kept --trigger http"))
    form = shell.run("%fcform pressed").value
    assert (form.values()["memory"], form.values()["triggers"]) == (256, [{"type": "http", "config": {}}])
    field(form, "Memory (MB)").value = "128"
    press(form, "Remove")
    press(form, "Deploy")
    assert "deployed to local" in shown(form)
    info = shell.variable("pressed").info
    assert (info.memory, info.triggers, info.description) == (128, (), "kept")
    assert shell.run("pressed()").value == "second"


def test_button_tries_without_sending(shell: Shell) -> None:
    """Dry run shows what would be sent."""
    shell.run(deploying("tried", "return 1"))
    form = shell.run("%fcform tried").value
    field(form, "Memory (MB)").value = "256"
    press(form, "Dry run")
    assert "Nothing was sent." in shown(form)
    assert shell.variable("tried").info.memory == 128


def test_button_calls_the_function(shell: Shell) -> None:
    """Invoke sends the event; its answer is a card in the form, and so is a failure in the user's own cell."""
    shell.run(deploying("called", "import json; return 1 / json.loads(event)['x']"))
    form = shell.run("%fcform called").value
    field(form, "Event").value = '{"x": 4}'
    press(form, "Invoke")
    assert "0.25" in shown(form)
    assert form.buttons.result.value == 0.25
    field(form, "Event").value = '{"x": 0}'
    press(form, "Invoke")
    assert "ZeroDivisionError" in shown(form)
    assert "Cell In[" in shown(form)
    field(form, "Event").value = '{"x": 4'
    press(form, "Invoke")
    assert "the event looks like JSON and is not" in shown(form)


def test_button_deploys_a_cell_under_its_number(shell: Shell) -> None:
    """What is sent again is still the code of the cell that it stands in, and a failure of it points there."""
    shell.run(deploying("again", "return 1 / len(event)"))
    number = shell.run("len(In) - 2").value
    form = shell.run("%fcform again").value
    press(form, "Deploy")
    field(form, "Event").value = ""
    press(form, "Invoke")
    assert f"Cell In[{number}], line" in shown(form)


def test_button_shows_a_refusal(shell: Shell) -> None:
    """What the deployment refuses appears in the form, and nothing is raised into the front end."""
    form = shell.run("%fcform nobody").value
    press(form, "Deploy")
    assert "no cell has deployed nobody in this notebook yet" in shown(form)
    press(form, "Invoke")
    assert "nobody" in shown(form)
    shell.run(deploying("refused", "return 1", "--layer a:1"))
    form = shell.run("%fcform refused").value
    press(form, "Deploy")
    assert "there is no layer a" in shown(form)


def test_form_of_code_that_is_elsewhere(shell: Shell, tmp_path: Any) -> None:
    """A folder needs no cell."""
    (tmp_path / "index.py").write_text("def handler(event, context): return 'folder'")
    form = shell.run("%fcform foldered").value
    form.fill({"folder": str(tmp_path)})
    press(form, "Deploy")
    assert shell.run("foldered()").value == "folder"


# ---------------------------------------------------------------- in a kernel


def test_form_in_a_kernel(kernel: Kernel) -> None:
    """In a notebook the form is a widget, with a card beside it for where there are none, and its button works."""
    kernel.run(deploying("inside", "import os; return os.environ.get('WORD')"))
    (output,) = kernel.run("form = get_ipython().run_line_magic('fcform', 'inside'); form")
    assert set(output.data) == {"application/vnd.jupyter.widget-view+json", "text/plain", "text/html"}
    assert output.data["text/plain"].startswith("form of inside")
    assert "%%fcdeploy inside" in output.data["text/html"]
    kernel.run("from tests.notebook.forms import *")
    kernel.run("form.fill({'environment': {'WORD': 'sec' 'ret'}, 'memory': 256}); press(form, 'Deploy')")
    assert text_of(kernel.run("inside(), inside.info.memory")) == "('secret', 256)"
    assert "fcm-card" in text_of(kernel.run("shown(form)"))
    saved = kernel.saved()
    assert "WORD" in saved
    assert "'secret', " in saved  # what the function itself answered
    assert saved.count("secret") == 1


def test_form_becomes_a_cell(home: Any) -> None:
    """``--write`` puts the cell in the place of its own; the button writes it below the next cell that is run."""
    with kernel_in(home) as kernel:
        kernel.run(deploying("written", "return 'it'", f"--env WORD={SECRET} --memory 256"))
        cell = "%%fcdeploy written --memory 256 --env 'WORD=…'\ndef handler(event, context):\n    return 'it'"
        assert inputs(kernel, "%fcform written --write") == [(cell, True)]
        kernel.run("from tests.notebook.forms import *")
        kernel.run("form = get_ipython().run_line_magic('fcform', 'written')")
        press_it = "press(form, 'Write to cell'); said = shown(form)"
        assert inputs(kernel, press_it) == [(cell, False)]
        told = "print(*('written below the next cell you run' in text for text in (said, shown(form))))"
        assert text_of(kernel.run(told)).strip() == "True False"  # it is done, so it is said no more
        assert text_of(kernel.run(cell)).startswith("– written  unchanged")


def inputs(kernel: Kernel, source: str) -> list[tuple[str, bool]]:
    """The cells that a cell asks a front end for: their text, and whether they take its own place."""
    client = kernel.client.kc

    asked = client.execute(source, store_history=True)
    while True:
        reply = client.get_shell_msg(timeout=30)
        reply = asyncio.run(reply) if asyncio.iscoroutine(reply) else reply
        if reply["parent_header"].get("msg_id") == asked:
            found = [p for p in reply["content"]["payload"] if p["source"] == "set_next_input"]
            return [(p["text"], p["replace"]) for p in found]


def test_notebook_that_is_saved_can_be_read(kernel: Kernel) -> None:
    """Every setting that is set is in the text and in the table, in the same order."""
    options = "--memory 256 --trigger 'timer:@every 5m' --requirements '' --env A=1 --description 'on a page'"
    (output,) = kernel.run(deploying("page", "return 1", f"--form {options}"))
    text, html = output.data["text/plain"], output.data["text/html"]
    order = [
        text.index(word)
        for word in ("runtime", "memory", "timeout", "triggers", "environment", "description")
    ]
    assert order == sorted(order)
    assert "256 MB" in text
    assert "256 MB" in html
    assert "timer:@every 5m" in html


def test_form_speaks_chinese(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every label, title, button, tooltip and note is in the reader's language; codes and options stay."""
    monkeypatch.setenv("FC_MAGIC_LANG", "zh")
    form = shell.run("%fcform spoken").value
    triggers = [{"type": "http", "config": {}}, {"type": "timer", "config": {"cronExpression": "@every 1h"}}]
    form.fill(
        {"memory": 7, "environment": {"A": "b"}, "triggers": [*triggers, {"type": "oss", "config": {}}]}
    )
    (tabs,) = [w for w in tree(form.widget) if isinstance(w, ipywidgets.Tab)]
    for place, title in enumerate(tabs.titles):
        assert CHINESE.search(title)
        tabs.selected_index = place
    assert "有 2 项设置需要修改" in shown(form)
    said = [getattr(w, name, "") for w in tree(form.widget) for name in ("description", "tooltip")]
    codes = {"", None, "JSON", "authConfig", "URL", "Bucket"}
    assert [text for text in said if text not in codes and not CHINESE.search(text)] == []
    assert "内存 (MB)" in said


# ---------------------------------------------------------------- a function of another target


WORD = "import os; return os.environ.get('WORD')"
OWN, OTHER = "OwnEnvValue", "OtherEnvValue"


@pytest.fixture
def there(shell: Shell, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The options of a line that goes to another server."""
    with serving(tmp_path / "there") as other:
        monkeypatch.setenv("FC_MAGIC_ACCESS_KEY_ID", KEY_ID)
        monkeypatch.setenv("FC_MAGIC_ACCESS_KEY_SECRET", SECRET_OF_KEY)
        assert shell.run("%fctarget local").success  # which reads the settings again
        yield f"--target {other.url} --role acs:ram::1234567890123456:role/r"


def where(there: str) -> str:
    return " ".join(there.split()[:2])


@pytest.mark.parametrize("has_form", [True, False])
def test_hidden_values_are_those_of_the_target(shell: Shell, there: str, has_form: bool) -> None:
    """``…`` on a line that goes elsewhere is filled from there: a secret of this place never gets to another."""
    name = f"paying-{has_form}".lower()
    for cell in (f"--env WORD={OWN}", f"{there} --env WORD={OTHER}"):
        ran = shell.run(deploying(name, WORD, cell))
        assert ran.success, ran.text
    if has_form:
        assert shell.run(f"%fcform {name}").value.values(masked=False)["environment"] == {"WORD": OWN}
    ran = shell.run(deploying(name, WORD, f"{there} --env 'WORD=…'"))
    assert ran.success, ran.text
    assert shell.run(f"%fcinvoke {name} {where(there)}").value.value == OTHER
    assert shell.run(f"%fcinvoke {name}").value.value == OWN


def test_form_of_another_target_goes_there(shell: Shell, there: str, tmp_path: Any) -> None:
    """What a form shows is what its buttons and its line are about, also when the notebook goes elsewhere by then."""
    (tmp_path / "index.py").write_text("def handler(event, context): return 'folder'")
    assert shell.run(f"%fcdeploy distant {there} --folder {tmp_path} --memory 512").success
    far = shell.run(f"%fcform distant {where(there)}").value
    near = shell.run("%fcform distant").value
    assert near is not far
    assert near.values()["memory"] == 128
    assert far.line().partition(" --memory")[0] == "%%fcdeploy distant"
    assert where(there) in far.line()
    far.fill({"memory": 256})
    for place in ("local", where(there).split()[1]):
        assert shell.run(f"%fctarget {place} --yes").success
        far.fill({"description": f"from {place[:5]}"})
        press(far, "Deploy")
        assert far.result.info.memory == 256, far.result
        press(far, "Invoke")
        assert far.result.value == "folder"
    near.fill({"folder": str(tmp_path), "memory": 192})
    press(near, "Deploy")
    assert "deployed to local" in shown(near)
    assert shell.run("%fctarget local").success
    assert [f.memory for f in shell.run("%fclist distant").value] == [192]
    (other,) = shell.run(f"%fclist distant {where(there)}").value
    assert (other.memory, other.description) == (256, "from http:")


def test_trigger_that_is_not_fired_here(shell: Shell, there: str) -> None:
    """The form says what a cell would be refused with, by the name that was typed; of another target only that
    knows."""
    near = shell.run("%fcform unfired").value
    tab(near, "Triggers")
    press(near, "+ something else, as JSON")
    refused = "the embedded Function Compute does not fire {} triggers"
    assert near.problems() == {"triggers": f"1. {refused.format('mns_topic')}"}
    assert refused.format("mns_topic") in shown(near)
    assert field(near, "Deploy").disabled
    field(near, "Line").value = "%%fcdeploy unfired --trigger http --trigger bogus"
    assert near.problems() == {"triggers": f"2. {refused.format('bogus')}"}
    failed = shell.run(deploying("unfired", "return 1", "--trigger http --trigger bogus"))
    said = " ".join(failed.text.split())
    assert refused.format("bogus") in said
    assert "bogus-1" not in said
    field(near, "Line").value = "%%fcdeploy unfired --trigger http"
    assert near.problems() == {}
    far = shell.run(f"%fcform unfired {where(there)}").value
    field(far, "Line").value = f"{far.line()} --trigger log"
    assert far.problems() == {}


def test_line_of_a_form_stays_with_its_target(shell: Shell, there: str) -> None:
    """Another target is another function, as another name is: the values of this one are not sent there."""
    shell.run(deploying("rooted", WORD, f"--env WORD={OWN}"))
    form = shell.run("%fcform rooted").value
    before = form.line()
    field(form, "Line").value = f"{before} {where(there)}"
    assert f"this is the form of rooted; %fcform rooted {where(there)} opens another" in html.unescape(
        shown(form)
    )
    assert form.line() == before


def test_written_cell_goes_where_its_form_does(shell: Shell, there: str) -> None:
    """It names the target where the notebook goes to another, and so does every line of the form; the function of the
    same name here stays what it is."""
    target, role = where(there), there.split(" ", 2)[2]
    url = target.split()[1]
    assert shell.run(deploying("twins", WORD, f"--env WORD={OWN}")).success
    assert shell.run(f"%fctarget {url} --yes").success
    assert shell.run(deploying("twins", f"{WORD} + '!'", f"--env WORD={OTHER} {role}")).success
    far = shell.run("%fcform twins").value
    assert target not in far.line() + repr(far)
    assert f"on {url}" not in shown(far) + repr(far)
    press(far, "Write to cell")
    assert target not in shell.ip.rl_next_input
    # the cell that it is written below
    assert shell.run("%fctarget local").success
    assert target in shell.ip.rl_next_input.partition("def ")[0]
    assert target in far.line()
    assert field(far, "Line").value == "\n".join(far.lines())
    assert f"on {url}" in shown(far)
    assert repr(far).startswith(f"form of twins · on {url}\n")
    assert shell.run(f"%fcform twins {target} --write").success
    assert shell.ip.rl_next_input.startswith("\n".join(far.lines()))
    ran = shell.run(shell.ip.rl_next_input)
    assert ran.success, ran.text
    assert shell.run(f"%fcinvoke twins {target}").value.value == f"{OTHER}!"
    assert shell.run("%fcinvoke twins").value.value == OWN


def test_line_of_a_form_that_is_elsewhere_can_be_edited(shell: Shell, there: str) -> None:
    """With its target, which is no more than where it goes: gone from the line when the notebook is there again.
    Without it, it is the line of another function."""
    target = where(there)
    url = target.split()[1]
    assert shell.run(f"%fctarget {url} --yes").success
    far = shell.run("%fcform edited").value
    shell.run("%config FcMagic.target = 'local'")
    try:
        field(far, "Line").value = f"{far.line()} --memory 512"
        assert (far.values()["memory"], far.problems()) == (512, {})
        field(far, "Line").value = "%%fcdeploy edited --memory 256"
        assert "%fcform edited opens another" in html.unescape(shown(far))
        assert far.values()["memory"] == 512
        assert shell.run(f"%fctarget {url}").success
        assert "%fcform edited opens another" in html.unescape(shown(far))  # it stays to be corrected
        field(far, "Line").value = "%%fcdeploy edited --memory 192"
        assert far.line() == "%%fcdeploy edited --memory 192"
    finally:
        shell.run("%config FcMagic.target = None")
        shell.run("%fctarget local")


def test_form_of_a_deleted_function_is_gone(shell: Shell) -> None:
    """With its widgets, which nobody can press any more, and with the line that a new one would begin with."""
    shell.run(deploying("gone", "return 1", "--memory 512"))
    form = shell.run("%fcform gone").value
    shell.run("%fcdelete gone")
    assert [w for w in tree(form.widget) if w.comm is not None] == []
    assert shell.bundle(form)["text/plain"].startswith("form of gone · deleted from local\n")
    form = shell.run("%fcform gone").value
    assert form.overrides() == {}
    assert "new: no cell has deployed it yet" in shown(form)


def test_form_that_waits_for_what_is_deleted(home: Path, shell: Shell) -> None:
    """Nothing comes any more, and no later cell fails of it; what is left of the form can be seen."""
    assert shell.run(deploying("late", "return 1")).success
    running = server_of(home)
    assert running
    with person(home) as asked:
        with held_up(home):
            text, _ = asked.run(
                f"{OPENED}import os, signal\ndisplay(form)\nos.kill({running.pid}, signal.SIGCONT)\n"
                "get_ipython().run_line_magic('fcdelete', 'late')"
            )
        assert "asking local what is deployed" in text
        assert "late  deleted" in text
        (left,) = asked.displays.values()
        assert left["text/plain"] == "form of late · deleted from local"
        assert asked.run("1+1")[0].strip() == "{'text/plain': '2'}"
        text, _ = asked.run("form")
        assert "form of late · deleted from local" in text
        assert "Error" not in text


# ---------------------------------------------------------------- what a cell and its form agree on


def test_written_line_opens_its_form(shell: Shell) -> None:
    """After a restart ``…`` of a written line is filled in the form, too, however that is opened."""
    with fc_magic.connect() as client:
        code = bundle({"index.py": b"def handler(e, c): return 1"})
        for name in ("first", "second"):
            client.deploy({"name": f"refilled-{name}", "code": code, "environment": {"WORD": SECRET}})
    form = shell.run(deploying("refilled-first", WORD, "--env 'WORD=…' --form")).value
    shell.run(deploying("refilled-second", WORD, "--env 'WORD=…'"))
    for one in (form, shell.run("%fcform refilled-second").value):
        assert one.values(masked=False)["environment"] == {"WORD": SECRET}
        assert one.problems() == {}


def test_form_that_does_not_have_it_asks_what_is_deployed(shell: Shell) -> None:
    """``…`` stands for what is deployed also where a form was opened without it: on a cell's line, and its own."""
    with fc_magic.connect() as client:
        code = bundle({"index.py": b"def handler(e, c): return 1"})
        for name in ("unasked-cell", "unasked-form"):
            client.deploy({"name": name, "code": code, "environment": {"WORD": SECRET, "MORE": "x"}})
    forms = [shell.run(deploying(f"unasked-{at}", WORD, "--form")).value for at in ("cell", "form")]
    ran = shell.run(deploying("unasked-cell", WORD, "--env 'WORD=…'"))
    assert ran.success, ran.text
    assert ran.value() == SECRET
    field(forms[1], "Line").value = "%%fcdeploy unasked-form --env 'WORD=…'"
    for form in forms:
        assert form.problems() == {}
        assert form.values(masked=False)["environment"] == {"WORD": SECRET}
        assert SECRET not in form.line()
    field(forms[1], "Line").value = "%%fcdeploy unasked-form --env 'NOBODYS=…'"
    assert list(forms[1].problems()) == ["environment"]


def test_what_the_line_says_is_deployed(shell: Shell) -> None:
    """Also where it was the default when the form was made, and is not any more; and what is wrong stays wrong."""
    shell.run(deploying("insisting", "return 1"))
    assert shell.run("%fcform insisting").success
    usual = shell.run("insisting.info.runtime").value
    other = "python3.12" if usual != "python3.12" else "python3.10"
    shell.run(f"%config FcMagic.runtime = '{other}'")
    try:
        ran = shell.run(deploying("insisting", "return 1", f"--runtime {usual} --dry-run"))
        assert ran.success, ran.text
        assert [c for c in ran.value.plan.changes if c.setting == "runtime"] == []
    finally:
        shell.run("%config FcMagic.runtime = None")
    failed = shell.run(deploying("insisting", "return 1", """--trigger '["timer:@every 5m"]'"""))
    assert not failed.success
    assert shell.run("insisting.info.triggers").value == ()


# ---------------------------------------------------------------- a cell for what is live


def test_written_cell_has_the_live_code(shell: Shell) -> None:
    """Where no cell is known, what runs is what is written; what is no cell is not, and says what makes one."""
    code = b"def handler(event, context):\n    return 'live'\n"
    several = bundle({"index.py": code, "more.py": b""})
    with fc_magic.connect() as client:
        client.deploy({"name": "alive", "code": bundle({"index.py": code}), "memory": 512})
        client.deploy({"name": "alive-several", "code": several})
    shell.ip.rl_next_input = None
    assert shell.run("%fcform alive --write").success
    assert shell.ip.rl_next_input == f"%%fcdeploy alive --memory 512\n{code.decode()}".rstrip()
    shell.run(shell.ip.rl_next_input)
    assert shell.run("alive()").value == "live"
    failed = shell.run("%fcform alive-several --write")
    assert not failed.success
    assert "%fcpull alive-several" in failed.text
    form = shell.run("%fcform alive-several").value
    press(form, "Write to cell")
    assert "%fcpull alive-several" in shown(form)


@pytest.mark.parametrize("runtime", ["python3.10", "nodejs20"])
def test_new_cell_is_in_its_language(shell: Shell, runtime: str) -> None:
    """Of a function that is nowhere yet there is a cell to begin with, which can be run."""
    name = f"starting-{runtime[:4]}"
    shell.run(f"%fcform {name}").value.fill({"runtime": runtime})
    assert shell.run(f"%fcform {name} --write").success
    ran = shell.run(f"{shell.ip.rl_next_input}".replace("\n", " --dry-run\n", 1))
    assert ran.success, ran.text

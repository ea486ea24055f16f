"""The magics as a person runs them: in an IPython of this process, and in real kernels through nbclient."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from fc_magic import errors
from fc_magic.client.function import RemoteFunction
from fc_magic.notebook.display import bundle
from fc_magic.server.leases import birth
from fc_magic.wire.results import Functions, Instances, Invocation, Log
from tests.notebook.conftest import (
    KEY_SECRET,
    TOKEN,
    Kernel,
    Shell,
    clean_environment,
    deploying,
    environment,
    kernel_in,
    server_of,
    stop_server,
    text_of,
    texts,
)
from tests.server.processes import INSTANCE, Door

MAGICS = ("fcdeploy", "fcinvoke", "fclogs", "fclist", "fcinstances", "fcdelete", "fcform", "fctarget")
ECHO = "return event.decode()"


def until(true: Callable[[], Any], seconds: float = 30) -> None:
    """Waits for a condition of another process, and fails if it does not come."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)


# ---------------------------------------------------------------- deploy


def test_help_of_fcinvoke(shell: Shell) -> None:
    """A line for each option, and the usage alone as the hint of a wrong one."""
    helped = shell.run("%fcinvoke --help").text
    assert [line.split()[0] for line in helped.splitlines()[2:]] == [
        *("NAME:QUALIFIER", "EVENT", "--async", "--delay", "--task", "--target", "--api", "--yes"),
    ]
    wrong = shell.run("%fcinvoke --zzz hello")
    assert "%fcinvoke NAME[:QUALIFIER] [--async] [--delay S] [--task ID] [EVENT]" in str(wrong.error.hint)


def test_cell_becomes_a_function(shell: Shell) -> None:
    """%%fcdeploy returns the function, shows it, and leaves it as a variable that can be called."""
    done = shell.run(
        deploying("hello", "return {'got': event.decode()}", "--memory 256 --timeout 30 --trigger http")
    )
    assert done.success
    assert isinstance(done.value, RemoteFunction)
    assert shell.variable("hello") is done.value is shell.variable("_")
    info = done.value.info
    assert (info.outcome, info.memory, info.timeout, info.handler) == ("created", 256, 30, "index.handler")
    assert "✓ hello  deployed to local · version 1" in done.text
    assert "python3.10 · 256 MB · 30 s · index.handler" in done.text
    assert info.urls[0].url in done.text
    assert shell.run("hello({'any': 'json'})").value == {"got": '{"any": "json"}'}
    assert shell.run("hello('text')").value == {"got": "text"}
    assert shell.run("hello()").value == {"got": ""}


def test_second_run_is_unchanged(shell: Shell) -> None:
    """The same cell again deploys nothing; another one is an update; what is left out goes back to its default."""
    outcomes = [
        shell.run(deploying("again", ECHO, options)).value.info
        for options in ("", "", "--memory 256 --env A=1 --trigger http", "")
    ]
    assert [f.outcome for f in outcomes] == ["created", "unchanged", "updated", "updated"]
    assert [f.memory for f in outcomes] == [128, 128, 256, 128]
    assert outcomes[-1].settings() == outcomes[0].settings()
    assert "– again  unchanged on local" in shell.run(deploying("again", ECHO)).text


def test_new_code_runs(shell: Shell) -> None:
    """After a changed cell the same variable runs the new code."""
    for answer in (1, 2):
        shell.run(deploying("edited", f"return {answer}"))
        assert shell.run("edited()").value == answer


def test_dashes_in_a_name(shell: Shell) -> None:
    """A name with dashes has a variable with underscores, and is deleted with it."""
    shell.run(deploying("my-fn", ECHO))
    assert shell.run("my_fn(1)").value == 1
    shell.run(deploying("my_fn", "return 'other'"))
    assert shell.run("%fcdelete my-fn").success
    assert shell.run("my_fn()").value == "other"
    assert shell.run("%fcdelete my_fn").success
    assert shell.variable("my_fn") is None


def test_taken_variable_stays(shell: Shell) -> None:
    """A variable that is something else keeps its value; the card says so, and _ is the function."""
    shell.run("taken = 7")
    done = shell.run(deploying("taken", ECHO))
    assert shell.variable("taken") == 7
    said = " ".join(done.text.split())
    assert "taken is something else in this notebook, of type int; _ is the function" in said
    assert "_({" in said
    assert "taken({" not in said
    assert shell.run("_('x')").value == "x"


def test_a_function_that_is_looked_at_later(shell: Shell) -> None:
    """Its card is that of the deployment in the cell that deployed it; afterwards it says what is deployed."""
    first = shell.run(deploying("looked_at", ECHO)).text
    assert "deployed to local" in first
    later = shell.run("looked_at").text
    assert "looked_at  on local · version 1 · Active · changed" in later
    assert "deployed to" not in later
    assert "– looked_at  unchanged" in shell.run(deploying("looked_at", ECHO)).text
    assert "unchanged" not in shell.run("looked_at").text


def test_a_rate_without_a_dry_run(shell: Shell) -> None:
    """What an option is for is said where it does nothing."""
    done = shell.run(deploying("rated", ECHO, "--rate 10/s"))
    assert "--rate is for --dry-run; of what is deployed: %fccost rated --rate 10/s" in " ".join(
        done.text.split()
    )


def test_an_alias_that_is_not_there(shell: Shell) -> None:
    """What to type is a magic, not an operation of the API."""
    shell.run(deploying("aliased", ECHO))
    said = " ".join(shell.run("aliased.at('prod')(1)").text.split())
    assert "%fcalias aliased shows which there are" in said
    assert "ListAliases" not in said
    assert "%fcversions aliased shows" in " ".join(shell.run("aliased.at(99)(1)").text.split())


@pytest.mark.parametrize("name", ["print", "class"])
def test_words_of_python_stay(shell: Shell, name: str) -> None:
    """A function named like a builtin or a keyword does not take its place in the notebook."""
    done = shell.run(deploying(name, ECHO))
    assert f"{name} is a word of Python's own and stays so" in " ".join(done.text.split())
    assert '_({"any": "json"})' in done.text
    assert shell.run("_('x')").value == "x"
    assert shell.run("print('seen')").text == "seen\n"
    assert shell.run(f"%fcdelete {name}").success


def test_near_name_is_offered(shell: Shell) -> None:
    """A function that is not there is answered with the nearest one that is."""
    shell.run(deploying("nearly", ECHO))
    for line in ("%fcinvoke nearyl", "%fclogs nearyl", "%fcdelete nearyl"):
        assert "did you mean nearly?" in shell.run(line).text
    assert "%fclist shows what is deployed" in shell.run("%fcinvoke zzz").text


def test_line_is_not_expanded(shell: Shell) -> None:
    """Dollars of a line mean themselves, and so do braces in single quotes: nobody expands it before us."""
    shell.run("value = 'expanded'")
    info = shell.run(deploying("braces", ECHO, "--description '{value} $value' --env 'A={value}'")).value.info
    assert info.description == "{value} $value"
    assert info.environment == {"A": "{value}"}
    assert shell.run('%fcinvoke braces {"value": "$value"}').value.value == {"value": "$value"}


def test_handler_may_be_named(shell: Shell) -> None:
    """--handler and --entrypoint choose among the cell's functions."""
    start = "state = []\ndef start(context):\n    state.append(1)\n"
    code = f"{start}def one(event, context):\n    return state\ndef two(event, context): ...\n"
    done = shell.run(deploying("named", code, "--handler index.one --entrypoint index.start"))
    assert done.success
    assert shell.run("named()").value == [1]


def test_warnings_are_on_the_card(shell: Shell) -> None:
    """What may fail there, or is slow, is said beside what was deployed."""
    done = shell.run(
        deploying("warned", "import time\ntime.sleep(0.01)\ndef handler(event, context): return 1")
    )
    assert done.success
    assert "⚠ line 3: time.sleep(0.01) waits at each cold start" in done.text


def test_zip_instead_of_a_cell(shell: Shell, home: Path) -> None:
    """--code takes a ZIP of this machine; a cell beside it is ignored, and the card says so."""
    from tests.conftest import zipped

    path = home / "my app.zip"
    path.write_bytes(zipped({"app.py": "def main(event, context):\n    return 'zipped'\n"}))
    done = shell.run(f"%fcdeploy packed --code '{path}' --handler app.main")
    assert done.success
    assert done.value.info.warnings == ()
    assert shell.run("packed()").value == "zipped"
    done = shell.run(deploying("packed", ECHO, f"--code '{path}' --handler app.main"))
    assert "cell's own code was ignored: --code is given" in done.text


# ---------------------------------------------------------------- call, look, delete


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("%fcinvoke echo", None),
        ("%fcinvoke echo world", "world"),
        ("%fcinvoke echo  two words ", "two words"),
        ('%fcinvoke echo {"a": [1, null]}', {"a": [1, None]}),
        ("%fcinvoke echo {not json", "{not json"),
        ("%fcinvoke echo 'quoted'", "'quoted'"),
        ("%fcinvoke echo --option", "--option"),
        ("%%fcinvoke echo\nline one\nline two\n", "line one\nline two\n"),
        ('%%fcinvoke echo\n{\n  "a": 1\n}', {"a": 1}),
        ("%fcinvoke echo 函数", "函数"),
    ],
)
def test_events(shell: Shell, cell: str, value: Any) -> None:
    """The event is the rest of the line or the body of the cell, as it stands."""
    shell.run(deploying("echo", ECHO))
    done = shell.run(cell)
    assert isinstance(done.value, Invocation)
    assert done.value.value == value


def test_invocation_is_shown(shell: Shell) -> None:
    """The value first, then its numbers, then what the function printed."""
    shell.run(deploying("prints", "print('from inside'); return {'a': 1}"))
    done = shell.run("%fcinvoke prints")
    value, numbers, log = done.text.strip().splitlines()[-3:]
    assert value == "{'a': 1}"
    assert numbers.startswith("200 · ")
    assert "of 128 MB" in numbers
    assert numbers.endswith(f"request {done.value.request_id}")
    assert log == "log  from inside"


def test_logs(shell: Shell) -> None:
    """%fclogs has the last requests, as many as asked for, or the one that is named."""
    shell.run(deploying("logged", "print('event', event.decode()); return 1"))
    first, *_ = [shell.run(f"%fcinvoke logged {n}").value for n in range(3)]
    done = shell.run("%fclogs logged")
    assert isinstance(done.value, Log)
    assert [line.strip() for line in done.text.splitlines() if "event" in line] == [
        "event 0",
        "event 1",
        "event 2",
    ]
    assert len(shell.run("%fclogs logged --limit 2").value.requests) == 2
    found = shell.run(f"%fclogs --request={first.request_id} logged").value.requests
    assert [r.request_id for r in found] == [first.request_id]


def test_logs_of_nothing(shell: Shell) -> None:
    """A function that was not called yet has no log, and the card says how to get one."""
    shell.run(deploying("silent", ECHO))
    kept = "the local Function Compute keeps logs as long as it runs"
    assert f"silent has no log yet.\n{kept}\n%fcinvoke silent" in shell.run("%fclogs silent").text


def test_instances(shell: Shell) -> None:
    """%fcinstances shows what runs of a function, or of all, and says so when nothing does."""
    for name in ("inst-a", "inst-b"):
        shell.run(deploying(name, ECHO))
    none = shell.run("%fcinstances inst-a")
    assert none.text.strip().endswith("inst-a has no instance now; a call starts one.\n  %fcinvoke inst-a")
    called = [shell.run(f"%fcinvoke {name} 1").value for name in ("inst-a", "inst-b")]
    done = shell.run("%fcinstances inst-a")
    assert isinstance(done.value, Instances)
    head, names, row = done.text.strip().splitlines()[-3:]
    assert (head.strip(), names.split()) == (
        "inst-a",
        ["instance", "state", "version", "age", "calls", "memory", "now"],
    )
    assert row.split()[:3] == [called[0].instance_id, "idle", "1"]
    assert re.search(r"\d m?s +1 +\d+\.\d MB$", row)
    every = shell.run("%fcinstances").value
    assert {(i.function, i.instance_id) for i in every} >= {(c.function, c.instance_id) for c in called}
    assert "<table" in bundle(every)["text/html"]


def test_list(shell: Shell) -> None:
    """%fclist has what is deployed, the last changed first, or what begins with a prefix."""
    for name in ("list-a", "list-b"):
        shell.run(deploying(name, ECHO, "--trigger http"))
    done = shell.run("%fclist list-")
    assert isinstance(done.value, Functions)
    assert [f.name for f in done.value] == ["list-b", "list-a"]
    assert {"list-a", "list-b"} <= {f.name for f in shell.run("%fclist").value}
    header, *rows = done.text.strip().splitlines()[-4:-1]
    assert header.split()[:4] == ["name", "runtime", "memory", "triggers"]
    assert header.endswith("changed   version  calls today  errors")
    assert [row.split()[0] for row in rows] == ["list-b", "list-a"]


def test_list_of_nothing(shell: Shell) -> None:
    """An empty list says so, and what to do."""
    done = shell.run("%fclist no-such-prefix")
    assert done.value == ()
    assert "Nothing that begins with no-such-prefix is deployed here." in done.text


def test_delete(shell: Shell) -> None:
    """%fcdelete removes the function and its variable."""
    shell.run(deploying("gone", ECHO))
    done = shell.run("%fcdelete gone")
    assert done.success
    assert done.text.strip() == "✓ gone  deleted from local"
    assert shell.variable("gone") is None
    assert isinstance(shell.run("%fcinvoke gone").error, errors.FunctionNotFound)


def test_target(shell: Shell, home: Path) -> None:
    """%fctarget shows each setting with its origin, and nothing secret."""
    done = shell.run("%fctarget")
    running = server_of(home)
    assert running is not None
    assert f"target local · {running.url} · region cn-hangzhou" in done.text
    rows = {line.split()[0]: line.split()[1:] for line in done.text.splitlines() if line.startswith("  ")}
    assert rows["access_key_secret"] == ["****", "FC_MAGIC_ACCESS_KEY_SECRET"]
    assert rows["security_token"] == ["****", "FC_MAGIC_SECURITY_TOKEN"]
    assert rows["idle_stop"] == ["20", "FC_MAGIC_IDLE_STOP"]
    assert rows["retries"] == ["3", "default"]
    assert [line for line in done.text.splitlines() if line.startswith("isolation  ")]
    html = shell.bundle(done.value)["text/html"]
    for secret in (KEY_SECRET, TOKEN, running.keys.access_key_secret):
        assert secret not in done.text + html


def test_target_that_cannot_be(shell: Shell) -> None:
    """A target that has no keys is refused, and the one before stays."""
    done = shell.run("%fctarget cn-hangzhou")
    assert isinstance(done.error, errors.UsageError)
    assert "use the target local" in done.text
    typo = shell.run("%fctarget lcoal")
    assert "did you mean local?" in typo.text
    assert shell.run("%fctarget").value.target.name == "local"


def test_form_without_a_front_end(shell: Shell) -> None:
    """%fcform is readable as text, and the same form each time."""
    shell.run(deploying("formed", ECHO, "--memory 256 --env A=EnvValueHidden"))
    done = shell.run("%fcform formed")
    assert "memory       256" in done.text
    assert "%%fcdeploy formed --memory 256" in done.text
    assert "EnvValueHidden" not in done.text
    assert shell.run("%fcform formed").value is done.value


@pytest.mark.parametrize("name", MAGICS)
@pytest.mark.parametrize("asked", ["%{}?", "%{} --help"])
def test_help(shell: Shell, name: str, asked: str) -> None:
    """A question mark shows what the magic does, and so does --help."""
    done = shell.run(asked.format(name))
    assert done.success
    assert f"%{name}" in done.text


@pytest.mark.parametrize("cell", ["%%fcdeploy?", "%fcdeploy --help", "%%fcdeploy hello --help\nx\n"])
def test_help_lists_the_options(shell: Shell, cell: str) -> None:
    """--help and ? list every option, and deploy nothing."""
    done = shell.run(cell)
    assert done.success
    assert done.value is None
    for option in ("--memory N", "--trigger TEXT", "--env KEY=VALUE", "--target"):
        assert option in done.text


def test_nearest_function(shell: Shell) -> None:
    """A name that is not deployed is answered with one that is like it, and with no other."""
    shell.run(deploying("hello", "return 1"))
    assert "did you mean hello?" in shell.run("%fcinvoke helo").text
    assert "did you mean" not in shell.run("%fclogs cell").text


# ---------------------------------------------------------------- bad input

TIMER = '{"type": "timer", "config": {"cronExpression": "@every %s", "name": "t"}}'
FINE = "def handler(event, context): pass\n"


@pytest.mark.parametrize(
    ("cell", "kind", "said"),
    [
        (f"%%fcdeploy bad --memory abc\n{FINE}", "InvalidArgument", "--memory abc  is not a whole number"),
        (f"%%fcdeploy bad --memory 7\n{FINE}", "InvalidArgument", "try --memory 128"),
        (f"%%fcdeploy bad --memory 999999\n{FINE}", "InvalidArgument", "--memory 999999  is too large"),
        (f"%%fcdeploy bad --memory 7 --timeout 0\n{FINE}", "InvalidArgument", "2 settings need attention"),
        (f"%%fcdeploy bad name\n{FINE}", "UsageError", "a name has no spaces"),
        (f"%%fcdeploy 'bad name'\n{FINE}", "InvalidArgument", "--name bad name"),
        (f"%%fcdeploy\n{FINE}", "UsageError", "the function has no name"),
        (f"%%fcdeploy --memory 256\n{FINE}", "UsageError", "the function has no name"),
        (f"%%fcdeploy bad --trigger http --trigger http\n{FINE}", "InvalidArgument", "has two http triggers"),
        (
            f"%%fcdeploy bad --trigger '{TIMER % '1m'}' --trigger '{TIMER % '2m'}'\n{FINE}",
            "InvalidArgument",
            "has the trigger name t twice",
        ),
        (f"%%fcdeploy bad --trigger 'timer:0 4 * * *'\n{FINE}", "InvalidArgument", "timer:0 0 4 * * *"),
        (f"%%fcdeploy bad --runtime python3.6\n{FINE}", "InvalidArgument", "try --runtime python3.10"),
        (f"%%fcdeploy bad --runtime pyton3.10\n{FINE}", "InvalidArgument", "is not a runtime"),
        (f"%%fcdeploy bad --runtime nodejs20\n{FINE}", "HandlerMissing", "it exports nothing"),
        (f"%%fcdeploy bad --runtime java11\n{FINE}", "CellError", "runs compiled classes"),
        (f"%%fcdeploy bad --memroy 256\n{FINE}", "UsageError", "did you mean --memory?"),
        (f"%%fcdeploy bad --handler index.nope\n{FINE}", "HandlerMissing", "does not define nope"),
        ("%%fcdeploy bad\ndef handler(event, context)\n    pass\n", "CellSyntaxError", "line 2 of the cell"),
        ("%%fcdeploy bad\n\n# nothing\n", "EmptyCell", "the cell is empty"),
        ("%fcdeploy bad", "EmptyCell", "the cell is empty"),
        ("%%fcdeploy bad\nx = 1\n", "HandlerMissing", "it defines no function"),
        (f"%%fcdeploy bad --env FC_X=1\n{FINE}", "InvalidArgument", "FC_X"),
        (f"%%fcdeploy bad --layer a:1\n{FINE}", "InvalidArgument", "there is no layer a"),
        (f"%%fcdeploy bad --role nobody\\ there\n{FINE}", "InvalidArgument", "--role"),
        ("%fcdeploy bad --code nowhere.zip", "UsageError", "there is no such file"),
        (f"%%fcdeploy bad --target http://\n{FINE}", "UsageError", "is not an http or https URL"),
        ("%fcinvoke", "UsageError", "a name is missing"),
        ("%fcinvoke nobody", "FunctionNotFound", "nobody"),
        ("%%fcinvoke nobody line\ncell\n", "UsageError", "two events"),
        ("%fclogs", "UsageError", "a name is missing"),
        ("%fclogs a b", "UsageError", "'a b' is not one name"),
        ("%fclogs a --limit 0", "UsageError", "must be 1 to 500"),
        ("%fclogs a --limit ²", "UsageError", "must be 1 to 500"),
        ("%fclogs a --limit", "UsageError", "has no value"),
        ("%fclogs a --lines 3", "UsageError", "--lines is not an option"),
        ("%fclogs nobody", "DeploymentNotFound", "nobody"),
        ("%fcinstances nobody", "FunctionNotFound", "nobody"),
        ("%fcinstances a b", "UsageError", "'a b' is not one name"),
        ("%fcdelete", "UsageError", "a name is missing"),
        ("%fcdelete nobody", "DeploymentNotFound", "%fclist"),
        ("%fcform", "UsageError", "a name is missing"),
        ("%fcform a b", "UsageError", "is not one name"),
    ],
)  # fmt: skip
def test_bad_input(shell: Shell, cell: str, kind: str, said: str) -> None:
    """What is wrong fails the cell with a few lines that name it, none of them a traceback of ours."""
    done = shell.run(cell)
    assert not done.success
    assert type(done.error).__name__ == kind, done.text
    assert isinstance(done.error, errors.FcError)
    assert said in " ".join(done.text.split()) or said in done.text
    assert done.text.startswith(f"{kind}: ")
    assert "Traceback" not in done.text
    assert "fc_magic/" not in done.text
    assert max(map(len, done.text.splitlines())) < 100
    assert shell.variable("bad") is None


def test_refusal_sends_nothing(shell: Shell) -> None:
    """After a refusal what ran before still runs, and the lines say so."""
    shell.run(deploying("kept", "return 'before'"))
    done = shell.run(deploying("kept", "return 'after'", "--memory 7"))
    assert "Nothing was sent. What ran before still runs." in done.text
    assert shell.run("kept()").value == "before"


def test_empty_body(shell: Shell) -> None:
    """A %%fcdeploy line alone fails the cell."""
    assert not shell.run("%%fcdeploy bad").success


def test_failing_function(shell: Shell) -> None:
    """A failure up there fails the cell down here, by magic and by call, and can be caught."""
    shell.run(deploying("fails", "raise ValueError('no')"))
    for cell in ("%fcinvoke fails", "fails()", "[fails() for _ in range(2)]"):
        done = shell.run(cell)
        assert not done.success
        assert isinstance(done.error, errors.FunctionError)
        assert "ValueError: no   in fails, request" in done.text
    caught = shell.run(
        "try:\n    fails()\nexcept Exception as e:\n    caught = e\ncaught.invocation.error['errorType']"
    )
    assert caught.value == "ValueError"


def listens(url: str) -> bool:
    host, port = url.removeprefix("http://").split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def test_server_killed_in_mid_call(shell: Shell, home: Path) -> None:
    """A call whose server dies is reported; the next one starts a new server, with everything that was deployed."""
    door = Door()
    body = f"import time; {door.knock(1)}; time.sleep(float(event)); return 'woke'"
    shell.run(deploying("killed", body))
    before = server_of(home)
    assert before is not None

    def kill() -> None:
        until(door.said)
        os.kill(before.pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    done = shell.run("killed(50)")
    killer.join()
    assert isinstance(done.error, errors.ConnectionFailed)
    assert "run the cell again" in done.text
    until(lambda: not listens(before.url))  # a process that is ending may still take a connection
    assert shell.run("killed(0)").value == "woke"
    door.close()
    after = server_of(home)
    assert after is not None
    assert after.pid != before.pid
    assert f"· {after.url} ·" in shell.run("%fctarget").text


# ---------------------------------------------------------------- the extension itself


def test_load_and_unload(shell: Shell) -> None:
    """Loading, unloading and reloading may be repeated; functions that are variables go on working."""
    shell.run(deploying("survivor", ECHO))
    try:
        for cell in ("%reload_ext", "%unload_ext", "%unload_ext", "%load_ext", "%reload_ext", "%unload_ext"):
            assert shell.run(f"{cell} fc_magic").success
        table = shell.ip.magics_manager.magics
        assert not set(MAGICS) & {*table["line"], *table["cell"]}
        assert not shell.run("%fclist").success
        assert shell.run("survivor(1)").value == 1
        assert (
            shell.run("survivor").text.strip().endswith("<function survivor at local: python3.10, version 1>")
        )
        assert "text/html" not in shell.bundle(shell.variable("survivor"))
    finally:
        shell.run("%load_ext fc_magic")
    assert shell.run("%fclist survivor").value[0].name == "survivor"
    assert "text/html" in shell.bundle(shell.variable("survivor"))


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        (
            "import fc_magic; fc_magic.errors",
            "IPython pydantic requests starlette ipywidgets sqlite3 asyncio",
        ),
        (
            "import fc_magic.notebook.magics, fc_magic.notebook.formatters, fc_magic.notebook.failures.cells",
            "IPython pydantic requests starlette ipywidgets croniter",
        ),
    ],
)
def test_import_is_light(code: str, absent: str) -> None:
    """The package, and what %load_ext imports, brings in nothing heavy."""
    program = f"{code}\nimport sys\nprint(sorted(set({absent.split()!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


# ---------------------------------------------------------------- in a kernel


def test_main_job_in_a_kernel(kernel: Kernel) -> None:
    """Deploy, call, look and delete: each cell has both faces."""
    deployed = kernel.run(
        deploying("job", "print('inside'); return {'n': 1}", "--trigger http --trigger 'timer:@every 1h'")
    )
    invoked = kernel.run("%fcinvoke job {}")
    called = kernel.run("job()")
    listed, logged, target = kernel.run("%fclist job"), kernel.run("%fclogs job"), kernel.run("%fctarget")
    deleted = kernel.run("%fcdelete job")
    for outputs in (deployed, invoked, listed, logged, target):
        (output,) = outputs
        assert output.output_type == "execute_result"
        assert output.data["text/html"].startswith('<div class="fcm-card')
        assert output.data["text/plain"]
    assert "✓ job  deployed to local" in text_of(deployed)
    assert "{'n': 1}\n200 · " in text_of(invoked)
    assert text_of(called) == "{'n': 1}"
    assert "inside" in text_of(logged)
    assert text_of(deleted).strip() == "✓ job  deleted from local"


def test_refusal_in_a_kernel(kernel: Kernel) -> None:
    """A refusal is a card, and then a short error with all one needs to act."""
    card, error = kernel.run(f"%%fcdeploy bad --memory 7 --timeout 0\n{FINE}", fails=True)
    assert card.output_type == "display_data"
    assert "fcm-error" in card.data["text/html"]
    assert (error.output_type, error.ename) == ("error", "InvalidArgument")
    for said in (
        "2 settings need attention",
        "--memory 7",
        "try --memory 128",
        "--timeout 0",
        "Nothing was sent",
    ):
        assert said in text_of([error])
        assert said.split()[0] in card.data["text/plain"]


def test_failure_in_a_kernel(kernel: Kernel) -> None:
    """A failing function shows its card once, then a short error with the user's own line."""
    kernel.run(deploying("kfails", "print('before')\n    return {}['nope']"))
    card, error = kernel.run("kfails()", fails=True)
    assert "---->   4     return {}['nope']" in card.data["text/plain"]
    assert "before" in card.data["text/plain"]
    assert error.ename == "FunctionError"
    assert "KeyError: 'nope'" in text_of([error])
    assert ", line 4, in handler(event, context)" in text_of([error])
    assert "Traceback" not in text_of([error])


@pytest.fixture
def failing(home: Path) -> Path:
    """A notebook whose third cell fails and whose fourth would leave a mark."""
    (home / "went-on").unlink(missing_ok=True)
    sources = [
        "%load_ext fc_magic",
        deploying("stops", "return {}['nope']"),
        "stops()",
        f"open({str(home / 'went-on')!r}, 'w').close()",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    path = home / "failing.ipynb"
    nbformat.write(notebook, path)
    return path


def test_run_all_stops(failing: Path, home: Path) -> None:
    """Run All stops at a failed call; what nbclient raises has the function's error."""
    client = NotebookClient(nbformat.read(failing, 4), timeout=60)
    with pytest.raises(CellExecutionError, match="KeyError: 'nope'"):
        client.execute()
    assert not (home / "went-on").exists()


@pytest.mark.parametrize(
    "command",
    [
        "-m nbconvert --to notebook --execute --output out-nbconvert.ipynb",
        "-m papermill --no-progress-bar",
    ],
    ids=["nbconvert", "papermill"],
)
def test_tools_see_the_failure(failing: Path, home: Path, command: str) -> None:
    """nbconvert and papermill end with a failure that says what the function said."""
    out = [str(home / "out.ipynb")] if "papermill" in command else []
    done = subprocess.run(
        [sys.executable, *command.split(), str(failing), *out], capture_output=True, text=True, timeout=60
    )
    assert done.returncode != 0
    assert "KeyError: 'nope'" in done.stderr
    assert "in handler(event, context)" in done.stderr
    assert not (home / "went-on").exists()


def test_nothing_secret_is_saved(kernel: Kernel, home: Path) -> None:
    """No key, token or value of a variable is in an output, in the notebook's file or in its widgets."""
    hidden = "EnvValueThatMustNeverShow"
    parts = f"'{hidden[:8]}' '{hidden[8:]}'"
    kernel.run(deploying("secretive", "return 1"))
    kernel.run("form = get_ipython().run_line_magic('fcform', 'secretive'); form")
    kernel.run(f"form.fill({{'environment': {{'PASSWORD': {parts}}}}})")
    kernel.run(deploying("secretive", "import os; return len(os.environ['PASSWORD'])"))
    assert text_of(kernel.run("secretive()")) == str(len(hidden))
    kernel.run("secretive")
    kernel.run("repr(secretive.info), secretive.info")
    kernel.run("get_ipython().run_line_magic('fcform', 'secretive')")
    kernel.run("form.buttons.deploy.click()")
    for cell in ("%fctarget", "%fclist", "%fclogs secretive"):
        kernel.run(cell)
    kernel.run(deploying("secretive", "return 1", "--memory 7"), fails=True)
    running = server_of(home)
    assert running is not None
    saved = kernel.saved()
    assert "PASSWORD" in saved
    assert "application/vnd.jupyter.widget-state+json" in saved
    own = json.loads((home / "data" / "keys.json").read_text())
    secrets = [v for v in _leaves(own) if v] + [hidden, KEY_SECRET, TOKEN, running.keys.access_key_secret]
    assert len(secrets) >= 5
    assert [s for s in secrets if s in saved] == []


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _leaves(item)
    elif isinstance(value, str):
        yield value


# ---------------------------------------------------------------- lives


def test_server_outlives_a_kernel_and_ends(tmp_path: Path) -> None:
    """The next kernel finds the server of the one before; after the last one server and instances end."""
    with environment(clean_environment(tmp_path, FC_MAGIC_IDLE_STOP="10")):
        door = Door()
        try:
            with kernel_in(tmp_path) as one:
                one.run(deploying("alive", f"{door.knock(INSTANCE)}; return {INSTANCE}"))
                instance = text_of(one.run("alive()"))
                first, server = one.pid, server_of(tmp_path)
            assert server is not None
            until(lambda: not birth(first))
            with kernel_in(tmp_path) as two:
                second = two.pid
                assert text_of(two.run("%fcinvoke alive")).split()[0] == instance
                visitor = door.visitor(instance.strip("'"))
                assert visitor.family()
                found = server_of(tmp_path)
                assert found is not None
                assert (found.pid, first != second) == (server.pid, True)
            until(lambda: server_of(tmp_path) is None)
            until(lambda: not any(map(birth, (first, second, server.pid))) and not visitor.family())
        finally:
            door.close()
            stop_server(tmp_path)


def test_two_kernels_share_a_server(kernel: Kernel, home: Path) -> None:
    """What one notebook deploys another one sees, and each has its own target."""
    kernel.run(deploying("shared", "return 'one'"))
    with kernel_in(home) as other:
        assert "'one'" in text_of(other.run("%fcinvoke shared"))
        assert "shared" in text_of(other.run("%fclist shared"))


def test_interrupt_leaves_the_server(home: Path) -> None:
    """An interrupt stops the cell that waits, not the server; the next call works."""
    door = Door()
    with kernel_in(home) as interrupted:
        body = f"import time; {door.knock(1)}; time.sleep(float(event)); return 'woke'"
        interrupted.run(deploying("waits", body))
        before = server_of(home)
        pid = interrupted.pid

        def interrupt() -> None:
            until(door.said)
            os.killpg(os.getpgid(pid), signal.SIGINT)

        helper = threading.Thread(target=interrupt)
        helper.start()
        outputs = interrupted.run("waits(50)", fails=True)
        helper.join()
        assert text_of(outputs[-1:]) == "KeyboardInterrupt: waits was interrupted; the call was cancelled"
        assert texts(interrupted.run("waits(0)")) == ["'woke'"]
        door.close()
        after = server_of(home)
        assert before is not None
        assert after is not None
        assert after.pid == before.pid


def test_person_reads_an_error_once(kernel: Kernel) -> None:
    """Where a person sees the card, the error below it is one line; where nobody does, it says all again."""
    cell = f"%%fcdeploy bad --memory 7\n{FINE}"
    client = kernel.client.kc
    found: dict[str, list[str]] = {"card": [], "error": []}

    def hear(message: Any) -> None:
        content = message["content"]
        if message["msg_type"] == "display_data":
            found["card"].append(content["data"]["text/plain"])
        if message["msg_type"] == "error":
            found["error"] += content["traceback"]

    asyncio.run(client.execute_interactive(cell, allow_stdin=True, output_hook=hear, timeout=30))
    assert len(found["card"]) == 1
    assert found["error"] == ["InvalidArgument: bad was not deployed: 1 setting needs attention"]
    assert "try --memory 128" in found["card"][0]
    assert "try --memory 128" in text_of(kernel.run(cell, fails=True)[1:])


def test_error_that_is_raised_again_is_shown_again(kernel: Kernel) -> None:
    """Also by cells that have no number, as those of a front end's own."""
    client = kernel.client.kc
    kernel.run("from fc_magic.errors import UsageError\nsame = UsageError('the same one')")
    cards: list[str] = []

    def hear(message: Any) -> None:
        if message["msg_type"] == "display_data":
            cards.append(message["content"]["data"]["text/plain"])

    for _ in range(2):
        asyncio.run(
            client.execute_interactive("raise same", store_history=False, output_hook=hear, timeout=30)
        )
    assert cards == ["the same one"] * 2


@pytest.mark.parametrize(
    ("event", "hint"),
    [
        ("", "the event was empty"),
        ("{'a': 1}", "names and texts stand in double quotes"),
        ("你好", 'the event was plain text; as JSON it is "你好"'),
    ],
)
def test_event_that_is_no_json(shell: Shell, event: str, hint: str) -> None:
    """A function that reads JSON and was sent something else: the hint says what was wrong with the event."""
    shell.run(deploying("reads", "import json; return json.loads(event)"))
    done = shell.run(f"%fcinvoke reads {event}")
    assert isinstance(done.error, errors.FunctionError)
    assert hint in done.text
    for call in (f"reads({event!r})", f"reads({event.encode()!r})", *([] if event else ["reads()"])):
        assert hint in shell.run(call).text
    assert shell.run('%fcinvoke reads {"a": "你好"}').value.value == {"a": "你好"}


@pytest.mark.parametrize("event", ["", "Berlin", '{"a": 1'])
@pytest.mark.parametrize(
    ("options", "code"),
    [
        ("", "import json; fetched = '<p>'; return json.loads(fetched)"),
        ("", "import ast; return ast.literal_eval('1 +')"),
        ("--runtime nodejs20", "exports.handler = async (event) => JSON.parse('<p>')"),
        ("--runtime nodejs20", "exports.handler = async (event) => new Response('').json()"),
    ],
    ids=["fetched", "no-json", "nodejs", "in-a-library"],
)
def test_something_else_that_is_no_json(shell: Shell, options: str, code: str, event: str) -> None:
    """A function that read something else, and failed at that: the event is not to blame."""
    cell = f"%%fcdeploy fetches {options}\n{code}" if options else deploying("fetches", code)
    assert shell.run(cell).success
    for call in (f"%fcinvoke fetches {event}", f"fetches({event!r})", "fetches()"):
        done = shell.run(call)
        assert isinstance(done.error, errors.FunctionError), done.text
        assert done.error.invocation.error["errorType"] in ("JSONDecodeError", "SyntaxError")
        assert "the event" not in done.text


def test_event_that_is_no_json_in_javascript(shell: Shell) -> None:
    """There an error does not say what the line was, but mostly what the text began with."""
    shell.run("%%fcdeploy parses --runtime nodejs20\nexports.handler = async (event) => JSON.parse(event)")
    for event, hint in (("", "was empty"), ("Berlin", "was plain text"), ("{'a': 1}", "looks like JSON")):
        assert f"the event {hint}" in shell.run(f"%fcinvoke parses {event}").text
    assert "the event was empty" in shell.run("parses()").text


def test_event_that_cannot_be_sent(shell: Shell) -> None:
    """What JSON cannot hold is refused in a few lines, before anything is sent."""
    shell.run(deploying("gets", "return 1"))
    done = shell.run("gets(object())")
    assert isinstance(done.error, errors.UsageError)
    assert "the event is of type object and cannot be sent as JSON" in done.text
    assert "Traceback" not in done.text


def test_usage_shows_in_scripts() -> None:
    """Outside of IPython a refusal is an ordinary exception with the whole message."""
    program = textwrap.dedent(
        """
        from fc_magic.notebook.line import options
        options.parse("hello --memroy 3")
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "did you mean --memory?" in done.stderr


def test_log_says_why_a_call_failed(shell: Shell) -> None:
    """What a timer or an HTTP request met is told nowhere else: error, line of the cell, hint."""
    shell.run(deploying("fails", "return {}['nope']", "--trigger http"))
    with pytest.raises(HTTPError):
        urlopen(shell.variable("fails").info.urls[0].url)
    said = shell.run("%fclogs fails").text
    assert "KeyError: 'nope'" in said
    assert re.search(r"Cell In\[\d+\], line 3, in handler\(event, context\)", said)
    shell.run(deploying("fails", "return {'statusCode': 200, 'body': {'a': 1}}", "--trigger http"))
    with pytest.raises(HTTPError):
        urlopen(shell.variable("fails").info.urls[0].url)
    assert "BadResponse: the function's body is dict, not text" in shell.run("%fclogs fails --limit 1").text


def test_what_is_not_there_is_named(shell: Shell) -> None:
    """An empty answer says what was asked for."""
    shell.run(deploying("there", ECHO))
    shell.run("there(1)")
    assert "there has no request 1-nope in its log" in shell.run("%fclogs there --request 1-nope").text
    assert "Nothing that begins with zzz is deployed here." in shell.run("%fclist zzz").text

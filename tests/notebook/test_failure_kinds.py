"""Failures of many kinds, each as a person meets it: where it was, what it said, and no more than can be read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import pytest

from fc_magic.notebook.card import as_text
from fc_magic.notebook.failures.cells import Cells, CellSource
from fc_magic.notebook.failures.failures import failure_card
from fc_magic.server.worker import runtimes
from fc_magic.wire import behind
from fc_magic.wire.results import Invocation
from tests.notebook.conftest import Shell
from tests.notebook.test_failures import cell_number, deployed, failing

H = "def handler(event, context):\n"
MUTUAL = f"def a(n):\n    return b(n)\ndef b(n):\n    return a(n)\n{H}    return a(0)\n"
#: what it is, its cell, options, and what is shown: `@` is the number of its cell
KINDS: list[tuple[str, str, str, Sequence[str]]] = [
    ("timeout", f"import time\ndef inner(n):\n    time.sleep(30)\n{H}    inner(1)\n", "--timeout 1",
     ["Function timed out after 1 second", "Cell In[@], line 4, in inner(n)", "----> 4 time.sleep(30)",
      "called from Cell In[@], line 6, in handler(event, context)", "--timeout 60"]),
    ("loop", f"{H}    while True:\n        pass\n", "--timeout 1", ["Cell In[@], line", "in handler(event, "]),
    ("mutual", MUTUAL, "",
     ["RecursionError", "Cell In[@], line 3, in a(n)", "called from Cell In[@], line 5, in b(n)",
     "more frames", "called from Cell In[@], line 7, in handler(event, context)"]),
    ("lines", f"class Closed(Exception):\n    def __str__(self): return 'one\\ntwo'\n{H}    raise Closed\n", "",
     ["Closed: one two", "Cell In[@], line 5"]),
    ("endless", f"{H}    raise ValueError('x' * 100_000)\n", "", ["99,212 more characters", "Cell In[@], line 3"]),
    ("many", f"{H}    raise ValueError('\\n'.join(map(str, range(5000))))\n", "",
     ["ValueError: 0 1 2 3", "… 4,992 more lines", "Cell In[@], line 3"]),
    ("unicode", f"{H}    raise ValueError('商店关门 \\x1b[31mred\\x1b[0m \\ud800')\n", "",
     ["ValueError: 商店关门 red", "Cell In[@], line 3"]),
    ("exits", f"import sys\n{H}    sys.exit(3)\n", "",
     ["exit status 3", "the process may have ended at Cell In[@], line 4", "----> 4 sys.exit(3)"]),
    ("crashes", f"import ctypes\n{H}    ctypes.string_at(0)\n", "",
     ["Process exited unexpectedly", "The process was ended by signal 11 (Segmentation fault)", "Native code"]),
    ("exits-at-once", f"import os\n{H}    print('bye')\n    os._exit(3)\n", "",
     ["Cell In[@], line 5", "----> 5 os._exit(3)", "log bye"]),
    ("memory", f"{H}    x = []\n    while True: x.append(bytearray(10_000_000))\n", "--memory 128",
     ["Out of memory: the function held", "Give the instance more memory"]),
    ("pool", "from concurrent.futures import ThreadPoolExecutor\ndef work(x):\n    return 1 / x\n"
     f"{H}    with ThreadPoolExecutor() as p: return list(p.map(work, [0]))\n", "",
     ["Cell In[@], line 4, in work(x)", "called from Cell In[@], line 6, in handler(event, context)"]),
    ("loads", f"import json\nTABLE = json.loads('{{')\n{H}    return 1\n", "--force",
     ["Module initialization error", "frames in json/decoder.py", "Cell In[@], line 3", "----> 3 TABLE ="]),
    ("imports", f"import json\n\nimport nothing.like_it\n{H}    return 1\n", "--force",
     ["No module named 'nothing'", "Cell In[@], line 4", "----> 4 import nothing.like_it"]),
    ("imports-name", f"{H}    from json import nothing_like\n", "--force",
     ["cannot import name 'nothing_like' from 'json'", "Cell In[@], line 3"]),
    ("set", f"{H}    if event:\n        return 1\n    return {{1, 2}}\n", "",
     ["frames in json/encoder.py", "the handler returns at Cell In[@], line 4", "----> 5 return {1, 2}"]),
    ("caused", f"def find(x):\n    return {{}}[x]\n{H}    try:\n        find('pear')\n    except KeyError as e:\n"
     "        raise ValueError('no pears') from e\n", "",
     ["ValueError: no pears", "Cell In[@], line 8, in handler(event, context)", "----> 8 raise ValueError",
      "caused by KeyError: 'pear' Cell In[@], line 3, in find(x)", "----> 3 return {}[x]"]),
    ("while", f"{H}    try:\n        1 / 0\n    except ZeroDivisionError:\n        {{}}['x']\n", "",
     ["KeyError: 'x'", "caused by ZeroDivisionError: division by zero Cell In[@], line 4"]),
    ("noted", f"{H}    error = ValueError('no')\n    error.__notes__ = ['ask the shop', 'or wait']\n"
     "    raise error\n", "",
     ["ValueError: no in kind-noted, request", "ask the shop or wait Cell In[@], line 5"]),
    ("logged", f"import logging\n{H}    try:\n        1 / 0\n    except Exception:\n"
     "        logging.exception('while')\n        raise\n", "",
     ["Cell In[@], line 5", "[ERROR] while Traceback (most recent call last): Cell In[@], line 5, in handler 1 / 0"]),
    ("coroutine", "import asyncio\nasync def main():\n    await asyncio.sleep(0)\n    raise ValueError('in it')\n"
     f"{H}    return asyncio.run(main())\n", "",
     ["Cell In[@], line 5, in main()", "called from Cell In[@], line 7, in handler(event, context)"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "code", "options", "shown"), KINDS, ids=[row[0] for row in KINDS])
def test_kind(shell: Shell, kind: str, code: str, options: str, shown: Sequence[str]) -> None:
    """The cell and line are said, whatever it was, within one screen."""
    number = deployed(shell, f"kind-{kind}", code, options)
    text = failing(shell, f"kind-{kind}").text
    plain = " ".join(text.split())
    for each in shown:
        assert each.replace("@", str(number)) in plain
    assert len(text.splitlines()) < 30
    assert "Dumping stack trace" not in text
    assert "\x1b" not in text


SETS = "def sets(f):\n    def call(event, context): return {f(event, context)}\n    return call\n"
WRAPPED = f"{H}    return 1\none = handler\ndef handler(*given): return {{one(*given)}}\n"
#: what it is, its handler, its cell, and the lines that may have given an answer that is no JSON
RETURNS: list[tuple[str, str, str, list[str]]] = [
    ("other", "index.other", f"{H}    return 1\ndef other(event, context):\n    return {{1, 2}}\n", ["5"]),
    ("first", "index.a", "def a(event, context):\n    return {1}\ndef b(event, context):\n    return 2\n", ["3"]),
    ("nested", "index.handler", f"{H}    def inner():\n        return 5\n    return {{inner()}}\n", ["5"]),
    ("decorated", "index.handler", f"{SETS}@sets\n{H}    return 1\n", []),
    ("wrapped", "index.handler", WRAPPED, []),
    ("assigned", "index.handler", "def one(event, context):\n    return {1}\nhandler = one\n", []),
    ("yields", "index.handler", f"{H}    yield 1\n    return 2\n", []),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "handler", "code", "lines"), RETURNS, ids=[row[0] for row in RETURNS])
def test_line_that_the_handler_returns_at(
    shell: Shell, kind: str, handler: str, code: str, lines: list[str]
) -> None:
    """Only a line of the function that is called, and only where nothing else gives the answer."""
    options = f"--handler {handler} --force"
    deployed(shell, f"returns-{kind}", code, options)
    once = shell.run(f"%%fcrun {options}\n{code}").text
    for text in (failing(shell, f"returns-{kind}").text, once):
        assert "is not JSON serializable" in text
        assert re.findall(r"returns at Cell In\[\d+\], line (\d+)", text) == lines


def test_error_of_a_thread(shell: Shell) -> None:
    """The call succeeds; what the thread printed names lines of the cell, here and in the log."""
    code = (
        f"import threading\ndef work():\n    1 / 0\n{H}    t = threading.Thread(target=work)\n    t.start()\n"
    )
    number = deployed(shell, "threads", code + "    t.join()\n    return 1\n")
    for text in (shell.run("%fcinvoke threads").text, shell.run("%fclogs threads").text):
        assert f"Cell In[{number}], line 4, in work" in text
        assert "/code/index.py" not in text
        assert "ZeroDivisionError: division by zero" in text


def test_other_threads_at_a_time_out(shell: Shell) -> None:
    """The thread of the handler is what is shown; the others stay in the log."""
    code = "import threading, time\ndef aside():\n    time.sleep(30)\ndef inside():\n    time.sleep(20)\n"
    code += f"{H}    threading.Thread(target=aside, daemon=True).start()\n    inside()\n"
    number = deployed(shell, "busy", code, "--timeout 1")
    text = shell.run("%fcinvoke busy").text
    above, _, log = text.partition("log  ")
    assert f"Cell In[{number}], line 6, in inside()" in above
    assert "aside" not in above
    assert f"Cell In[{number}], line 4 in aside" in log
    assert "in inside" not in log


def call(message: str, log: str = "") -> Invocation:
    return Invocation(
        "f", "1-2-3", f'{{"errorMessage": "{message}"}}'.encode(), "UnhandledInvocationError", log
    )


DUMP = """\
FC Invoke Start RequestId: 1-2-3
before
Dumping stack trace after function timeout
Thread 0x00007f (most recent call first):
  File "/code/index.py", line 3 in aside
  File "/usr/lib/python3.10/threading.py", line 953 in run

Current thread 0x00007f00 (most recent call first):
  File "/usr/lib/python3.10/socket.py", line 705 in readinto
  File "/code/index.py", line 2 in handler
  File "/var/fc/runtime/python3/bootstrap.py", line 91 in main
after
"""


def test_dump_of_a_region() -> None:
    """A stack as Function Compute writes it into its log."""
    cells = Cells()
    cells.remember("f", "", CellSource(4, "%%fcdeploy f\ndef handler(event, context): read()"))
    shown = as_text(failure_card(call("Function timed out after 3 seconds", DUMP), cells))
    assert "… 1 frame in socket.py\nCell In[4], line 2, in handler(event, context)" in shown
    assert "log  before\n" in shown
    assert "in aside" in shown
    assert "bootstrap" not in shown
    assert "after" in shown.splitlines()[-2]
    cut = DUMP.replace("Current thread", "Broken thread")
    assert "in aside" in as_text(failure_card(call("Function timed out after 3 seconds", cut), cells))


@pytest.mark.parametrize("log", ["", "Dumping stack trace after function timeout\n", "Current thread 0x1\n"])
def test_no_dump(log: str) -> None:
    """Without one nothing is made up, and the log stays."""
    shown = as_text(failure_card(call("Function timed out after 3 seconds", log)))
    assert "line" not in shown
    assert log.strip() in shown


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("import sys\nsys.exit()\nexit()\nquit()", ["line 2", "line 3"]),
        ("import os\nos.kill(os.getpid(), 9)", ["line 2"]),
        ("def handler(event, context):\n  return 1", []),
        ("not Python at all (", []),
        ("x.y.exit()\nself.exit()", []),
        ("def handler(event, context):\n  raise SystemExit(2)", ["line 2"]),
    ],
)
def test_what_may_have_ended_it(source: str, lines: list[str]) -> None:
    """Calls that end a process are shown, at most two; without any nothing is."""
    cells = Cells()
    cells.remember("f", "", CellSource(4, source))
    shown = as_text(failure_card(call("Process exited unexpectedly before completing request"), cells))
    assert re.findall(r"Cell In\[4\], (line \d+)", shown) == lines
    ended = replace(call("Process exited unexpectedly before"), log="Out of memory: the function held 9 MB\n")
    assert "Cell In" not in as_text(failure_card(ended, cells))


def test_end_beside_an_import_that_failed(shell: Shell) -> None:
    """An error that was only printed may name a module; what ends the process may be found nowhere."""
    code = (
        "import sys as system\ndef handler(event, context):\n    try:\n        import nothing_like_it\n"
        "    except ImportError as error:\n        print('[error]', error)\n    system.exit(2)\n"
    )
    number = deployed(shell, "beside", code, "--force")
    text = failing(shell, "beside").text
    assert f"imported at Cell In[{number}], line 5" in text
    assert "Return instead of sys.exit();" in text


def test_number_of_the_cell(shell: Shell) -> None:
    """The tests above count cells as the shell does."""
    number = deployed(shell, "counted", "return 1")
    assert number == cell_number(shell)


def test_cause_that_is_left_out(shell: Shell) -> None:
    """``from None`` says that it is not to be told; a chain has an end, also one that goes round."""
    deployed(
        shell,
        "quiet",
        f"{H}    try:\n        1 / 0\n    except Exception:\n        raise ValueError('no') from None\n",
    )
    assert "caused by" not in failing(shell, "quiet").text
    code = f"{H}    a, b = ValueError('a' * 9000), KeyError('b' * 9000)\n"
    code += "    a.__cause__, b.__cause__ = b, a\n    raise a\n"
    deployed(shell, "round", code)
    text = failing(shell, "round").text
    assert 1 <= text.count("caused by") <= 5
    assert len(text.splitlines()) < 90


def test_members_of_a_group(shell: Shell) -> None:
    """The error of a group says how many there are; what they are, with their causes, stands below."""
    if runtimes.find("python3.12").version < (3, 11):
        pytest.skip("no Python 3.11 or newer is on this machine: older ones have no groups of exceptions")
    code = (
        "import asyncio\nasync def fails(x):\n    try:\n        {}[x]\n    except KeyError as e:\n"
        "        raise ValueError(f'no {x}') from e\nasync def main():\n"
        "    async with asyncio.TaskGroup() as group:\n"
        f"        for x in 'ab': group.create_task(fails(x))\n{H}    return asyncio.run(main())\n"
    )
    number = deployed(shell, "group", code, "--runtime python3.12")
    text = " ".join(failing(shell, "group").text.split())
    assert "unhandled errors in a TaskGroup (2 sub-exceptions)" in text
    at = -1
    for x in "ab":
        for said in (
            f"one of the group: ValueError: no {x} Cell In[{number}], line 7",
            f"caused by KeyError: '{x}'",
        ):
            assert (at := text.find(said, at + 1)) >= 0, (said, text)


def test_what_is_behind_is_for_the_notebook_alone(shell: Shell) -> None:
    """The answer of the function is Function Compute's own, without causes."""
    deployed(
        shell,
        "plain",
        f"{H}    try:\n        1 / 0\n    except Exception as e:\n        raise ValueError('no') from e\n",
    )
    call = shell.run("plain.invoke()").value
    assert set(call.error) == {"errorMessage", "errorType", "stackTrace"}
    assert [one.get("errorType") for one in call.behind] == [None, "ZeroDivisionError"]


@pytest.mark.parametrize("text", ["", "!", "bm8=", "W10=", "WzFd", "e30="])
def test_header_that_cannot_be_read(text: str) -> None:
    """It is as if nothing stood behind."""
    assert behind.decode(text) == ()

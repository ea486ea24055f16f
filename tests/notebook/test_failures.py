"""A function that failed: the user's own cell and line, a hint one can type, and no frame of ours."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from fc_magic import connect
from fc_magic.errors import FunctionError
from fc_magic.notebook.card import as_text
from fc_magic.notebook.failures.cells import KEEP, Cells, CellSource
from fc_magic.notebook.failures.failures import Failure, failure_card
from fc_magic.wire.results import Invocation
from tests.conftest import zipped
from tests.notebook.conftest import Ran, Shell, deploying, words_of_html


def failing(shell: Shell, name: str, event: str = "") -> Ran:
    """Calls a function that fails; checks what holds of every failure."""
    done = shell.run(f"%fcinvoke {name} {event}")
    assert isinstance(done.error, FunctionError), done.text
    html = words_of_html(shell.bundle(done.error)["text/html"])
    for face in (done.text, html):
        assert "bootstrap" not in face
        assert "fc_magic" not in face
        assert "importlib" not in face
        assert done.error.request_id in face
    return done


def cell_number(shell: Shell) -> int:
    return int(shell.ip.execution_count) - 1


def deployed(shell: Shell, name: str, code: str, options: str = "") -> int:
    """Deploys and returns the number of the cell."""
    done = shell.run(deploying(name, code, options))
    assert done.success, done.text
    return cell_number(shell)


DEEP = """\
import json

class Shop:
    def price(self, name):
        return {}[name]  # the wrong line

def helper(shop, name):
    return shop.price(name)

def handler(event, context):
    return helper(Shop(), "pear")
"""


def test_error_at_depth(shell: Shell) -> None:
    """The innermost line of the cell is shown with its neighbours, and how it was reached."""
    number = deployed(shell, "deep", DEEP)
    text = failing(shell, "deep").text
    assert f"Cell In[{number}], line 6, in price(self, name)" in text
    assert "---->   6         return {}[name]  # the wrong line" in text
    assert "        5     def price(self, name):" in text
    assert f"called from Cell In[{number}], line 9, in helper(shop, name)" in text
    assert f"called from Cell In[{number}], line 12, in handler(event, context)" in text
    assert text.count("---->") == 1


def test_error_in_a_library(shell: Shell) -> None:
    """Frames of libraries are counted, not listed; the user's own line is shown."""
    number = deployed(
        shell, "library", "import json\ndef handler(event, context):\n    return json.loads('{')\n"
    )
    text = failing(shell, "library").text
    assert re.search(r"… \d frames in json/decoder.py", text)
    assert f"Cell In[{number}], line 4, in handler(event, context)" in text
    assert "---->   4     return json.loads('{')" in text


def test_error_of_the_module(shell: Shell) -> None:
    """What fails while the cell is loaded is shown at its line."""
    number = deployed(shell, "module", "x = 1\ny = x / 0\ndef handler(event, context):\n    return y\n")
    text = failing(shell, "module").text
    assert "ZeroDivisionError: division by zero" in text
    assert f"Cell In[{number}], line 3" in text
    assert "---->   3 y = x / 0" in text
    assert "--entrypoint index.initialize" in text


def test_key_error_of_the_module(shell: Shell) -> None:
    """It reads as Python says it; the words of Function Compute stand below, and the hint is about the key."""
    code = "stock = {'a': 1}\nfirst = stock['KEY_B']\ndef handler(event, context):\n    return first\n"
    deployed(shell, "keyed", code)
    card = failing(shell, "keyed").text
    shown = (card, shell.run("%fclogs keyed").text, shell.run("keyed.map([1])").text)
    for text in shown:
        assert text.index("KeyError: 'KEY_B'") < (text + "UserCodeError: ").index("UserCodeError: ")
    assert card.startswith("KeyError: 'KEY_B'   in keyed, request")
    assert "UserCodeError: Module initialization error: ''KEY_B''" in card
    assert ".get('KEY_B')" in card
    assert "--env" not in card
    assert "--entrypoint" not in card


def test_missing_library(shell: Shell) -> None:
    """A library that is not there is named, by the name it is installed with."""
    deployed(shell, "imports", "import yaml_that_is_not_there\ndef handler(event, context): ...\n", "--force")
    text = failing(shell, "imports").text
    assert "No module named 'yaml_that_is_not_there'" in text
    assert "yaml_that_is_not_there is not in the package" in text


def test_syntax_error_up_there(shell: Shell, home: Path) -> None:
    """A file that this Python never saw is shown with its own name, line and text."""
    path = home / "broken.zip"
    path.write_bytes(zipped({"app.py": "x = 1\ndef main(event, context)\n    return 1\n"}))
    assert shell.run(f"%fcdeploy broken --code {path} --handler app.main --force").success
    text = failing(shell, "broken").text
    assert "Syntax error in module 'app'" in text
    assert "/code/app.py, line 2" in text
    assert "def main(event, context)" in text
    assert "Cell In" not in text


def test_helper_in_a_package(shell: Shell, home: Path) -> None:
    """A file beside the entry file is the author's own too, and is named by its path."""
    path = home / "helper.zip"
    files = {
        "index.py": "from helper import half\ndef handler(event, context):\n    return half('x')\n",
        "helper.py": "def half(n):\n    return n / 2\n",
        "lib/python3.10/site-packages/own.py": "x = 1\n",
    }
    path.write_bytes(zipped(files))
    assert shell.run(f"%fcdeploy helped --code {path} --handler index.handler").success
    text = failing(shell, "helped").text
    assert "/code/helper.py, line 2, in half" in text
    assert "---->   2 return n / 2" in text
    assert "called from /code/index.py, line 3, in handler" in text


RECURSION = "def f(n):\n    return f(n + 1)\ndef handler(event, context):\n    return f(0)\n"


def test_recursion(shell: Shell) -> None:
    """A recursion is its innermost frames and a count."""
    deployed(shell, "recursion", RECURSION)
    text = failing(shell, "recursion").text
    assert "RecursionError: maximum recursion depth exceeded" in text
    number = cell_number(shell) - 1
    assert re.search(rf"Cell In\[{number}\], line 3, in f\(n\) \(\d{{3,}} times\)", text)
    assert f"called from Cell In[{number}], line 5, in handler(event, context)" in text
    assert len(text.splitlines()) < 15


def test_failure_after_a_redeployment(shell: Shell) -> None:
    """The line shown is that of the code that ran, also when an older error is looked at later."""
    first = deployed(shell, "twice", "raise ValueError('first')")
    failing(shell, "twice")
    shell.run("try:\n    twice()\nexcept Exception as error:\n    older = error")
    second = deployed(shell, "twice", "x = 1\n    raise ValueError('second')")
    text = failing(shell, "twice").text
    assert f"Cell In[{second}], line 4, in handler(event, context)" in text
    assert "raise ValueError('second')" in text
    text = shell.run("older").text
    assert f"Cell In[{first}], line 3" in text
    assert "raise ValueError('first')" in text
    again = deployed(shell, "twice", "x = 1\n    raise ValueError('second')")
    assert f"Cell In[{again}], line 4" in failing(shell, "twice").text


def test_each_function_has_its_cell(shell: Shell) -> None:
    """Two functions with the same code, one failing inside the other's call: each is shown at its own cell."""
    code = "raise KeyError('same')"
    numbers = [deployed(shell, name, code) for name in ("one-same", "two-same")]
    for name, number in zip(("one-same", "two-same"), numbers, strict=True):
        assert f"Cell In[{number}], line 3" in failing(shell, name).text
    done = shell.run("def ask():\n    return two_same()\nask()")
    assert not done.success
    assert f"Cell In[{numbers[1]}], line 3" in done.text
    assert "in two-same, request" in done.text


def test_extension_loaded_again(shell: Shell) -> None:
    """The cells of a session are known for as long as it lasts."""
    number = deployed(shell, "stranger", "raise KeyError('far')")
    shell.run("%reload_ext fc_magic")
    text = failing(shell, "stranger").text
    assert f"Cell In[{number}], line 3, in handler(event, context)" in text
    assert "---->   3     raise KeyError('far')" in text


def test_function_that_no_cell_is_known_of(shell: Shell, home: Path) -> None:
    """What was deployed by somebody else is shown with what its error tells: path, line, text."""
    code = "def handler(event, context):\n    raise KeyError('far')\n"
    with connect() as client:
        client.deploy({"name": "foreign", "code": zipped(code)})
    text = failing(shell, "foreign").text
    assert "/code/index.py, line 2, in handler" in text
    assert "---->   2 raise KeyError('far')" in text


def test_chained_error(shell: Shell) -> None:
    """Of an error raised while another was handled, the one that got out is shown, and then the other."""
    code = "try:\n        {}['first']\n    except KeyError as e:\n        raise ValueError('second') from e"
    number = deployed(shell, "chained", code)
    text = failing(shell, "chained").text
    assert text.startswith("ValueError: second")
    assert f"Cell In[{number}], line 6" in text
    assert f"caused by KeyError: 'first'\nCell In[{number}], line 4" in text


@pytest.mark.parametrize(
    ("code", "event", "said", "hint"),
    [
        ("return event['a']", "{}", "byte indices must be integers", "event = json.loads(event)"),
        ("return event.get('a')", "{}", "'bytes' object has no attribute 'get'", "event = json.loads(event)"),
        ("return {1, 2}", "", "Object of type set is not JSON serializable", "list(value)"),
        ("return {(1, 2): 3}", "", "keys must be str", "str(k): v"),
        ("import os\n    return os.environ['MY_KEY']", "", "KeyError: 'MY_KEY'", "--env MY_KEY=VALUE"),
        ("import bs4", "", "No module named 'bs4'", "beautifulsoup4 is not in the package"),
        ("import sys; sys.exit(3)", "", "Process exited unexpectedly", "Return instead of sys.exit()"),
        ("import os; os._exit(3)", "", "Process exited unexpectedly", "Return instead of os._exit()"),
        ("import os; os.kill(os.getpid(), 9)", "", "Process exited unexpectedly", "Return instead of os.kill()"),
        ("return 'x' * 40_000_000", "", "the answer has 40,000,000 bytes; at most 32 MB", "put it into OSS"),
        ("import time; time.sleep(30)", "", "Function timed out after 1 second", "--timeout 60"),
        ("def handler(event): return 1", "", "positional argument", "def handler(event, context)"),
        ("def handler(): return 1", "", "positional argument", "def handler(event, context)"),
        ("async def handler(event, context): return 1", "", "coroutine", "asyncio.run(main(event))"),
        ("def handler(environ, start_response):\n    start_response(1)", "", "not callable", "web application"),
        ("raise MemoryError", "", "MemoryError", "--memory 1024"),
        ("raise OSError(30, 'Read-only file system')", "", "Read-only", "below /tmp"),
    ],
)  # fmt: skip
def test_hint_for_a_real_failure(shell: Shell, code: str, event: str, said: str, hint: str) -> None:
    """What a person does wrong first is answered with something to type."""
    if code.startswith(("async", "def")):
        code = f"import json\n{code}\n"
    # some of these are found before they are sent
    deployed(shell, "hinted", code, "--force --timeout 1" if "sleep" in code else "--force")
    text = " ".join(failing(shell, "hinted", event).text.split())
    assert said in text
    assert hint in text


# ---------------------------------------------------------------- errors as other endpoints write them


def invocation(error: object) -> Invocation:
    payload = error if isinstance(error, bytes) else json.dumps(error).encode()
    return Invocation("hello", "1-2-3", payload, error_type="UnhandledInvocationError")


def test_program_that_gave_no_answer() -> None:
    """Of a program that runs on the card says what it did, not that it may have exited."""
    said = "The program runs on, and gave no whole answer: it closed the connection"
    call = replace(
        invocation({"errorMessage": "Process exited unexpectedly before completing request (duration: 5ms)"}),
        log=f"FC Invoke Start RequestId: 1-2-3\n{said}\nFC Invoke End RequestId: 1-2-3\n",
    )
    shown = as_text(failure_card(call))
    assert said in shown
    assert "Answer each request whole" in shown
    assert "sys.exit" not in shown


@pytest.mark.parametrize(
    ("error", "head", "frames"),
    [
        ({}, "the function failed", []),
        ({"errorMessage": "m"}, "m", []),
        ({"errorType": "T"}, "T", []),
        ({"errorMessage": None, "errorType": None, "stackTrace": None}, "the function failed", []),
        ({"errorMessage": "m", "stackTrace": "text"}, "m", []),
        ({"errorMessage": "m", "stackTrace": [1, None, [], ["x"], ["line 3"]]}, "m", []),
        ({"errorMessage": "m", "stackTrace": [['File "/code/a,b.py"', "line 3", "in f", "x, y"]]}, "m",
         [("/code/a,b.py", 3, "f", "x, y")]),
        ({"errorMessage": "m", "stackTrace": [['  File "/code/a,b.py", line 3, in f\n    x']]}, "m", []),
        ({"errorMessage": "m", "stackTrace": ["/code/a.py, line 7", "E: m"]}, "m", [("/code/a.py", 7, "", "")]),
        ({"errorMessage": "m", "stackTrace": ["<frozen os>, line 9", "E: m"]}, "m", [("<frozen os>", 9, "", "")]),
        (b"no JSON at all", "no JSON at all", []),
        (b"", "None", []),
        (b"[1, 2]", "[1, 2]", []),
    ],
)  # fmt: skip
def test_error_of_any_shape(error: object, head: str, frames: list[tuple[str, int, str, str]]) -> None:
    """Whatever an endpoint answers for a failure, a card can be made of it."""
    failure = Failure.of(invocation(error))
    assert failure.head == head
    assert [(f.path, f.line, f.function, f.text) for f in failure.frames] == frames
    assert failure_card(invocation(error)).blocks


def test_own_files_and_libraries() -> None:
    """Files of the package are the author's own, packed libraries and the system's are not."""
    stack = [
        [f'File "{path}"', "line 1", "in f", "x"]
        for path in (
            "/code/index.py",
            "/code/python/lib/site-packages/numpy/core.py",
            "/usr/lib/python3.10/json/decoder.py",
            "/opt/python/pandas/x.py",
            "/code/app/views.py",
        )
    ]
    found = Failure.of(invocation({"errorMessage": "m", "stackTrace": stack})).frames
    assert [f.path for f in found if f.own] == ["/code/app/views.py", "/code/index.py"]
    assert "numpy/core.py" in [f.short_path for f in found]


# ---------------------------------------------------------------- the memory of cells


def test_cells_are_forgotten_in_order() -> None:
    """The oldest cells are forgotten first; one deployed again counts as new."""
    cells = Cells()
    for number in range(KEEP):
        cells.remember("f", str(number), CellSource(number, ""))
    cells.remember("f", "0", CellSource(999, ""))
    cells.remember("g", "new", CellSource(1, ""))
    assert cells.find("f", "1") is None
    assert cells.find("f", "0") == CellSource(999, "")
    assert cells.find("g", "0") is None


@pytest.mark.parametrize(
    ("source", "line", "called"),
    [
        ("def f(a, b=1, *c, **d):\n    x", 2, "f(a, b=1, *c, **d)"),
        ("%%fcdeploy x\ndef f(a):\n    !ls\n    x", 4, "f(a)"),
        ("class A:\n    def f(self):\n        def f(inner):\n            x", 4, "f(inner)"),
        ("async def f(a): x", 1, "f(a)"),
        ("def f(" + "long_name, " * 10 + "):\n    x", 2, "f(…)"),
        ("not Python", 1, "f"),
        ("def g(): x", 1, "f"),
    ],
)
def test_function_around_a_line(source: str, line: int, called: str) -> None:
    """A frame is named with the parameters of the function it is in, as they stand in the cell."""
    assert CellSource(1, source).called("f", line) == called


def test_names_that_were_made(shell: Shell) -> None:
    """A decorated helper has another name in the file; the person reads their own."""
    shell.run(
        "import functools\ndef traced(f):\n    @functools.wraps(f)\n    def wrapper(*a):\n"
        "        return f(*a)\n    return wrapper\n@traced\ndef halved(x):\n    return x / 0\n"
    )
    deployed(shell, "decorated", "def handler(event, context):\n    return halved(1)\n")
    done = failing(shell, "decorated")
    assert "line 9, in halved(x)" in done.text
    assert "line 5, in wrapper(*a)" in done.text
    assert "wrapped" not in done.text


def test_place_of_a_cell() -> None:
    """A cell has a number, where the shell counts."""
    assert CellSource(4, "").place == "Cell In[4]"
    assert CellSource(None, "").place == "Cell"
    assert CellSource(4, "a\nb").line(2) == "b"
    assert CellSource(4, "a\nb").line(3) == CellSource(4, "a").line(0) == ""


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("Out of memory: the function held 301 MB, its limit is 256 MB", "--memory 1024"),
        ("Too many processes: the function ran more than 1024 processes", "Start fewer processes"),
    ],
)
def test_process_that_took_too_much(line: str, hint: str) -> None:
    """The error says only that the process ended; why is in the log, and belongs beside it."""
    message = (
        "Process exited unexpectedly before completing request (duration: 45ms, maxMemoryUsage: 301.00MB)"
    )
    call = replace(invocation({"errorMessage": message}), log=f"before\n{line}\n")
    text = as_text(failure_card(call))
    assert text.count(line) == 1  # said above, not in the log once more
    assert hint in text
    own = replace(invocation({"errorMessage": "no", "errorType": "ValueError"}), log=f"{line}\n")
    assert hint not in as_text(failure_card(own))

"""``hello.local(event)``: the same as a call, in the kernel, with the kernel's own objects and errors."""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from fc_magic import connect
from fc_magic.errors import UsageError
from tests.conftest import zipped
from tests.notebook.conftest import HANDLER, KEY_SECRET, Kernel, Shell, deploying

H = HANDLER
#: what a handler does -> an event for it; a call and a local call give the same
SAME: list[tuple[str, Any]] = [
    ("return event", b"bytes"),
    ("return event", {"a": [1, "商店"]}),
    ("return event", None),
    ("return {'b': 1, 'a': (1, 2), 'c': None}", None),
    ("return 'text'", None),
    ("return b'\\xff\\x00'", None),
    ("return None", None),
    ("return [1.5, True]", None),
    ("import datetime, decimal\n    return [decimal.Decimal('1.5'), datetime.date(2026, 1, 2)]", None),
    ("class A:\n        def to_json(self): return 'own'\n    return A()", None),
    ("import os\n    return {k: v for k, v in os.environ.items() if k.startswith('FC_FUNCTION')}", None),
    ("import os\n    return [os.environ['MODE'], os.environ['FC_REGION'], os.environ['FC_ACCOUNT_ID']]", None),
    ("c = context\n    return [c.function.name, c.function.handler, c.function.memory, c.function.timeout]", None),
    ("c = context\n    return [c.region, c.account_id, c.service.qualifier, c.service.name, c.retry_count]", None),
    ("return [sorted(vars(context.service)), sorted(vars(context.tracing))]", None),
    ("c = context.credentials\n    return [len(vars(c)), c.access_key_id == c.accessKeyId]", None),
    ("return [__name__, type(event).__name__, __file__.rpartition('/')[2]]", {"a": 1}),
    ("import os\n    return [os.environ['FC_INSTANCE_ID'][:2], len(os.environ['FC_INSTANCE_ID'])]", None),
    ("return sorted(n for n in dir(context) if not n.startswith('_'))", None),
]  # fmt: skip


#: what python3.12 has not: its context is smaller, and it writes only what JSON has
OLDER = ("credentials", "service", "decimal")
RUNS = [
    (runtime, body, event)
    for runtime in ("python3.10", "python3.12")
    for body, event in SAME
    if runtime == "python3.10" or not any(word in body for word in OLDER)
]


@pytest.mark.parametrize(("runtime", "body", "event"), RUNS)
def test_same_as_a_call(shell: Shell, runtime: str, body: str, event: Any) -> None:
    """What a handler returns, and all that it sees of its surroundings."""
    options = f"--env MODE=test --memory 256 --timeout 7 --runtime {runtime}"
    assert shell.run(f"%%fcdeploy same {options}\n{H}    {body}\n").success
    same = shell.variable("same")
    assert same.local(event) == same(event)


COUNTS = """\
%%fcdeploy counted --entrypoint index.initialize
import os
begun = []
def initialize(context):
    begun.append(context.function.name)
def handler(event, context):
    begun.append(1)
    return [len(begun), begun[0]]
"""


def test_module_lives_as_in_an_instance(shell: Shell) -> None:
    """It is loaded once and initialized once; a new deployment begins anew."""
    assert shell.run(COUNTS).success
    counted = shell.variable("counted")
    assert [counted.local(), counted.local(), counted(), counted()] == [[2, "counted"], [3, "counted"]] * 2
    assert shell.run(COUNTS).success
    assert shell.variable("counted").local() == [2, "counted"]


def test_objects_of_the_notebook(shell: Shell) -> None:
    """What the cell does not define is the notebook's own; nothing of the cell gets into the notebook."""
    shell.run("rate = 2\nseen = []\ndef twice(n):\n    return n * rate")
    code = (
        "import json\ndef handler(event, context):\n    seen.append(1)\n    return twice(json.loads(event))\n"
    )
    assert shell.run(f"%%fcdeploy live\n{code}").success
    live = shell.variable("live")
    assert live.local(4) == live(4) == 8
    assert shell.run("rate = 3\nlive.local(4), seen").value == (12, [1, 1])
    assert live(4) == 8
    assert shell.variable("handler") is None


#: cells that take names from the notebook or look for their own module
DECLARATIONS = {
    "class-body": (
        "@dataclass\nclass Row:\n    n: Optional[int] = None\n    many: list = field(default_factory=list)\n"
        "class Rate:\n    twice = rate * 2\n    def of(self, n=rate): return n\n"
        "def handler(event, context):\n    return [Rate.twice, Rate().of(), Row(1).n, Row().many]\n"
    ),
    "nested-class": (
        "def handler(event, context):\n    class A(Enum):\n        one = rate\n    return A.one.value\n"
    ),
    "text-annotations": (
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Row:\n    n: Optional[int] = 3\n    kept: ClassVar[int] = 4\n"
        "def handler(event, context):\n    return [Row().n, repr(Row())]\n"
    ),
    "type-hints": (
        "from __future__ import annotations\nimport typing\nclass Row:\n    n: Optional[int] = 3\n"
        "def handler(event, context):\n    return [str(t) for t in typing.get_type_hints(Row).values()]\n"
    ),
    "pickled": (
        "import pickle\nclass Row:\n    n = 1\n"
        "def handler(event, context):\n    return type(pickle.loads(pickle.dumps(Row()))).__name__\n"
    ),
    "own-module": (
        "import sys, index\ndef handler(event, context):\n"
        "    return [sys.modules[__name__].handler is handler, index.handler is handler, __package__,\n"
        "        __spec__.name, 'rate' in globals()]\n"
    ),
    "own-global": (
        "def handler(event, context):\n    global rate\n    rate += 1\n    return rate\n"
    ),
}  # fmt: skip


@pytest.mark.parametrize("cell", DECLARATIONS)
def test_declarations(shell: Shell, cell: str) -> None:
    """Classes find the names of the notebook and their own module, as they do where it is deployed."""
    imports = "from dataclasses import dataclass, field\nfrom enum import Enum\nfrom typing import ClassVar, Optional"
    assert shell.run(f"{imports}\nrate = 2").success
    assert shell.run(f"%%fcdeploy declared\n{DECLARATIONS[cell]}").success
    declared = shell.variable("declared")
    assert [declared.local(), declared.local()] == [declared(), declared()]
    assert shell.variable("rate") == 2


SPAWNS = """\
%%fcdeploy spawns
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
class Row:
    n = rate
def times(row, n):
    return row.n * n * rate
def handler(event, context):
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(times, Row(), 2).result(timeout=60)
"""


@pytest.mark.timeout(100)
def test_processes_that_begin_anew(shell: Shell) -> None:
    """They import the module of the function, as everywhere where processes are not forked."""
    shell.run("rate = 3")
    assert shell.run(SPAWNS).success
    spawns = shell.variable("spawns")
    assert spawns.local() == spawns() == 18


def test_module_of_the_same_name(shell: Shell) -> None:
    """What the notebook has imported as index is there again afterwards, and nothing if it was nothing."""
    assert shell.run(f"%%fcdeploy own\n{H}    return __name__ in __import__('sys').modules\n").success
    own, theirs = shell.variable("own"), ModuleType("index")
    assert own.local() is True
    assert "index" not in sys.modules
    sys.modules["index"] = theirs
    try:
        assert own.local() is True
        assert sys.modules["index"] is theirs
    finally:
        del sys.modules["index"]


def test_excluded_name(shell: Shell) -> None:
    """A name that the function has not is not there here, too."""
    shell.run("rate = 2")
    code = f"{H}    try:\n        return rate\n    except NameError as e:\n        return str(e)\n"
    assert shell.run(f"%%fcdeploy without --exclude rate\n{code}").success
    without = shell.variable("without")
    assert without.local() == without() == "name 'rate' is not defined"


def test_error_is_the_kernels_own(shell: Shell) -> None:
    """Its traceback has the cell and its line, and a debugger finds the values in it."""
    done = shell.run(
        "%%fcdeploy wrong\ndef inner(n):\n    return 1 / n\ndef handler(event, context):\n    return inner(0)"
    )
    assert done.success
    number = len(shell.variable("In")) - 1
    done = shell.run("wrong.local()")
    assert isinstance(done.error, ZeroDivisionError)
    for line, name in ((3, "inner(n)"), (5, "handler(event, context)")):
        assert f"Cell In[{number}], line {line}" in done.text or f"In[{number}]" in done.text, name
    traceback = done.error.__traceback__
    while traceback and traceback.tb_next:
        traceback = traceback.tb_next
    assert traceback is not None
    assert traceback.tb_frame.f_locals == {"n": 0}
    assert traceback.tb_lineno == 3


def test_environment_and_logging_are_restored(shell: Shell) -> None:
    """They are the handler's during the call, also if it fails."""
    code = f"import os\n{H}    os.environ['MINE'] = 'x'\n    os.environ['HOME'] = 'y'\n    raise ValueError('no')\n"
    assert shell.run(f"%%fcdeploy untidy --env MODE=test\n{code}").success
    before, root = dict(os.environ), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    assert isinstance(shell.run("untidy.local()").error, ValueError)
    assert dict(os.environ) == before
    assert (root.handlers, root.level) == (handlers, level)


SETS = """\
%%fcdeploy sets --env MODE=test --entrypoint index.initialize
import os
os.environ["LOADED"] = "1"
def initialize(context):
    os.environ["BEGUN"] = "2"
def handler(event, context):
    os.environ["CALLS"] = os.environ.get("CALLS", "") + "x"
    os.environ.pop("MODE", None)
    return [os.environ.get(name) for name in ("LOADED", "BEGUN", "CALLS", "MODE")]
"""


def test_environment_that_the_function_set(shell: Shell) -> None:
    """It holds for its next call, until the function is deployed anew, and for nobody else."""
    before = dict(os.environ)
    assert shell.run(SETS).success
    sets = shell.variable("sets")
    assert [sets.local(), sets.local()] == [sets(), sets()] == [["1", "2", "x", None], ["1", "2", "xx", None]]
    assert dict(os.environ) == before
    assert shell.run(SETS).success
    assert shell.variable("sets").local() == ["1", "2", "x", None]


OVERLAPS = """\
%%fcdeploy overlaps --env MODE=test
import logging, os
def handler(event, context):
    mine = event.decode()
    entered[mine].set()
    logging.warning(mine)
    # an instance has one call at a time, too: the other one is not there as long as this one is
    met = entered["two" if mine == "one" else "one"].wait(0.3) if mine == "one" else False
    return [met, os.environ["MODE"]]
"""


def test_calls_at_once(shell: Shell) -> None:
    """Environment and logging are one for the process: calls of several threads come one after the other, and
    nothing of them is left."""
    shell.run("entered = {}")
    assert shell.run(OVERLAPS).success
    overlaps, entered = shell.variable("overlaps"), shell.variable("entered")
    # what a function could not take along is here nevertheless
    entered.update(one=threading.Event(), two=threading.Event())
    before, root = dict(os.environ), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with ThreadPoolExecutor(2) as threads:
        one = threads.submit(overlaps.local, "one")
        assert entered["one"].wait(10)
        two = threads.submit(overlaps.local, "two")
        assert [one.result(), two.result()] == [[False, "test"]] * 2
    assert dict(os.environ) == before
    assert (root.handlers, root.level) == (handlers, level)
    assert "index" not in sys.modules


def test_call_inside_of_a_call(shell: Shell) -> None:
    """A handler may run another one here; it has its own surroundings again afterwards."""
    inner = "return [__import__('os').environ['MODE'], context.function.name, 'index' in __import__('sys').modules]"
    outer = (
        "import os, index\n    return [others['inner'].local(), os.environ['MODE'], index.handler is handler]"
    )
    shell.run("others = {}")
    assert shell.run(deploying("inner", inner, "--env MODE=in")).success
    assert shell.run(deploying("outer", outer, "--env MODE=out")).success
    shell.variable("others")["inner"] = shell.variable("inner")
    assert shell.variable("outer").local() == [["in", "inner", True], "out", True]


@pytest.mark.parametrize("options", ["", "--env TZ=ABC-8"])
def test_time_zone(shell: Shell, options: str) -> None:
    """That of an instance is UTC, or what the function says; the kernel has its own again afterwards."""
    code = "import datetime, time\n    return [time.tzname[0], datetime.datetime.fromtimestamp(0).hour]"
    before = os.environ.get("TZ")
    os.environ["TZ"] = "XYZ-5"
    time.tzset()
    try:
        assert shell.run(deploying("zoned", code, options)).success
        zoned = shell.variable("zoned")
        assert zoned.local() == zoned() == (["ABC", 8] if options else ["UTC", 0])
        assert time.tzname[0] == "XYZ"
    finally:
        os.environ.update({"TZ": before} if before else {})
        if before is None:
            del os.environ["TZ"]
        time.tzset()


def test_files_beside_it(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that goes with the function is found beside its code, which is here beside the notebook."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words.txt").write_text("some words")
    code = f"from pathlib import Path\nTEXT = Path(__file__).with_name('words.txt').read_text()\n{H}    return TEXT\n"
    assert shell.run(f"%%fcdeploy reads --file words.txt\n{code}").success
    reads = shell.variable("reads")
    assert reads.local() == reads() == "some words"


LEVELS = """\
%%fcdeploy levels
import io, logging
kept = io.StringIO()
logging.getLogger().setLevel(logging.DEBUG)
logging.getLogger().addHandler(logging.StreamHandler(kept))
def handler(event, context):
    logging.debug("once more")
    return [logging.getLogger().level, len(logging.getLogger().handlers), kept.getvalue()]
"""


def test_logging_that_the_function_set_up(shell: Shell) -> None:
    """A level and a handler that it set when it was loaded hold for all its calls, and for nobody else."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    assert shell.run(LEVELS).success
    levels = shell.variable("levels")
    assert [levels.local(), levels.local()] == [levels(), levels()]
    assert (root.handlers, root.level) == before
    assert "[DEBUG] once more" in shell.run("levels.local()").text


def test_what_is_printed_and_logged(shell: Shell) -> None:
    """It is under the cell, as a log has it."""
    code = f"import logging\n{H}    print('one')\n    logging.info('two')\n    context.getLogger().warning('three')\n"
    assert shell.run(f"%%fcdeploy talks\n{code}").success
    text = shell.run("talks.local()").text
    assert text.startswith("one\n")
    lines = text.splitlines()
    assert [line.partition("Z ")[2].partition(" ")[2] for line in lines[1:3]] == [
        "[INFO] two",
        "[WARNING] three",
    ]


def test_secrets_are_not_shown(shell: Shell) -> None:
    """Credentials do not print, and are not in what the context says of itself."""
    assert shell.run(
        f"%%fcdeploy shows\n{H}    print(context.credentials)\n    return context.to_json()\n"
    ).success
    done = shell.run("shows.local()")
    assert "Credentials(access_key_id=" in done.text
    assert "secret" not in str(done.value).lower()
    assert KEY_SECRET not in done.text


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return {1, 2}", "Object of type set is not JSON serializable"),
        ("return {1: 2, 'a': 3}", "not supported"),
    ],
)
def test_value_that_cannot_be_answered(shell: Shell, body: str, said: str) -> None:
    """It fails here as there."""
    assert shell.run(deploying("unjson", body)).success
    done = shell.run("unjson.local()")
    assert isinstance(done.error, TypeError)
    assert said in str(done.error)
    assert said in shell.run("%fcinvoke unjson").text


def test_functions_that_cannot_run_here(shell: Shell) -> None:
    """Another language, and what no cell of this session is: the error says what to do."""
    assert shell.run("%%fcdeploy script --runtime nodejs20\nexports.handler = async () => 1").success
    with connect() as client:
        client.deploy({"name": "elsewhere", "code": zipped(f"{H}    return 1\n")})
        for function in (shell.variable("script"), client.get("elsewhere")):
            with pytest.raises(UsageError, match="cannot run here: it is not a cell of Python") as caught:
                function.local()
            assert "%%fcdeploy cell" in caught.value.hint


def test_load_that_failed_is_tried_again(shell: Shell) -> None:
    """As in an instance."""
    code = "import os\nif 'READY' not in os.environ:\n    raise ValueError('not yet')\n"
    assert shell.run(f"%%fcdeploy late --force\n{code}{H}    return 'ready'\n").success
    assert isinstance(shell.run("late.local()").error, ValueError)
    assert shell.run("import os\nos.environ['READY'] = '1'\nlate.local()").value == "ready"
    shell.run("del os.environ['READY']")


def test_traceback_in_a_kernel(kernel: Kernel) -> None:
    """It has the cell that calls and the cell that fails, and no frame of ours between them."""
    kernel.run(
        "%%fcdeploy traced\ndef inner(n):\n    return 1 / n\ndef handler(event, context):\n    return inner(0)"
    )
    (error,) = kernel.run("traced.local()", fails=True)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
    assert error.ename == "ZeroDivisionError"
    assert re.findall(r"Cell In\[\d+\], line (\d+)", shown) == ["1", "5", "3"]
    assert re.findall(r"File \S+", shown) == []


def test_traceback_of_a_load_in_a_kernel(kernel: Kernel) -> None:
    """The same of a module that fails when it is loaded."""
    kernel.run(f"%%fcdeploy unloaded --force\nn = 0\nx = 1 / n\n{H}    return x")
    (error,) = kernel.run("unloaded.local()", fails=True)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error.traceback))
    assert re.findall(r"Cell In\[\d+\], line (\d+)", shown) == ["1", "3"]
    assert re.findall(r"File \S+", shown) == []


LOOPS = """\
%%fcdeploy loops
import asyncio
begun = asyncio.get_event_loop()
async def answer(event):
    await asyncio.sleep(0)
    return event.decode()
def handler(event, context):
    return [begun.run_until_complete(answer(event)), asyncio.run(answer(event))]
"""


def test_event_loops_in_a_kernel(kernel: Kernel) -> None:
    """A handler runs one of its own, again and again, though the kernel has one that runs; that goes on then."""
    kernel.run(LOOPS)
    kernel.run("assert loops.local('a') == loops.local('a') == loops('a') == ['a', 'a']")
    kernel.run("import asyncio\nawait asyncio.sleep(0)\nassert asyncio.get_event_loop().is_running()")

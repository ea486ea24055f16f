"""``%%fcrun``: the cell in a real instance, once, and nothing that stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from fc_magic import connect
from fc_magic.errors import FunctionError, Interrupted, InvalidArgument, PreflightFailed, UsageError
from fc_magic.wire.results import Invocation
from tests.notebook.conftest import HANDLER, Kernel, Shell, text_of

H = HANDLER
ECHO = f"import os\n{H}    return [event.decode(), os.environ['FC_FUNCTION_NAME'], context.function.memory]\n"


def code_left(home: Path) -> list[str]:
    folder = home / "data" / "code"  # it is there when the server has started
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


def wait_until_nothing_is_left(home: Path) -> None:
    ends = time.monotonic() + 10
    while code_left(home) and time.monotonic() < ends:
        time.sleep(0.01)
    assert code_left(home) == []


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("--event '{\"a\": 1}'", ['{"a": 1}', "cell", 128]),
        ("mine --memory 256 --event=text", ["text", "mine", 256]),
        ("--event ''", ["", "cell", 128]),
        ("", ["", "cell", 128]),
        ("--event {payload}", ['{"n": [1, "商店"]}', "cell", 128]),
        ("--event '{word}'", ["{word}", "cell", 128]),
        ("--event-file event.json", ["from a file", "cell", 128]),
        ("--target local --no-publish --event x", ["x", "cell", 128]),
    ],
)
def test_value(shell: Shell, home: Path, monkeypatch: pytest.MonkeyPatch, line: str, value: object) -> None:
    """The event as it is written; options as those of a deployment."""
    monkeypatch.chdir(home)
    (home / "event.json").write_text("from a file")
    shell.run("payload = {'n': [1, '商店']}\nword = 'x'")
    done = shell.run(f"%%fcrun {line}\n{ECHO}")
    assert isinstance(done.value, Invocation), done.text
    assert done.value.value == value
    assert done.text.splitlines()[1].startswith(repr(value)[:20])
    assert "200 · " in done.text


def test_nothing_stays(shell: Shell, home: Path) -> None:
    """No function, no version, no layer, no variable, and no code."""
    assert shell.run(f"%%fcrun once --event x\n{ECHO}").success
    with connect() as client:
        assert not client.list()
        assert not client.layers()
    assert shell.variable("once") is None
    assert not list((home / "data").glob("cells/once.*"))
    wait_until_nothing_is_left(home)


def test_parts_of_the_notebook_and_header_lines(shell: Shell) -> None:
    """The cell is completed as one that is deployed, and its options may stand below the line."""
    shell.run("def half(n):\n    return n / 2")
    code = f"#| fc: --env MODE=test\n#| fc: --memory 256\nimport os\n{H}    return [half(3), os.environ['MODE']]\n"
    assert shell.run(f"%%fcrun\n{code}").value.value == [1.5, "test"]
    done = shell.run("def twice(n):\n    return half(n) * 4\ntwice(2)")
    assert done.value == 4


def test_failure(shell: Shell) -> None:
    """It is shown at the cell's own line, with its log and a hint."""
    done = shell.run(f"%%fcrun shop --event '{{}}'\n{H}    print('open')\n    return event['name']\n")
    assert isinstance(done.error, FunctionError)
    number = len(shell.variable("In")) - 1
    text = " ".join(done.text.split())
    assert f"in shop, request {done.error.request_id}" in text
    assert f"Cell In[{number}], line 4, in handler(event, context)" in text
    assert "event = json.loads(event)" in text
    assert "log open" in text
    done = shell.run(f"%%fcrun --event abc\nimport json\n{H}    return json.loads(event)\n")
    assert 'the event was plain text; as JSON it is "abc"' in done.text


@pytest.mark.parametrize(
    ("line", "kind", "said"),
    [
        ("--memory 7 --timeout 0", InvalidArgument, "cell was not run: 2 settings need attention"),
        ("--evnt x", UsageError, "did you mean --event?"),
        ("--event x --event-file y", UsageError, "there are two events"),
        ("--event-file /nowhere", UsageError, "No such file or directory"),
        ("--event-file nowhere/x.json", UsageError, "it is not in "),
        ("--event-file evnet.json", UsageError, "did you mean event.json?"),
        ("--dry-run", UsageError, "%%fcdeploy NAME --dry-run"),
        ("--target cn-hangzhou --yes", UsageError, "%%fcdeploy NAME --target --yes"),
        ("--api fc3", UsageError, "there is no --api"),
        ("--form", UsageError, "there is no --form"),
        ("--rate 10/s", UsageError, "there is no --rate"),
        ("--upgrade", UsageError, "there is no --upgrade"),
        ("--event", UsageError, "has no value"),
    ],
)
def test_refusal(
    shell: Shell,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    line: str,
    kind: type[Exception],
    said: str,
) -> None:
    """It says that nothing was run, and not that something is deployed."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "event.json").write_text("{}")
    done = shell.run(f"%%fcrun {line}\n{ECHO}")
    assert isinstance(done.error, kind), done.text
    assert said in done.text
    assert "What ran before" not in done.text
    wait_until_nothing_is_left(home)


def test_event_in_a_folder_that_cannot_be_listed(shell: Shell) -> None:
    """It is refused as in any other. Of a process that has ended the kernel lists no network, to root neither."""
    ended = subprocess.Popen(["true"])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    try:
        done = shell.run(f"%%fcrun --event-file /proc/{ended.pid}/net/event.json\n{ECHO}")
    finally:
        ended.wait()
    assert isinstance(done.error, UsageError), done.text
    assert f"it is not in /proc/{ended.pid}/net" in done.text


def test_what_has_no_effect(shell: Shell) -> None:
    """Settings of a line that was copied from a deployment are no reason to refuse it, and are not passed over."""
    done = shell.run(f"%%fcrun --trigger 'timer:@every 1m' --publish true --event x\n{ECHO}")
    assert done.value.value == ["x", "cell", 128]
    assert "⚠ --trigger has no effect: nothing is deployed" in done.text
    assert "⚠ --publish has no effect: nothing is deployed" in done.text
    assert "no effect" not in shell.run(f"%%fcrun --event x\n{ECHO}").text


@pytest.mark.parametrize(
    "options", ["", "--runtime nodejs20", "--runtime custom.debian10 --entrypoint 'python3 x'"]
)
def test_nothing_to_run(shell: Shell, options: str) -> None:
    done = shell.run(f"%%fcrun {options}\n\n")
    assert not done.success
    assert "below the %%fcrun line" in done.text


def test_what_would_fail(shell: Shell) -> None:
    """It is found before, and can be forced."""
    done = shell.run(f"%%fcrun\n{H}    return nothing\n")
    assert isinstance(done.error, PreflightFailed)
    assert "cell was not run: 1 error" in done.text
    assert "--force runs it all the same." in done.text
    assert isinstance(shell.run(f"%%fcrun --force\n{H}    return nothing\n").error, FunctionError)


def test_other_languages(shell: Shell) -> None:
    """A cell of JavaScript, and a program."""
    done = shell.run(
        "%%fcrun --runtime nodejs20 --event abc\nexports.handler = async (e) => e.toString() + '!'"
    )
    assert done.value.value == "abc!"


def test_deployed_cells_do_not_see_it(shell: Shell) -> None:
    """A cell that was run so is no part of the notebook: nothing of it goes into a function."""
    shell.run(f"%%fcrun\nsecret_rate = 3\n{H}    return secret_rate\n")
    done = shell.run(f"%%fcdeploy uses\n{H}    return secret_rate\n")
    assert isinstance(done.error, PreflightFailed)
    assert "secret_rate" in done.text


def test_help(shell: Shell) -> None:
    """A line for each option of its own, and which of the others it does not have."""
    helped = shell.run("%fcrun --help").text
    assert [line.split()[0] for line in helped.splitlines()[2:]] == [
        "NAME",
        "--event",
        "--event-file",
        "others",
    ]
    assert "--dry-run --target" in helped


def test_interrupt(shell: Shell, home: Path) -> None:
    """It cancels the call, and nothing stays."""

    def interrupt() -> None:
        ends = time.monotonic() + 10
        while not code_left(home) and time.monotonic() < ends:
            time.sleep(0.01)
        time.sleep(0.3)  # the request is on its way
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    wait_until_nothing_is_left(home)
    thread.start()
    done = shell.run(f"%%fcrun slow --timeout 60\nimport time\n{H}    time.sleep(60)\n")
    thread.join()
    assert isinstance(done.error, Interrupted)
    assert "slow was interrupted; the call was cancelled" in done.text
    wait_until_nothing_is_left(home)


def test_in_a_kernel(kernel: Kernel) -> None:
    """The card is the value of the cell; a failure fails it."""
    outputs = kernel.run(f"%%fcrun --event x\n{ECHO}")
    assert json.loads(text_of(outputs).splitlines()[0].replace("'", '"')) == ["x", "cell", 128]
    assert "text/html" in outputs[0].data
    outputs = kernel.run(f"%%fcrun\n{H}    raise ValueError('no')\n", fails=True)
    assert sum(output.output_type == "error" for output in outputs) == 1

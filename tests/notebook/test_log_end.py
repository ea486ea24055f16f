"""Of a long log the end is seen: it says what a function did last, before it failed."""

from __future__ import annotations

import re

import pytest

from tests.notebook.conftest import HANDLER, Kernel, Ran, Shell, deploying, text_of

STEPS = """
def handler(event, context):
    count, width = map(int, event.decode().split())
    for number in range(count):
        print(f"step {number}" + " " * width + "end")
    print("about to fail")
    raise KeyError("lost")
"""


@pytest.fixture(scope="module")
def steps(shell: Shell) -> str:
    assert shell.run(deploying("steps", STEPS)).success
    return "steps"


def failing(shell: Shell, event: str) -> tuple[Ran, str]:
    ran = shell.run(f"%fcinvoke steps {event}")
    assert not ran.success
    return ran, re.findall(r"request (\S+)", ran.text)[0]


def test_the_last_lines_are_seen(shell: Shell, steps: str) -> None:
    """What was printed before the error stands in the card, and above it how much more there is and where."""
    ran, request = failing(shell, "50 1")
    assert f"log  … 31 earlier lines: %fclogs steps --request {request}\n     step 31 end\n" in ran.text
    assert "     step 49 end\n     about to fail\n" in ran.text
    assert "step 30 end" not in ran.text


def test_lines_that_the_answer_lacks(shell: Shell, steps: str) -> None:
    """An answer has the last 4 KB: a line of which only the end is left is no line, and that others are missing is
    said."""
    ran, request = failing(shell, "500 10")
    above = re.search(
        r"log  … (\d+) earlier lines, others were cut: %fclogs\s+steps --request (\S+)", ran.text
    )
    assert above, ran.text
    assert above[2] == request
    first = re.search(r"--request \S+\n     (step \d+ +end)\n", ran.text)
    assert first, ran.text
    assert "about to fail" in ran.text

    wide, _ = failing(shell, "30 900")
    assert "log  … " in wide.text
    assert "were cut: %fclogs" in wide.text
    assert "about to fail" in wide.text


def test_all_lines_of_one_request(shell: Shell, steps: str) -> None:
    """The magic that the card names shows every line, as text too."""
    _, request = failing(shell, "500 1")
    ran = shell.run(f"%fclogs steps --request {request}")
    assert re.findall(r"step (\d+) end", ran.text) == [str(number) for number in range(500)]
    assert "earlier" not in ran.text


def test_of_many_requests_each_shows_its_end(shell: Shell, steps: str) -> None:
    """In the log of a function each request has its last lines; in html the earlier ones unfold."""
    _, request = failing(shell, "50 1")
    log = shell.run("%fclogs steps --limit 2")
    assert f"… 31 earlier lines: %fclogs steps --request {request}" in log.text
    assert log.text.rstrip().endswith("about to fail")
    html = shell.bundle(log.value)["text/html"]
    above = f"<summary>… 31 earlier lines: <code>%fclogs steps --request {request}</code></summary><pre>step 0 end"
    assert above in html
    assert "step 30 end</pre></details><pre>step 31 end" in html


def test_requests_are_kept_apart(shell: Shell, steps: str) -> None:
    """Where a request has lines of its own, an empty one stands before the next."""
    for _ in range(2):
        failing(shell, "1 1")
    assert re.search(r"about to fail\n\n\S", shell.run("%fclogs steps --limit 2").text)


def test_why_a_process_ended_is_said_once(shell: Shell) -> None:
    """The sentence about memory is no line of the log too; where the line that exits is found nothing else may
    have been."""
    greedy = "    x = []\n    while True: x.append(bytes(9_000_000))\n"
    shell.run(deploying("greedy", f"def handler(event, context):\n    print('mine')\n{greedy}"))
    ran = shell.run("greedy()")
    assert ran.text.count("Out of memory") == 1
    assert "mine" in ran.text

    shell.run(deploying("exits", "import sys; sys.exit(3)"))
    said = shell.run("exits()").text
    assert "the process may have ended at Cell" in said
    assert "Return instead of sys.exit()." in said
    assert "memory may have run out" not in said


@pytest.mark.parametrize("call", ["os._exit", "sys.exit"])
def test_an_end_is_said_alike_everywhere(kernel: Kernel, call: str) -> None:
    """In the card, in the text of the error that programs show, and in the log."""
    kernel.run(deploying("exits", f"import os, sys; {call}(3)"))
    card, error = kernel.run("exits()", fails=True)
    for said in (text_of([card]), text_of([error]), text_of(kernel.run("%fclogs exits"))):
        assert f"Return instead of {call}()." in said
        assert "memory may have run out" not in said


def test_nothing_is_named_that_is_not_kept(shell: Shell, steps: str) -> None:
    """Of what was run once there is no log to ask for; that of a deployed function is."""
    body = f"{HANDLER}    for i in range(3000): print('line', i)\n    "
    for end in ("return 1", "raise ValueError(1)"):
        once = shell.run(f"%%fcrun\n{body}{end}\n")
        assert "earlier lines, others were cut" in once.text
        assert "%fclogs" not in once.text

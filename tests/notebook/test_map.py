"""Many calls in a notebook: the card of what came, the line while it goes on, and an interrupt."""

from __future__ import annotations

import asyncio
import io
import os
import re
import signal
import threading
import time
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from fc_magic.client.fanout.results import Outcome, Results
from fc_magic.errors import FunctionError, ResourceExhausted
from fc_magic.notebook.display import bundle
from fc_magic.notebook.map_progress import telling
from fc_magic.wire.results import Invocation
from tests.notebook.conftest import (
    KEY_SECRET,
    TOKEN,
    Kernel,
    Shell,
    deploying,
    kernel_in,
    text_of,
    texts,
    words_of_html,
)
from tests.server.processes import Door

NTH = """import json
def handler(event, context):
    number = json.loads(event)
    if number % 10 == 3:
        raise ValueError(f"no threes: {number}")
    return number * number
"""


@pytest.fixture(scope="module")
def nth(shell: Shell) -> Any:
    assert shell.run(deploying("nth", NTH)).success
    return shell.variable("nth")


# ---------------------------------------------------------------- the card


def test_card(shell: Shell, nth: Any) -> None:
    """What does not change first: calls, failures, values; then the numbers, and what failed, by kind and place."""
    ran = shell.run("nth.map(range(25))")
    assert ran.success
    head, values, whole, each, *rest = ran.text.split("\n", 1)[1].splitlines()
    assert head == "⚠ nth  25 calls · 3 failed"
    assert values.startswith("  [0, 1, 4, –, 16, 25,")
    assert re.fullmatch(r"  in [\d.]+ (ms|s) · [\d.,]+ calls a second · .*", whole)
    assert re.fullmatch(r"  p50 .* · p95 .* · longest .* CNY in a region", each)
    assert (
        rest[-2]
        == "  3 ×  ValueError: no threes: 3 · and 2 other messages  first event 3, Cell In[2], line 6"
    )
    assert rest[-1] == "  nth.mapped.errors   ·   nth.mapped.values(None)   ·   nth.mapped.retry()"


def test_card_of_texts_that_are_no_json(shell: Shell, nth: Any) -> None:
    """What a single call of such an event says is said here, too, of the first."""
    ran = shell.run("nth.map(['a', 'b'])")
    assert ran.text.splitlines()[-2] == '  the event was plain text; as JSON it is "a"'
    assert nth.mapped.errors[1].error.hint == 'the event was plain text; as JSON it is "b"'
    submitted = nth.submit("c").exception()
    assert isinstance(submitted, FunctionError)
    assert submitted.hint == 'the event was plain text; as JSON it is "c"'


def test_card_of_what_went_well(shell: Shell, nth: Any) -> None:
    """There is nothing to do next."""
    text = shell.bundle(nth.map([1, 2]))["text/plain"]
    assert text.startswith("✓ nth  2 calls\n  [1, 4]\n")
    assert "mapped" not in text
    assert shell.bundle(nth.map([]))["text/plain"] == "✓ nth  0 calls"
    assert shell.bundle(nth.map([1]))["text/plain"].startswith("✓ nth  1 call\n")


def test_card_of_what_was_not_sent(shell: Shell, nth: Any) -> None:
    """An event that no JSON has is no call that failed; and one is one."""
    results = nth.map([object(), 2])
    assert shell.bundle(results)["text/plain"].startswith("⚠ nth  1 call · 1 not sent\n  [–, 4]\n")
    again = shell.bundle(results.retry())["text/plain"]
    assert again.startswith("⚠ nth  0 calls · 1 not sent · 1 value\n")
    assert shell.bundle(nth.map([object(), 3]))["text/plain"].startswith(
        "⚠ nth  1 call · 1 failed · 1 not sent"
    )


def test_both_faces(nth: Any) -> None:
    """Html and text say the same, but for what the drawing adds."""
    made = bundle(nth.map(range(25)), "local")
    shown = words_of_html(re.sub(r"<svg.*?</svg>", "", made["text/html"], flags=re.DOTALL))
    for word in re.findall(r"[\w–×]+", made["text/plain"]):
        assert word in shown
    assert "<svg role" in made["text/html"]
    assert "<script" not in made["text/html"]


def finished(count: int, cold: int = 3, failed: int = 5) -> Results:
    """Results as a run of so many calls leaves them."""
    results = Results("f", "local", count)
    for number in range(count):
        began = number // 4 * 0.003
        error = number < failed
        results.times.add(began, began + 0.002 + number % 7 * 1e-3, 1.5, 5.0 * (number < cold), error)
        results.put(number, number)
    results.seconds, results.at_once, results.memory_mb = float(results.times.ended[-1]), 4, 128
    return results


@pytest.mark.parametrize("count", [10, 240, 241, 1000, 100_000])
def test_the_drawing_stays_small(count: int) -> None:
    """However many calls: it has its size, its axis and legend, and stays under 50 KB."""
    html = bundle(finished(count))["text/html"]
    drawing = re.findall(r"<svg.*?</svg>", html, re.DOTALL)[0]
    assert len(drawing) < 50_000
    assert "cold start" in drawing
    assert "failed" in drawing
    assert "nan" not in drawing
    assert all(0 <= float(x) <= 640 for x in re.findall(r"M([-\d.]+) ", drawing))


def test_many_calls_are_shown_at_once() -> None:
    """The card of 100,000 calls is made in no time that a person feels."""
    results = finished(100_000)
    began = time.process_time()
    bundle(results)
    assert time.process_time() - began < 2


def test_kinds_of_errors() -> None:
    """The most frequent kinds, each with its first; refusals by their code; messages in a line."""
    results = Results("f", "local", 60)
    for number in range(60):
        payload = b'{"errorType": "E%d", "errorMessage": "it was\\n%d"}' % (number % 6, number)
        error = FunctionError(
            Invocation("f", f"1-{number}", payload, "E"), f"E{number % 6}: it was\n{number}"
        )
        results.fail(Outcome(number, None, error=error))
    results.fail(Outcome(60, None, error=ResourceExhausted("all 2 instances were busy")))
    text = bundle(results)["text/plain"]
    assert "  10 ×  E0: it was  first event 0" in text
    assert "… 3 more kinds of errors" in text
    assert "it was\n" not in text.replace("first event", "")


def test_other_messages_are_not_that_one() -> None:
    """Errors of one type that say different things are not shown as if all said the first."""
    results = Results("f", "local", 4)
    for number, said in enumerate(["no len()", "no keys()", "no 'a' in 3", "no 'b' in 4"]):
        payload = b'{"errorType": "TypeError", "errorMessage": "x"}'
        error = FunctionError(Invocation("f", f"1-{number}", payload, "E"), f"TypeError: {said}")
        results.fail(Outcome(number, None, error=error))
    text = bundle(results)["text/plain"]
    assert "1 ×  TypeError: no len()" in text
    assert "1 ×  TypeError: no keys()" in text
    assert "2 ×  TypeError: no 'a' in 3 · and 1 other message" in text


def test_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """The card, its drawing and its errors."""
    monkeypatch.setenv("FC_MAGIC_LANG", "zh")
    made = bundle(finished(300))
    assert "300 次调用" in made["text/plain"]
    assert "每秒" in made["text/plain"]
    assert "冷启动" in made["text/html"]


# ---------------------------------------------------------------- the line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def lines(count: int | None, *told: tuple[int, int]) -> list[str]:
    """What a terminal has of these, of which each comes a second after the one before."""
    seconds = iter(range(1000))
    with redirect_stdout(Terminal()) as said:
        with telling(None, "nth", count, lambda: float(next(seconds))) as tell:
            for one in told:
                tell(*one)
    return said.getvalue().split("\r")[1:]


def test_one_line_that_stays() -> None:
    """It is rewritten, and ends with what came of it."""
    assert lines(1000, (10, 0), (500, 2), (1000, 2)) == [
        "nth · 10 of 1,000 calls · 1.00 s",
        "nth · 500 of 1,000 calls · 2 failed · 2.00 s",
        "nth · 1,000 of 1,000 calls · 2 failed · 3.00 s",
        "nth · 1,000 calls · 2 failed · 4.00 s".ljust(len("nth · 1,000 of 1,000 calls · 2 failed · 3.00 s"))
        + "\n",
    ]
    assert lines(None, (10, 0))[0] == "nth · 10 calls · 1.00 s"


def test_nobody_watches(shell: Shell, nth: Any) -> None:
    """A program that runs a notebook gets the card and nothing else."""
    with redirect_stdout(io.StringIO()) as said, telling(None, "nth", 5) as told:
        told(5, 0)
    assert said.getvalue() == ""


# ---------------------------------------------------------------- in a kernel


def test_failures_fail_the_cell(kernel: Kernel) -> None:
    """Values that are not all there, too many errors, wrong options: the cell fails, and says what to do."""
    kernel.run(deploying("tens", NTH))
    said = text_of(kernel.run("tens.map(range(5)).values()", fails=True))
    assert "CallsFailed: 1 of 5 calls of tens failed" in said
    assert "1 ×  ValueError: no threes: 3  event 3" in said
    assert ".retry()" in said
    said = text_of(kernel.run("tens.map(range(50), max_errors=1, concurrency=1)", fails=True))
    assert "2 of 14 calls of tens failed; it ended there, because max_errors is 1" in said
    assert texts(kernel.run("len(tens.mapped)")) == ["14"]
    assert "concurrency 0" in text_of(kernel.run("tens.map([1], concurrency=0)", fails=True))


def test_failure_that_is_asked_for_again(kernel: Kernel) -> None:
    """Each cell that asks for the same failed call has the whole card, once."""
    kernel.run(deploying("failed", "return {}['x']"))
    kernel.run("call = failed.submit(); others = failed.map([1, 2])")
    for again in ("call.result()", "call.result()", "others[0]", "others[0]"):
        outputs = kernel.run(again, fails=True)
        assert [output.output_type for output in outputs] == ["display_data", "error"]
        assert "return {}['x']" in outputs[0].data["text/plain"]


def test_await(kernel: Kernel) -> None:
    """In the kernel's own loop a submitted call is awaited."""
    kernel.run(deploying("twice", "import json; return json.loads(event) * 2"))
    assert texts(kernel.run("await twice.submit(21)")) == ["42"]
    assert texts(kernel.run("import asyncio; await asyncio.gather(*map(twice.submit, range(3)))")) == [
        "[0, 2, 4]"
    ]


def test_interrupt(home: Path) -> None:
    """What came is shown and kept, what ran is cancelled there, and retry goes on."""
    door = Door()
    with kernel_in(home) as interrupted:
        body = (
            f"import time; {door.knock('event.decode()')}; time.sleep(50 if event == b'3' else 0); return 1"
        )
        interrupted.run(deploying("naps", body))
        pid = interrupted.pid

        def interrupt() -> None:
            door.visitor("3")
            os.killpg(os.getpgid(pid), signal.SIGINT)

        helper = threading.Thread(target=interrupt)
        helper.start()
        outputs = interrupted.run("naps.map(iter(range(6)), concurrency=1)", fails=True)
        helper.join()
        door.close()
        card, error = texts(outputs)
        assert card.startswith("⚠ naps  3 calls · 1 cancelled · interrupted after 3 calls\n  [1, 1, 1]\n")
        assert "naps.mapped.retry()" in card
        assert error == (
            "KeyboardInterrupt: naps was interrupted after 3 calls; those that ran were cancelled"
        )
        assert texts(interrupted.run("naps.mapped.values(None), len(naps.mapped.cancelled)")) == [
            "([1, 1, 1], 1)"
        ]
        waiting = "[one for one in naps.instances() if one.state == 'busy']"
        ended = f"import time\nwhile {waiting}: time.sleep(0.01)"
        assert interrupted.run(ended) == []


def test_interrupt_of_a_generator_that_blocks(kernel: Kernel) -> None:
    """Who interrupts is told that it was heard, and that a second one leaves the generator."""
    kernel.run(deploying("one", "return 1"))
    kernel.run(
        "import os, signal, time\ndef stuck():\n    yield 1\n    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(25)\n"
    )
    said, errors, pid = list[str](), list[str](), kernel.pid

    def hear(message: Any) -> None:
        content = message["content"]
        if message["msg_type"] == "stream":
            said.append(content["text"])
            if "interrupt again to leave it" in content["text"]:
                os.killpg(os.getpgid(pid), signal.SIGINT)
        if message["msg_type"] == "error":
            errors.append(content["evalue"])

    run = kernel.client.kc.execute_interactive
    asyncio.run(run("one.map(stuck())", allow_stdin=True, output_hook=hear, timeout=20))
    assert "\ninterrupted; the generator is still at work: interrupt again to leave it\n" in "".join(said)
    assert errors[0].startswith("one was interrupted after 1 calls")


def test_a_generator_that_fails(kernel: Kernel) -> None:
    """Its traceback has no lines of ours, and the card offers no retry of what nobody knows."""
    kernel.run(deploying("fine", "return 1"))
    kernel.run("def broken():\n    yield from range(3)\n    raise LookupError('no more')")
    for cell in ("fine.map(broken())", "list(fine.stream(broken()))"):
        error = kernel.run(cell, fails=True)[-1]
        assert "fc_magic" not in "".join(error.traceback), error.traceback
    card = texts(kernel.run("fine.mapped"))[0]
    assert "the events ended with LookupError: no more" in card
    assert "fine.mapped.values(None)" in card
    assert "retry" not in card


def test_gaps_of_an_interrupted_map(kernel: Kernel) -> None:
    """Where an earlier call was cancelled, the card says how many events the results are of: their length."""
    door = Door()
    body = f"import time; {door.knock('event.decode()')}; time.sleep(50 if event in (b'0', b'3') else 0); return 1"
    kernel.run(deploying("gaps", body))
    pid = kernel.pid

    def interrupt() -> None:
        door.visitor("3")
        os.killpg(os.getpgid(pid), signal.SIGINT)

    helper = threading.Thread(target=interrupt)
    helper.start()
    card, _ = texts(kernel.run("gaps.map(range(6), concurrency=2)", fails=True))
    helper.join()
    door.close()
    assert card.startswith(
        "⚠ gaps  2 calls · 2 cancelled · 2 not called · interrupted after 2 calls\n"
        "  first 3 events  [–, 1, 1]\n"
    )
    assert texts(kernel.run("len(gaps.mapped)")) == ["3"]


def test_an_awaited_call_is_interrupted(home: Path) -> None:
    """The call ends where it runs, long before it would by itself; so do a stream, and all that a cell submitted,
    whichever of them it waited for."""
    door = Door()
    cells = {
        "0": "await sleepy.submit(0)",
        "1": "next(sleepy.stream([1]))",
        "2": "calls = [sleepy.submit(n) for n in (5, 6, 2)]; [call.result() for call in calls]",
    }
    with kernel_in(home) as interrupted:
        body = f"import time; {door.knock('event.decode()')}; time.sleep(50)"
        interrupted.run(deploying("sleepy", body))
        interrupted.run("before = sleepy.submit(7)")
        door.visitor("7")
        pid = interrupted.pid
        for last, cell in cells.items():
            signalled: list[float] = []

            def interrupt(last: str = last, signalled: list[float] = signalled) -> None:
                door.visitor(last)
                signalled.append(time.monotonic())
                os.killpg(os.getpgid(pid), signal.SIGINT)

            helper = threading.Thread(target=interrupt)
            helper.start()
            said = text_of(interrupted.run(cell, fails=True))
            helper.join()
            assert "KeyboardInterrupt" in said or "CancelledError" in said
            busy = "sum(one.state == 'busy' for one in sleepy.instances())"
            assert interrupted.run(f"import time\nwhile {busy} > 1: time.sleep(0.01)") == []
            assert time.monotonic() - signalled[0] < 20
        assert texts(interrupted.run("[call.cancelled() for call in calls], before.running()")) == [
            "([True, True, True], True)"
        ]
        interrupted.run("before.cancel()")
        door.close()


def test_a_call_that_was_cancelled_interrupts_no_other(kernel: Kernel) -> None:
    """Who cancels a call, or a task of their own, and looks at what came of it did not interrupt the cell."""
    kernel.run(deploying("lasts", "import time; time.sleep(float(event))"))
    kernel.run("import asyncio")
    kernel.run(
        "calls = [lasts.submit(n) for n in (50, 1, 1)]; calls[0].cancel(); calls[0].result()", fails=True
    )
    own = (
        "task = asyncio.ensure_future(asyncio.sleep(50)); task.cancel(); more = [lasts.submit(1)]; await task"
    )
    kernel.run(own, fails=True)
    assert texts(kernel.run("[call.cancelled() for call in [*calls, *more]]")) == [
        "[True, False, False, False]"
    ]
    kernel.run("[call.result() for call in [*calls[1:], *more]]")


def test_no_secrets(kernel: Kernel) -> None:
    """Neither key nor token stands in the notebook."""
    kernel.run(deploying("shows", NTH))
    kernel.run("r = shows.map(range(5)); r")
    kernel.run("print(vars(r), r.errors, repr(shows.submit(3)))")
    saved = kernel.saved()
    assert KEY_SECRET not in saved
    assert TOKEN not in saved

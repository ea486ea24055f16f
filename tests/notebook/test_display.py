"""Cards: two faces with the same facts, under 100 columns, and nothing a function says can act on who reads it."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fc_magic import connect, errors
from fc_magic.client.fanout.results import Results
from fc_magic.config import Settings
from fc_magic.errors import Interrupted, InvalidArgument, Problem, UsageError
from fc_magic.notebook import display, words
from fc_magic.notebook.failures.cells import Cells, CellSource
from fc_magic.notebook.line import options
from fc_magic.wire import triggers
from fc_magic.wire.results import Function, Functions, Invocation, Log, RequestLog, Url
from fc_magic.wire.spec import Layer
from tests.notebook.conftest import words_of_html

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=timezone.utc)
PROPERTY = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
#: text that would do something if it were not escaped: markup, quotes, terminal sequences, turned lines
NASTY = st.text(
    st.sampled_from("<>&\"'`/=!-abc 函é\u0301\t\r\n\x00\x07\x08\x1b[]2J;\x7f\x9b\u202e\u2066\u2028\ud800"),
    max_size=30,
) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '" onmouseover="x',
        "'><b>",
        "\x1b]8;;http://evil\x07",
    ]
)


def function(**values: Any) -> Function:
    return Function(
        **{
            "name": "hello",
            "region": "cn-hangzhou",
            "arn": "acs:fc:cn-hangzhou:1:functions/hello",
            "runtime": "python3.10",
            "handler": "index.handler",
            "entrypoint": "index.handler",
            "memory": 256,
            "timeout": 30,
            "role": "acs:ram::1:role/r",
            "version": "3",
            "code_checksum": "12345678901234567890",
            "code_size": 1234,
            "last_modified_time": "2026-03-01T11:58:00Z",
            **values,
        }
    )


def invocation(payload: bytes = b'{"a": 1}', **values: Any) -> Invocation:
    return Invocation(
        **{
            "function": "hello",
            "request_id": "1-65e0a000-00000000-000000000001",
            "payload": payload,
            "duration_ms": 3.14,
            "memory_mb": 18.2,
            "memory_limit_mb": 256,
            **values,
        }
    )


def failed(kind: str = "KeyError", message: str = "'nope'", stack: Any = (), **values: Any) -> Invocation:
    payload = {"errorType": kind, "errorMessage": message, "stackTrace": list(stack)}
    return invocation(json.dumps(payload).encode(), **{"error_type": "UnhandledInvocationError", **values})


def log(*texts: str, **values: Any) -> Log:
    return Log(
        "hello",
        tuple(
            RequestLog(f"1-id-{i}", "2026-03-01T11:59:00Z", "invoke", text, duration_ms=2.5, **values)
            for i, text in enumerate(texts)
        ),
    )


def faces(thing: object, **more: Any) -> tuple[str, str]:
    """The text of a thing, and what one reads of its html; both checked for what holds of every card."""
    made = display.bundle(thing, "local", NOW, **more)
    text, html = made["text/plain"], made["text/html"]
    assert set(made) == {"text/plain", "text/html"}
    checked_text(text)
    checked_html(html)
    return text, words_of_html(html)


def checked_text(text: str) -> None:
    assert all(words.width(line) < 100 for line in text.split("\n")), text
    assert all(line == line.rstrip() for line in text.split("\n"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", text)
    text.encode()


class Checked(HTMLParser):
    """Only what a card is made of: known tags, known attributes, every tag closed in its order."""

    TAGS = {
        "div": {"class"}, "span": {"class", "title"}, "b": {"title"}, "code": {"title"}, "pre": {"class"},
        "a": {"href", "title", "target", "rel"}, "img": {"src", "alt", "title"}, "style": set(), "details": set(),
        "summary": set(), "table": set(), "thead": set(), "tbody": set(), "tr": set(), "br": set(),
        "th": {"class"}, "td": {"class"},
    }  # fmt: skip

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.TAGS, tag
        assert {name for name, _ in attrs} <= self.TAGS[tag]
        values = dict(attrs)
        assert (values.get("href") or "http://").startswith(("http://", "https://"))
        assert (values.get("src") or "data:image/").startswith("data:image/")
        # MathJax 2 and 3 look for no formula in all that is inside
        classes = (values.get("class") or "").removesuffix(" tex2jax_ignore mathjax_ignore")
        assert bool(self.open) is (classes == (values.get("class") or ""))
        assert re.fullmatch(r"(fcm-[a-z]+ ?)*", classes)
        if tag not in ("br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked_html(html: str) -> None:
    Checked(html)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]", html)
    html.encode()


def squeezed(text: str) -> str:
    return "".join(text.split())


def same_facts(text: str, html: str) -> None:
    """Every word of the one face is in the other, in the same order; only separators may differ."""
    assert squeezed(html).replace("→", "") == squeezed(text).replace("→", "")


# ---------------------------------------------------------------- functions

HTTP = triggers.Http(name="http-1", methods=("GET", "POST"), auth_type="function")
TIMER = triggers.Timer(name="timer-1", cron_expression="@every 5m")
FUNCTIONS = {
    "created": function(outcome="created", elapsed_s=0.02),
    "updated": function(outcome="updated", elapsed_s=12.0, triggers=(TIMER,)),
    "unchanged": function(outcome="unchanged", elapsed_s=0.004),
    "looked up": function(calls_today=3, errors_today=1),
    "warned": function(outcome="created", warnings=("python3.10 runs on Python 3.11 here " * 5, "second")),
    "full": function(
        outcome="created",
        description="a description",
        entrypoint="index.start",
        environment={"TOKEN": "EnvValueHidden", "A": "EnvValueHidden"},
        triggers=(HTTP, TIMER, triggers.Timer(name="t", cron_expression="0 0 4 * * *", enable=False)),
        urls=(Url("http-1", "http://127.0.0.1:1/fn/hello/"),),
        layers=(Layer(name="pillow", version="2"),),
    ),
    "other triggers": function(triggers=(triggers.Other(type="log", name="o", secretKey="EnvValueHidden"),)),
    "pending": function(outcome="created", state="Pending"),
    "bare": function(version="", code_checksum="", code_size=0, last_modified_time="", state=""),
    "long": function(name="n" * 64, handler="h" * 128, outcome="created"),
    "odd schedule": function(triggers=(triggers.Timer.model_construct(name="t", cron_expression="no such thing"),)),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name: str) -> None:
    """A function's card has the same facts in both faces; of variables only the names."""
    text, html = faces(FUNCTIONS[name])
    same_facts(text, html)
    assert "EnvValueHidden" not in text + html


def test_deployment_says_what_matters() -> None:
    """What was deployed, where, how long it took, its settings, its triggers and the next step."""
    text, _ = faces(FUNCTIONS["full"])
    lines = text.splitlines()
    assert lines[0] == "✓ hello  deployed to local · version 3"
    assert (
        lines[1]
        == "  python3.10 · 256 MB · 30 s · index.handler · starts with index.start · 1.2 KB  (code 123456…)"
    )
    assert [line.split()[0] for line in lines[2:7]] == ["http", "timer", "timer", "env", "layers"]
    assert "http://127.0.0.1:1/fn/hello/  GET POST · signed requests only" in lines[2]
    assert lines[3].endswith("@every 5m, next 12:03:00 UTC")
    assert lines[4].endswith("0 0 4 * * *, disabled")
    assert lines[5].endswith("A, TOKEN")
    assert lines[-1] == '  hello({"any": "json"})   ·   %fcinvoke hello   ·   %fclogs hello'


@pytest.mark.parametrize(
    ("lines", "call"),
    [
        ([], '{"any": "json"}'),
        (
            ["timer:@every 5m"],
            '{"triggerTime": "2026-01-02T03:04:05Z", "triggerName": "timer-1", "payload": ""}',
        ),
        (
            ["oss:pics/in/*.png"],
            '{"events": [{"eventName": "ObjectCreated:PutObject", "oss": {"bucket": {"name": "pics"}, '
            '"object": {"key": "in/example.png"}}}]}',
        ),
        (["timer:@every 5m", "http"], '{"any": "json"}'),
        (['{"type": "log", "config": {}}'], '{"any": "json"}'),
    ],
)
def test_next_step_fits_what_calls_the_function(lines: list[str], call: str) -> None:
    """The event that is suggested has the shape that its timer or bucket would send."""
    items = [triggers.parse(line) for line in lines]
    called_by = triggers.named(triggers.from_config(item["type"], item["config"]) for item in items)
    text, _ = faces(dataclasses.replace(FUNCTIONS["full"], triggers=called_by, layers=()))
    # it may go over the end of a line, and a cell takes it so, too
    assert f"hello({call})" in " ".join(text.split())
    json.loads(call)


@pytest.mark.parametrize(
    ("outcome", "begins"),
    [
        ("created", "✓ hello  deployed to local"),
        ("unchanged", "– hello  unchanged on local"),
        ("", "hello  on local"),
    ],
)
def test_outcome_has_a_sign(outcome: str, begins: str) -> None:
    """Each outcome begins with a sign of its own, and a word says the same."""
    assert faces(function(outcome=outcome))[0].startswith(begins)


def test_list_of_functions() -> None:
    """A list is a table: one row a function, numbers to the right, wide characters in their columns."""
    text, html = faces(
        Functions(
            (function(name="a", calls_today=5, triggers=(HTTP, TIMER)), function(name="longer", memory=4096))
        )
    )
    same_facts(text, html)
    header, first, second, steps = text.splitlines()
    assert first.split()[:4] == ["a", "python3.10", "256", "MB"]
    assert first.index("256 MB") + 6 == second.index("4096 MB") + 7 == header.index("memory") + 6
    assert steps == "%fcinvoke NAME   ·   %fclogs NAME"
    assert faces(Functions(()))[0].splitlines()[0] == "Nothing is deployed here."


# ---------------------------------------------------------------- invocations

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        (b"", "None"),
        (b"null", "None"),
        (b'{"a": [1, 2.5, true, null]}', "{'a': [1, 2.5, True, None]}"),
        ('"函数"'.encode(), "'函数'"),
        (b"plain text", "'plain text'"),
        (b"two\nlines", "two\nlines"),
        (b'"two\\nlines"', "two\nlines"),
        (b"\xff\xfe", "b'\\xff\\xfe'"),
        (b'"\\ud800\\n"', "\\ud800"),
        (PNG, "<PNG image, 28 B>"),
        (b"\xff\xd8\xff\xe0", "<JPEG image, 4 B>"),
        (b"GIF89a", "<GIF image, 6 B>"),
    ],
)
def test_value_is_shown_as_python_would(payload: bytes, shown: str) -> None:
    """JSON as Python values, text as text, bytes as bytes, images as images; then one line of numbers."""
    text, html = faces(invocation(payload))
    *value, numbers = text.splitlines()
    assert "\n".join(value) == shown
    assert numbers == "200 · 3.1 ms · 18 of 256 MB · request 1-65e0a000-00000000-000000000001"
    if not shown.startswith("<"):
        same_facts(text, html)


def test_image_is_an_image() -> None:
    """An image is in the html, with its kind and size as its words."""
    html = display.bundle(invocation(PNG), "local", NOW)["text/html"]
    assert '<img src="data:image/png;base64,iVBOR' in html
    assert 'alt="PNG image, 28 B"' in html


HUGE: dict[str, bytes] = {
    "long list": json.dumps(list(range(100_000))).encode(),
    "many lines": b"line\n" * 300_000,
    "one line": b"x" * 6_000_000,
    "bytes": b"\xff" * 1_000_000,
    "cut character": ("函" * 100_000).encode(),
    "deep": b"[" * 50_000 + b"]" * 50_000,
    "too deep to show": b"[" * 600 + b"]" * 600,
    "big number": b"9" * 50_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_huge_value_is_shown_short(name: str) -> None:
    """A value of megabytes is its beginning and its size; the card stays small."""
    text, html = faces(invocation(HUGE[name]))
    assert len(text) < 10_000
    assert len(html) < 100_000
    assert len(text.splitlines()) < 70
    assert text.splitlines()[-1].startswith("200 · ")


def test_long_value_is_folded() -> None:
    """Beyond a screen a value is counted in text and folded in html, with nothing lost there."""
    value = {f"key{n}": "x" * 60 for n in range(100)}
    text, html = faces(invocation(json.dumps(value).encode()))
    assert "… 80 more lines" in text
    assert all(f"key{n}" in html for n in range(100))
    assert "<details>" in display.bundle(invocation(json.dumps(value).encode()), "", NOW)["text/html"]


def test_cold_start_and_own_log() -> None:
    """A cold start is said; of the log only the function's own lines are shown."""
    request = "1-65e0a000-00000000-000000000001"
    said = (
        f"FunctionCompute python3 runtime inited.\nFC Invoke Start RequestId: {request}\n"
        f"2026-03-01T12:00:00.000Z {request} [INFO] starting\nprintedFC Invoke End RequestId: {request}\n"
        f"\nDuration: 2.10 ms, Billed Duration: 3 ms, Memory Size: 128 MB, Max Memory Used: 11 MB\n"
    )
    text, html = faces(invocation(log=said, cold_ms=12.3))
    same_facts(text, html)
    assert "3.1 ms (cold 12 ms)" in text
    assert text.splitlines()[-2:] == ["log  2026-03-01T12:00:00.000Z [INFO] starting", "     printed"]


def test_log() -> None:
    """A function's log is a line for each request and then what it printed."""
    text, html = faces(log("one\ntwo", "", error_type="UnhandledInvocationError", cold=True))
    same_facts(text, html)
    lines = text.splitlines()
    assert lines[0].startswith(
        "11:59:00, 1 min ago · invoke · 2.5 ms (cold) · UnhandledInvocationError · request"
    )
    assert "  one" in lines
    assert "  two" in lines
    assert faces(Log("hello"))[0] == (
        "hello has no log yet.\nthe local Function Compute keeps logs as long as it runs\n%fcinvoke hello"
    )


def test_huge_log_is_folded() -> None:
    """A log of a megabyte is a few lines in text."""
    text, _ = faces(log("line\n" * 50_000, "x" * 200_000))
    assert len(text.splitlines()) < 100


# ---------------------------------------------------------------- errors

PROBLEMS = [
    Problem("--memory", "is too small", "128 to 32768 MB in steps of 64", "7", "try --memory 128"),
    Problem("--role", "is required"),
]
ERRORS: dict[str, errors.FcError] = {
    "refusal": errors.InvalidArgument("hello was not deployed", problems=PROBLEMS, hint="Nothing was sent."),
    "with request": errors.FunctionNotFound("no such function", request_id="1-2-3"),
    "unknown code": errors.ApiError("odd", code="SomethingNew", request_id="1-2-3"),
    "usage": errors.UsageError("the line was not understood", problems=PROBLEMS),
    "two lines": errors.CellSyntaxError("expected ':' (line 2 of the cell)\n    def f()\n           ^"),
    "long": errors.ConnectionFailed("word " * 100, hint="do this " * 40),
}


@pytest.mark.parametrize("name", ERRORS)
def test_error(name: str) -> None:
    """An error has its sentence, every problem, the hint, and the code with the request."""
    error = ERRORS[name]
    text, html = faces(error)
    same_facts(text, html)
    for said in (error.message, error.hint, error.request_id, *(p.hint for p in error.problems)):
        assert squeezed(said) in squeezed(text)
    if error.request_id:
        assert error.code in text


def test_failure_of_a_function() -> None:
    """A failed call is the error, the user's line, the log and the numbers."""
    stack = [
        ['File "/code/index.py"', "line 5", "in handler", "return inner({})"],
        ['File "/code/index.py"', "line 3", "in inner", "return x['nope']"],
    ]
    cells = Cells()
    inner = "def inner(x):\n    return x['nope']\n"
    source = f"%%fcdeploy hello\n{inner}def handler(event, context):\n    return inner({{}})\n"
    cells.remember("hello", "77", CellSource(4, source))
    text, html = faces(failed(stack=stack, code_checksum="77", log="starting"), cells=cells)
    same_facts(text, html)
    assert text.splitlines() == [
        "KeyError: 'nope'   in hello, request 1-65e0a000-00000000-000000000001",
        "Cell In[4], line 3, in inner(x)",
        "        1 %%fcdeploy hello",
        "        2 def inner(x):",
        "---->   3     return x['nope']",
        "        4 def handler(event, context):",
        "called from Cell In[4], line 5, in handler(event, context)",
        "log  starting",
        "UnhandledInvocationError · 3.1 ms · 18 of 256 MB · request 1-65e0a000-00000000-000000000001",
    ]


# ---------------------------------------------------------------- whatever is said


@PROPERTY
@given(NASTY, NASTY, NASTY)
def test_nothing_a_function_says_acts(one: str, two: str, three: str) -> None:
    """Markup, terminal sequences and turned lines in any place of any card are only text."""
    stack = [[f'File "/code/{one}.py"', "line 3", f"in {two}", three], [two, "line 1", three, one]]
    things: list[object] = [
        function(
            name=one, runtime=two, handler=three, arn=one, state=two, outcome="created", warnings=(three, one)
        ),
        function(
            description=one, urls=(Url("http-1", one), Url("http-1", "http://" + two)), triggers=(HTTP,)
        ),
        function(environment={one: two}, last_modified_time=three, version=one, code_checksum=two),
        Functions((function(name=one, runtime=two, version=three), function())),
        invocation(one.encode(errors="replace"), log=two, request_id=three),
        invocation(json.dumps({one: [two]}).encode(), instance_id=three),
        invocation(json.dumps(f"{one}\n{two}").encode()),
        failed(one, two, stack, log=three),
        failed(one, two, [three, one], request_id=two),
        log(one, two, error_type=three),
        dataclasses.replace(log(one), function=two),
        errors.FcError(one, hint=two, request_id=three, problems=[Problem(one, two, three, one, two)]),
        errors.FunctionError(failed(one, two), three),
    ]
    cells = Cells()
    cells.remember("hello", "", CellSource(3, f"{one}\n{two}\n{three}"))
    for thing in things:
        faces(thing, cells=cells)


@PROPERTY
@given(NASTY)
def test_clean_text_is_harmless(text: str) -> None:
    """What is cleaned has no control character but the line end, and cleaning it again changes nothing."""
    cleaned = words.clean(text)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]", cleaned)
    assert words.clean(cleaned) == cleaned
    assert [c for c in cleaned if c in "<>&函"] == [c for c in text if c in "<>&函"] or "\x1b" in text


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil\x07link\x1b]8;;\x07", "link"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("50%\r100%", "50%\n100%"),
        ("a\tb", "a   b"),
        ("bell\x07", "bell\\x07"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
    ],
)
def test_terminal_sequences(said: str, shown: str) -> None:
    """Colours go, moves of the cursor go, the rest is spelled out."""
    assert words.clean(said) == shown


# ---------------------------------------------------------------- columns, sizes, moments


@PROPERTY
@given(st.text(st.sampled_from("ab 函数ｗé\u0301"), max_size=80), st.integers(2, 40))
def test_wrapping_loses_nothing(text: str, columns: int) -> None:
    """Lines fit their columns, wide characters counted as two, and together they are the text but for spaces."""
    lines = words.wrap(text, columns)
    assert all(words.width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert words.width(words.pad("函", columns)) == columns


@pytest.mark.parametrize("columns", [24, 26, 28])
def test_a_word_that_fits_on_a_line_is_not_broken(columns: int) -> None:
    """Also where the only place to break at is near the beginning of the line."""
    for text in (
        "http、http:http://HOST/PATH，或类型为 http 的 JSON 对象",
        "http, http:http://HOST/PATH, or a JSON object with the type http",
    ):
        assert any("http:http://HOST/PATH" in line for line in words.wrap(text, columns))


def test_wide_characters_align() -> None:
    """Chinese in a cell moves no column beside it."""
    rows = [
        Problem("--描述", "太长了", "最多 256 个字符", "", "短一些"),
        Problem("--memory", "x", "", "", "short"),
    ]
    lines = faces(errors.UsageError("no", problems=rows))[0].splitlines()[1:]
    assert words.width(lines[0].partition("短一些")[0]) == words.width(lines[1].partition("short")[0])


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (words.size(812), "812 B"),
        (words.size(1234), "1.2 KB"),
        (words.size(34 * 1024 * 1024), "34 MB"),
        (words.size(5 << 30), "5 GB"),
        (words.duration(3.14), "3.1 ms"),
        (words.duration(120.4), "120 ms"),
        (words.duration(1200), "1.20 s"),
        (words.duration(125_000), "2 min 5 s"),
        (words.seconds(0.003), "3 ms"),
        (words.seconds(12.3), "12 s"),
        (words.ago("2026-03-01T11:59:58Z", NOW), "just now"),
        (words.ago("2026-03-01T11:59:30Z", NOW), "30 s ago"),
        (words.ago("2026-03-01T11:00:00Z", NOW), "1 h ago"),
        (words.ago("2026-02-28T11:00:00Z", NOW), "1 day ago"),
        (words.ago("2026-02-20T12:00:00Z", NOW), "9 days ago"),
        (words.ago("2025-01-01T12:00:00Z", NOW), "2025-01-01"),
        (words.ago("2026-03-01T12:30:00Z", NOW), "2026-03-01"),
        (words.ago("yesterday", NOW), "yesterday"),
        (words.clock(NOW + timedelta(hours=1), NOW), "13:00:00"),
        (words.clock(NOW + timedelta(days=1), NOW), "2026-03-02 12:00:00"),
        (words.count(1, "call"), "1 call"),
        (words.count(2, "call"), "2 calls"),
    ],
)  # fmt: skip
def test_numbers_have_units(made: str, said: str) -> None:
    """Sizes, durations and moments as people read them."""
    assert made == said


def test_card_of_something_else() -> None:
    """There is no card for what is not ours."""
    with pytest.raises(TypeError, match="no card for int"):
        display.bundle(1)


def test_status_of_a_program_is_noted() -> None:
    """The answer of a custom runtime whose program had no such route looks like one; the card says what it was."""
    said = "The program answered 404 to POST /invoke, which Function Compute takes for a success"
    text, _ = faces(
        invocation(
            b"Not Found", log=f"FC Invoke Start RequestId: 1-2\n{said}\nFC Invoke End RequestId: 1-2\n"
        )
    )
    assert text.count(said) == 1
    assert text.index("Not Found") < text.index(said)
    assert "log" not in text


def test_list_keeps_words_whole() -> None:
    """Where a list has little room its words are not broken, but the texts that have several are."""
    kinds = [triggers.Http(name="h"), triggers.Timer(name="t", cron_expression="@every 5m")]
    made = function(name="resize-uploads", runtime="custom.debian12", triggers=tuple(kinds), version="1234")
    made = dataclasses.replace(
        made, layers=(Layer(name="imaging", version="3"), Layer(name="common", version="12"))
    )
    text, _ = faces(Functions([made]))
    assert "custom.debian12" in text
    assert "resize-uploads" in text


# ---------------------------------------------------------------- in a terminal


def refused() -> InvalidArgument:
    said = "a cron expression has 6 fields (seconds first), this has 5; with seconds first it is another one"
    return InvalidArgument(
        "tick was not deployed",
        problems=[
            Problem("--trigger", said, given="timer */5 * * * *", hint="try --trigger 'timer:0 */5 * * * *'"),
            Problem("line 3", said, given="undefined-name", hint="define foo in the cell, or run the other"),
        ],
    )


@pytest.mark.parametrize("columns", [60, 80, 100, 110, 140, 160])
def test_text_is_as_wide_as_the_terminal(terminal: Callable[[int], None], columns: int) -> None:
    """No wider, no narrower, and what is to be typed or copied stays in one piece."""
    terminal(columns)
    text = display.text(refused())
    assert columns - 25 < max(words.width(line) for line in text.splitlines()) < columns
    assert "try --trigger 'timer:0 */5 * * * *'" in text
    call = dataclasses.replace(invocation(b"1"), request_id="1-6b098b86-0b5cb8ec-d58c80e64034", version="7")
    call = dataclasses.replace(call, cold_ms=12.0, memory_mb=18.0, memory_limit_mb=256)
    shown = display.text(call)
    assert all(words.width(line) < columns for line in shown.splitlines())
    assert "request 1-6b098b86-0b5cb8ec-d58c80e64034" in shown


@pytest.mark.parametrize("columns", [42, 60])
def test_table_that_does_not_fit(terminal: Callable[[int], None], columns: int) -> None:
    """Its cells stand below each other, behind what they are, and the terminal breaks none of its rows."""
    listed = Functions((function(name="a", triggers=(HTTP, TIMER)), function(name="longer", memory=4096)))
    terminal(columns)
    lines = display.text(listed).splitlines()
    assert all(words.width(line) < columns for line in lines)
    rows = [" ".join(line.split()) for line in lines]
    second = rows[rows.index("longer") :]
    assert second[1:3] == ["runtime python3.10", "memory 4096 MB"]
    terminal(140)
    assert display.text(listed).splitlines()[0].split()[:3] == ["name", "runtime", "memory"]


@pytest.mark.parametrize("came", [True, False])
def test_an_interrupt_is_as_wide_as_the_terminal(terminal: Callable[[int], None], came: bool) -> None:
    """Its line is broken at a space, below what came and alone."""
    terminal(80)
    said = "a-map-of-many was interrupted after 4,849 calls; those that ran were cancelled"
    results = Results("a-map-of-many", "local", 5000) if came else None
    (shown,) = display.present(Interrupted(said, results=results), None, None)
    assert all(words.width(line) < 80 for line in shown.splitlines())
    assert f"KeyboardInterrupt: {said}" in " ".join(shown.split())
    assert ("a-map-of-many  0 calls" in shown) == came


@pytest.mark.parametrize("columns", [60, 160])
def test_values_and_help_are_as_wide(terminal: Callable[[int], None], columns: int) -> None:
    """They are laid out for it, and not broken afterwards, nor narrower than there is room."""
    terminal(columns)
    one_line = list(range(20 if columns == 60 else 35))
    shown = display.text(invocation(json.dumps(one_line).encode())).splitlines()
    assert any(str(one_line) in line for line in shown) is (columns == 160)
    assert (" 1," in [line[-3:] for line in shown]) is (columns == 60)
    results = Results("f", "local", 90)
    for at in range(90):
        results.put(at, 1000000)
    (values,) = [line for line in display.text(results).splitlines() if "[1000000, 1000000" in line]
    assert columns - 16 < words.width(values) < columns
    assert all(words.width(line) < min(columns, 100) for line in options.usage().splitlines())


def test_output_that_only_writes() -> None:
    """A log or a tee in the place of standard output is no terminal."""

    class Log:
        def write(self, text: str) -> int:
            return len(text)

        def flush(self) -> None: ...

    with redirect_stdout(Log()):  # type: ignore[type-var]
        assert display.text(refused()).startswith("tick was not deployed")


def test_text_elsewhere_is_as_wide_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook is the same whatever terminal its kernel was started from."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert max(words.width(line) for line in display.text(refused()).splitlines()) < 100


def test_prose_is_no_code() -> None:
    """A table breaks a sentence; what is to be typed is code, which it does not break."""
    faces(refused())
    html = display.bundle(refused())["text/html"]
    assert "<td>define foo in the cell, or run the other</td>" in html
    assert '<td class="fcm-whole"><code>try --trigger' in html


def test_places_without_a_key_are_no_code() -> None:
    """Where a key was looked for is said in words, and a cell that says nothing is empty."""
    with pytest.raises(UsageError) as caught:
        connect(Settings.load({}, target="cn-hangzhou"))
    html = display.bundle(caught.value)["text/html"]
    assert "<tr><td>settings and environment</td><td>have no access_key_id</td><td></td></tr>" in html

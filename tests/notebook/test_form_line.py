"""The line of a form: read back it says what the form says, and what it may not show it does not."""

from __future__ import annotations

import json
import shlex
import string
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fc_magic.errors import InvalidArgument, UsageError
from fc_magic.notebook.form import masks, state, written
from fc_magic.notebook.form.acts import Acts
from fc_magic.notebook.form.form import Form
from fc_magic.notebook.form.state import State
from fc_magic.notebook.form.unread import Unread
from fc_magic.notebook.line import head, options
from fc_magic.wire import runtimes, v2
from fc_magic.wire.source import Inline
from tests.notebook.conftest import words_of_html
from tests.notebook.forms import all_tabs, field, press, shown, states, tab

SECRET = "TopSecretValue"
ROLE = "acs:ram::1234567890123456:role/r"
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
#: a text that a box of one line can hold, and one that it cannot
TEXT = ANY | st.sampled_from(
    ["--memory", "{x}", "a\nb", "it's", '"', "\\", "# no comment", "{{", "…", "{'a': 1}", "!"]
)
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}", fullmatch=True)
HTTP = st.builds(
    lambda url, methods: {
        "type": "http",
        "config": {**({"url": url} if url else {}), **({"methods": methods} if methods else {})},
    },
    st.sampled_from(["", "https://example.com/a/*", "http://h:8080"]),
    st.lists(st.sampled_from(["GET", "POST"]), max_size=2, unique=True),
)
TIMER = st.builds(
    lambda cron, payload, enable: {
        "type": "timer",
        "config": {
            "cronExpression": cron,
            **({"payload": payload} if payload else {}),
            **({} if enable else {"enable": False}),
        },
    },
    st.sampled_from(
        ["@every 5m", "0 0 4 * * *", "CRON_TZ=Asia/Shanghai 0 30 8 * * MON-FRI", "often", "a\nb"]
    ),
    ANY,
    st.booleans(),
)
OSS = st.builds(
    lambda bucket, prefix, suffix: {
        "type": "oss",
        "config": {"sourceArn": bucket, "filter": {"key": {"prefix": prefix, "suffix": suffix}}},
    },
    st.sampled_from(["my-bucket", "acs:oss:cn-hangzhou:1234567890123456:my-bucket", "No Bucket"]),
    st.sampled_from(["", "in/", "a*b", " a", "ö/"]),
    st.sampled_from(["", ".png", "* "]),
)
OTHER = st.builds(
    lambda key, value: {"type": "log", "config": {key: value}},
    st.text(string.ascii_letters, min_size=3, max_size=8).map(lambda k: f"x{k}"),
    st.none() | ANY | st.lists(st.integers(0, 9), max_size=3),
)
NUMBER = st.integers(-(2**31), 2**31) | st.sampled_from(["2 GB", "lots"])
ITEMS = st.lists(TEXT.filter(bool), max_size=3)
VPC = st.builds(lambda a, b, c: {"vpc_id": a, "vswitch_ids": b, "security_group_id": c}, TEXT, ITEMS, TEXT)
LAYER = st.builds(
    lambda name, version: {"name": name, "version": version},
    NAMES,
    st.integers(1, 99).map(str) | st.just("latest"),
)
CONTAINER = st.dictionaries(NAMES, st.integers() | TEXT | st.lists(TEXT, max_size=2), min_size=1, max_size=2)
WORDS = TEXT.filter(bool)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "runtime": st.sampled_from(runtimes.KNOWN) | WORDS,
        "memory": NUMBER,
        "timeout": NUMBER,
        "publish": st.booleans(),
        "environment": st.dictionaries(NAMES | TEXT, TEXT, max_size=4),
        "triggers": st.lists(HTTP | TIMER | OSS | OTHER, max_size=4),
        "layers": st.lists(LAYER, max_size=3),
        "vpc_config": VPC,
        "custom_container_config": CONTAINER,
        **dict.fromkeys(
            ("description", "handler", "entrypoint", "role", "code", "zip_file", "folder"), WORDS
        ),
        **dict.fromkeys(
            ("image_url", "image_tag", "image_digest_value", "oss_bucket", "oss_object_key"), WORDS
        ),
        **dict.fromkeys(state.LISTS, ITEMS),
        **{name: st.booleans() for name in state.FLAGS},
    },
)


def read_back(text: str) -> options.Line:
    """The top of a cell, as the magic reads it."""
    first, _, rest = text.partition("\n")
    assert first.startswith("%%fcdeploy ")
    return options.of_head(head.read(first.removeprefix("%%fcdeploy"), rest), {})


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example({"environment": {"A": "one\ntwo", "B": "\u2028", "": "no name", "A=B": "x", "{": "}"}})
@example({"description": "one\ntwo", "runtime": "nodejs20", "memory": 192, "entrypoint": "x" * 120})
@example({"layers": [{"name": "acs:fc:cn-hangzhou:1234567890123456:layers/a/versions/3", "version": "3"}]})
@given(VALUES)
def test_the_line_says_what_the_form_says(values: dict[str, Any]) -> None:
    """On one line, and over several with ``#| fc:``, right values and wrong ones, and all that is no field."""
    said = State("hello")
    said.fill(values)
    line = said.line()
    one, several = written.line(line, mask=False), written.lines(line, mask=False)
    assert one.splitlines() == [one]
    assert several == [text for text in several if text.splitlines() == [text]]
    for text in (one, "\n".join(several)):
        back = State("hello")
        back.take(read_back(text))
        assert back.values == said.values
        assert read_back(text).name == "hello"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
def test_the_line_that_is_shown_stands_for_the_same(values: dict[str, Any]) -> None:
    """What is hidden in it comes back when it is read in a form that knows it."""
    said = State("hello")
    said.fill(values)
    shown = "\n".join(written.lines(said.line()))
    before = dict(said.values)
    said.replace(read_back(shown))
    assert said.values == before


def test_line_is_as_wide_as_the_terminal(terminal: Callable[[int], None]) -> None:
    """What is copied from it is the top of a cell: a line that the card would break is several."""
    form = Form("cart")
    form.fill({"memory": 512, "timeout": 3, "environment": {"MODE": "x", "API_KEY": "y"}, "trigger": "http"})
    terminal(200)
    whole = form.line()
    assert 79 < len(whole) < 99
    assert whole in repr(form).splitlines()
    terminal(80)
    written_lines = form.lines()
    assert len(written_lines) > 1
    assert repr(form).splitlines()[-len(written_lines) :] == written_lines
    again = Form("cart")
    field(again, "Line").value = "\n".join(written_lines).replace("…", "z")
    assert again.line() == whole


def test_short_settings_stay_on_the_first_line() -> None:
    """Long ones stand below it, each on a line of its own; in JavaScript these begin with two slashes."""
    said = State("hello")
    said.fill(
        {"memory": 512, "timeout": 9, "environment": {"A": "1" * 60, "B": "2" * 60}, "requirements": ["x"]}
    )
    assert written.lines(said.line(), mask=False) == [
        "%%fcdeploy hello --memory 512 --timeout 9",
        f"#| fc: --env A={'1' * 60}",
        f"#| fc: --env B={'2' * 60}",
        "#| fc: --requirements x",
    ]
    said.set("runtime", "nodejs20")
    said.set("environment", {f"VARIABLE_{n}": "x" for n in range(9)})
    assert written.lines(said.line())[1] == "//| fc: --env 'VARIABLE_0=…'"


# ---------------------------------------------------------------- what is hidden

TOKEN = "t" * 20 + SECRET
HIDDEN: list[tuple[str, Any]] = [
    ("environment", {"A": SECRET}),
    ("triggers", [{"type": "timer", "config": {"cronExpression": "@every 1m", "payload": SECRET}}]),
    (
        "triggers",
        [
            {
                "type": "http",
                "config": {
                    "authType": "bearer",
                    "authConfig": {"tokens": [{"tokenName": "a", "tokenData": TOKEN, "enable": True}]},
                },
            }
        ],
    ),
    (
        "triggers",
        [{"type": "eventbridge", "config": {"saslPassword": SECRET, "nested": [{"secretKey": SECRET}]}}],
    ),
    ("triggers", [{"type": "http", "config": {"authType": "jwt", "authConfig": json.dumps({"k": SECRET})}}]),
    ("custom_container_config", {"port": 9000, "registryConfig": {"authConfig": {"password": SECRET}}}),
    ("zip_file", f"https://example.com/a.zip?Signature={SECRET}"),
    ("code", f"https://user:{SECRET}@example.com/a.zip"),
    ("image_url", f"user:{SECRET}@registry.example.com/app:1"),
    ("image_url", f"https://user:{SECRET}@registry.example.com/app:1"),
    ("requirements", ["pandas", f"own @ https://user:{SECRET}@example.com/own.whl ; python_version > '3'"]),
    ("triggers", [{"type": "http", "config": {"url": f"https://user:{SECRET}@example.com/p"}}]),
    ("triggers", [{"type": "http", "config": {"authType": "jwt", "authConfig": f"key {SECRET}"}}]),
    ("triggers", [f'{{"type": "log", "config": {SECRET}']),
    ("environment", {"A": [SECRET]}),
]


@pytest.mark.parametrize(("name", "value"), HIDDEN, ids=[f"{n}-{i}" for i, (n, _) in enumerate(HIDDEN)])
def test_secret_is_hidden_and_comes_back(name: str, value: Any) -> None:
    """It is in no line, and ``…`` in its place stands for it, also where something else was changed."""
    said = State("hello")
    said.fill({name: value})
    held = said.values[name]
    assert SECRET not in "\n".join(written.lines(said.line()))
    seen = masks.masked(name, held)
    assert SECRET not in json.dumps(seen)
    assert masks.has_mask(seen)
    assert masks.unmasked(name, seen, held) == held
    assert masks.has_mask(masks.unmasked(name, seen, None))
    form = Form("hello")
    form.fill({"memory": 512})
    form.state.fill({name: value})
    form.refresh()
    all_tabs(form)
    assert form.values(masked=False)[name] == held
    assert SECRET not in json.dumps([form.values(), form.overrides()])
    assert SECRET not in states(form) + repr(form) + json.dumps(form._repr_mimebundle_(), default=str)


def test_address_that_is_typed_is_hidden() -> None:
    """A password in the address of an image, of a trigger or of a library goes into the form, and is seen no more."""
    form = Form("hello")
    all_tabs(form)
    press(form, "+ when an HTTP request comes")
    url = f"https://user:{SECRET}@example.com"
    for label, text in (
        ("Image", f"user:{SECRET}@h/app"),
        ("URL", f"{url}/p"),
        ("Requirements", f"own @ {url}/a"),
    ):
        field(form, label).value = text
        assert SECRET in json.dumps(form.values(masked=False))
        assert SECRET not in states(form)
    field(form, "Requirements").value += "\nrequests"
    assert form.values(masked=False)["requirements"] == [f"own @ {url}/a", "requests"]
    field(form, "Methods").value = "GET"
    assert form.values(masked=False)["triggers"] == [
        {"type": "http", "config": {"url": f"{url}/p", "methods": ["GET"]}}
    ]


def test_password_of_a_target_is_hidden() -> None:
    """A form goes nowhere else, and says so without what is secret in the line."""
    form = Form("hello", place={"target": "https://example.com"})
    line_of(form).value += " --memory 512"
    assert form.state.line().extra == {"target": "https://example.com"}
    line_of(form).value = f"%%fcdeploy hello --target https://user:{SECRET}@example.com"
    assert line_of(form).value == "%%fcdeploy hello --target '…1'"
    assert form.problems()["line"]
    assert SECRET not in states(form)


def test_what_is_hidden_is_nothing_to_type() -> None:
    """Not even as the name of another form."""
    form = Form("hello")
    line_of(form).value = f"%%fcdeployfm --env W={SECRET}"
    assert "%fcform NAME opens another" in shown(form)
    assert SECRET not in states(form)


def test_text_in_the_place_of_a_trigger_is_hidden() -> None:
    """Nobody can tell what in it is secret."""
    form = Form("hello")
    trigger = json.dumps({"type": "http", "config": f"password={SECRET}"})
    line_of(form).value = f"%%fcdeploy hello --trigger '{trigger}'"
    assert form.values(masked=False)["triggers"] == [{"type": "http", "config": f"password={SECRET}"}]
    assert "…" in form.line()
    assert SECRET not in states(form)


def test_expression_with_a_text_is_not_written_where_there_are_secrets() -> None:
    """It may have the secret in it; the name of something has not."""
    space = {
        "sign": lambda key: f"https://example.com/a?Signature={key}",
        "url": f"https://example.com/a?k={SECRET}",
    }
    said = State("hello")
    said.take(options.parse(f"hello --zip-file {{sign('{SECRET}')}}", namespace=space))
    assert SECRET not in written.line(said.line())
    said.take(options.parse("hello --zip-file {url}", namespace=space))
    assert written.line(said.line()) == "%%fcdeploy hello --zip-file {url}"


def test_hidden_values_follow_their_trigger() -> None:
    """A trigger that moved keeps its secret; one that was changed in another place of it, too."""
    one = {"type": "timer", "config": {"cronExpression": "@every 1m", "payload": "first"}}
    two = {"type": "timer", "config": {"cronExpression": "@every 2m", "payload": "second"}}
    shown = masks.masked("triggers", [one, two])
    assert masks.unmasked("triggers", shown[::-1], [one, two]) == [two, one]
    shown[0]["config"]["cronExpression"] = "@every 9m"
    changed = {"type": "timer", "config": {"cronExpression": "@every 9m", "payload": "first"}}
    assert masks.unmasked("triggers", shown, [one, two]) == [changed, two]


def timer(payload: str) -> dict[str, Any]:
    return {"type": "timer", "config": {"cronExpression": "@every 5m", "payload": payload}}


@pytest.mark.parametrize(
    ("known", "now", "meant"),
    [
        ("AB", "ab+", "AB+"),
        ("AB", "+ab", "+AB"),
        ("AB", "a+b", "A+B"),
        ("AAB", "aab", "AAB"),
        ("AB", "+b", "+B"),
        ("AB", "aba", "AB…"),  # nobody knows what the third is
        ("+A", "a", "A"),
    ],
)
def test_triggers_that_look_alike_keep_their_own(known: str, now: str, meant: str) -> None:
    """Two timers of one schedule differ in nothing but what is hidden; ``+`` is a trigger of another kind."""
    other = {"type": "http", "config": {}}
    held, wanted = ([other if sign == "+" else timer(sign) for sign in signs] for signs in (known, meant))
    shown = masks.masked("triggers", [other if sign == "+" else timer(sign) for sign in now])
    assert masks.unmasked("triggers", shown, held) == wanted


def test_alike_timers_in_an_edited_line() -> None:
    """A trigger that is added in the line leaves the payloads of the others."""
    form = Form("hello")
    form.fill({"triggers": [timer("AAAA"), timer("BBBB")]})
    line_of(form).value += " --trigger http"
    assert form.values(masked=False)["triggers"] == [
        timer("AAAA"),
        timer("BBBB"),
        {"type": "http", "config": {}},
    ]


def test_hidden_values_follow_their_token() -> None:
    """Of two tokens one is taken away: the other keeps its own."""
    tokens = [{"tokenName": name, "tokenData": name * 20} for name in "ab"]
    held = [{"type": "http", "config": {"authType": "bearer", "authConfig": {"tokens": tokens}}}]
    shown = masks.masked("triggers", held)
    shown[0]["config"]["authConfig"]["tokens"].pop(0)
    (back,) = masks.unmasked("triggers", shown, held)
    assert back["config"]["authConfig"] == {"tokens": [tokens[1]]}


# ---------------------------------------------------------------- a line that is edited


def line_of(form: Form) -> Any:
    return field(form, "Line")


def test_edited_line_fills_the_form() -> None:
    """What a person writes into the line is what the form shows; what is hidden stays what it was."""
    form = Form("hello")
    form.fill({"environment": {"KEY": SECRET}, "memory": 512})
    box = line_of(form)
    assert box.value == "%%fcdeploy hello --memory 512 --env 'KEY=…'"
    box.value = "%%fcdeploy hello --timeout 5 --env 'KEY=…' --env OTHER=x --trigger http\n#| fc: --file a.csv"
    assert form.overrides(masked=False) == {
        "timeout": 5,
        "environment": {"KEY": SECRET, "OTHER": "x"},
        "triggers": [{"type": "http", "config": {}}],
    }
    assert form.values()["file"] == ["a.csv"]
    assert (
        box.value == "%%fcdeploy hello --timeout 5 --env 'KEY=…' --env 'OTHER=…' --trigger http --file a.csv"
    )


WRONG_LINES = [
    ("%%fcdeploy hello --memroy 5 --timeout 20", ("--memroy is not an option · did you mean --memory?",)),
    (
        "%%fcdeploy hello --memroy 5 --memory 300",
        ("did you mean --memory?", "--memory 300", "try --memory 320"),
    ),
    ("%%fcdeploy other --memory 512", ("this is the form of hello",)),
    ("%%fcdeploy hello --trigger tmer:5m", ("--trigger tmer:5m",)),
    ("%%fcdeploy hello --description 'open", ("a quote is not closed behind --description",)),
    ("%%fcdeploy hello --memroy 5 --trigger tmr", ("--trigger tmr is not a type of trigger",)),
]


def faces_of(form: Form) -> list[str]:
    """What is seen where there are no widgets, each with one space between words."""
    bundle = form._repr_mimebundle_()
    return [" ".join(face.split()) for face in (bundle["text/plain"], words_of_html(bundle["text/html"]))]


@pytest.mark.parametrize(("line", "said"), WRONG_LINES)
def test_line_that_cannot_be_read_stays_to_be_corrected(line: str, said: tuple[str, ...]) -> None:
    """Nothing of the form changes, and all that is wrong is said beneath it, as a cell says it."""
    form = Form("hello")
    form.fill({"memory": 256})
    line_of(form).value = line
    assert [text for text in said if text not in shown(form)] == []
    assert list(form.problems()) == ["line"]
    assert [text for text in said if text not in form.problems()["line"]] == []
    for face in faces_of(form):
        assert [text for text in (line, *said) if text not in face] == []
    tab(form, "Role")
    assert line_of(form).value == line
    assert form.overrides() == {"memory": 256}


NOT_OF_THE_HEAD = [
    ("%%fcdeploy hello --memory 256\n--timeout 9", "write #| fc: --timeout 9"),
    ("%%fcdeploy hello --memory 256\ndef handler(event, context): pass", "code stands below it"),
    ("%%fcdeploy hello\nx = 1\n#| fc: --memory 256", "code stands below it"),
    ("%%fcdeploy hello --memory 256 --dry-run", "--dry-run is not a setting of the form"),
    ("%%fcdeploy hello --memory 256 --rate 10/s", "--rate is not a setting of the form"),
    ("%%fcdeployhello --memory 256", "this is the form of hello"),
]


@pytest.mark.parametrize(("line", "said"), NOT_OF_THE_HEAD)
def test_what_a_form_does_not_take_is_said(line: str, said: str) -> None:
    """Of what is typed nothing is left out without a word: it is refused, with what to write instead."""
    form = Form("hello")
    line_of(form).value = line
    assert said in shown(form)
    assert form.overrides() == {}
    assert "256" in line_of(form).value


@pytest.mark.parametrize(
    "line",
    [
        "hello --memory 256",
        "%%fcdeploy hello --memory 256 --form",
        "\n%%fcdeploy hello\n\n#| fc: --memory 256\n",
    ],
)
def test_line_that_is_pasted_is_taken(line: str) -> None:
    """With empty lines, without the magic, and from a cell that opens the form."""
    form = Form("hello")
    line_of(form).value = line
    assert form.overrides() == {"memory": 256}


@pytest.mark.parametrize("line", [line for line, _ in WRONG_LINES])
def test_nothing_is_done_with_a_line_that_cannot_be_read(line: str) -> None:
    """The values are not those that one sees, so no button sends or writes them, also if the click was on its way;
    until the line, or a field, says something that can be read."""
    done: list[str] = []

    def act(form: Form) -> str:
        done.append(form.line())
        return ""

    form = Form("hello", Acts(deploy=act, dry_run=act, write=act))
    buttons = ("Deploy", "Dry run", "Write to cell")
    right = line_of(form).value
    line_of(form).value = line
    assert [field(form, name).disabled for name in buttons] == [True] * 3
    assert "the line needs attention" in shown(form)
    for name in buttons:
        press(form, name)
    assert done == []
    for correct in (lambda: setattr(line_of(form), "value", right), lambda: form.fill({"timeout": 9})):
        line_of(form).value = line
        correct()
        assert [field(form, name).disabled for name in buttons] == [False] * 3
        assert form.problems() == {}
        assert "✗" not in repr(form)
        assert "✗" not in shown(form)
    press(form, "Deploy")
    assert done == ["%%fcdeploy hello --timeout 9"]


def test_box_of_the_line_has_its_rows() -> None:
    """It is as high as the line needs, within bounds, also while it is wrong."""
    form = Form("hello")
    rows = [line_of(form).rows]
    for many in (8, 60):
        form.fill({"environment": {f"VARIABLE_NUMBER_{n}": "x" * 30 for n in range(many)}})
        rows.append(line_of(form).rows)
    line_of(form).value = "%%fcdeploy hello --memroy 1\n#| fc: --env A=1\n#| fc: --env B=1"
    assert [*rows, line_of(form).rows] == [2, 9, 12, 3]


TIMER_JSON = json.dumps({"type": "timer", "config": {"cronExpression": "@every 5m", "payload": SECRET}})
UNREAD = [
    (f"--env TOKEN={SECRET} --memry 5", "--env 'TOKEN=…1' --memry 5", "--memry"),
    (f"--env 'TOKEN={SECRET} two words --memory 64", "--env 'TOKEN=…1 --memory 64", "not closed"),
    (f"--evn=TOKEN={SECRET} --env OWN", "--evn='TOKEN=…1' --env OWN", "--evn"),
    (f"--x 1\n#| fc: --env 'A={SECRET}'", "--x 1\n#| fc: --env 'A=…1'", "--x"),
    (f"--x 1 --trigger '{TIMER_JSON}'", f"--x 1 --trigger '{TIMER_JSON.replace(SECRET, '…1')}'", "--x"),
    (f'--env {{"A": "{SECRET}", "B": 1', '--env {"A": "…1", "B": 1', "JSON"),
    (f"--x 1 --zip-file https://h/a?Signature={SECRET}", "--x 1 --zip-file '…1'", "--x"),
    (f"--x 1 --description 'a=b {SECRET}'", f"--x 1 --description 'a=b {SECRET}'", "--x"),
    (f"--x 1 --description a=b {SECRET}", "--x 1 --description a=b '…1'", "--x"),
    (
        "--x 1 --handler index.run --layer a:1 --env {mine}",
        "--x 1 --handler index.run --layer a:1 --env {mine}",
        "--x",
    ),
    (f"-e TOKEN={SECRET} —env A={SECRET}", "-e 'TOKEN=…1' —env 'A=…1'", "-e"),
    (f"--env PASSWORD=a{{{SECRET} --memory 5", "--env PASSWORD=…0 --memory 5", "type it again"),
    (f"--env PASSWORD={SECRET}{{x", "--env PASSWORD=…0", "type it again"),
    (f"--env {{'TOKEN': '{SECRET}'}}", "--env …0", "KEY=VALUE"),
    (f"--env TOKEN={{'{SECRET}' + other}}", "--env TOKEN=…0", "type it again"),
    (f"--env '{{\"TOKEN\": {SECRET}}}'", """--env '{"TOKEN": …1}'""", "JSON"),
    (f"--env TOKEN:{SECRET}", "--env '…1'", "KEY=VALUE"),
    (f"--env TOKEN = {SECRET}", "--env TOKEN '…1' '…2'", "KEY=VALUE"),
    (f"\n#| fc --env TOKEN={SECRET}", "\n#| fc --env 'TOKEN=…1'", "is like a line of options"),
    (f"\n# | FC: --env TOKEN={SECRET}", "\n# | FC: --env 'TOKEN=…1'", "is like a line of options"),
    (f"\n# TOKEN={SECRET}\n--env TOKEN={SECRET}", "\n…1\n--env 'TOKEN=…2'", "code stands below it"),
    (f"--x 1 # TOKEN={SECRET}", "--x 1 # …1", "--x"),
    (f"--x 1 --requirements own@https://a:{SECRET}@h/b", "--x 1 --requirements '…1'", "--x"),
    (f"--x 1 --target https://a:{SECRET}@h", "--x 1 --target '…1'", "--x"),
    (f"--x 1 --trigger http:https://a:{SECRET}@h/p", "--x 1 --trigger '…1'", "--x"),
    (f"--x 1 --image-url a:{SECRET}@h/p", "--x 1 --image-url '…1'", "--x"),
]


@pytest.mark.parametrize(("typed", "left", "wrong"), UNREAD)
def test_secret_of_a_line_that_cannot_be_read(typed: str, left: str, wrong: str) -> None:
    """What stands there to be corrected has a mark for it; what is no secret stays as it was typed."""
    form = Form("hello")
    line_of(form).value = f"%%fcdeploy hello {typed}"
    assert wrong in shown(form)
    assert line_of(form).value == f"%%fcdeploy hello {left}"
    assert form.overrides() == {}
    if left != typed:
        assert SECRET not in states(form)


UNREADABLE = (
    "--memry 5",
    "--env",
    "'",
    '"',
    "{",
    "[",
    "}",
    '{"A": 1',
    "=",
    "--custom-container-config",
    "--x=",
)
AROUND = (
    "{}",
    "TOKEN={}",
    "'{}'",
    '"{}"',
    "TOKEN='{}",
    "{{'a': '{}'}}",
    '{{"a": {}}}',
    '{{"a": "{}',
    "a {} b",
    "{}:x",
)
FILLING = st.sampled_from(
    [
        *(
            *UNREADABLE,
            "#| fc",
            "# | fc:",
            "#",
            "\n",
            "\\\n",
            "\\",
            "--env ",
            "-e ",
            "–env ",
            "--evn=",
            "--trigger ",
        ),
        *(
            "--requirements ",
            "--target ",
            "--code ",
            "--memory ",
            "--dry-run ",
            "--layer ",
            "A=",
            " ",
            "{x}",
            "a",
        ),
        *(around.format("https://a:Hunter2-Hunter2!XYZ@h/b") for around in AROUND),
        *(around.format("Hunter2-Hunter2!XYZ") for around in AROUND),
    ]
)


TYPED = st.builds(
    lambda pieces, between, more: between.join([*pieces, f" {more}"]),
    st.lists(FILLING, max_size=7),
    st.sampled_from(["", " "]),
    st.sampled_from(UNREADABLE),
)


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example('--memory {"a": Hunter2-Hunter2!XYZ}--code  "')
@example('--evn={x}"Hunter2-Hunter2!XYZ" {"A": 1')
@given(TYPED)
def test_text_that_cannot_be_read_is_hidden(said: str) -> None:
    """As a line, as JSON, as variables in JSON, and as a trigger."""
    seen = [Unread().line(f"%%fcdeploy hello {said}"), Unread().json(said)]
    seen += [Unread().json(said, name) for name in ("environment", "triggers")]
    assert [text for text in seen if "Hunter2!XYZ" in text] == []


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TYPED)
def test_whatever_cannot_be_read_is_not_shown(said: str) -> None:
    """No mistake of whatever kind shows a secret: not in the box, not in what is said of it, not on the card."""
    form = Form("hello")
    line_of(form).value = f"%%fcdeploy hello {said}"
    for label in ("Settings (JSON)", "JSON", "authConfig"):
        tab(form, "Triggers" if label != "Settings (JSON)" else "Container")
        if label == "JSON":
            press(form, "+ something else, as JSON")
        if label == "authConfig":
            press(form, "+ when an HTTP request comes")
        field(form, label).value = said
    assert "Hunter2!XYZ" not in states(form) + repr(form) + json.dumps(form._repr_mimebundle_(), default=str)


def test_corrected_line_has_its_secret() -> None:
    """The mark stands for it, wherever it is by then, and after another mistake; in a cell it is refused."""
    form = Form("hello")
    box = line_of(form)
    box.value = f"%%fcdeploy hello --env TOKEN={SECRET} --memry 256 --trigger '{TIMER_JSON}'"
    box.value = "%%fcdeploy hello --env OTHER=x " + box.value.partition("hello ")[2]
    assert box.value.startswith("%%fcdeploy hello --env 'OTHER=…2' --env 'TOKEN=…1' --memry 256")
    box.value = box.value.replace("memry", "memory")
    assert form.overrides(masked=False) == {
        "memory": 256,
        "environment": {"OTHER": "x", "TOKEN": SECRET},
        "triggers": [timer(SECRET)],
    }
    assert SECRET not in states(form)
    assert masks.has_mask({"TOKEN": "…1"})


def test_expression_stays_one() -> None:
    """A value that the notebook computes is written as it was, until somebody sets another."""
    said = State("hello")
    space = {"size": 512, "price": 1.5, "names": {"a": "b c"}}
    line = """%%fcdeploy hello --description "costs {price:.2f}" --handler {names["a"]}.x --memory {size}"""
    said.take(options.parse(line.removeprefix("%%fcdeploy"), namespace=space))
    assert said.overrides() == {"description": "costs 1.50", "memory": 512, "handler": "b c.x"}
    assert written.line(said.line()) == line
    said.set("memory", 256)
    said.set("description", "free")
    assert (
        written.line(said.line())
        == """%%fcdeploy hello --description free --handler {names["a"]}.x --memory 256"""
    )


def test_variable_of_the_own_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """``--env KEY`` says its value wherever the notebook runs, and shows it nowhere."""
    monkeypatch.setenv("A_KEY_OF_MINE", SECRET)
    said = State("hello")
    said.fill({"environment": {"A_KEY_OF_MINE": SECRET, "OTHER": SECRET}})
    line = written.line(said.line())
    assert line == "%%fcdeploy hello --env A_KEY_OF_MINE --env 'OTHER=…'"
    assert read_back(line).overrides == {"environment": {"A_KEY_OF_MINE": SECRET, "OTHER": "…"}}


# ---------------------------------------------------------------- with a form and without one

ENDS = {"cronExpression": "@every 5m"}
ANY_TRIGGER: list[Any] = [
    *("timer:@every 5m", "oss:b/p*.png", None, 1, [1], "http", "", {}, [{"type": "http"}]),
    *({"type": "http"}, {"type": "timer"}, {"type": 5}, {"type": None}, {"type": ["http"]}, {"type": "HTTP"}),
    *(
        {"type": "http", "config": config}
        for config in (None, [], 5, "x", {"zzz": 1}, {"authType": "bearer"})
    ),
    *(
        {"type": "timer", "config": ENDS, key: "LATEST"}
        for key in ("name", "qualifier", "description", "zzz")
    ),
    {"type": "timer", "name": "n1", "config": {"cronExpression": "often"}},
    {"type": "timer", "config": {**ENDS, "enable": "false", "payload": {"a": 1}}},
    {"type": "timer", **ENDS},
    {"config": ENDS},
    {"triggerType": "timer", "triggerConfig": ENDS},
    {"type": "log", "config": {"a": 1}},
]
ANY_VARIABLE = st.sampled_from(["1", "", "…", None, True, 1, 1.0, 2.5, [1], {"b": 1}])
WRITTEN = st.fixed_dictionaries(
    {},
    optional={
        "trigger": st.lists(st.sampled_from(ANY_TRIGGER), max_size=3),
        "env": st.dictionaries(st.sampled_from(["A", "FC_X", "1A", ""]), ANY_VARIABLE, max_size=2),
        "runtime": st.sampled_from(["python3.10", "python3.12", "nodejs20", "foo"]),
        "memory": st.sampled_from([128, 512, 100, "abc", "1e3", ""]),
        "publish": st.sampled_from(["true", "false", "x"]),
        "layer": st.sampled_from(["a:1", "a", "a:b:c", "acs:fc:cn-hangzhou:1:layers/a/versions/2"]),
        "vpc-config": st.sampled_from([{}, {"vpc_id": ""}, {"vpcId": "v"}]),
    },
)


def meaning(overrides: dict[str, Any]) -> Any:
    """The deployment that these settings are, or what is refused of them."""
    body = {"name": "hello", "handler": "index.handler", "entrypoint": "index.handler"}
    code = Inline(zip=b"")
    try:
        return v2.decode({**body, "runtime": "python3.10", "role": ROLE, "code": code, **overrides})
    except InvalidArgument as error:
        return [(p.field, p.problem) for p in error.problems]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example({"trigger": ["timer:@every 5m"]})
@example({"trigger": [{"triggerType": "timer", "triggerConfig": ENDS}]})
@example({"env": {"A": [1]}})
@example({"env": {"A": {"b": 1}}})
@given(WRITTEN)
def test_a_line_means_the_same_with_a_form(values: dict[str, Any]) -> None:
    """Right or wrong: what is refused without a form is refused with one, and so is the line that the form writes."""
    told = [
        f"--{name}={shlex.quote(v if isinstance(v, str) else json.dumps(v))}" for name, v in values.items()
    ]
    try:
        asked = options.parse(" ".join(["hello", *told]), namespace={})
    except UsageError:
        return
    said = State("hello", {"runtime": "python3.10"})
    said.take(asked)
    assert meaning(said.line().overrides) == meaning(asked.overrides)
    for text in written.lines(said.line(), mask=False), written.lines(said.line()):
        back = State("hello", said.defaults)
        back.values = dict(said.values)
        back.replace(read_back("\n".join(text)))
        assert back.values == said.values

"""The line of a magic: words as a shell has them, expressions in braces, and options in lines below the first."""

from __future__ import annotations

import json
import shlex
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fc_magic.errors import FcError, UsageError
from fc_magic.notebook import calls, loading
from fc_magic.notebook.line import expressions, grammar, head, options
from fc_magic.notebook.line.grammar import Expression
from tests.notebook.conftest import Kernel, Shell, deploying, text_of

PROPERTY = settings(max_examples=200, deadline=None)
SECRET = "TopSecretValue"
TYPED = st.text("ab ={}'\"\\#-\t:1[]", max_size=30) | st.text(max_size=20)


def words(text: str) -> list[str]:
    return [word.text for word in grammar.split(text)]


def read(line: str, cell: str | None = "", **names: Any) -> options.Line:
    return options.of_head(head.read(line, cell), names)


def refusal(line: str, cell: str | None = "", **names: Any) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read(line, cell, **names)
    assert SECRET not in str(caught.value)
    return caught.value


def refused(line: str, cell: str = "", **names: Any) -> list[tuple[str, str, str]]:
    return [
        (f"{p.field} {p.given}".strip(), p.problem, p.hint) for p in refusal(line, cell, **names).problems
    ]


# ---------------------------------------------------------------- words


@PROPERTY
@given(
    st.text("ab ='\"\\-\t:1", max_size=30) | st.text(st.characters(exclude_characters="{}[]#"), max_size=20)
)
def test_words_are_those_of_a_shell(text: str) -> None:
    """Without braces and comments a line is cut as ``shlex`` cuts it, and refused where that refuses it."""
    try:
        wanted = shlex.split(text)
    except ValueError:
        with pytest.raises(UsageError):
            words(text)
    else:
        assert words(text) == wanted


@PROPERTY
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=5))
def test_quoted_words_come_back(texts: list[str]) -> None:
    """What ``shlex`` quotes is taken as it is, whatever braces it has."""
    found = grammar.split(shlex.join(texts))
    assert [word.text for word in found] == texts
    assert all(word.is_plain and not word.wrong for word in found)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@PROPERTY
@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4), st.sampled_from(["{}", "KEY={}", '"{}"']))
def test_json_is_itself(value: dict[str, Any], form: str) -> None:
    """An object of JSON is one word, bare, behind ``=`` or in double quotes; nothing in it is an expression."""
    text = json.dumps(value)
    if form.startswith('"'):
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    (word, after) = grammar.split(f"{form.replace('{}', text)} after")
    assert word.is_plain
    assert json.loads(word.text.removeprefix("KEY=")) == value
    assert after.text == "after"


@PROPERTY
@given(TYPED)
def test_words_cover_the_line(text: str) -> None:
    """Words stand in their order, do not overlap, and what is between them is space; braces never raise."""
    found = grammar.scan(text)
    at = 0
    for word in found.words:
        assert at <= word.start < word.end <= len(text)
        assert not text[at : word.start].strip(" \t\r\n")
        at = word.end
    assert not text[at : found.comment].strip(" \t\r\n")


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("{mem}", (Expression("mem"),)),
        ("KEY={token}", ("KEY=", Expression("token"))),
        ('"costs {price:.2f} each"', ("costs ", Expression("price", "", ".2f"), " each")),
        ("{x!r:>10}", (Expression("x", "r", ">10"),)),
        ('{d["a b"]}', (Expression('d["a b"]'),)),
        ('"{d["a b"]}"', (Expression('d["a b"]'),)),
        (r'"{d[\"a\"]}"', (Expression('d["a"]'),)),
        ("{ a + b }", (Expression("a + b"),)),
        ("{f({'a': 1})}", (Expression("f({'a': 1})"),)),
        ("{x[1:2]}", (Expression("x[1:2]"),)),
        ("'{x}'", ("{x}",)),
        (r"\{x", ("{x",)),
        ("{{x}}", ("{x}",)),
        ("a}b", ("a}b",)),
        ("{}", ("{}",)),
        ('{"a":1}', ('{"a":1}',)),
    ],
)
def test_braces(text: str, pieces: tuple[Any, ...]) -> None:
    """A brace is an expression bare and in double quotes, itself when doubled, in single quotes and in JSON."""
    (word,) = grammar.split(text)
    assert (word.pieces, word.wrong) == (pieces, "")


# ---------------------------------------------------------------- expressions


@pytest.mark.parametrize(
    ("line", "overrides"),
    [
        ("--memory {mem}", {"memory": 512}),
        ("--memory={mem * 2}", {"memory": 1024}),
        ("--memory {mem}0", {"memory": 5120}),
        ("--env KEY={token}", {"environment": {"KEY": "t"}}),
        ("--env {all} --env B=2", {"environment": {"A": "x y", "B": "2"}}),
        ('--description "costs {price:.2f}"', {"description": "costs 1.50"}),
        ("--description {token!r}", {"description": "'t'"}),
        (
            "--trigger timer:{every}",
            {"triggers": [{"type": "timer", "config": {"cronExpression": "@every 5m"}}]},
        ),
        ("--trigger {both}", {"triggers": [{"type": "http", "config": {}}, {"type": "log"}]}),
        ("--layer {layers}", {"layers": [{"name": "a", "version": "1"}, {"name": "b"}]}),
        ("--vpc-config {all}", {"vpc_config": {"A": "x y"}}),
        ("--publish {no}", {"publish": False}),
        ("--code {path}", {"code": str(Path("a b") / "c")}),
    ],
)
def test_expression(line: str, overrides: dict[str, Any]) -> None:
    """An expression has the value that the notebook has, as a text where it stands in one."""
    found = read(
        f"hello {line}",
        mem=512,
        token="t",
        all={"A": "x y"},
        price=1.5,
        every="@every 5m",
        both=["http", {"type": "log"}],
        layers=("a:1", "b"),
        no=False,
        path=Path("a b") / "c",
    )
    assert found.overrides == overrides


def test_expressions_of_other_options() -> None:
    """The name is one, too, and an option that repeats takes a list."""
    found = read("{name} --file {files} --target {where}", name="hello", files=["a", "b c"], where="local")
    assert (found.name, found.repeated, found.extra) == ("hello", {"file": ("a", "b c")}, {"target": "local"})


def test_expressions_are_evaluated_once() -> None:
    """Each once; of a single value only the last one counts."""
    calls: list[str] = []
    read("hello --memory {f('a')} --memory {f('b')} --env A={f('c')}", f=lambda x: calls.append(x) or 128)
    assert calls == ["b", "c"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("--memory {men}", ("--memory {men}", "NameError: name 'men' is not defined", "{mem}")),
        (
            "--memory {q.r}",
            ("--memory {q.r}", "NameError: name 'q' is not defined", "q = …"),
        ),
        ("--memory {nothing}", ("--memory {nothing}", "is None", "--memory 128")),
        ("--memory {1/0}", ("--memory {1/0}", "ZeroDivisionError", "--memory 128")),
        ("--env K={d['z']}", ("--env {d['z']}", "KeyError: 'z'", "--env KEY=VALUE")),
        ("--env K={nothing}", ("--env {nothing}", "is None", "--env KEY=VALUE")),
        ("--env K={int(token)}", ("--env {int(token)}", "ValueError", "--env KEY=VALUE")),
        ("--env {some}", ("--env", "has no value for B: it is None", "--env KEY=VALUE")),
        (
            "--description {d}",
            (
                "--description {d}",
                "is of type dict, and a text or number is taken",
                "--description 'thumbnails for the shop'",
            ),
        ),
        ("--description {d:x}", ("--description {d:x}", "TypeError", "--description")),
        (
            "--description {a b}",
            ("--description {a", "what is in braces is no Python expression", grammar.LITERALLY),
        ),
        ("--trigger {token}:x", ("--trigger {token}:x", "write it as JSON", "--trigger http")),
        ("--file {nothing}", ("--file {nothing}", "is None", "")),
        (f"--env {{'TOKEN': '{SECRET}'}}", ("--env {'…':…}", "ValueError", expressions.DICT)),
        (f"--env {{'TOKEN': {SECRET}}}", ("--env {'…':…}", "ValueError", expressions.DICT)),
        (f"--env {{TOKEN:{SECRET}}}", ("--env {TOKEN:…}", "NameError: name 'TOKEN'", "TOKEN = …")),
        (f"--env A={{int('{SECRET}')}}", ("--env {int('…')}", "ValueError", "--env KEY=VALUE")),
        (f"--env A={{d.pop('{SECRET}')}}", ("--env {d.pop('…')}", "KeyError", "--env KEY=VALUE")),
        (f"--env A={{f'{SECRET}{{1/0}}'}}", ("--env {f'…{1 / 0}'}", "ZeroDivisionError", "--env KEY=VALUE")),
        (
            f"--custom-container-config {{'password': '{SECRET}'}}",
            ("--custom-container-config {'…':…}", "ValueError", expressions.DICT),
        ),
        (
            f"--custom-container-config {{mem}}:{SECRET}",
            ("--custom-container-config", "is not JSON", "--custom-container-config"),
        ),
        (f'--trigger "{{mem}}:[\\"{SECRET}\\""', ("--trigger", "write it as JSON", "--trigger http")),
    ],
)
def test_expression_that_fails(line: str, found: tuple[str, str, str]) -> None:
    """The option, the expression and why; what may be a secret is not repeated."""
    said = refused(f"hello {line}", mem=128, token=SECRET, d={}, nothing=None, some={"A": SECRET, "B": None})
    field, problem, hint = said[0]
    assert field == found[0]
    assert problem.startswith(found[1])
    assert hint.startswith(found[2])


# ---------------------------------------------------------------- lines below the first

CODE = "def handler(event, context):\n    return event\n"


@pytest.mark.parametrize(
    ("line", "cell", "overrides", "lines"),
    [
        ("hello \\", "  --memory 256 \\\n  --timeout 9\n", {"memory": 256, "timeout": 9}, 2),
        ("hello --memory 25\\", "6\n", {"memory": 256}, 1),
        ('hello --description "a \\', 'b"\n', {"description": "a b"}, 1),
        ("hello # no \\", "", {}, 0),
        ("hello --description a\\\\", "", {"description": "a\\"}, 0),
        ("hello", "#| fc: --memory 256\n", {"memory": 256}, 1),
        ("hello", "//| fc: --memory 256\n", {"memory": 256}, 1),
        ("hello", "#|fc:--memory 256 # why\n", {"memory": 256}, 1),
        ("hello", "\n# note\n#| fc: --memory 256\n\n#| fc: --timeout 9\n", {"memory": 256, "timeout": 9}, 5),
        ("hello", "#| fc: --memory \\\n#| fc:  256\n", {"memory": 256}, 2),
        ("hello \\", "--timeout 9\n#| fc: --memory 256\n", {"memory": 256, "timeout": 9}, 2),
        ("hello --memory 512", "#| fc: --memory 256\n", {"memory": 512}, 1),
        ("hello --env B=2", "#| fc: --env A=1 --env B=1\n", {"environment": {"A": "1", "B": "2"}}, 1),
        ("hello", '#| fc: --env {"A": "1"}\n', {"environment": {"A": "1"}}, 1),
        ("hello", "#| fc:\n", {}, 1),
        ("hello", "#| echo: false\n", {}, 1),
    ],
)
def test_options_below(line: str, cell: str, overrides: dict[str, Any], lines: int) -> None:
    """A backslash goes on below; header lines come first, the line wins, repeats add up. Lines keep their numbers."""
    above = head.read(line, cell + CODE)
    assert options.of_head(above, {}).overrides == overrides
    assert above.body.split("\n")[lines:] == CODE.split("\n")
    assert not [text for text in above.body.split("\n")[:lines] if "--" in text or "fc:" in text]
    assert len(above.shown.split("\n")) == len(above.body.split("\n"))
    assert not above.warnings


@PROPERTY
@given(
    st.lists(st.integers(1, 500).map(lambda n: f"--memory {n * 64}"), max_size=3),
    st.dictionaries(st.text(string.ascii_uppercase, min_size=1, max_size=2), st.text(max_size=8), max_size=3),
    st.dictionaries(st.text(string.ascii_uppercase, min_size=1, max_size=2), st.text(max_size=8), max_size=3),
)
def test_header_and_line_are_one(memory: list[str], above: dict[str, str], below: dict[str, str]) -> None:
    """Options mean in header lines and line together what they mean in that order on one line."""

    def said(values: dict[str, str]) -> list[str]:
        pairs = {k: "".join(c for c in v if c.isprintable()) for k, v in values.items()}
        return [f"--env={shlex.quote(f'{k}={v}')}" for k, v in pairs.items()]

    headers, line = [*memory[:2], *said(above)], [*memory[2:], *said(below)]
    cell = "".join(f"#| fc: {text}\n" for text in headers)
    assert read(f"hello {' '.join(line)}", cell + CODE) == options.parse(
        f"hello {' '.join([*headers, *line])}"
    )


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("\n#| fc: --memroy 3\n", [("line 3: --memroy", "is not an option", "did you mean --memory?")]),
        ("#| fc: --memory\n", [("line 2: --memory", "has no value", "--memory 128")]),
        ("#| fc: --memory {men}\n", [("line 2: --memory {men}", "NameError", "men = …")]),
        ("#| fc: hello\n", [("line 2: hello", "is no option", "")]),
        ("#| fc: --trigger x\n#| fc: --trigger {y}\n", [("line 3: --trigger {y}", "NameError", "")]),
    ],
)
def test_header_that_is_wrong(cell: str, said: list[tuple[str, str, str]]) -> None:
    """The refusal names the line of the cell."""
    found = refused("hello", cell + CODE)
    assert len(found) == len(said)
    for (field, problem, hint), (where, wanted, advice) in zip(found, said, strict=True):
        assert field.startswith(where)
        assert problem.startswith(wanted)
        assert not advice or hint == advice


@pytest.mark.parametrize(
    ("line", "cell", "said"),
    [
        ("hello --memory 256 \\", None, "the line was not understood: it ends in a backslash"),
        (
            "hello",
            "#| fc: --env 'A\n",
            "line 2 of the cell was not understood: a quote is not closed behind --env",
        ),
        (
            "hello",
            "#| fc: --memory 3 \\\n" + CODE,
            "line 2 of the cell was not understood: it ends in a backslash",
        ),
        ("hello", "#| fc --memory 3\n", "line 2 of the cell is like a line of options, and is none"),
        ("hello", "# | fcdeploy: --memory 3\n", "line 2 of the cell is like a line of options, and is none"),
    ],
)
def test_head_that_cannot_be_read(line: str, cell: str | None, said: str) -> None:
    """What was meant as options is never silently code."""
    assert refusal(line, cell).message == said


def test_header_below_code_is_told() -> None:
    """It has no effect, and the deployment says so."""
    above = head.read("hello", f"{CODE}#| fc: --memory 256\n")
    assert above.warnings == ("line 4 of the cell has no effect: #| fc: stands above the code",)
    assert options.of_head(above).warnings == above.warnings


# ---------------------------------------------------------------- deployed


def test_cell_with_options_below(shell: Shell) -> None:
    """Continuation, header and expression arrive; neither they nor their secrets are in the code."""
    shell.run(f"mem, token = 256, {SECRET!r}")
    ran = shell.run(
        "%%fcdeploy line-all --timeout 9 \\\n   --description 'two # words'\n"
        "# note\n#| fc: --memory {mem} --env TOKEN={token}\n#| fc: --env OTHER=AlsoSecret\n" + CODE
    )
    assert ran.success, ran.text
    info = ran.value.info
    assert (info.memory, info.timeout, info.description) == (256, 9, "two # words")
    assert dict(info.environment) == {"TOKEN": SECRET, "OTHER": "AlsoSecret"}
    assert SECRET not in ran.text
    code = shell.run("%fcexport line-all --to zip --force").value
    for path, _ in code.files:
        raw = Path(path).read_bytes()
        assert SECRET.encode() not in raw
        Path(path).unlink()
    assert shell.run("line_all('x')").value == "x"


def test_failure_shows_its_line_of_the_cell(kernel: Kernel) -> None:
    """Lines that were taken as options count, and are marked where the source is shown."""
    kernel.run(
        "%%fcdeploy line-fails \\\n  --memory 128\n#| fc: --env TOKEN=AlsoSecret\n"
        "def handler(event, context):\n    return {}['nope']\n"
    )
    said = text_of(kernel.run("line_fails({})", fails=True))
    assert "line 5, in handler(event, context)" in said
    assert "#| fc: …" in said
    assert "AlsoSecret" not in said


def test_undefined_name_fails_the_cell(kernel: Kernel) -> None:
    """The refusal names the option, the expression and the error, and nothing was sent."""
    said = text_of(kernel.run("%%fcdeploy line-undefined\n#| fc: --memory {no_mem}\n" + CODE, fails=True))
    said = " ".join(said.split())
    assert "line 2: --memory {no_mem}" in said
    assert "NameError: name 'no_mem' is not defined" in said
    assert "line-undefined" not in text_of(kernel.run("%fclist"))


def test_refused_value_of_an_expression(shell: Shell) -> None:
    """What Function Compute allows is said of the option, with its line, and a secret is not repeated."""
    shell.run(f"mem, token = 7, {SECRET!r} * 400")
    error = shell.run("%%fcdeploy line-refused\n#| fc: --memory {mem} --env A={token}\n" + CODE).error
    assert isinstance(error, FcError)
    assert [f"{p.field} {p.given}".strip() for p in error.problems] == ["line 2: --memory 7", "line 2: --env"]
    assert SECRET not in str(error)


def test_option_on_a_line_of_its_own(shell: Shell) -> None:
    """Somebody forgot the backslash."""
    error = shell.run("%%fcdeploy line-forgot\n  --memory 256\n" + CODE).error
    assert "#| fc: --memory 256" in getattr(error, "hint", "")


def test_program_begins_with_its_first_line(shell: Shell) -> None:
    """What was taken above ``#!`` leaves no line there: a program begins with it."""
    ran = shell.run(
        "%%fcdeploy line-program --dry-run \\\n --runtime custom.debian10\n#!/bin/sh\n#| fc: --memory 256\nexit 1\n"
    )
    assert ran.success, ran.text
    assert "bootstrap" in ran.text


def test_javascript_header(shell: Shell) -> None:
    """``//|`` is a header line, too."""
    source = "exports.handler = async (event, context) => event.toString();\n"
    ran = shell.run(
        deploying("line-js", "lambda", "--dry-run").splitlines()[0]
        + f"\n//| fc: --runtime nodejs20\n{source}"
    )
    assert ran.success, ran.text
    assert "index.js" in ran.text


# ---------------------------------------------------------------- other magics


@pytest.mark.parametrize(
    ("line", "words", "wanted"),
    [
        ("{name}", 0, "hello"),
        ("{name} --limit {n}", 0, "hello --limit 3"),
        ("--target={where} '{name}'", 0, "--target='a b' '{name}'"),
        ("{name} --folder {where}", 0, "hello --folder 'a b'"),
        ("{name} {'{' * n", 1, "hello {'{' * n"),
        ('{name}:live {"a": {n}} {name}', 1, 'hello:live {"a": {n}} {name}'),
        ("--task {where} {name} --delay {n} {n} 'open", 1, "--task 'a b' hello --delay 3 {n} 'open"),
        ("--async {name} {n}", 1, "--async hello {n}"),
    ],
)
def test_expressions_of_any_magic(line: str, words: int, wanted: str) -> None:
    """A name or an option of any magic may be an expression; an event is taken as it is."""
    assert expressions.replaced(line, {"name": "hello", "n": 3, "where": "a b"}, words) == wanted


@pytest.mark.parametrize("written", ["line-mine # of mine", "'line-mine'", '"line-"mine  # it\'s mine'])
def test_comments_and_quotes_of_any_magic(shell: Shell, written: str) -> None:
    """They are those of a shell where no event stands on the line."""
    assert shell.run(deploying("line-mine", "return 1")).success
    assert [found.name for found in shell.run(f"%fclist {written}").value] == ["line-mine"]
    for magic in ("fcinstances", "fcversions", "fccost", "fclogs", "fcpull", "fcdelete"):
        ran = shell.run(f"%{magic} {written}")
        assert ran.success, ran.text
    for magic in ("fclayers", "fctarget"):
        ran = shell.run(f"%{magic} # of mine")
        assert ran.success, ran.text
    assert not shell.run("%fclist line-mine").value


@pytest.mark.parametrize("magic", ["fclist", "fclayers", "fcinstances"])
def test_a_line_that_says_nothing_of_options(shell: Shell, magic: str) -> None:
    """What begins with two dashes is no prefix and no name."""
    error = shell.run(f"%{magic} --yes=1").error
    assert isinstance(error, UsageError)
    assert "is not an option" in str(error)


@pytest.mark.parametrize(
    ("event", "wanted"),
    [
        ("{made}", {"a": 1}),
        ("{made['a'] + 1}", 2),
        (" {text} ", "as it is"),
        ('{"made": 1}', '{"made": 1}'),
        ('{"made"}', '{"made"}'),
        ("{'made': 1}", "{'made': 1}"),
        ("{}", "{}"),
        ('"{made}"', '"{made}"'),
        ("{made} {made}", "{made} {made}"),
        ("{made:>3}", "{made:>3}"),
        ("[made]", "[made]"),
        ("it is {made}", "it is {made}"),
    ],
)
def test_event_that_is_an_expression(event: str, wanted: Any) -> None:
    """Only an event that is one expression and nothing else is one; JSON and text stay as they are."""
    assert calls.evaluated(event, {"made": {"a": 1}, "text": "as it is"}) == wanted


def test_events_and_names_of_the_notebook(shell: Shell) -> None:
    """A loop over functions and events, as people write it."""
    assert shell.run(deploying("line-echo", "return event.decode()")).success
    shell.run("fn, event = 'line-echo', {'a': [1, 2]}")
    assert shell.run("%fcinvoke {fn} {event}").value.value == {"a": [1, 2]}
    assert shell.run('%fcinvoke {fn} {"event": 1}').value.value == {"event": 1}
    assert shell.run("%%fcinvoke {fn}\n{event}").value.value == "{event}\n"
    assert shell.run("%fclist {fn}").value[0].name == "line-echo"
    assert shell.run("%fclogs {fn} --limit {1}").success
    error = shell.run("%fcinvoke {fn} {evnt}").error
    assert "NameError: name 'evnt' is not defined" in str(error)
    assert "{event}" in str(error)
    error = shell.run("%fclogs {nobody}").error
    assert isinstance(error, UsageError)
    assert "{nobody}: NameError" in str(error)


def test_help_prints_in_the_cell(shell: Shell) -> None:
    """``--help`` as the first or last word of any magic prints what it takes, and runs nothing."""
    for name in loading.NAMES:
        for line in (f"%{name} --help", f"%{name} line-nothing --help", f"%{name} --help line-nothing"):
            ran = shell.run(line)
            assert ran.success, line
            assert f"%{name}" in ran.text, line
    assert "--memory" in shell.run("%%fcdeploy line-nothing \\\n  --help\n" + CODE).text

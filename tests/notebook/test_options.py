"""A magic's line: every field has an option, what is written is what is meant, and every mistake is named at once."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fc_magic.errors import UsageError
from fc_magic.notebook.line import grammar, options
from fc_magic.wire.spec import FIELDS
from tests.notebook.conftest import Shell

PROPERTY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

#: a field of each kind: how its value is written on the line
WRITTEN: dict[str, tuple[str, Any]] = {
    "text": ("some words", "some words"),
    "int": ("256", 256),
    "bool": ("false", False),
    "map": ("KEY=VALUE", {"KEY": "VALUE"}),
    "object": ('{"a": [1, {"b": null}]}', {"a": [1, {"b": None}]}),
}
LISTS: dict[str, tuple[str, Any]] = {
    "triggers": ("http", [{"type": "http", "config": {}}]),
    "layers": ("pillow:2", [{"name": "pillow", "version": "2"}]),
}


def written(name: str) -> tuple[str, Any]:
    return LISTS[name] if name in LISTS else WRITTEN[FIELDS[name].kind]


def problems(line: str) -> list[tuple[str, str, str]]:
    with pytest.raises(UsageError) as caught:
        options.parse(line)
    return [(f"{p.field} {p.given}".strip(), p.problem, p.hint) for p in caught.value.problems]


def outcome(line: str) -> options.Line | UsageError:
    try:
        return options.parse(line)
    except UsageError as error:
        return error


# ---------------------------------------------------------------- each field


@pytest.mark.parametrize("name", [n for n in FIELDS if n != "name"])
@pytest.mark.parametrize("form", ["{} {}", "{}={}"])
def test_every_field_has_an_option(name: str, form: str) -> None:
    """A field is set by the option of its name, with a space or with =."""
    text, value = written(name)
    line = form.format(options.option(name), shlex.quote(text))
    assert options.parse(f"hello {line}") == options.Line("hello", {name: value})
    assert options.parse(f"{line} hello") == options.Line("hello", {name: value})


@pytest.mark.parametrize("name", [n for n in FIELDS if n != "name"])
def test_every_spelling_of_a_field(name: str) -> None:
    """The field's own name with dashes means the same as its short option."""
    text, value = written(name)
    spellings = [s for s, field in options.names().items() if field == name]
    assert name.replace("_", "-") in spellings
    for spelling in spellings:
        assert options.parse(f"hello --{spelling} {shlex.quote(text)}").overrides == {name: value}


@pytest.mark.parametrize("place", ["triggers", "triggers.0", "triggers.12"])
def test_option_of_one_of_several(place: str) -> None:
    """What is wrong with one trigger is wrong with its option."""
    assert options.option(place) == "--trigger"


def test_name_has_an_option_too() -> None:
    """--name says what the first word says; both together must agree."""
    assert options.parse("--name hello").name == "hello"
    assert options.parse("hello --name hello").name == "hello"
    assert problems("hello --name other")[0][1].startswith("is one word too many")


def test_help_names_every_option() -> None:
    """The help shows each field with what it does and what is allowed, and the options that are no fields."""
    text = " ".join(options.usage().split())
    for name, doc in FIELDS.items():
        assert (options.option(name) if name != "name" else "NAME") in text
        assert " ".join(f"{doc.help} {doc.allowed}".split()) in text.replace(f" ({doc.unit})", "")
    for name in (*options.EXTRA, *options.FLAGS):
        assert f"--{name}" in text
    assert max(map(len, options.usage().splitlines())) < 100


@pytest.mark.parametrize("line", ["--help", "hello --help", "--help --memory 256"])
def test_help_is_asked_for(line: str) -> None:
    """--help stands anywhere and takes no value."""
    assert options.parse(line).wants_help
    assert not options.parse("hello").wants_help


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("line", "overrides"),
    [
        ("", {}),
        ("--description 'two words'", {"description": "two words"}),
        ('--description "it is \\"quoted\\""', {"description": 'it is "quoted"'}),
        ("--description=", {"description": ""}),
        ("--description ''", {"description": ""}),
        ("--description=--memory", {"description": "--memory"}),
        ("--description a=b", {"description": "a=b"}),
        ("--description=a=b", {"description": "a=b"}),
        ("--description '{x} $y'", {"description": "{x} $y"}),
        ("--description 函数", {"description": "函数"}),
        ("--memory 256 --memory 512", {"memory": 512}),
        ("--memory +256", {"memory": 256}),
        ("--memory -1", {"memory": -1}),
        ("--memory abc", {"memory": "abc"}),
        ("--memory 1.5", {"memory": "1.5"}),
        ("--memory +-5", {"memory": "+-5"}),
        ("--memory ٥", {"memory": "٥"}),
        ("--memory=", {"memory": ""}),
        (f"--memory {'9' * 5000}", {"memory": "9" * 5000}),
        ("--env A=1 --env B=2", {"environment": {"A": "1", "B": "2"}}),
        ("--env A=1 --env A=2", {"environment": {"A": "2"}}),
        ("--env A=b=c", {"environment": {"A": "b=c"}}),
        ("--env A=", {"environment": {"A": ""}}),
        ("""--env '{"A": "1", "B": 2}' --env C=3""", {"environment": {"A": "1", "B": 2, "C": "3"}}),
        (
            "--trigger http --trigger 'timer:@every 5m'",
            {
                "triggers": [
                    {"type": "http", "config": {}},
                    {"type": "timer", "config": {"cronExpression": "@every 5m"}},
                ]
            },
        ),
        (
            """--triggers '[{"type": "http"}, {"type": "log", "config": {"a": 1}}]'""",
            {"triggers": [{"type": "http"}, {"type": "log", "config": {"a": 1}}]},
        ),
        ("--layer a:1 --layer b", {"layers": [{"name": "a", "version": "1"}, {"name": "b"}]}),
        (
            "--layer acs:fc:cn-hangzhou:1:layers/x/versions/3",
            {"layers": [{"name": "acs:fc:cn-hangzhou:1:layers/x/versions/3", "version": "3"}]},
        ),
    ],
)
def test_what_a_value_means(line: str, overrides: dict[str, Any]) -> None:
    """Quotes are a shell's, lists and variables add up, of anything else the last one counts."""
    assert options.parse(f"hello {line}") == options.Line("hello", overrides)


def test_target_is_no_field() -> None:
    """--target is kept apart from what is deployed."""
    assert options.parse("hello --target cn-beijing --memory 256") == options.Line(
        "hello", {"memory": 256}, {"target": "cn-beijing"}
    )


@PROPERTY
@given(
    st.dictionaries(
        st.sampled_from([n for n, doc in FIELDS.items() if doc.kind == "text" and n != "name"]),
        st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    ),
    st.booleans(),
)
def test_any_text_arrives(values: dict[str, str], equals: bool) -> None:
    """Whatever is quoted as a shell quotes it comes out as it went in."""
    line = " ".join(
        f"{options.option(n)}={shlex.quote(v)}"
        if equals or v.startswith("--")
        else f"{options.option(n)} {shlex.quote(v)}"
        for n, v in values.items()
    )
    assert options.parse(f"hello {line}") == options.Line("hello", values)


@PROPERTY
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            ["--memory", "--env", "--trigger", "{", "[", "a=b", "7", "=", "--", "'", "hello", "timer:"]
        ),
        max_size=6,
    ).map(" ".join)
)
def test_anything_is_read_or_refused(line: str) -> None:
    """Whatever is typed, the answer is a Line or a UsageError that says something."""
    found = outcome(line)
    if isinstance(found, options.Line):
        assert set(found.overrides) <= set(FIELDS)
    else:
        assert found.problems or ": " in found.message
        assert all(p.field and p.problem for p in found.problems)


# ---------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("hello --memroy 256", [("--memroy", "is not an option", "did you mean --memory?")]),
        ("hello --memroy=256", [("--memroy", "is not an option", "did you mean --memory?")]),
        ("hello --zip_file x", [("--zip_file", "is not an option", "did you mean --zip-file?")]),
        ("hello --Memory 256", [("--Memory", "is not an option", "did you mean --memory?")]),
        ("hello -m 256", [("-m", "is not an option", "did you mean --memory?")]),
        ("hello -memory 256", [("-memory", "is not an option", "did you mean --memory?")]),
        ("hello —memory 256", [("—memory", "is not an option", "did you mean --memory?")]),
        ("hello --xyzzy", [("--xyzzy", "is not an option", "")]),
        ("hello --", [("--", "is not an option", "")]),
        ("hello --yes=false", [("--yes", "takes no value", "")]),
        ("hello --dry-run=0", [("--dry-run", "takes no value", "")]),
        ("hello --form={x}", [("--form", "takes no value", "")]),
        ("hello --no-publish=false", [("--no-publish", "takes no value", "")]),
        ("hello --memory", [("--memory", "has no value", "--memory 128")]),
        ("hello --memory --timeout 3", [("--memory", "has no value", "--memory 128")]),
        ("hello --target", [("--target", "has no value", "")]),
        ("hello world", [("world", "is one word too many: a name has no spaces", "hello-world")]),
        ("hello big world", [("big world", "is one word too many: a name has no spaces", "hello-big-world")]),
        ("hello --env KEY", [("--env", "KEY is not KEY=VALUE", "--env KEY=VALUE · export KEY=…")]),
        ("hello --env TOKEN={secret[}", [("--env TOKEN=…", "what is in braces is no Python", "")]),
        (
            "hello --timeout -5 --env FC_X=1 --env 1A=2 --env X --env Y",
            [
                ("--env", "X is not KEY=VALUE", "--env X=VALUE · export X=…"),
                ("--env", "Y is not KEY=VALUE", "--env Y=VALUE · export Y=…"),
                ("--timeout -5", "is too small", "try --timeout 1"),
                ("--env", "has the name '1A'; has the reserved name FC_X", ""),
            ],
        ),
        ("hello --env =v", [("--env", "is not KEY=VALUE", "--env KEY=VALUE")]),
        ("hello --vpc-config [1]", [("--vpc-config [1]", "is not a JSON object", "")]),
        ("hello --vpc-config x", [("--vpc-config x", "is not JSON", "")]),
        ("hello --trigger {x", [("--trigger", "a brace is not closed", grammar.LITERALLY)]),
        ("hello --trigger [x", [("--trigger", "is not JSON", "--trigger http")]),
        ("hello --trigger log:project", [("--trigger log:project", "write it as JSON", "--trigger http")]),
        (
            "hello --trigger tmer:5m --trigger http",
            [("--trigger tmer:5m", "tmer is not a type", "try --trigger 'timer:@every 5m'")],
        ),
        (
            "hello --trigger htp:x --trigger timer:xx --trigger http --trigger tmer:@hourly",
            [
                ("--trigger htp:x", "htp is not a type of trigger", "try --trigger http"),
                ("--trigger tmer:@hourly", "tmer is not a type", "try --trigger 'timer:@every 1h'"),
                ("--trigger timer:xx", "must have 6 fields", "try --trigger 'timer:@every 5m'"),
            ],
        ),
        (
            "hello --trigger log:x",
            [("--trigger log:x", 'write it as JSON: \'{"type": "log", "config": {}}\'', "--trigger http")],
        ),
        (
            "hello --env A=1 --env FC_MAGIC_NOT_SET",
            [("--env", "FC_MAGIC_NOT_SET is not KEY=VALUE", "")],
        ),
        (
            "hello there --memroy 3 --env X --timeout",
            [
                ("--memroy", "is not an option", "did you mean --memory?"),
                ("--timeout", "has no value", "--timeout 60"),
                ("--env", "X is not KEY=VALUE", "--env X=VALUE · export X=…"),
                ("there", "is one word too many: a name has no spaces", "hello-there"),
            ],
        ),
    ],
)
def test_mistakes_are_named(line: str, found: list[tuple[str, str, str]]) -> None:
    """Each mistake is named with what to write instead, and all of a line's at once."""
    said = problems(line)
    assert [field for field, _, _ in said] == [field for field, _, _ in found]
    for (_, problem, hint), (_, wanted, advice) in zip(said, found, strict=True):
        assert problem.startswith(wanted)
        assert not advice or hint == advice


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("hello 'a", "a quote is not closed$"),
        ("hello --env X='TopSecret --memory 5", "a quote is not closed behind --env$"),
        ("hello --env='X=TopSecret", "a quote is not closed behind --env$"),
        ("hello a\\", "it ends in a backslash"),
    ],
)
def test_open_quote(line: str, said: str) -> None:
    """A line that cannot be cut into words says why."""
    with pytest.raises(UsageError, match=said):
        options.parse(line)


@pytest.mark.parametrize(
    "line",
    [
        "hello --env TopSecretValue",
        """hello --env '{"A": "TopSecretValue'""",
        """hello --custom-container-config '{"env": "TopSecretValue'""",
    ],
)
def test_refusal_keeps_secrets(line: str) -> None:
    """A refusal does not repeat what may be the value of a variable."""
    with pytest.raises(UsageError) as caught:
        options.parse(line)
    assert "TopSecretValue" not in str(caught.value)


def test_deep_json_is_refused() -> None:
    """JSON nested deeper than Python reads is a mistake like any other."""
    deep = "[" * 100_000
    assert problems(f"hello --trigger {deep}")[0][1].startswith("is not JSON")


@pytest.mark.parametrize(
    ("line", "name", "overrides"),
    [
        ("h --memory 256 # two of them", "h", {"memory": 256}),
        ("h # it's --memory 256", "h", {}),
        ("# nothing but a comment", "", {}),
        ("h --desc 'a # b'", "h", {"description": "a # b"}),
        ('h --desc "# b" # c', "h", {"description": "# b"}),
        ("h --env A=b#c", "h", {"environment": {"A": "b#c"}}),
    ],
)
def test_comment_ends_the_line(line: str, name: str, overrides: dict[str, Any]) -> None:
    """A word that begins with # begins a comment, as in a shell; a # elsewhere is itself."""
    found = options.parse(line)
    assert (found.name, found.overrides) == (name, overrides)


def test_value_without_quotes() -> None:
    """Words behind an option were meant for it: the hint is the same with quotes."""
    with pytest.raises(UsageError) as caught:
        options.parse("h --trigger timer:@every 5s --memory 256")
    assert caught.value.problems[0].hint == '--trigger "timer:@every 5s"'


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("%fclayer a --foldr x", "did you mean --folder?"),
        ("%fclogs a --limt 3", "did you mean --limit?"),
        ("%fcexport a --too s.yaml", "did you mean --to?"),
        ("%fcalias a b --versoin 1", "did you mean --version?"),
        ("%fclogs a --xyzzy 3", "%fclogs NAME"),
    ],
)
def test_options_of_other_magics(shell: Shell, line: str, said: str) -> None:
    """A misspelled option of any magic is answered with the one that is like it; else with all of them."""
    error = shell.run(line).error
    assert isinstance(error, UsageError)
    assert "is not an option" in str(error)
    assert said in error.hint

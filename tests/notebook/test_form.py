"""The form, with real widgets and no browser: its values, its errors, and what it never shows."""

from __future__ import annotations

import json
from typing import Any

import ipywidgets
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fc_magic.errors import InvalidArgument, UsageError
from fc_magic.notebook.form import labels, state
from fc_magic.notebook.form.acts import Acts
from fc_magic.notebook.form.form import Form
from fc_magic.notebook.line import options
from fc_magic.wire import v2
from fc_magic.wire.spec import FIELDS
from tests.conftest import body
from tests.notebook.forms import all_tabs, field, find, press, shown, states, tab, titles, tree

SECRET = "TopSecretValueOfAVariable"


def rows_of_variables(form: Form) -> list[tuple[Any, Any]]:
    keys = find(form, description="Variable")
    values = [w for w in tree(form.widget) if isinstance(w, ipywidgets.Password) and w.description == "Value"]
    return list(zip(keys, values, strict=True))


def add_variable(form: Form, key: str, value: str) -> None:
    tab(form, "Environment")
    press(form, "Add variable")
    name, box = rows_of_variables(form)[-1]
    name.value, box.value = key, value


@pytest.fixture
def form() -> Form:
    return Form("hello")


# ---------------------------------------------------------------- values


def test_untouched_form_says_nothing(form: Form) -> None:
    """A new form has the defaults, and so overrides nothing, also when every tab was looked at."""
    all_tabs(form)
    assert form.overrides() == {}
    assert form.line() == "%%fcdeploy hello"
    assert form.problems() == {}
    basics = {"runtime": "python3.10", "memory": 128, "timeout": 60, "environment": {}, "triggers": []}
    assert {name: form.values()[name] for name in basics} == basics


def test_every_setting_has_a_place(form: Form) -> None:
    """Each field of a deployment but its name, and each option that one sets once, can be set in the form."""
    assert set(form.values()) == {*FIELDS, *state.LISTS, *state.TEXTS, *state.FLAGS} - {"name"}
    all_tabs(form)
    for name in form.values():
        before = titles(form)
        other = {"memory": 192, "timeout": 1, "runtime": "python3.9", "publish": False}
        kinds = {bool: True, list: ["x"], dict: {"A": "b"}, str: "x", type(None): {"port": 1}}
        value = other[name] if name in other else kinds[type(form.values()[name])]
        value = [{"type": "http", "config": {}}] if name == "triggers" else value
        seen = [states_of(w) for w in tree(form.widget)]
        form.fill({name: value})
        assert [states_of(w) for w in tree(form.widget)] != seen, name
        assert name in ("runtime", "memory", "timeout", "description") or titles(form) != before
        form.fill({name: form.state.defaults[name]})
        assert form.overrides() == {}


def states_of(widget: Any) -> tuple[Any, ...]:
    return tuple(getattr(widget, name, None) for name in ("value", "children", "placeholder"))


def test_fields_are_overrides(form: Form) -> None:
    """What a person chooses is what the deployment gets."""
    field(form, "Runtime").value = "python3.12"
    field(form, "Memory (MB)").value = "512"
    field(form, "Timeout (s)").value = " 5 "
    assert form.overrides() == {"runtime": "python3.12", "memory": 512, "timeout": 5}
    field(form, "Memory (MB)").value = ""
    assert form.overrides() == {"runtime": "python3.12", "timeout": 5}


def test_lists_are_one_a_line(form: Form) -> None:
    """Layers and what goes beside the code are lists, ticks are flags, and all of it is on the line."""
    tab(form, "Libraries")
    field(form, "Requirements").value = "pandas==2.2.*\n\n requests \n"
    field(form, "Layers").value = "pillow:2\nother"
    field(form, "As locked").value = True
    tab(form, "Code")
    field(form, "Files beside").value = "a.csv=data/a.csv"
    field(form, "Publish a version").value = False
    assert form.line() == (
        "%%fcdeploy hello --layer pillow:2 --layer other --publish false --locked "
        "--requirements 'pandas==2.2.*' --requirements requests --file a.csv=data/a.csv"
    )
    assert titles(form)[2:4] == ("Code •", "Libraries •")


def test_network_is_one_object(form: Form) -> None:
    """Three ids are one setting, wrong as long as one of them is missing."""
    tab(form, "Network")
    field(form, "VPC").value = "vpc-1"
    assert "✗" in titles(form)[4]
    assert "JSON" not in shown(form)
    field(form, "vSwitches").value = "vsw-1, vsw-2"
    field(form, "Security group").value = "sg-1"
    assert form.problems() == {}
    assert form.overrides() == {
        "vpc_config": {"vpc_id": "vpc-1", "vswitch_ids": ["vsw-1", "vsw-2"], "security_group_id": "sg-1"}
    }
    for label in ("VPC", "vSwitches", "Security group"):
        field(form, label).value = ""
    assert form.overrides() == {}


def test_variables(form: Form) -> None:
    """Variables are added, named, given values and removed; a row left empty is nothing."""
    for key, value in (("A", "1"), ("B", "2"), ("", "")):
        add_variable(form, key, value)
    assert form.overrides(masked=False) == {"environment": {"A": "1", "B": "2"}}
    press(form, "Remove", 0)
    assert form.overrides(masked=False) == {"environment": {"B": "2"}}
    assert len(find(form, description="Variable")) == 2


def test_what_is_hidden_can_be_emptied(form: Form) -> None:
    """An empty box of a secret says that nobody typed: a button says that there is none."""
    form.fill({"triggers": [{"type": "timer", "config": {"cronExpression": "@every 5m", "payload": SECRET}}]})
    press(form, "Clear")
    assert form.values()["triggers"] == [{"type": "timer", "config": {"cronExpression": "@every 5m"}}]
    assert field(form, "Clear").disabled
    assert "•••••• set" not in states(form)
    field(form, "Payload").value = "again"
    assert not field(form, "Clear").disabled
    form.fill({"triggers": []})
    add_variable(form, "EMPTY", "x")
    press(form, "Clear")
    assert form.overrides(masked=False) == {"environment": {"EMPTY": ""}}


def test_triggers(form: Form) -> None:
    """Triggers are added by what they do, filled in, changed from one kind to the other, and removed."""
    press(form, "+ when an HTTP request comes")
    assert form.overrides() == {"triggers": [{"type": "http", "config": {}}]}
    field(form, "URL").value = "https://example.com/a"
    field(form, "Methods").value = "get, post"
    field(form, "Who may call").value = "function"
    press(form, "+ on a schedule")
    field(form, "Schedule").value = "0 0 4 * * *"
    field(form, "Payload").value = "morning"
    field(form, "enabled").value = False
    press(form, "+ when an object is put")
    field(form, "Bucket").value = "pictures"
    field(form, "Key begins with").value = "in/"
    field(form, "ends with").value = ".png"
    put = {"sourceArn": "pictures", "events": ["oss:ObjectCreated:*"]}
    assert form.values(masked=False)["triggers"] == [
        {
            "type": "http",
            "config": {
                "url": "https://example.com/a",
                "methods": ["GET", "POST"],
                "authType": "function",
            },
        },
        {"type": "timer", "config": {"cronExpression": "0 0 4 * * *", "payload": "morning", "enable": False}},
        {"type": "oss", "config": {**put, "filter": {"key": {"prefix": "in/", "suffix": ".png"}}}},
    ]
    assert form.problems() == {}
    find(form, description="Called")[0].value = "timer"
    assert form.values()["triggers"][0] == {"type": "timer", "config": {"cronExpression": "@every 5m"}}
    for _ in range(3):
        press(form, "Remove")
    assert form.overrides() == {}


def test_any_trigger_as_json(form: Form) -> None:
    """What has no fields of its own is JSON, and every other kind can be seen as such, with all that it has."""
    press(form, "+ something else, as JSON")
    assert "mns_topic" in field(form, "JSON").value
    field(form, "JSON").value = '{"type": "log", "config": {"sourceArn": "x"}'
    assert "✗" in titles(form)[0]
    item = {"type": "http", "config": {"methods": ["GET"], "corsConfig": {"maxAge": 5}}}
    field(form, "JSON").value = json.dumps(item)
    assert form.problems() == {}
    form.fill({"triggers": []})
    form.fill({"triggers": [item]})
    assert "also set: corsConfig" in shown(form)
    field(form, "Called").value = "json"
    assert json.loads(field(form, "JSON").value) == item
    assert form.values()["triggers"] == [item]


@pytest.mark.parametrize(
    "text", ['{"a"', "5", "[1]", "null", '{"type": "timer"}', '{"type": "oss", "config": 5}']
)
@pytest.mark.parametrize("kind", ["http", "timer", "oss"])
def test_json_that_is_no_trigger_and_another_kind(form: Form, text: str, kind: str) -> None:
    """Whatever stands in the box, another kind can be chosen; and what cannot be read is there afterwards."""
    press(form, "+ something else, as JSON")
    field(form, "JSON").value = text
    field(form, "Called").value = kind
    assert form.values()["triggers"][0]["type"] == kind
    assert kind == "oss" or form.problems() == {}


def test_json_that_cannot_be_read_is_kept(form: Form) -> None:
    """Another kind of trigger and back: the text is still there to be corrected."""
    press(form, "+ something else, as JSON")
    field(form, "JSON").value = '{"type": "log"'
    for kind in ("http", "json"):
        field(form, "Called").value = kind
    assert field(form, "JSON").value == '{"type": "log"'
    assert "✗" in titles(form)[0]


def test_schedule_shows_its_firings(form: Form) -> None:
    """A schedule shows the next three times, or what is wrong with it."""
    form.fill({"triggers": [{"type": "timer", "config": {"cronExpression": "0 0 4 * * *"}}]})
    (note,) = [w.value for w in tree(form.widget) if isinstance(w, ipywidgets.HTML) and " UTC" in w.value]
    assert note.partition(">")[2].count(" 04:00:00") == 3
    field(form, "Schedule").value = "0 4 * * *"
    assert "6 fields (seconds first), not 5" in shown(form)


FILLED: list[dict[str, Any]] = [
    {"memory": 256, "timeout": 5},
    {"runtime": "python3.9"},
    {"runtime": "nodejs20"},
    {"environment": {"A": "1", "B": ""}},
    {"triggers": [{"type": "http", "config": {"url": "http://h/p", "methods": ["GET"], "name": "web"}}]},
    {"triggers": [{"type": "timer", "config": {"cronExpression": "@every 1m", "enable": False}}]},
    {"triggers": [{"type": "log", "config": {"events": ["a"]}}]},
    {"description": "two\nlines", "role": "acs:ram::1:role/a"},
    {"custom_container_config": {"port": 9000}, "image_url": "a/b", "runtime": "custom-container"},
]


@pytest.mark.parametrize("values", FILLED, ids=str)
def test_fill_keeps_everything(form: Form, values: dict[str, Any]) -> None:
    """What a form is filled with comes out again, also what it has no field for, and also when it is looked at."""
    form.fill(values)
    assert form.overrides(masked=False) == values
    form.fill({})
    all_tabs(form)
    assert form.overrides(masked=False) == values


@pytest.mark.parametrize(
    ("line", "trigger"),
    [
        ("--trigger 'cron:@every 5m'", {"type": "timer", "config": {"cronExpression": "@every 5m"}}),
        ("--trigger 'schedule:0 0 4 * * *'", {"type": "timer", "config": {"cronExpression": "0 0 4 * * *"}}),
        ("""--trigger '{"type": "timer", "config": {"cron_expression": "@every 1s", "payload": {"a": 1}}}'""",
         {"type": "timer", "config": {"cronExpression": "@every 1s", "payload": '{"a": 1}'}}),
        ("""--trigger '{"type": "http"}'""", {"type": "http", "config": {}}),
        ("--trigger 'timer:nonsense'", {"type": "timer", "config": {"cronExpression": "nonsense"}}),
        ("--trigger 'cron:nonsense'", {"type": "cron", "config": {"cronExpression": "nonsense"}}),
    ],
)  # fmt: skip
def test_fill_from_a_line(form: Form, line: str, trigger: dict[str, Any]) -> None:
    """Every spelling of a trigger that a line may have is understood; a wrong one stays to be corrected."""
    form.fill(options.parse(f"hello {line}").overrides)
    assert form.values(masked=False)["triggers"] == [trigger]


def test_fill_takes_the_spellings_of_the_line(form: Form) -> None:
    """A setting has the names that it has on the line, and its value may be the text that it is there."""
    form.fill({"env": {"A": "1"}, "trigger": "timer:@every 5m", "layer": ["pillow:2"], "leave_out": ["*.md"]})
    form.fill({"desc": "short", "force": 1})
    assert form.line(masked=False) == (
        "%%fcdeploy hello --description short --env A=1 --trigger 'timer:@every 5m' --layer pillow:2 "
        "--force --leave-out '*.md'"
    )
    form.fill({"environment": "B=2", "triggers": ["http", {"type": "log", "config": {"sourceArn": "x"}}]})
    assert (form.values(masked=False)["environment"], len(form.values()["triggers"])) == ({"B": "2"}, 2)


def test_fill_refuses_what_no_form_has(form: Form) -> None:
    """All of it at once, with the nearest name; and nothing of it has an effect."""
    with pytest.raises(UsageError) as caught:
        form.fill(
            {
                "memroy": 512,
                "timeout": 5,
                "enviroment": {},
                "nme": 3,
                "zzz": 1,
                "trigger": "tmer:5m",
                "env": "A",
            }
        )
    said = {p.field: (p.problem, p.hint) for p in caught.value.problems}
    assert said["memroy"] == ("is not a setting of the form", "did you mean memory?")
    assert said["enviroment"][1] == "did you mean environment?"
    assert (said["nme"][1], said["zzz"][1]) == ("", "")
    assert list(said) == ["memroy", "enviroment", "nme", "zzz", "trigger", "env"]
    assert form.overrides() == {}


def test_settings_of_one_kind_end_with_it(form: Form) -> None:
    """What a line set for an HTTP trigger does not spoil the timer it is changed to."""
    form.fill({"triggers": [{"type": "http", "config": {"methods": ["GET"], "authType": "function"}}]})
    field(form, "Called").value = "timer"
    assert form.problems() == {}
    field(form, "Called").value = "http"
    assert form.values()["triggers"][0]["config"] == {"methods": ["GET"], "authType": "function"}


# ---------------------------------------------------------------- errors


WRONG: dict[str, Any] = {
    "memory": 7,
    "timeout": 0,
    "runtime": "python3.6",
    "environment": {"1st": "x", "FC_OWN": "y"},
    "triggers": [{"type": "http", "config": {}}, {"type": "http", "config": {}}],
}


@pytest.mark.parametrize("name", WRONG)
def test_error_beside_the_field(form: Form, name: str) -> None:
    """A wrong value is named beside its field in the server's words, and goes when it is right again."""
    with pytest.raises(InvalidArgument) as caught:
        v2.decode(body("hello", **{name: WRONG[name]}))
    (problem,) = caught.value.problems
    all_tabs(form)
    deploy = field(form, "Deploy")
    assert not deploy.disabled
    form.fill({name: WRONG[name]})
    assert list(form.problems()) == [name]
    assert form.problems()[name].startswith(problem.problem)
    assert f"<b>✗</b> {problem.problem}" in shown(form).replace("&#x27;", "'")
    assert deploy.disabled
    assert f"✗ {problem.problem}" in " ".join(repr(form).split())
    form.fill(Form("x").values())
    assert form.problems() == {}
    assert "✗" not in shown(form) + "".join(titles(form))
    assert not deploy.disabled


def test_error_as_one_types(form: Form) -> None:
    """Each keystroke is judged, the box keeps what was typed, and what to type instead is said."""
    box = field(form, "Memory (MB)")
    for typed, said in (
        ("5", "is too small"),
        ("51", "is too small"),
        ("512", ""),
        ("512 ", ""),
        ("2 GB", "try 2048"),
    ):
        box.value = typed
        assert box.value == typed
        assert said in shown(form)
        assert bool(form.problems()) == bool(said)


def test_every_error_at_once(form: Form) -> None:
    """Each wrong field has its own error, and the tabs that have one a mark."""
    all_tabs(form)
    form.fill(WRONG)
    assert set(form.problems()) == set(WRONG)
    assert shown(form).count("✗") == len(WRONG) + 1  # and one beside the button
    assert [title.endswith("✗") for title in titles(form)] == [True, True, *[False] * 5]
    assert "5 settings need attention: Runtime, Memory, Timeout, Environment, Triggers" in shown(form)


def test_every_wrong_trigger(form: Form) -> None:
    """Each wrong trigger of several has its errors in its own row."""
    often = {"type": "timer", "config": {"cronExpression": "often"}}
    form.fill({"triggers": [{"type": "http", "config": {"url": "h"}}, {"type": "http", "config": {}}, often]})
    (text,) = form.problems().values()
    first, second = text.splitlines()
    assert first == "1. http:h must be http(s)://HOST[/PATH], without a query or a user"
    assert second == "3. timer:often must have 6 fields (seconds first), not 1"
    assert "JSON object" not in repr(form)
    notes = [w.value for w in tree(form.widget) if isinstance(w, ipywidgets.HTML) and "fcm-say" in w.value]
    assert len([n for n in notes if "url must be" in n or "6 fields (seconds first)" in n]) == 2


def test_name_given_twice(form: Form) -> None:
    """Two variables of one name are an error of the form: a deployment could only have one of them."""
    for value in ("1", "2"):
        add_variable(form, "SAME", value)
    assert form.problems()["environment"].startswith("has SAME twice")
    rows_of_variables(form)[1][0].value = "OTHER"
    assert form.problems() == {}


def test_sources_that_conflict_keep_their_errors(form: Form) -> None:
    """That there are two is one error more: what is wrong with each stays said, where it is and in the list."""
    all_tabs(form)
    form.fill({"zip_file": "ftp://x", "memory": 7})
    form.fill({"image_digest_value": "sha256:1"})
    said = form.problems()
    assert list(said) == ["memory", "zip_file", "image_digest_value"]
    assert said["zip_file"] == "does not have the right form: an http or https URL"
    assert said["image_digest_value"].splitlines() == [
        "does not have the right form: sha256: and 64 hex digits",
        "conflicts with From a URL: one code source only",
    ]
    assert [titles(form)[n] for n in (2, 6)] == ["Code ✗", "Container ✗"]
    assert "3 settings need attention: Memory, From a URL, Digest" in shown(form)
    form.fill({"image_digest_value": "", "oss_bucket": "b-1"})
    assert list(form.problems()) == ["memory", "zip_file", "oss_bucket", "oss_object_key"]


def test_every_setting_has_its_label(form: Form) -> None:
    """What the list of errors calls it is what its box, or its tab, is called."""
    all_tabs(form)
    seen = [str(getattr(w, "description", "")).partition(" (")[0] for w in tree(form.widget)]
    names = {labels.LABELS[name].partition(" (")[0] for name in form.values()}
    assert names - {*seen, *(title.split(" ")[0] for title in titles(form))} == set()


def test_two_sources_of_the_code(form: Form) -> None:
    """What the server would not see, and the magic refuses, is an error too."""
    form.fill({"folder": "here", "code": "there.zip"})
    assert form.problems() == {"folder": "there are two sources: --folder, --code"}


def test_role_by_its_name(form: Form) -> None:
    """What a line takes, a form takes: the target knows the rest of a role in the own account."""
    form.fill({"role": "my-role"})
    assert form.problems() == {}
    form.fill({"role": "acs:nonsense"})
    assert list(form.problems()) == ["role"]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.fixed_dictionaries(
        {
            "memory": st.integers(-(2**31), 2**31),
            "timeout": st.integers(-(2**31), 2**31),
            "environment": st.dictionaries(st.text(max_size=5), st.text(max_size=9), max_size=2),
            "triggers": st.lists(
                st.builds(
                    lambda kind, config: {"type": kind, "config": config},
                    st.sampled_from(["http", "timer", "oss", "1", "cron"]),
                    st.dictionaries(
                        st.sampled_from(
                            [
                                "url",
                                "cronExpression",
                                "payload",
                                "methods",
                                "x",
                                "filter",
                                "events",
                                "authConfig",
                            ]
                        ),
                        st.none() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=3)),
                        max_size=2,
                    ),
                ),
                max_size=2,
            ),
        }
    )
)
def test_any_values_are_shown(values: dict[str, Any]) -> None:
    """Whatever it is filled with, a form stands, says what is wrong, and its markup holds nothing of the values."""
    form = Form("<b>hello</b>")
    form.fill(values)
    all_tabs(form)
    assert set(form.problems()) <= set(values)
    assert "<b>hello" not in shown(form)
    assert repr(form).startswith("form of")


# ---------------------------------------------------------------- secrets


def test_values_of_variables_stay_in_the_kernel(form: Form) -> None:
    """A value typed, or taken from the line, is in no widget, no text and no line; only that there is one."""
    form.fill({"environment": {"FILLED": SECRET + "1"}})
    add_variable(form, "TYPED", SECRET + "2")
    assert form.overrides(masked=False)["environment"] == {"FILLED": SECRET + "1", "TYPED": SECRET + "2"}
    assert form.values()["environment"] == {"FILLED": "…", "TYPED": "…"}
    bundle = json.dumps(form._repr_mimebundle_(), default=str)
    assert SECRET not in states(form) + repr(form) + form.line() + bundle
    assert states(form).count("•••••• set") == 2
    field(form, "Memory (MB)").value = "7"
    assert SECRET not in states(form) + shown(form)


def test_other_secrets_stay_in_the_kernel(form: Form) -> None:
    """A payload, a token, a password of a registry and a signed address are kept and not shown, also once typed."""
    all_tabs(form)
    press(form, "+ on a schedule")
    field(form, "Payload").value = SECRET + "1"
    press(form, "+ when an HTTP request comes")
    field(form, "Who may call").value = "bearer"
    token = {"tokenName": "page", "tokenData": SECRET + "2" * 20}
    field(form, "authConfig").value = json.dumps({"tokens": [token]})
    press(form, "+ something else, as JSON")
    field(form, "JSON").value = json.dumps({"type": "eventbridge", "config": {"saslPassword": SECRET + "3"}})
    settings_of = {"port": 9000, "registryConfig": {"authConfig": {"password": SECRET + "4"}}}
    field(form, "Settings (JSON)").value = json.dumps(settings_of)
    field(form, "From a URL").value = f"https://example.com/a.zip?Signature={SECRET}5"
    values = json.dumps(form.values(masked=False))
    assert [f"{SECRET}{n}" in values for n in range(1, 6)] == [True] * 5
    assert SECRET not in json.dumps([form.values(), form.overrides()])
    form.fill(form.values())
    assert json.dumps(form.values(masked=False)) == values
    assert SECRET not in states(form) + repr(form) + form.line() + json.dumps(
        form._repr_mimebundle_(), default=str
    )
    field(form, "Settings (JSON)").value = field(form, "Settings (JSON)").value.replace("9000", "8000")
    changed = form.values(masked=False)["custom_container_config"]
    assert changed == {**settings_of, "port": 8000}


def test_secret_in_json_that_cannot_be_read(form: Form) -> None:
    """The text stands in its box, to be corrected, with a mark for the secret, which is there when it can be read."""
    all_tabs(form)
    box = field(form, "Settings (JSON)")
    box.value = f'{{"password": "{SECRET}"'
    assert "✗" in titles(form)[6]
    assert box.value == '{"password": "…1"'
    assert SECRET not in states(form) + repr(form) + json.dumps(form._repr_mimebundle_(), default=str)
    box.value += "}"
    assert SECRET not in states(form)
    assert form.values(masked=False)["custom_container_config"] == {"password": SECRET}
    press(form, "+ when an HTTP request comes")
    field(form, "Who may call").value = "bearer"
    box = field(form, "authConfig")
    box.value = f'{{"tokens": [{{"tokenData": "{SECRET}"'
    assert box.value == '{"tokens": [{"tokenData": "…1"'
    assert SECRET not in states(form) + repr(form)
    box.value = box.value + "}]}"
    assert form.values(masked=False)["triggers"][0]["config"]["authConfig"] == {
        "tokens": [{"tokenData": SECRET}]
    }
    press(form, "+ something else, as JSON")
    box = field(form, "JSON")
    box.value = f'{{"type": "log", "config": {{"password": "{SECRET}"'
    assert SECRET not in states(form) + repr(form)
    box.value += "}}"
    assert form.values(masked=False)["triggers"][1] == {"type": "log", "config": {"password": SECRET}}
    assert SECRET not in states(form) + repr(form)


def test_line_is_markup_free(form: Form) -> None:
    """What a person types cannot become markup in the form."""
    form.fill(
        {"environment": {"<script>": "1"}, "triggers": [{"type": "http", "config": {"url": "<img src=x>"}}]}
    )
    all_tabs(form)
    assert "<script>" not in shown(form)
    assert "<img" not in shown(form)
    html = form._repr_mimebundle_()["text/html"]
    assert "<script>" not in html
    assert "<img" not in html


# ---------------------------------------------------------------- buttons


def test_buttons_call_back() -> None:
    """The form deploys nothing itself: it calls back, and shows what that refuses with where its result would be."""
    asked: list[str] = []

    def refuse(form: Form, *more: str) -> None:
        asked.append(" ".join([form.name, *more]))
        assert field(form, "Deploy").disabled
        assert "deploying to here …" in shown(form) or more
        raise UsageError("not today", hint="%fcform other")

    form = Form(
        "hello", Acts(deploy=refuse, invoke=refuse, html=lambda thing: f"[{thing}]", where=lambda: "here")
    )
    press(form, "Deploy")
    assert asked == ["hello"]
    assert "not today" in shown(form)
    assert isinstance(form.buttons.result, UsageError)
    assert not field(form, "Deploy").disabled
    field(form, "Event").value = "5"
    press(form, "Invoke")
    assert asked[1:] == ["hello 5"]


def test_mistake_of_a_callback_is_seen() -> None:
    """What nobody foresaw is named in the form, and the buttons can be pressed again."""

    def mistaken(form: Form) -> None:
        raise RuntimeError("internal")

    form = Form("hello", Acts(deploy=mistaken))
    press(form, "Deploy")
    assert "RuntimeError" in shown(form)
    assert not field(form, "Deploy").disabled


def test_event_fits_what_calls(form: Form) -> None:
    """The sample follows the triggers, until a person writes an event of their own."""
    box = field(form, "Event")
    assert json.loads(box.value) == {"any": "json"}
    form.fill({"triggers": [{"type": "timer", "config": {"cronExpression": "@every 5m"}}]})
    assert json.loads(box.value)["triggerName"] == "timer-1"
    # people call it, too, be it that the address is not finished
    timer = {"type": "timer", "config": {"cronExpression": "@every 5m"}}
    form.fill({"triggers": [{"type": "http", "config": {"url": "h"}}, timer]})
    assert json.loads(box.value) == {"any": "json"}
    box.value = "mine"
    form.fill({"triggers": []})
    assert box.value == "mine"


ODD = [
    "timer:@every 5m",
    None,
    [1],
    {"type": ["http"]},
    {"triggerType": "timer"},
    {"type": "http", "config": []},
]


@pytest.mark.parametrize("trigger", ODD, ids=str)
def test_what_is_no_trigger_is_shown_as_it_is(form: Form, trigger: Any) -> None:
    """It is none of another kind: its row has it as JSON, says that it is wrong, and it stays what it is."""
    form.fill({"triggers": [{"type": "http"}]})
    form.state.fill({"triggers": [trigger]})
    form.refresh()
    all_tabs(form)
    assert form.values(masked=False)["triggers"] == [trigger]
    assert field(form, "Called").value == "json"
    assert list(form.problems()) == ["triggers"]
    assert "✗" in titles(form)[0]
    assert repr(form).startswith("form of hello")

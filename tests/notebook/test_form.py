"""The form, with real widgets and no browser: its values, its errors, its line, and what it never shows."""

from __future__ import annotations

import json
from typing import Any

import ipywidgets
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import fc_magic
from fc_magic.errors import InvalidArgument, UsageError
from fc_magic.notebook import options
from fc_magic.notebook.form.form import Form
from fc_magic.package.bundle import bundle
from fc_magic.wire import v2
from tests.conftest import body
from tests.notebook.conftest import Kernel, Shell, deploying, text_of

SECRET = "TopSecretValueOfAVariable"


def tree(widget: Any) -> list[Any]:
    """A widget and everything in it, in the order one reads it."""
    return [widget, *(w for child in getattr(widget, "children", ()) for w in tree(child))]


def find(form: Form, **traits: Any) -> list[Any]:
    """The widgets of a form whose traits have these values, as a person finds them by their labels."""
    return [w for w in tree(form.widget) if all(getattr(w, n, None) == v for n, v in traits.items())]


def field(form: Form, label: str) -> Any:
    (found,) = find(form, description=label)
    return found


def press(form: Form, label: str, number: int = 0) -> None:
    find(form, description=label)[number].click()


def shown(form: Form) -> str:
    return "\n".join(w.value for w in tree(form.widget) if isinstance(w, ipywidgets.HTML))


def states(form: Form) -> str:
    """All that a front end, or a saved notebook, could know of a form."""
    return json.dumps([w.get_state() for w in tree(form.widget)], default=str)


@pytest.fixture
def form() -> Form:
    return Form("hello")


# ---------------------------------------------------------------- values


def test_untouched_form_says_nothing(form: Form) -> None:
    """A new form has the defaults, and so overrides nothing."""
    assert form.overrides() == {}
    assert form.values() == {
        "runtime": "python3.10",
        "memory": 128,
        "timeout": 60,
        "environment": {},
        "triggers": [],
    }
    assert form.line() == "%%fcdeploy hello"


def test_fields_are_overrides(form: Form) -> None:
    """What a person chooses is what the deployment gets."""
    field(form, "Runtime").value = "python3.12"
    field(form, "Memory (MB)").value = 512
    field(form, "Timeout (s)").value = 5
    assert form.overrides() == {"runtime": "python3.12", "memory": 512, "timeout": 5}
    field(form, "Memory (MB)").value = 128
    assert form.overrides() == {"runtime": "python3.12", "timeout": 5}


def test_variables(form: Form) -> None:
    """Variables are added, named, given values and removed; a row left empty is nothing."""
    for key, value in (("A", "1"), ("B", "2"), ("", "")):
        press(form, "Add variable")
        find(form, description="Variable")[-1].value = key
        [w for w in tree(form.widget) if isinstance(w, ipywidgets.Password)][-1].value = value
    assert form.overrides() == {"environment": {"A": "1", "B": "2"}}
    press(form, "Remove", 0)
    assert form.overrides() == {"environment": {"B": "2"}}
    assert len(find(form, description="Variable")) == 2


def test_triggers(form: Form) -> None:
    """Triggers are added, filled in, changed from one kind to the other, and removed."""
    press(form, "Add trigger")
    assert form.overrides() == {"triggers": [{"type": "http", "config": {}}]}
    (address,) = find(form, placeholder="https://host/path (optional)")
    address.value = "https://example.com/a"
    press(form, "Add trigger")
    (cron,) = find(form, placeholder="@every 5m")
    cron.value = "0 0 4 * * *"
    (payload,) = find(form, placeholder="payload (optional)")
    payload.value = "morning"
    assert form.values()["triggers"] == [
        {"type": "http", "config": {"url": "https://example.com/a"}},
        {"type": "timer", "config": {"cronExpression": "0 0 4 * * *", "payload": "morning"}},
    ]
    assert form.problems() == {}
    find(form, description="Trigger")[0].value = "timer"
    assert form.values()["triggers"][0] == {"type": "timer", "config": {"cronExpression": "@every 5m"}}
    for _ in range(2):
        press(form, "Remove")
    assert form.overrides() == {}


def test_schedule_shows_its_firings(form: Form) -> None:
    """A schedule shows the next three times, or what is wrong with it."""
    form.fill({"triggers": [{"type": "timer", "config": {"cronExpression": "0 0 4 * * *"}}]})
    assert shown(form).count(" 04:00:00") == 3
    (cron,) = find(form, placeholder="@every 5m")
    cron.value = "0 4 * * *"
    assert "6 fields (seconds first), this has 5" in shown(form)


FILLED: list[dict[str, Any]] = [
    {"memory": 256, "timeout": 5},
    {"runtime": "python3.9"},
    {"runtime": "nodejs20"},
    {"environment": {"A": "1", "B": ""}},
    {"triggers": [{"type": "http", "config": {"url": "http://h/p", "methods": ["GET"], "name": "web"}}]},
    {"triggers": [{"type": "timer", "config": {"cronExpression": "@every 1m", "enable": False}}]},
    {"triggers": [{"type": "log", "config": {"events": ["a"]}}]},
]


@pytest.mark.parametrize("values", FILLED, ids=str)
def test_fill_keeps_everything(form: Form, values: dict[str, Any]) -> None:
    """What a form is filled with comes out again, also what it has no field for."""
    form.fill(values)
    assert form.overrides() == values
    form.fill({})
    assert form.overrides() == values


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
    assert form.values()["triggers"] == [trigger]


def test_settings_of_one_kind_end_with_it(form: Form) -> None:
    """What a line set for an HTTP trigger does not spoil the timer it is changed to."""
    form.fill({"triggers": [{"type": "http", "config": {"methods": ["GET"], "authType": "function"}}]})
    field(form, "Trigger").value = "timer"
    assert form.problems() == {}
    field(form, "Trigger").value = "http"
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
    deploy = field(form, "Deploy")
    assert not deploy.disabled
    form.fill({name: WRONG[name]})
    assert list(form.problems()) == [name]
    assert form.problems()[name].startswith(problem.problem)
    assert f"✗ {problem.problem}" in shown(form).replace("&#x27;", "'")
    assert deploy.disabled
    assert f"✗ {problem.problem}" in repr(form)
    form.fill(Form("x").values())
    assert form.problems() == {}
    assert "✗" not in shown(form)
    assert not deploy.disabled


def test_every_error_at_once(form: Form) -> None:
    """Each wrong field has its own error."""
    form.fill(WRONG)
    assert set(form.problems()) == set(WRONG)
    assert shown(form).count("✗") == len(WRONG)


def test_every_wrong_trigger(form: Form) -> None:
    """Each wrong trigger of several has a line of its own, with its number, where the triggers' errors are."""
    often = {"type": "timer", "config": {"cronExpression": "often"}}
    form.fill({"triggers": [{"type": "http", "config": {"url": "h"}}, {"type": "http", "config": {}}, often]})
    (text,) = form.problems().values()
    first, second = text.splitlines()
    assert first.startswith("1. http: url must be")
    assert second.startswith("3. timer: cronExpression")
    assert "timer:@every 5m" in second
    assert second.endswith("or a JSON object with the type timer")
    assert [shown(form).count(f"✗ {n}. ") for n in (1, 3)] == [1, 1]
    assert f"✗ {first}; {second}" in repr(form)


def test_name_given_twice(form: Form) -> None:
    """Two variables of one name are an error of the form: a deployment could only have one of them."""
    for value in ("1", "2"):
        press(form, "Add variable")
        find(form, description="Variable")[-1].value = "SAME"
        [w for w in tree(form.widget) if isinstance(w, ipywidgets.Password)][-1].value = value
    assert form.problems() == {"environment": "has SAME twice"}


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
                        st.sampled_from(["url", "cronExpression", "payload", "methods", "x"]),
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
    assert set(form.problems()) <= set(values)
    assert "<b>hello" not in shown(form)
    assert repr(form).startswith("form of")


# ---------------------------------------------------------------- secrets


def test_values_of_variables_stay_in_the_kernel(form: Form) -> None:
    """A value typed, or taken from the line, is in no widget, no text and no line; only that there is one."""
    form.fill({"environment": {"FILLED": SECRET + "1"}})
    press(form, "Add variable")
    find(form, description="Variable")[-1].value = "TYPED"
    [w for w in tree(form.widget) if isinstance(w, ipywidgets.Password)][-1].value = SECRET + "2"
    assert form.overrides()["environment"] == {"FILLED": SECRET + "1", "TYPED": SECRET + "2"}
    assert SECRET not in states(form) + repr(form) + form.line() + json.dumps(
        form._repr_mimebundle_(), default=str
    )
    assert states(form).count("•••••• set".encode("ascii", "backslashreplace").decode()) == 2
    field(form, "Memory (MB)").value = 7
    assert SECRET not in states(form) + shown(form)


def test_line_is_markup_free(form: Form) -> None:
    """What a person types cannot become markup in the form."""
    form.fill(
        {"environment": {"<script>": "1"}, "triggers": [{"type": "http", "config": {"url": "<img src=x>"}}]}
    )
    assert "<script>" not in shown(form)
    assert "<img" not in shown(form)


# ---------------------------------------------------------------- with the magics


def test_next_deployment_takes_the_values(shell: Shell) -> None:
    """The next cell of that name has the form's values; an option on its line wins."""
    shell.run(deploying("taken", "import os; return os.environ['WORD']", "--env WORD=line"))
    form = shell.run("%fcform taken").value
    assert form.values()["environment"] == {"WORD": "line"}
    field(form, "Memory (MB)").value = 256
    field(form, "Timeout (s)").value = 9
    info = shell.run(deploying("taken", "return 1", "--timeout 7")).value.info
    assert (info.memory, info.timeout, info.environment) == (256, 7, {"WORD": "line"})
    info = shell.run(deploying("taken", "return 1", "--env OTHER=1")).value.info
    assert (info.memory, info.timeout, info.environment) == (256, 9, {"OTHER": "1"})
    assert shell.run("%fcform taken").value is form
    assert shell.run(deploying("untaken", "return 1")).value.info.memory == 128


def test_form_begins_with_what_is_deployed(shell: Shell) -> None:
    """Where no cell of the notebook has deployed the function, as after a restart, the form shows what runs."""
    with fc_magic.connect() as client:
        code = bundle({"index.py": b"def handler(e, c): return 1"})
        timer = {"type": "timer", "config": {"cronExpression": "@every 1h"}}
        fields = {"name": "before", "code": code, "memory": 512, "triggers": [timer]}
        client.deploy({**fields, "environment": {"WORD": "EnvValueHidden"}})
    form = shell.run("%fcform before").value
    assert form.values()["memory"] == 512
    assert form.line() == "%%fcdeploy before --memory 512 --env 'WORD=…' --trigger 'timer:@every 1h'"
    assert "EnvValueHidden" not in shown(form)


def test_button_deploys_the_last_cell(shell: Shell) -> None:
    """The button deploys the last cell of that name with every value of the form, also those at their default."""
    shell.run(deploying("pressed", "return 'first'"))
    shell.run(deploying("pressed", "return 'second'", "--memory 256 --description kept --trigger http"))
    form = shell.run("%fcform pressed").value
    assert (form.values()["memory"], form.values()["triggers"]) == (256, [{"type": "http", "config": {}}])
    field(form, "Memory (MB)").value = 128
    press(form, "Remove")
    press(form, "Deploy")
    assert "deployed to local" in shown(form)
    info = shell.variable("pressed").info
    assert (info.memory, info.triggers, info.description) == (128, (), "kept")
    assert shell.run("pressed()").value == "second"


def test_button_shows_a_refusal(shell: Shell) -> None:
    """What the deployment refuses appears in the form, and nothing is raised into the front end."""
    form = shell.run("%fcform nobody").value
    press(form, "Deploy")
    assert "no cell has deployed nobody in this notebook yet" in shown(form)
    shell.run(deploying("refused", "return 1", "--layer a:1"))
    form = shell.run("%fcform refused").value
    press(form, "Deploy")
    assert "there is no layer a" in shown(form)


def test_failed_line_can_be_corrected(shell: Shell) -> None:
    """After a refusal the form begins with the refused line, and its button deploys the corrected one."""
    assert not shell.run(deploying("corrected", "return 1", "--memory 7 --timeout 5")).success
    form = shell.run("%fcform corrected").value
    assert list(form.problems()) == ["memory"]
    field(form, "Memory (MB)").value = 192
    press(form, "Deploy")
    assert (shell.variable("corrected").info.memory, shell.variable("corrected").info.timeout) == (192, 5)


def test_deleted_function_has_a_new_form(shell: Shell) -> None:
    """%fcdelete forgets the form's values."""
    shell.run(deploying("reborn", "return 1"))
    field(shell.run("%fcform reborn").value, "Memory (MB)").value = 512
    shell.run("%fcdelete reborn")
    assert shell.run(deploying("reborn", "return 1")).value.info.memory == 128


def test_form_in_a_kernel(kernel: Kernel) -> None:
    """In a notebook the form is a widget with a text beside it, and its button works from the front end's side."""
    kernel.run(deploying("inside", "import os; return os.environ.get('WORD')"))
    (output,) = kernel.run("form = get_ipython().run_line_magic('fcform', 'inside'); form")
    assert "application/vnd.jupyter.widget-view+json" in output.data
    assert output.data["text/plain"].startswith("form of inside")
    kernel.run("form.fill({'environment': {'WORD': 'sec' 'ret'}, 'memory': 256}); form._go.click()")
    assert text_of(kernel.run("inside(), inside.info.memory")) == "('secret', 256)"
    assert "fcm-card" in text_of(kernel.run("form._result.value"))
    saved = kernel.saved()
    assert "WORD" in saved
    assert "'secret', " in saved  # what the function itself answered
    assert saved.count("secret") == 1


def test_button_calls_back() -> None:
    """The form deploys nothing itself: it gives its name to a callback, and shows what that refuses with."""
    asked: list[str] = []

    def refuse(name: str) -> None:
        asked.append(name)
        raise UsageError("not today", hint="%fcform other")

    form = Form("hello", refuse)
    press(form, "Deploy")
    assert asked == ["hello"]
    assert "not today" in shown(form)

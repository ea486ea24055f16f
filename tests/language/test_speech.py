"""The language of what people read."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fc_magic.language import choice, zh
from fc_magic.language.matching import Catalogue, Template
from fc_magic.language.speech import counted, explained, say, translated


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    choice.use("")


@pytest.fixture
def chinese() -> None:
    choice.use("zh")


@pytest.mark.parametrize(("language", "said"), [("en", "deployed to local"), ("zh", "已部署到 local")])
def test_say(language: str, said: str) -> None:
    choice.use(language)
    assert say("deployed to {0}", "local") == said
    assert translated("deployed to local") == said


def test_counted(chinese: None) -> None:
    assert [counted(n, "{0} more line", "{0} more lines") for n in (1, 2)] == ["另有 1 行", "另有 2 行"]
    choice.use("en")
    assert [counted(n, "{0} more line", "{0} more lines") for n in (1, 2)] == ["1 more line", "2 more lines"]


# ---------------------------------------------------------------- values


KNOWN = Catalogue(
    {
        "{0}: {1}": "{0:part}：{1:part}",
        "{0} is wrong": "{0} 不对",
        "no such thing": "没有",
        "not done: {0}": "未完成：{0:say}",
        "delete trigger {0}": "删除触发器 {0}",
        "code": "代码",
        "a list": "列表",
        "a ZIP": "ZIP",
        "{0} is not {1}": "{0} 不是 {1:say}",
        "{0} needs {1} here": "{0} 需要{1:say}",
        "the braces {{}} of {0}": "{0} 的花括号 {{}}",
    }
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a is wrong: no such thing", "a 不对：没有"),
        ("not done: delete trigger web, delete trigger code", "未完成：删除触发器 web、删除触发器 code"),
        ("the braces {} of {x}", "{x} 的花括号 {}"),
        ("nobody knows this", "nobody knows this"),
        ("KeyError: 'x'", "KeyError: 'x'"),
        # set as Chinese is, at the seams of what is translated
        ("x is not a list", "x 不是列表"),
        ("x is not a ZIP", "x 不是 ZIP"),
        ("x needs a list here", "x 需要列表"),
        ("x needs a ZIP here", "x 需要 ZIP"),
        # a value that is not marked stays, whatever it is
        ("no such thing is wrong", "no such thing 不对"),
        ("code is wrong", "code 不对"),
        ("code: no such thing", "code：没有"),
    ],
)
def test_only_marked_values_are_translated(text: str, said: str) -> None:
    assert KNOWN.translated(text) == said


@pytest.mark.parametrize(
    "text",
    [
        *(
            "handler",
            "region",
            "name",
            "nope",
            "x is y",
            "KeyError: 'handler'",
            "ValueError: it is a lock: really",
            "EOFError: EOF when reading a line",
            "the answer to a request",
        ),
        "The specified resource is not available",
        "RAM user is not authorized; contact the owner of the account, or no one",
    ],
)
def test_what_others_say_is_left_alone(text: str, chinese: None) -> None:
    """A word of ours in it makes no sentence of ours of it."""
    assert translated(text) == text


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [
        ("FunctionNotFound", "function 'hello' does not exist", "函数 'hello' 不存在"),
        ("FunctionNotFound", "the words of another year", "函数不存在"),
        ("Unheard", "the words of another year", ""),
        (
            "",
            "Function timed out after 3 seconds (maxMemoryUsage: 9.50MB)",
            "函数执行超过 3 秒，已超时（内存峰值 9.50 MB）",
        ),
    ],
)
def test_what_function_compute_says_is_explained(code: str, message: str, said: str, chinese: None) -> None:
    assert explained(code, message) == said
    choice.use("en")
    assert explained(code, message) == ""


# ---------------------------------------------------------------- any template, any values


ROWS = {key: said for key, said in zh.catalogue().words.items() if Template.of(key).numbers}
#: those whose values can be told apart, and which have words that nobody else has; a count is of a number
PLAIN = sorted(
    key
    for key, said in ROWS.items()
    if Template.of(key).has_words
    and not Template.of(key).is_short
    and not re.search(r"\{\d+:", said)
    and not re.search(r"\}\{", key)
)
WORDS = sorted({word for key in ROWS for word in re.findall(r"[A-Za-z]+", key)})
VALUES = st.lists(
    st.one_of(st.sampled_from(WORDS), st.sampled_from(["{", "}", "{0}", "{0:say}", "\n", "函数", "%"])),
    max_size=4,
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(st.sampled_from(PLAIN), st.data())
def test_any_template_with_any_values(key: str, data: Any) -> None:
    """What a template made is said by the Chinese template with the same values, whatever words are in them."""
    template = Template.of(key)
    values = [" ".join(data.draw(VALUES)) for _ in range(max(template.numbers) + 1)]
    text = key.format(*values)
    assume(not any(zh.catalogue().found(value).known for value in values))
    # where a value has what follows it, or makes the text that of a longer template, nobody could tell
    assume(template.values(text) == {n: values[n] for n in template.numbers})
    assume(not any(Template.of(other).values(text) for other in _heavier(template)))
    assert zh.catalogue().translated(text) == ROWS[key].format(*values)


def _heavier(template: Template) -> list[str]:
    return [key for key in ROWS if key != template.key and _weight(key) >= template.weight]


def _weight(key: str, known: dict[str, int] = {}) -> int:  # noqa: B006  # counted once
    return known.setdefault(key, Template.of(key).weight)


@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    """Whatever comes, something comes back, and what nobody said is not changed."""
    assert isinstance(zh.catalogue().translated(text), str)


def test_a_long_text_takes_no_time(chinese: None) -> None:
    for text in ("a: " * 2000, "; ".join(["done"] * 2000), "{" * 5000, "x" * 10_000_000):
        began = time.process_time()
        translated(text)
        assert time.process_time() - began < 1


# ---------------------------------------------------------------- the choice


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LC_MESSAGES": "zh_TW", "LANG": "en_US.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "FC_MAGIC_LANG": "en"}, "en"),
        ({"LANG": "C", "FC_MAGIC_LANG": "zh"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "FC_MAGIC_LANG": "klingon"}, "en"),
    ],
)
def test_language_of_the_environment(
    variables: dict[str, str], language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FC_MAGIC_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert choice.current() == language


def test_english_imports_no_catalogue() -> None:
    code = (
        "import sys; from fc_magic.language.speech import say, translated, explained; say('{0}', 1); translated('x');"
        "explained('A', 'b'); print([name for name in sys.modules if name.startswith('fc_magic.language')])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], env={"FC_MAGIC_LANG": "en"}, capture_output=True, text=True, check=True
    )
    assert set(eval(ran.stdout)) == {
        "fc_magic.language",
        "fc_magic.language.choice",
        "fc_magic.language.speech",
    }

"""The language of what people read."""

from __future__ import annotations

import pytest

from fc_magic.language import choice, matching
from fc_magic.language.speech import say, translated


@pytest.fixture(autouse=True)
def _as_before() -> object:
    yield
    choice.use("")


@pytest.mark.parametrize(("language", "said"), [("en", "deployed to local"), ("zh", "已部署到 local")])
def test_say(language: str, said: str) -> None:
    choice.use(language)
    assert say("deployed to {0}", "local") == said
    assert translated("deployed to local") == said


def test_values_that_are_sentences_are_translated_too() -> None:
    known = {"{0}: {1}": "{0}：{1}", "{0} is wrong": "{0} 不对", "no such thing": "没有"}
    assert matching.translated("a is wrong: no such thing", known) == "a 不对：没有"
    assert matching.translated("nobody knows this", known) == "nobody knows this"


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "FC_MAGIC_LANG": "en"}, "en"),
        ({"LANG": "C", "FC_MAGIC_LANG": "zh"}, "zh"),
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

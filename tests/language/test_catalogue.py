"""Nothing that a person reads is without Chinese, and no Chinese is without something that says it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fc_magic.language import matching, zh
from fc_magic.language.zh import fc
from tests.language import not_said
from tests.language.templates import ROOT, all_templates, is_code, templates

EVERY = all_templates(not_said.ROOMS, not_said.SKIPPED)
AREAS = zh.areas()
WORDS = {key: said for words in AREAS.values() for key, said in words.items()}
FIELD = re.compile(r"\{(\d+)(?::(say|part))?\}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def fields(template: str) -> list[str]:
    return sorted({number for number, _ in FIELD.findall(template.replace("{{", "").replace("}}", ""))})


def test_nothing_is_missing() -> None:
    """A sentence that somebody adds is said in Chinese, too; or it stands in not_said.py, with the reason."""
    missing = [
        f"{place}: {template!r}"
        for template, place in EVERY.items()
        if template not in WORDS and not is_code(template) and not_said.is_said(template, place)
    ]
    assert not missing, "\n".join(["put their Chinese into fc_magic/language/zh/:", *missing])


def test_no_key_is_dead() -> None:
    """What nobody says any more has no Chinese either."""
    known = {*EVERY, *not_said.COMPOSED, *not_said.WORDS, *not_said.ARGPARSE, *fc.WORDS}
    dead = [f"zh/{area}.py: {key!r}" for area, words in AREAS.items() for key in words if key not in known]
    assert not dead, "\n".join(["nothing says these:", *dead])


def test_what_is_not_said_is_there() -> None:
    """The list of exceptions has none that the code does not need."""
    at = {(place.rpartition(":")[0], template) for template, place in EVERY.items()}
    gone = [
        (file, template)
        for file, listed in not_said.NOT_SAID.items()
        for template in listed
        if not template.startswith("*") and (file, template) not in at
    ]
    assert not [pair for pair in gone if (ROOT / pair[0]).exists() and not _elsewhere(*pair)]
    assert all((ROOT / path).exists() for path in (*not_said.ROOMS, *not_said.SKIPPED))


def _elsewhere(file: str, template: str) -> bool:
    """A template is kept by its first place; it may stand in this file, too."""
    return template in templates(ROOT / file)


def test_each_is_said_once() -> None:
    """A key in two areas could be changed in one of them."""
    seen: dict[str, str] = {}
    twice = [
        f"{key!r}: {seen[key]}, {area}"
        for area, words in AREAS.items()
        for key in words
        if seen.setdefault(key, area) != area
    ]
    assert not twice, "\n".join(twice)


@pytest.mark.parametrize("area", AREAS)
def test_what_is_pasted_is_the_same(area: str) -> None:
    """JSON and Python between braces is for machines."""
    braces = re.compile(r"\{\{.*\}\}")
    wrong = [
        f"{key!r}: {said!r}"
        for key, said in AREAS[area].items()
        if braces.findall(key) != braces.findall(said)
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("area", AREAS)
def test_placeholders_agree(area: str) -> None:
    """Chinese has the values of the English, each at least once, and no others."""
    wrong = [f"{key!r}: {said!r}" for key, said in AREAS[area].items() if fields(key) != fields(said)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("area", AREAS)
def test_it_is_chinese(area: str) -> None:
    """Only code is the same in both."""
    latin = {key for key, said in AREAS[area].items() if not CHINESE.search(said)}
    wrong = [
        key for key in latin - not_said.LATIN if matching.Template.of(key).has_words and not is_code(key)
    ]
    assert not wrong, "\n".join(wrong)


#: a sign of a sentence that is not full-width beside Chinese
HALF = re.compile(r"[\u4e00-\u9fff][,;:!?()]|(?<!以 )[,;!?(] ?[\u4e00-\u9fff]|[\u4e00-\u9fff]\. ")
#: Chinese that touches Latin letters, digits or a value
TOUCHING = re.compile(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]")


@pytest.mark.parametrize("area", AREAS)
def test_how_it_is_set(area: str) -> None:
    """Full-width signs in sentences, and a space between Chinese and Latin letters or digits."""
    wrong = [said for said in AREAS[area].values() if HALF.search(said) or TOUCHING.search(said)]
    assert not wrong, "\n".join(wrong)


def test_a_new_message_without_chinese_is_found(tmp_path: Path) -> None:
    """The reader of templates sees what somebody adds, in each way that it may be written."""
    source = tmp_path / "new.py"
    source.write_text(
        'def f(name, n, why=""):\n'
        '    """A docstring is nothing that is said."""\n'
        '    what = "one thing" if n == 1 else f"{n} things"\n'
        "    say('a card of {0}', name)\n"
        "    counted(n, '{0} time', '{0} times')\n"
        '    note = f"{name} has {what} to do" + (f": {why}" if why else "")\n'
        '    raise UsageError(f"{name} is wrong, and {len(name):>4} long", hint="oddly", problems=['
        'Problem("x", "odd", f"from {n}")])\n'
        "_HEADER = ('name', 'runtime')\n"
    )
    found = set(templates(source, tmp_path))
    assert found >= {
        *("a card of {0}", "{0} time", "{0} times", "odd", "oddly", "from {0}", "name", "runtime"),
        *("{0} is wrong, and {1} long", "one thing", "{0} things"),
        *("{0} has one thing to do", "{0} has {1} things to do: {2}", "{0} has one thing to do: {1}"),
    }
    assert "A docstring is nothing that is said." not in found

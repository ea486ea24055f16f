"""Spec fields -> magic options; a line -> overrides. Help and checks come from the same table as the server's."""

from __future__ import annotations

import difflib
import json
import os
import re
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from fc_magic.errors import ApiError, Problem, UsageError
from fc_magic.language.speech import say, translated
from fc_magic.notebook import place, words
from fc_magic.wire import checks, triggers
from fc_magic.wire.spec import FIELDS, FieldDoc

_ALIASES = {
    "env": "environment",
    "trigger": "triggers",
    "layer": "layers",
    "desc": "description",
}
#: options of ``%%fcdeploy`` that are not fields of the deployment
EXTRA = {
    **place.OPTIONS,
    "folder": "deploys the files of a folder; then the cell's own code is ignored",
    "file": "puts a file beside the code, or those of a pattern; FILE=PLACE puts it elsewhere",
    "leave-out": "leaves files of libraries out, by a pattern of their paths, such as tests/ or *.md",
    "keep": "keeps files of libraries that would be left out, by a pattern of their paths",
    "include": "puts a folder beside the code; DIR=PLACE puts it elsewhere",
    "requirements": 'adds distributions, such as "pandas==2.2.* requests", or those of a file',
    "exclude": "leaves a name of the notebook out of the function",
}
#: those of them that may be given more than once
REPEATED = frozenset({"file", "include", "requirements", "exclude", "leave-out", "keep"})
NO_PUBLISH = "no-publish"
FLAGS = {
    **place.FLAGS,
    NO_PUBLISH: "publishes no version, as --publish false",
    "force": "deploys in spite of what would fail there",
    "locked": "takes libraries as pylock.NAME.toml has them, and refuses if that is not what is asked for",
    "upgrade": "takes the newest libraries that fit, and writes pylock.NAME.toml anew",
    "no-layer": "puts libraries into the ZIP of the function instead of a layer",
    "dry-run": "shows what would be sent, and sends nothing",
    "help": "shows this help",
}
#: a text editor makes a dash of two hyphens
_DASHES = ("-", "–", "—")
#: what is in these may be secret: a refusal does not repeat it
_UNSHOWN = ("environment", "custom_container_config")
_BEFORE_COMMENT = re.compile(
    r"""(?!\s*\#)(?:\\.|'[^']*'|"(?:\\.|[^"\\])*"|[^\s\\'"]|\s+(?!\s*\#))*""", re.DOTALL
)
HELP_COLUMNS = 96


@dataclass(frozen=True)
class Line:
    """A magic line that was read: the name, what it sets, and the options that are no fields; ``repeated`` has those
    that may be given more than once."""

    name: str = ""
    overrides: dict[str, Any] = field(default_factory=dict, repr=False)
    extra: dict[str, str] = field(default_factory=dict)
    repeated: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def wants_help(self) -> bool:
        return "help" in self.extra


def option(name: str) -> str:
    """How a field is written on the line: ``--trigger`` for ``triggers``, and for one of them, ``triggers.1``."""
    doc = FIELDS.get(checks.field_of(name))
    return f"--{doc.option}" if doc else f"--{name}"


def quoted(value: str) -> str:
    """A value as it is typed on the line; one that has its quotes keeps them."""
    return value if value[:1] in ("'", '"') else shlex.quote(value) if " " in value or "*" in value else value


#: advice that is no value to type
_DEEDS = ("another ", "create ", "publish ", "put ")


def advice(problem: Problem) -> str:
    """What to type about a value that was refused."""
    if problem.hint.startswith(_DEEDS):
        return problem.hint
    if problem.hint:
        return f"try {option(problem.field)} {quoted(problem.hint)}"
    return (
        "%fclayer NAME --requirements TEXT --runtime RUNTIME"
        if checks.field_of(problem.field) == "layers"
        else ""
    )


def on_the_line(error: ApiError) -> ApiError:
    """The same refusal with every field as it is written on the line, and what is true of the function now."""
    error.problems = tuple(replace(p, field=option(p.field), hint=advice(p)) for p in error.problems)
    state = (
        "What ran before still runs." if error.request_id else "Nothing was sent. What ran before still runs."
    )
    if error.problems and not error.hint:
        error.hint = state
    return error


def names() -> dict[str, str]:
    """Every spelling of an option, without dashes -> the field it sets."""
    own = {
        spelling: name for name, doc in FIELDS.items() for spelling in (name.replace("_", "-"), doc.option)
    }
    return {**own, **_ALIASES}


def parse(line: str) -> Line:
    """Reads a line as a shell would. Raises UsageError with every problem at once."""
    words = split(line)
    values: dict[str, list[str]] = {}
    extra: dict[str, str] = {}
    repeated: dict[str, tuple[str, ...]] = {}
    found: list[Problem] = []
    plain: list[str] = []
    unquoted: list[str] = []
    known = names()
    while words:
        word = words.pop(0)
        if not word.startswith(_DASHES):
            plain.append(word)
            if unquoted:
                unquoted.append(word)
            continue
        spelled, given, value = word.removeprefix("--").partition("=")
        # a value that begins with two dashes is written --option=--value
        has_next = bool(words) and not words[0].startswith("--")
        if spelled == NO_PUBLISH:
            values["publish"] = ["false"]
        elif spelled in FLAGS:
            extra[spelled] = "yes"
        elif spelled not in known and spelled not in EXTRA:
            found.append(_unknown(word.partition("=")[0], [*known, *EXTRA, *FLAGS]))
            if not given and has_next:
                words.pop(0)
        elif not given and not has_next:
            found.append(Problem(word, "has no value", hint=_example(known.get(spelled, ""), spelled)))
        else:
            value = value if given else words.pop(0)
            if (
                len(unquoted) < 3
                and len(plain) < 2
                and spelled in known
                and FIELDS[known[spelled]].kind != "int"
            ):
                unquoted = [f"--{spelled}", value]  # words that come now may be meant for it
            if spelled in REPEATED:
                repeated[spelled] = (*repeated.get(spelled, ()), value)
            elif spelled in EXTRA:
                extra[spelled] = value
            else:
                values.setdefault(known[spelled], []).append(value)
    overrides = _overrides(values, found)
    name = _name(plain, overrides, found, unquoted if len(unquoted) > 2 else [])
    if found:
        raise UsageError(
            "the line was not understood", problems=found, hint="%fcdeploy --help lists the options"
        )
    return Line(name, overrides, extra, repeated)


def split(line: str) -> list[str]:
    """The words of a line as a shell has them. Raises UsageError."""
    try:
        return shlex.split(_without_comment(line))
    except ValueError as error:
        text = {
            "No closing quotation": "a quote is not closed",
            "No escaped character": "it ends in a backslash",
        }
        raise UsageError(f"the line was not understood: {text.get(str(error), str(error))}") from None


def _without_comment(line: str) -> str:
    """The line up to a word that begins with #, as a shell has it; quotes are quotes."""
    end = _BEFORE_COMMENT.match(line)
    cut = end.end() if end else 0
    return line[:cut] if line[cut:].lstrip().startswith("#") else line


def _name(plain: list[str], overrides: dict[str, Any], found: list[Problem], unquoted: list[str]) -> str:
    given = overrides.pop("name", "")
    if given:
        plain = [given, *[p for p in plain if p != given]]
    if len(plain) > 1:
        what = "is one word too many: a name has no spaces"
        hint = f'{unquoted[0]} "{" ".join(unquoted[1:])}"' if unquoted else "-".join(plain)
        found.append(Problem(" ".join(plain[1:]), what, FIELDS["name"].allowed, hint=hint))
    return plain[0] if plain else ""


def _unknown(word: str, known: Iterable[str]) -> Problem:
    spelled = word.strip("".join(_DASHES)).replace("_", "-").lower()
    close = difflib.get_close_matches(spelled, list(known), n=1, cutoff=0.6)
    # -m for --memory: one letter is like nothing, and still says how the word begins
    close = close or [name for name in known if spelled and name.startswith(spelled)]
    return Problem(word, "is not an option", hint=f"did you mean --{close[0]}?" if close else "")


def _example(name: str, spelled: str) -> str:
    return f"--{spelled} {FIELDS[name].example}" if name else ""


def _overrides(values: dict[str, list[str]], found: list[Problem]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, texts in values.items():
        try:
            out[name] = _read(FIELDS[name], texts)
        except ValueError as error:
            doc = FIELDS[name]
            hint = f"{option(name)} {shlex.quote(doc.example)}"
            found.append(Problem(option(name), str(error), doc.allowed, _shown(name, texts[-1]), hint))
    return out


def _shown(name: str, text: str) -> str:
    # a trigger's short form is a schedule or an address; its JSON has payloads and passwords
    if name in _UNSHOWN or (name == "triggers" and text.lstrip().startswith(("{", "["))):
        return ""
    return text if len(text) <= 60 else f"{text[:59]}…"


def _read(doc: FieldDoc, texts: list[str]) -> Any:
    if doc.name in _LISTS:
        return [item for text in texts for item in _LISTS[doc.name](text)]
    return _KINDS[doc.kind](texts)


def _whole(texts: list[str]) -> Any:
    # what is no number stays as it is: the spec says what is allowed, in the same words as everywhere
    text = texts[-1].strip()
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else text


def _truth(texts: list[str]) -> Any:
    text = texts[-1].strip()
    return {"true": True, "false": False}.get(text.lower(), text)


def _map(texts: list[str]) -> dict[str, str]:
    out: dict[str, str] = {}
    for text in texts:
        if text.lstrip().startswith("{"):
            out.update({str(k): v for k, v in _object([text]).items()})
            continue
        key, equals, value = text.partition("=")
        if not equals and key in os.environ:
            value = os.environ[key]
        elif not equals or not key:
            raise ValueError("is not KEY=VALUE, and no variable of the environment")
        out[key] = value
    return out


def _object(texts: list[str]) -> dict[str, Any]:
    found = _json(texts[-1])
    if not isinstance(found, dict):
        raise ValueError("is not a JSON object")
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is not JSON ({error})") from None


def _triggers(text: str) -> list[Any]:
    if text.lstrip().startswith(("{", "[")):
        found = _json(text)
        return found if isinstance(found, list) else [found]
    return [triggers.parse(text)]


def _layers(text: str) -> list[dict[str, str]]:
    if text.startswith("acs:"):
        return [{"name": text, "version": text.rpartition("/")[2]}]
    name, colon, version = text.rpartition(":")
    return [{"name": name, "version": version} if colon else {"name": text}]


_LISTS: dict[str, Callable[[str], list[Any]]] = {"triggers": _triggers, "layers": _layers}
_KINDS: dict[str, Callable[[list[str]], Any]] = {
    "text": lambda texts: texts[-1],
    "int": _whole,
    "bool": _truth,
    "map": _map,
    "object": _object,
}


def usage() -> str:
    """The help of ``%%fcdeploy``, made from the fields."""
    rows = [("NAME", translated(FIELDS["name"].help), translated(FIELDS["name"].allowed))]
    for name, doc in FIELDS.items():
        if name != "name":
            means, allowed = translated(doc.help), translated(doc.allowed)
            if doc.unit:
                means = say("{0} ({1})", means, translated(doc.unit))
            if doc.default not in (None, (), {}, ""):
                allowed = say("{0}, default {1}", allowed, doc.default)
            rows.append((f"{option(name)} {_metavar(doc)}", means, allowed))
    rows += [(f"--{name} VALUE", translated(text), "") for name, text in EXTRA.items()]
    rows += [(f"--{name}", translated(text), "") for name, text in FLAGS.items()]
    lines = [say("%%fcdeploy NAME [options]: deploys the cell as a function"), ""]
    for head, *texts in rows:
        lines.append(f"  {head}")
        for text in texts:
            first, *rest = words.wrap(text, HELP_COLUMNS - 8)
            lines += [f"      {first}", *(f"        {line}" for line in rest)] if text else []
    return "\n".join(lines)


def _metavar(doc: FieldDoc) -> str:
    return {"int": "N", "map": "KEY=VALUE", "object": "JSON", "list": "TEXT"}.get(doc.kind, "TEXT")

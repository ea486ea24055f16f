"""Spec fields -> magic options; a line -> overrides. Help and checks come from the same table as the server's."""

from __future__ import annotations

import difflib
import json
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from fc_magic.errors import ApiError, Problem, UsageError
from fc_magic.language.speech import say, translated, word
from fc_magic.notebook import gathering, place, secrets
from fc_magic.notebook.card import columns
from fc_magic.notebook.line import expressions, grammar, values
from fc_magic.notebook.line.expressions import Refused
from fc_magic.notebook.line.grammar import Word
from fc_magic.notebook.line.head import Head, Header
from fc_magic.notebook.words import wrap
from fc_magic.wire import checks, trigger_advice
from fc_magic.wire.spec import FIELDS, FieldDoc

_ALIASES = {"env": "environment", "trigger": "triggers", "layer": "layers", "desc": "description"}
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
    "rate": "with --dry-run: what calls at this rate cost a month, such as 10/s, 1000/h or 1e6/month",
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
    "dry-run": "shows what would change against what is live, and what it would cost, and sends nothing",
    "form": "opens a form with these values, whose button deploys",
    "help": "shows this help",
}
#: every field and every option that takes a value
ALL = frozenset((*FIELDS, *EXTRA))
#: a text editor makes a dash of two hyphens
_DASHES = ("-", "–", "—")
#: what is in these may be secret: a refusal does not repeat it
_UNSHOWN = ("environment", "custom_container_config")
#: the value of these is shown even if an expression made it: nobody keeps a secret in one
_OPEN = frozenset({"name", "runtime", "handler", "memory", "timeout", "publish", "role", "layers"})
HELP, HELP_COLUMNS = "%fcdeploy --help lists the options", 96


@dataclass(frozen=True)
class Line:
    """A magic line that was read: the name, what it sets, and the options that are no fields; ``repeated`` has those
    that may be given more than once."""

    name: str = ""
    overrides: dict[str, Any] = field(default_factory=dict, repr=False)
    extra: dict[str, str] = field(default_factory=dict)
    repeated: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: where each field was said
    origins: Mapping[str, Origin] = field(default_factory=dict, compare=False, repr=False)
    warnings: tuple[str, ...] = ()

    @property
    def wants_help(self) -> bool:
        return "help" in self.extra


@dataclass(frozen=True)
class Origin:
    """Where a field was said: the option, with the line of the cell if all was said in one that is not the first.
    ``expression`` is how its last value was written, if that is not the value."""

    option: str
    expression: str = ""
    is_open: bool = True

    @classmethod
    def of(cls, name: str, words: Sequence[Word]) -> Origin:
        numbers = {word.number for word in words}
        where = _where(numbers.pop()) if len(numbers) == 1 else ""
        written = "" if words[-1].is_plain else words[-1].seen
        return cls(f"{where}{option(name)}", written, name in _OPEN)

    def shown(self, given: str) -> str:
        """What is said of a value that was refused: never one that may be a secret."""
        name = self.option.rpartition("--")[2]
        # a trigger's short form is a schedule or an address; its JSON has payloads and passwords
        begins_json = given.lstrip().startswith("[" if self.expression else ("{", "["))
        if names().get(name) in _UNSHOWN or (name == "trigger" and (begins_json or '"' in given)):
            return ""
        if self.expression and not self.is_open:
            return self.expression
        return given if len(given) <= 60 else f"{given[:59]}…"


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


def on_the_line(error: ApiError, origins: Mapping[str, Origin] | None = None) -> None:
    """Puts every field of a refusal as it is written on the line, and says what is true of the function now."""
    error.problems = tuple(_written(p, (origins or {}).get(checks.field_of(p.field))) for p in error.problems)
    state = (
        "What ran before still runs." if error.request_id else "Nothing was sent. What ran before still runs."
    )
    if error.problems and not error.hint:
        error.hint = state


def wrong(settings: Mapping[str, Any], origins: Mapping[str, Origin] | None = None) -> list[Problem]:
    """What of these fields would be refused by themselves, as it is written on the line."""
    found = gathering.problems(settings)
    return [_written(problem, (origins or {}).get(checks.field_of(problem.field))) for problem in found]


def _written(problem: Problem, origin: Origin | None) -> Problem:
    problem = trigger_advice.of_short_form(problem)
    if origin is None:
        return replace(problem, field=option(problem.field), hint=advice(problem))
    given = problem.given and origin.shown(problem.given)
    given = given if given == origin.expression else quoted(given)
    return replace(problem, field=origin.option, hint=advice(problem), given=given)


def names() -> dict[str, str]:
    """Every spelling of an option, without dashes -> the field it sets."""
    own = {
        spelling: name for name, doc in FIELDS.items() for spelling in (name.replace("_", "-"), doc.option)
    }
    return {**own, **_ALIASES}


def parse(
    line: str,
    headers: Iterable[Header] = (),
    namespace: Mapping[str, Any] | None = None,
    said: Collection[str] = (),
    more: Collection[str] = (),
) -> Line:
    """Reads a line as a shell would, after the ``#| fc:`` lines below it, whose single values it beats. Raises
    UsageError with every problem at once.

    ``namespace``: where expressions in braces are evaluated, each once; ``said``: fields and options that are said
    elsewhere, so that theirs need not be known, and nothing is told of them; ``more``: options of another magic that
    takes those of ``%%fcdeploy``, too.
    """
    reader = _Reader(namespace, said, more)
    for header in headers:
        reader.read(grammar.split(header.text, header.number), is_header=True)
    reader.read(grammar.split(line))
    return reader.line()


def of_head(
    found: Head,
    namespace: Mapping[str, Any] | None = None,
    said: Collection[str] = (),
    more: Collection[str] = (),
) -> Line:
    """The same of the head of a cell."""
    read = parse(found.line, found.headers, namespace, said, more)
    return replace(read, warnings=(*found.warnings, *read.warnings))


class _Reader:
    """``values`` are the words that each field was given, in their order."""

    def __init__(
        self, namespace: Mapping[str, Any] | None, said: Collection[str], more: Collection[str] = ()
    ) -> None:
        self._namespace, self._elsewhere, self._extras = namespace, said, (*EXTRA, *more)
        self._values: dict[str, list[Word]] = {}
        self._extra: dict[str, str] = {}
        self._repeated: dict[str, tuple[str, ...]] = {}
        self._found: list[Problem] = []
        self._plain: list[Word] = []
        self._unquoted: list[str] = []
        self._known = names()

    def read(self, words: list[Word], is_header: bool = False) -> None:
        while words:
            word = words.pop(0)
            spelled = word.text
            if spelled.startswith(_DASHES):
                self._option(word, words)
            elif is_header:
                what = "is no option: the name stands in the first line, a value behind its option"
                self._found.append(Problem(_where(word.number) + spelled, what))
            else:
                self._plain.append(word)
                if self._unquoted:
                    self._unquoted.append(spelled)

    def _option(self, word: Word, words: list[Word]) -> None:
        option, given, value = word.parted()
        spelled, known, where = option.removeprefix("--"), self._known, _where(word.number)
        # a value that begins with two dashes is written --option=--value
        has_next = bool(words) and not words[0].text.startswith("--")
        if spelled in FLAGS and given:
            self._found.append(Problem(f"{where}{option}", "takes no value"))
        elif spelled == NO_PUBLISH:
            self._values["publish"] = [replace(word, pieces=("false",))]
        elif spelled in FLAGS:
            self._extra[spelled] = "yes"
        elif spelled not in known and spelled not in self._extras:
            self._found.append(_unknown(option, [*known, *self._extras, *FLAGS], where))
            if not given and has_next:
                words.pop(0)
        elif not given and not has_next:
            hint = _example(known.get(spelled, ""), spelled)
            self._found.append(Problem(f"{where}{option}", "has no value", hint=hint))
        else:
            self._value(spelled, value if given else words.pop(0))

    def _value(self, spelled: str, value: Word) -> None:
        name = self._known.get(spelled, "")
        if name and len(self._unquoted) < 3 and len(self._plain) < 2 and FIELDS[name].kind != "int":
            self._unquoted = [f"--{spelled}", value.text]  # words that come now may be meant for it
        if name:
            self._values.setdefault(name, []).append(value)
            return
        if self._is_elsewhere(spelled, [value]):
            return
        try:
            found = expressions.value(value, self._namespace)
            if spelled not in EXTRA and isinstance(found, dict | list):  # an event
                found = json.dumps(found, ensure_ascii=False)
            texts = values.several(found)
        except Refused as error:
            where = f"{_where(value.number)}--{spelled}"
            self._found.append(Problem(where, str(error), given=error.given, hint=error.hint))
            return
        if spelled in REPEATED:
            self._repeated[spelled] = (*self._repeated.get(spelled, ()), *texts)
        else:
            self._extra[spelled] = " ".join(texts)

    def _is_elsewhere(self, name: str, words: Iterable[Word]) -> bool:
        """Whether it cannot be known here and need not be."""
        is_unknown = self._namespace is None and not all(word.is_plain for word in words)
        return is_unknown and name in self._elsewhere

    def line(self) -> Line:
        origins = {name: Origin.of(name, words) for name, words in self._values.items()}
        overrides = self._overrides(origins)
        name = self._name(overrides)
        if self._found:
            raise UsageError(
                "the line was not understood",
                problems=[*self._found, *wrong(overrides, origins)],
                hint=HELP,
            )
        return Line(name, overrides, self._extra, self._repeated, origins, self._secrets())

    def _overrides(self, origins: Mapping[str, Origin]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for name, words in self._values.items():
            doc = FIELDS[name]
            # of a single value the last one counts, and the others are not evaluated
            counted = words if doc.kind in ("list", "map") else words[-1:]
            if self._is_elsewhere(name, counted):
                continue
            if doc.kind not in ("list", "map"):
                self._read(out, name, counted, origins[name])
                continue
            read: list[Any] = []  # each by itself: what is wrong is named, and the others are looked at, too
            for given in counted:
                one: dict[str, Any] = {}
                self._read(one, name, [given], Origin.of(name, [given]))
                found = one.get(name, ())
                read += found.items() if isinstance(found, dict) else found
            out[name] = dict(read) if doc.kind == "map" else read
        return out

    def _read(self, out: dict[str, Any], name: str, words: Sequence[Word], origin: Origin) -> None:
        """What these words say of a field; a problem says what is wrong with them."""
        doc, last = FIELDS[name], words[-1].text
        hint = f"{option(name)} {quoted(doc.example)}"
        try:
            out[name] = values.read(doc, [expressions.value(w, self._namespace) for w in words])
        except Refused as error:
            given = error.given or origin.shown(last) or values.variable(name, last)
            advice = error.hint or hint
            self._found.append(Problem(origin.option, str(error), given=given, hint=advice))
        except ValueError as error:
            problem, allowed = str(error), doc.allowed
            meant = trigger_advice.meant(last) if name == "triggers" and words[-1].is_plain else ""
            if meant:  # as of one that is like this and has nothing behind its type
                kind = last.partition(":")[0].strip()
                problem, allowed = f"{kind} is not a type of trigger", trigger_advice.allowed({"type": kind})
                hint = f"try {option(name)} {quoted(meant)}"
            self._found.append(Problem(origin.option, problem, allowed, origin.shown(last), hint))

    def _secrets(self) -> tuple[str, ...]:
        """Of values that look secret; those of expressions and of the environment do not stand here."""
        own = () if "environment" in self._elsewhere else self._values.get("environment", ())
        written = [word.text for word in own if word.is_plain]
        texts = [text for text in written if "=" in text or text.lstrip().startswith("{")]
        return secrets.on_a_line(values.read(FIELDS["environment"], texts)) if texts else ()

    def _name(self, overrides: dict[str, Any]) -> str:
        plain = self._plain
        said = [word.text for word in plain]
        given = overrides.pop("name", "")
        if given:
            said = [given, *[text for text in said if text != given]]
        if len(said) > 1:
            what = "is one word too many: a name has no spaces"
            unquoted = self._unquoted if len(self._unquoted) > 2 else []
            hint = f'{unquoted[0]} "{" ".join(unquoted[1:])}"' if unquoted else "-".join(said)
            self._found.append(Problem(" ".join(said[1:]), what, FIELDS["name"].allowed, hint=hint))
        if given or not plain:
            return str(given)
        try:
            return expressions.text(expressions.value(plain[0], self._namespace))
        except Refused as error:
            self._found.append(Problem("NAME", str(error), given=error.given, hint=error.hint))
            return ""


def _where(number: int) -> str:
    """What a problem of a ``#| fc:`` line begins with."""
    return f"line {number}: " if number > 1 else ""


def _unknown(word: str, known: Iterable[str], where: str = "") -> Problem:
    spelled = word.strip("".join(_DASHES)).replace("_", "-").lower()
    close = difflib.get_close_matches(spelled, list(known), n=1, cutoff=0.6)
    # -m for --memory: one letter is like nothing, and still says how the word begins
    close = close or [name for name in known if spelled and name.startswith(spelled)]
    return Problem(f"{where}{word}", "is not an option", hint=f"did you mean --{close[0]}?" if close else "")


def _example(name: str, spelled: str) -> str:
    return f"--{spelled} {FIELDS[name].example}" if name else ""


def usage() -> str:
    """The help of ``%%fcdeploy``, made from the fields."""
    rows = [("NAME", translated(FIELDS["name"].help), translated(FIELDS["name"].allowed))]
    for name, doc in FIELDS.items():
        if name != "name":
            means, allowed = translated(doc.help), translated(doc.allowed)
            if doc.unit:
                means = say("{0} ({1})", means, word(doc.unit))
            if doc.default not in (None, (), {}, ""):
                allowed = say("{0}, default {1}", allowed, doc.default)
            rows.append((f"{option(name)} {_metavar(doc)}", means, allowed))
    rows += [(f"--{name} VALUE", translated(text), "") for name, text in EXTRA.items()]
    rows += [(f"--{name}", translated(text), "") for name, text in FLAGS.items()]
    lines = [say("%%fcdeploy NAME [options]: deploys the cell as a function"), ""]
    for head, *texts in rows:
        lines.append(f"  {head}")
        for text in texts:
            first, *rest = wrap(text, min(HELP_COLUMNS, columns()) - 8)
            lines += [f"      {first}", *(f"        {line}" for line in rest)] if text else []
    return "\n".join(lines)


def _metavar(doc: FieldDoc) -> str:
    return {"int": "N", "map": "KEY=VALUE", "object": "JSON", "list": "TEXT"}.get(doc.kind, "TEXT")

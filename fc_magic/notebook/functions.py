"""Cards of what exists: one function, or a list of them. Environment variables by name, never a value."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone

from fc_magic.language.speech import counted, say, translated
from fc_magic.notebook import samples, words
from fc_magic.notebook.card import Block, Card, Line, Piece, Pieces, Rows, Span, joined
from fc_magic.notebook.plan import summary
from fc_magic.wire.results import Function, Functions
from fc_magic.wire.schedule import Schedule
from fc_magic.wire.spec import Layer
from fc_magic.wire.triggers import Http, Oss, Timer, Trigger

#: outcome -> sign, what happened, and where
_OUTCOMES = {
    "created": ("✓", "deployed", "deployed to {0}"),
    "updated": ("✓", "deployed", "deployed to {0}"),
    "unchanged": ("–", "unchanged", "unchanged on {0}"),
    "rolled back": ("↻", "rolled back", "rolled back on {0}"),
}
_DIM = "dim"
#: libraries that are named, and how the layers are called that have them
NAMED, OURS = 2, "fc-magic-"


def function_card(function: Function, where: str, now: datetime) -> Card:
    warnings = [Line(f"⚠ {translated(text)}", "warn", indent=2) for text in function.warnings]
    blocks: list[Block] = [Line(_head(function, where, now), "head"), Line(_settings(function), indent=2)]
    rows = tuple(_details(function, now))
    if rows:
        blocks.append(Rows(rows))
    blocks += [*warnings, Line(_next_steps(function), indent=2)]
    kind = "warn" if warnings else "ok" if function.outcome in _OUTCOMES else ""
    return Card(tuple(blocks), kind)


def _head(function: Function, where: str, now: datetime) -> Pieces:
    if function.outcome in _OUTCOMES:
        sign, alone, placed = _OUTCOMES[function.outcome]
        said = say(placed, where) if where else say(alone)
        time = words.seconds(function.elapsed_s) if function.elapsed_s else ""
        tail = joined([said, say("version {0}", function.version), _unusual(function.state), time])
    else:
        sign, said = "", say("on {0}", where) if where else ""
        tail = joined([said, say("version {0}", function.version), function.state, *_life(function, now)])
    sign = "⚠" if function.warnings else sign
    name = Span(f"{sign} {function.name}".strip(), "strong", title=function.arn)
    return [name, "  ", *(Span(p, "plain") if isinstance(p, str) else p for p in tail)]


def _unusual(state: str) -> str:
    return "" if state in ("Active", "") else state


def _life(function: Function, now: datetime) -> list[Piece]:
    changed = function.last_modified_time
    said: list[Piece] = (
        [Span(say("changed {0}", words.ago(changed, now)), "plain", title=changed)] if changed else []
    )
    if function.calls_today:
        said.append(counted(function.calls_today, "{0} call today", "{0} calls today"))
    if function.errors_today:
        said.append(counted(function.errors_today, "{0} error", "{0} errors"))
    return said


def _settings(function: Function) -> Pieces:
    own = function.entrypoint not in ("", function.handler)
    first = say("starts with {0}", function.entrypoint) if own else ""
    size = (
        Span(words.size(function.code_size), title=say("{0} bytes", function.code_size))
        if function.code_size
        else ""
    )
    out = joined(
        [
            function.runtime,
            f"{function.memory} MB",
            f"{function.timeout} s",
            function.handler,
            first,
            size,
        ]
    )
    checksum = function.code_checksum
    if checksum:
        short = checksum if len(checksum) <= 8 else f"{checksum[:6]}…"
        out += ["  ", Span(say("(code {0})", short), _DIM, title=f"CRC-64 {checksum}")]
    return out


def _details(function: Function, now: datetime) -> Iterator[tuple[Pieces, ...]]:
    for trigger in function.triggers:
        yield Span(trigger.type, _DIM), _trigger(trigger, function, now)
    if function.environment:
        yield Span(say("env"), _DIM), ", ".join(sorted(function.environment))
    named = [layer for layer in function.layers if not (function.libraries and _is_ours(layer))]
    if named:
        yield Span(say("layers"), _DIM), _layers(named)
    if function.libraries:
        yield Span(say("libraries"), _DIM), _libraries(function)
    yield from summary.rows(function)


def _libraries(function: Function) -> str:
    """Some of them by name, and where they are."""
    named, more = function.libraries[:NAMED], len(function.libraries) - NAMED
    ours = [layer for layer in function.layers if _is_ours(layer)]
    all_ = say("{0} and {1} more", ", ".join(named), more) if more > 0 else ", ".join(named)
    if not ours:
        return say("{0} in the package", all_)
    return say("{0} in layers {1}" if len(ours) > 1 else "{0} in layer {1}", all_, _layers(ours))


def _is_ours(layer: Layer) -> bool:
    return layer.name.startswith(OURS)


def _trigger(trigger: Trigger, function: Function, now: datetime) -> Pieces:
    if isinstance(trigger, Http):
        return _http(trigger, function)
    if isinstance(trigger, Timer):
        return _timer(trigger, function, now)
    if isinstance(trigger, Oss):
        return _oss(trigger)
    # the settings of other event sources are not ours to judge: some of them are secret
    return f"{trigger.name or trigger.type} ({', '.join(sorted(trigger.config()))})"


_WHO_MAY_CALL = {
    "function": "signed requests only",
    "jwt": "with a JWT only",
    "bearer": "with a bearer token only",
}


def _http(trigger: Http, function: Function) -> Pieces:
    urls = [u.url for u in function.urls if u.trigger == trigger.name]
    if trigger.url and trigger.url not in urls:
        urls.append(trigger.url)
    out = joined([Span(url, href=url) for url in urls], "  ") or [say("no address yet")]
    who = _WHO_MAY_CALL.get(trigger.auth_type)
    signed = say(who) if who else ""
    limits: list[Piece] = [text for text in (" ".join(trigger.methods), signed) if text]
    return [*out, "  ", *joined(limits)] if limits else out


def _timer(trigger: Timer, function: Function, now: datetime) -> Pieces:
    if not trigger.enable:
        return say("{0}, disabled", trigger.cron_expression)
    following = next_firing(trigger, function.last_modified_time or function.created_time, now)
    if following is None:
        return trigger.cron_expression
    clock = words.clock(following, now.astimezone(timezone.utc))
    at = Span(say("next {0} UTC", clock), title=words.exact(following))
    return [say("{0}, ", trigger.cron_expression), at]


def _oss(trigger: Oss) -> Pieces:
    """The bucket and which objects of it, and what must happen to them."""
    key = trigger.filter.key
    which = f"{trigger.bucket}/{key.prefix}*{key.suffix}"
    events = ", ".join(event.removeprefix("oss:") for event in trigger.events)
    return joined([Span(which, "plain", title=trigger.source_arn), events])


def next_firing(trigger: Timer, since: str, now: datetime) -> datetime | None:
    """None for a schedule that cannot be read here: the cloud may know more forms than we do."""
    try:
        return Schedule.parse(trigger.cron_expression).next(now, words.moment(since) or now)
    except (ValueError, OverflowError):
        return None


def _next_steps(function: Function) -> Pieces:
    name, event = function.name, json.dumps(samples.event(function), ensure_ascii=False)
    # the note of a name that the notebook has for something else
    is_unnamed = any(text.endswith("; _ is the function") for text in function.warnings)
    call = f"{'_' if is_unnamed else words.variable(name) or '_'}({event})"
    steps = (call, f"%fcinvoke {name}", f"%fclogs {name}")
    return joined([Span(step, "code") for step in steps], "   ·   ")


# ---------------------------------------------------------------- a list

_HEADER = ("name", "runtime", "memory", "triggers", "changed", "version", "calls today", "errors")


def functions_card(functions: Functions, now: datetime) -> Card:
    warnings = tuple(Line(f"⚠ {translated(text)}", "warn") for text in functions.warnings)
    if not functions:
        begins = say("Nothing that begins with {0} is deployed here.", functions.prefix)
        first = Line(begins if functions.prefix else say("Nothing is deployed here."))
        step = Line(Span("%fclist" if functions.prefix else "%%fcdeploy hello", "code"), indent=2)
        return Card((first, *warnings, step))
    rows = tuple(_row(function, now) for function in functions)
    header: tuple[str, ...] = _HEADER
    if any(function.layers for function in functions):
        rows = tuple(
            (*row, _layers(function.layers) or "–") for row, function in zip(rows, functions, strict=True)
        )
        header = (*_HEADER, "layers")
    steps = joined([Span(step, "code") for step in ("%fcinvoke NAME", "%fclogs NAME")], "   ·   ")
    header = tuple(map(say, header))
    return Card((Rows(rows, header, frozenset({2, 5, 6, 7}), indent=0), *warnings, Line(steps)))


def _layers(layers: Iterable[Layer]) -> str:
    return ", ".join(f"{layer.name}:{layer.version}" for layer in layers)


def _row(function: Function, now: datetime) -> tuple[Pieces, ...]:
    changed = function.last_modified_time
    return (
        Span(function.name, "strong", title=function.arn),
        function.runtime,
        f"{function.memory} MB",
        ", ".join(trigger.type for trigger in function.triggers) or "–",
        Span(words.ago(changed, now), title=changed),
        function.version or "–",
        str(function.calls_today),
        str(function.errors_today),
    )

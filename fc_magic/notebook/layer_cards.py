"""Cards of layers: one version, or a list of them."""

from __future__ import annotations

from datetime import datetime

from fc_magic.language.speech import say, translated
from fc_magic.notebook import words
from fc_magic.notebook.card import Block, Card, Line, Piece, Pieces, Rows, Span, joined
from fc_magic.wire.layers import LayerVersion, LayerVersions

#: outcome -> sign, what happened, and where
_OUTCOMES = {
    "published": ("✓", "newly published", "published to {0}"),
    "unchanged": ("–", "unchanged", "unchanged on {0}"),
}
#: distributions that are named
_NAMED = 8


def layer_card(layer: LayerVersion, where: str, now: datetime) -> Card:
    warnings = [Line(f"⚠ {translated(text)}", "warn", indent=2) for text in layer.warnings]
    blocks: list[Block] = [Line(_head(layer, where, now), "head"), Line(_settings(layer), indent=2)]
    rows: list[tuple[Pieces, ...]] = [(Span("arn", "dim"), layer.arn)] if layer.arn else []
    if layer.contents:
        rows.append((Span(say("has"), "dim"), _contents(layer)))
    if layer.layout:
        rows.append((Span(say("files"), "dim"), layer.layout))
    if layer.description:
        rows.append((Span(say("about"), "dim"), layer.description))
    blocks += [Rows(tuple(rows)), *warnings, Line(_next_steps(layer), indent=2)]
    kind = "warn" if warnings else "ok" if layer.outcome in _OUTCOMES else ""
    return Card(tuple(blocks), kind)


def _head(layer: LayerVersion, where: str, now: datetime) -> Pieces:
    sign, alone, placed = _OUTCOMES.get(layer.outcome, ("", "", "on {0}"))
    place = say(placed, where) if where else say(alone)
    parts: list[Piece] = [place, say("version {0}", layer.version)]
    if not layer.outcome and layer.created_time:
        parts.append(Span(words.ago(layer.created_time, now), title=layer.created_time))
    elif layer.elapsed_s:
        parts.append(words.seconds(layer.elapsed_s))
    sign = "⚠" if layer.warnings else sign
    name = Span(f"{sign} {layer.name}".strip(), "strong", title=layer.arn)
    return [name, "  ", *(Span(p, "plain") if isinstance(p, str) else p for p in joined(parts))]


def _settings(layer: LayerVersion) -> Pieces:
    size = Span(words.size(layer.code_size), title=say("{0} bytes", layer.code_size))
    out = joined([_runtimes(layer), size, layer.license, say("public") if layer.public else ""])
    checksum = layer.code_checksum
    if checksum:
        short = checksum if len(checksum) <= 8 else f"{checksum[:6]}…"
        out += ["  ", Span(say("(code {0})", short), "dim", title=f"CRC-64 {checksum}")]
    return out


def _runtimes(layer: LayerVersion) -> str:
    return ", ".join(layer.runtimes) or say("any runtime")


def _contents(layer: LayerVersion) -> str:
    more = len(layer.contents) - _NAMED
    named = ", ".join(layer.contents[:_NAMED])
    return say("{0} and {1} more", named, more) if more > 0 else named


def _next_steps(layer: LayerVersion) -> Pieces:
    steps = (f"%%fcdeploy NAME --layer {layer.label}", f"%fclayers {layer.name}")
    return joined([Span(step, "code") for step in steps], "   ·   ")


# ---------------------------------------------------------------- a list

_HEADER = ("layer", "version", "runtimes", "size", "published", "description")


def layers_card(layers: LayerVersions, now: datetime) -> Card:
    if not layers:
        none = say("There is no layer {0} here.", layers.name)
        nothing = none if layers.name else say("No layer is published here.")
        step = '%fclayer NAME --requirements "pandas requests"'
        return Card((Line(nothing), Line(Span(step, "code"), indent=2)))
    rows = tuple(_row(layer, now) for layer in layers)
    steps = joined([Span(f"%%fcdeploy NAME --layer {layers[0].label}", "code")])
    return Card((Rows(rows, tuple(map(say, _HEADER)), frozenset({1, 3}), indent=0), Line(steps)))


def _row(layer: LayerVersion, now: datetime) -> tuple[Pieces, ...]:
    return (
        Span(layer.name, "strong", title=layer.arn),
        str(layer.version),
        _runtimes(layer),
        Span(words.size(layer.code_size), title=say("{0} bytes", layer.code_size)),
        Span(words.ago(layer.created_time, now), title=layer.created_time),
        layer.description or "–",
    )

"""How long calls took, where there is no time to draw it over: how many took how long."""

from __future__ import annotations

from fc_magic.language.speech import say
from fc_magic.notebook import svg, words
from fc_magic.notebook.card import Rows
from fc_magic.notebook.svg import Scale, Style
from fc_magic.wire.stats import Durations, Period, Stats, middle

WIDTH, HEIGHT, LEFT, RIGHT, TOP, FOOT = 640, 128, 62, 612, 14, 84
#: how many
BARS = 56


def drawing(stats: Stats, said: str) -> str:
    """Bars over a scale on which each tenfold takes as much, with p50, p95 and p99 as lines through them."""
    took, total = stats.duration_ms, stats.total
    first, last = _ends(total)
    ticks = svg.tenfold(first, last, 6)
    x = Scale(ticks[0], max(ticks[-1], last), LEFT, RIGHT, log=True)
    wide = (RIGHT - LEFT) / BARS
    counts = [0] * BARS
    for number, count in total.counts.items():
        at = int((x(min(middle(number), total.max_ms)) - LEFT) / wide)
        counts[min(max(at, 0), BARS - 1)] += count
    y = Scale(0, max(counts), FOOT, TOP)
    bars = [(LEFT + i * wide, y(n), 0.85 * wide, FOOT - y(n)) for i, n in enumerate(counts)]
    well = Style(say("calls"), "blue", mark="bar")
    styles = (Style("p50"), Style("p95", "ink", "dashed"), Style("p99", "red", "dotted"))
    steps = [(v, f"{v:,.0f}") for v in svg.steps(0, max(counts), 3) if v == int(v)]
    pieces = [svg.across(y, steps, LEFT, RIGHT), svg.bars(bars, well)]
    for style, ms in zip(styles, (took.p50, took.p95, took.p99), strict=True):
        pieces.append(svg.line([(x(ms), TOP - 6), (x(ms), FOOT)], style))
    pieces.append(svg.along(x, [(v, words.duration(v)) for v in ticks], FOOT))
    pieces.append(svg.legend((well, *styles), LEFT, FOOT + 36))
    return svg.drawing(say("how long calls of {0} took", stats.function), said, WIDTH, HEIGHT, pieces)


def table(stats: Stats) -> Rows:
    """The same as numbers: within which time how many of them had ended."""
    took = Durations.of(stats.total)
    shares = (0.1, 0.5, 0.75, 0.9, 0.95, 0.99)
    rows = [(f"{share:.0%}", words.duration(stats.total.percentile(share))) for share in shares]
    rows.append(("100%", words.duration(took.max)))
    return Rows(tuple(rows), (say("of the calls"), say("within")), frozenset({0, 1}), fold=say("as numbers"))


def _ends(total: Period) -> tuple[float, float]:
    """The shortest and the longest, and never one point."""
    shortest = min(middle(number) for number in total.counts)
    longest = max(total.max_ms, shortest)
    return (shortest, longest) if longest > 1.5 * shortest else (shortest / 2, longest * 2)

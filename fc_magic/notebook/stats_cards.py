"""The card of a function's statistics: what its calls came to in three lines, and over time as a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from fc_magic.language.speech import say
from fc_magic.notebook import stats_spread, svg, words
from fc_magic.notebook.card import Block, Card, Chart, Line, Piece, Pieces, Rows, Span, joined, plain
from fc_magic.notebook.svg import Scale, Style
from fc_magic.wire.stats import Durations, Period, Stats, grouped
from fc_magic.wire.times import seconds

#: rows of the table; between two of them at least one of these times, in seconds
ROWS = 12
_STEPS = (60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 259200)

WIDTH, LEFT, RIGHT = 640, 62, 625
#: where each plot begins and ends
CALLS, TIMES, MEMORY = (12, 62), (92, 172), (202, 242)
HEIGHT = 282


def stats_card(stats: Stats, now: datetime) -> Card:
    since = words.moment(stats.since)
    began = words.clock(since, now) if since else stats.since
    if not stats.calls:
        text = say("{0} was not called since {1}.", stats.function, began)
        return Card((Line(text), Line(Span(f"%fcinvoke {stats.function}", "code"))))
    head = [
        Span(stats.function, "strong"),
        *_counts(stats.total),
        Span(say("since {0}", began), title=stats.since),
    ]
    blocks: list[Block] = [
        Line(joined(head)),
        Line(joined(_times(stats.duration_ms)), indent=2),
        Line(_memory(stats), indent=2),
    ]
    said = ". ".join(plain(line.pieces) for line in blocks if isinstance(line, Line))
    if len(stats.periods) > 1:
        blocks += [Chart(_drawing(stats, said, now.tzinfo), ()), _table(stats, now)]
    elif stats.calls > 1:
        blocks += [Chart(stats_spread.drawing(stats, said), ()), stats_spread.table(stats)]
    step = f"%fclogs {stats.function} --errors" if stats.errors else f"%fclogs {stats.function}"
    return Card((*blocks, Line(Span(step, "code"))), "warn" if stats.errors else "ok")


def _counts(total: Period) -> list[Piece]:
    failed = say("{0} failed ({1} %)", f"{total.errors:,}", f"{100 * total.errors / max(total.calls, 1):.1f}")
    return [
        say("{0} calls", f"{total.calls:,}") if total.calls != 1 else say("{0} call", 1),
        failed if total.errors else say("none failed"),
        say("{0} cold starts", f"{total.cold_starts:,}")
        if total.cold_starts != 1
        else say("{0} cold start", 1),
    ]


def _times(took: Durations) -> list[Piece]:
    named = [("p50", took.p50), ("p95", took.p95), ("p99", took.p99), (say("longest"), took.max)]
    return [Span(f"{name} {words.duration(ms)}", title=f"{ms:.3f} ms") for name, ms in named]


def _memory(stats: Stats) -> str:
    held = f"{stats.memory_mb:.0f}"
    if not stats.memory_limit_mb:
        return say("memory at most {0} MB", held)
    return say("memory at most {0} of {1} MB", held, stats.memory_limit_mb)


# ---------------------------------------------------------------- as numbers


def _table(stats: Stats, now: datetime) -> Rows:
    steps = (step for step in _STEPS if step >= stats.step_s)
    rows = next((g for step in steps if len(g := grouped(stats.periods, step)) <= ROWS), stats.periods)
    counts = (say("calls"), say("failed"), say("cold starts"))
    header = (say("began"), *counts, "p50", "p95", "p99", say("longest"), say("memory"))
    table = tuple(_row(period, now) for period in rows)
    return Rows(table, header, frozenset(range(1, len(header))), fold=say("as numbers"))


def _row(period: Period, now: datetime) -> tuple[Pieces, ...]:
    took = Durations.of(period)
    began = words.clock(datetime.fromtimestamp(period.began).astimezone(now.tzinfo), now)
    counts = (f"{n:,}" for n in (period.calls, period.errors, period.cold_starts))
    durations = (words.duration(ms) for ms in (took.p50, took.p95, took.p99, took.max))
    return (began, *counts, *durations, f"{period.max_mb:.0f} MB")


# ---------------------------------------------------------------- as a drawing


def _drawing(stats: Stats, said: str, zone: tzinfo | None) -> str:
    first, last = stats.periods[0].began, max(seconds(stats.until), stats.periods[-1].began + stats.step_s)
    x = Scale(first, last, LEFT, RIGHT)
    pieces = [*_calls(stats, x), *_durations(stats, x), *_held(stats, x)]
    pieces.append(svg.along(x, svg.moments(first, last, zone), MEMORY[1]))
    title = say("calls of {0} over time", stats.function)
    return svg.drawing(title, said, WIDTH, HEIGHT, pieces)


def _calls(stats: Stats, x: Scale) -> list[str]:
    """Bars: those that failed stand on those that went well; a mark above where instances were started."""
    good, cold = Style(say("calls"), "blue", mark="bar"), Style(say("cold start"), mark="triangle")
    bad = Style(say("failed"), "red", mark="bar", hollow=True)
    most = max(p.calls for p in stats.periods)
    y = Scale(0, most, CALLS[1], CALLS[0])
    wide = max(0.8 * (x(stats.periods[0].began + stats.step_s) - LEFT), 1.5)
    well, failed, marks = [], [], []
    for period in stats.periods:
        left, errors = x(period.began), min(period.errors, period.calls)
        foot, top = y(period.calls - errors), y(period.calls)
        well.append((left, foot, wide, CALLS[1] - foot))
        failed.append((left, top, wide, foot - top))
        if period.cold_starts:
            marks.append((left + wide / 2, top - 6))
    ticks = [(v, f"{v:,.0f}") for v in svg.steps(0, most, 3) if v == int(v)]
    drawn = [
        svg.across(y, ticks, LEFT, RIGHT),
        svg.bars(well, good),
        svg.bars(failed, bad),
        svg.marks(marks, cold),
    ]
    styles = [good, *([bad] if stats.errors else []), *([cold] if stats.cold_starts else [])]
    return [*drawn, svg.legend(styles, LEFT, CALLS[1] + 17)]


def _durations(stats: Stats, x: Scale) -> list[str]:
    styles = (
        Style("p50", "blue", mark="circle"),
        Style("p95", "teal", "dashed"),
        Style("p99", "red", "dotted"),
    )
    found = [(period, Durations.of(period)) for period in stats.periods]
    ticks = svg.tenfold(
        max(min(took.p50 for _, took in found), 0.01), max(max(took.p99 for _, took in found), 0.02), 4
    )
    y = Scale(ticks[0], ticks[-1], TIMES[1], TIMES[0], log=True)
    out = [svg.across(y, [(v, words.duration(v)) for v in ticks], LEFT, RIGHT)]
    for style, of in zip(styles, ("p50", "p95", "p99"), strict=True):
        points = [(x(p.began + stats.step_s / 2), y(getattr(took, of))) for p, took in found]
        out += [svg.line(run, style) for run in _runs(stats, points)]
        if style.mark:
            out.append(svg.marks(points, style))
    return [*out, svg.legend(styles, LEFT, TIMES[1] + 17)]


def _held(stats: Stats, x: Scale) -> list[str]:
    held, limit = Style(say("memory"), "blue"), Style(say("limit"), "ink", "dashed")
    most = max(stats.memory_limit_mb, stats.memory_mb, 1)
    y = Scale(0, most, MEMORY[1], MEMORY[0])
    points = [(x(p.began + stats.step_s / 2), y(p.max_mb)) for p in stats.periods]
    ticks = [(v, f"{v:,.0f} MB") for v in (0, most)]
    out = [svg.across(y, ticks, LEFT, RIGHT), *(svg.line(run, held) for run in _runs(stats, points))]
    shown = [held]
    if stats.memory_limit_mb:
        out.append(svg.line([(LEFT, y(stats.memory_limit_mb)), (RIGHT, y(stats.memory_limit_mb))], limit))
        shown.append(limit)
    return [*out, svg.legend(shown, LEFT, MEMORY[1] + 34)]


def _runs(stats: Stats, points: Sequence[svg.Point]) -> list[list[svg.Point]]:
    """A line is drawn where there were calls in one period after the other."""
    out: list[list[svg.Point]] = []
    before: int | None = None
    for period, point in zip(stats.periods, points, strict=True):
        if before is None or period.began - before > stats.step_s:
            out.append([])
        out[-1].append(point)
        before = period.began
    return out

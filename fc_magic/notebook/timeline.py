"""The drawing of many calls over time: each as a bar in its lane while they are few, else in columns of time."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

from fc_magic.client.fanout.results import Times
from fc_magic.language.speech import say
from fc_magic.notebook import svg, words
from fc_magic.notebook.card import Chart
from fc_magic.notebook.svg import Scale, Style

#: calls that are worth a drawing, those that are drawn one by one, and columns for more of them
LEAST, FEW, COLUMNS = 8, 240, 96
WIDTH, LEFT, RIGHT = 640, 68, 628
#: parts of the time in the text
PARTS = 8


def timeline(name: str, times: Times, seconds: float) -> Chart | None:
    if len(times) < LEAST:
        return None
    seconds = max(seconds, *times.ended) or 1e-6
    draw = _lanes if len(times) <= FEW else _columns
    title = say("calls of {0} over {1}", name, words.seconds(seconds))
    told = _told(times, seconds)
    return Chart(draw(title, told, times, seconds), (told,))


def _told(times: Times, seconds: float) -> str:
    counts = [0] * PARTS
    for ended in times.ended:
        counts[min(int(ended / seconds * PARTS), PARTS - 1)] += 1
    each = words.seconds(seconds / PARTS)
    return say("answered in each {0}: {1}", each, "  ".join(f"{count:,}" for count in counts))


def _styles() -> tuple[Style, Style, Style]:
    return (
        Style(say("warm"), "blue", mark="bar"),
        Style(say("cold start"), "teal", dash="dotted"),
        Style(say("failed"), "red", mark="cross"),
    )


def _clock(seconds: float) -> list[tuple[float, str]]:
    unit, factor = ("ms", 1000.0) if seconds < 2 else ("s", 1.0) if seconds < 300 else ("min", 1 / 60)
    return [(at / factor, f"{at:g} {unit}") for at in svg.steps(0, seconds * factor, 6)]


# ---------------------------------------------------------------- few


def _lanes(title: str, told: str, times: Times, seconds: float) -> str:
    lanes = list(_placed(times))
    count = max(lanes) + 1
    high = min(max(9.0 * count, 20.0), 120.0)
    x = Scale(0, seconds, LEFT, RIGHT)
    thick = max(min(high / count - 1.5, 7.0), 0.8)
    warm, cold, failed = _styles()
    drawn: dict[str, list[tuple[float, float, float]]] = {"warm": [], "cold": []}
    crosses = []
    for lane, began, ended, cold_ms, is_failed in zip(
        lanes, times.began, times.ended, times.cold_ms, times.failed, strict=True
    ):
        y = 8 + (lane + 0.5) * high / count
        ready = min(began + cold_ms / 1000, ended)
        if cold_ms:
            drawn["cold"].append((x(began), x(ready), y))
        drawn["warm"].append((x(ready), max(x(ended) - 0.8, x(ready)), y))
        if is_failed:
            crosses.append((x(ended), y))
    foot = high + 12
    pieces = [
        svg.text(LEFT - 5, high / 2 + 12, say("{0} at once", count) if count > 1 else "", "end"),
        svg.spans(drawn["cold"], cold, thick),
        svg.spans(drawn["warm"], warm, thick),
        svg.marks(crosses, failed),
        svg.along(x, _clock(seconds), foot),
        svg.legend(_shown((warm, cold, failed), bool(drawn["cold"]), bool(crosses)), LEFT, int(foot + 34)),
    ]
    return svg.drawing(title, told, WIDTH, int(foot + 42), pieces)


def _placed(times: Times) -> Iterator[int]:
    """The lane of each call: the lowest that is free when it begins."""
    order = sorted(range(len(times)), key=times.began.__getitem__)
    found = [0] * len(times)
    free: list[int] = []
    busy: list[tuple[float, int]] = []
    used = 0
    for call in order:
        while busy and busy[0][0] <= times.began[call] + 1e-6:
            heapq.heappush(free, heapq.heappop(busy)[1])
        if free:
            lane = heapq.heappop(free)
        else:
            lane, used = used, used + 1
        found[call] = lane
        heapq.heappush(busy, (times.ended[call], lane))
    yield from found


def _shown(styles: Sequence[Style], has_cold: bool, has_failed: bool) -> list[Style]:
    warm, cold, failed = styles
    return [warm, *([cold] if has_cold else []), *([failed] if has_failed else [])]


# ---------------------------------------------------------------- many


def _columns(title: str, told: str, times: Times, seconds: float) -> str:
    """Above how long calls took, below how many were answered; each column is a part of the time."""
    took: list[list[float]] = [[] for _ in range(COLUMNS)]
    cold, failed = [0] * COLUMNS, [0] * COLUMNS
    for began, ended, cold_ms, is_failed in zip(
        times.began, times.ended, times.cold_ms, times.failed, strict=True
    ):
        at = min(int(ended / seconds * COLUMNS), COLUMNS - 1)
        took[at].append((ended - began) * 1000)
        cold[at] += cold_ms > 0
        failed[at] += is_failed
    x = Scale(0, COLUMNS, LEFT, RIGHT)
    pieces = [*_durations(took, x), *_counts(took, cold, failed, x, seconds)]
    pieces.append(svg.along(Scale(0, seconds, LEFT, RIGHT), _clock(seconds), 128))
    half, most = Style("p50", "blue"), Style("p95", "teal", dash="dashed")
    warm, cold_style, failed_style = _bar_styles()
    shown = [half, most, warm, *([cold_style] if any(cold) else []), *([failed_style] if any(failed) else [])]
    pieces.append(svg.legend(shown, LEFT, 162))
    return svg.drawing(title, told, WIDTH, 170, pieces)


def _bar_styles() -> tuple[Style, Style, Style]:
    return (
        Style(say("calls"), mark="bar"),
        Style(say("cold start"), "teal", mark="triangle"),
        Style(say("failed"), "red", mark="cross"),
    )


def _durations(took: list[list[float]], x: Scale) -> Iterator[str]:
    known = [sorted(one) for one in took]
    half = [(at, one[len(one) // 2]) for at, one in enumerate(known) if one]
    most = [(at, one[min(int(len(one) * 0.95), len(one) - 1)]) for at, one in enumerate(known) if one]
    low, high = max(min(ms for _, ms in half), 0.01), max(max(ms for _, ms in most), 0.02)
    ticks = svg.tenfold(low, high, 3)
    y = Scale(min(ticks[0], low), max(ticks[-1], high), 62, 8, log=True)
    yield svg.across(y, [(ms, words.duration(ms)) for ms in ticks], LEFT, RIGHT)
    yield svg.line([(x(at + 0.5), y(ms)) for at, ms in half], Style("p50", "blue"))
    yield svg.line([(x(at + 0.5), y(ms)) for at, ms in most], Style("p95", "teal", dash="dashed"))


def _counts(
    took: list[list[float]], cold: list[int], failed: list[int], x: Scale, seconds: float
) -> Iterator[str]:
    highest = max(map(len, took))
    y = Scale(0, highest, 128, 76)
    calls, cold_style, failed_style = _bar_styles()
    wide = (RIGHT - LEFT) / COLUMNS
    each_s = seconds / COLUMNS
    yield svg.text(LEFT - 5, 80, say("{0}/s", f"{highest / each_s:,.0f}"), "end")
    stood = [(x(at) + 0.5, y(len(one)), wide - 1, 128 - y(len(one))) for at, one in enumerate(took) if one]
    yield f'<g opacity=".6">{svg.bars(stood, calls)}</g>'
    yield svg.marks([(x(at + 0.5), y(len(took[at])) - 5) for at, n in enumerate(cold) if n], cold_style)
    yield svg.marks([(x(at + 0.5), 122) for at, n in enumerate(failed) if n], failed_style)

"""The card of ``%fccost``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fc_magic.language.speech import say
from fc_magic.notebook import words
from fc_magic.notebook.card import Block, Card, Line, Pieces, Rows, Span
from fc_magic.notebook.plan import costs
from fc_magic.notebook.plan.costs import Estimate
from fc_magic.wire import prices


@dataclass(frozen=True)
class Costs:
    """What calls of a function cost by ``estimate``."""

    function: str
    estimate: Estimate


def cost_card(costs_: Costs, where: str) -> Card:
    name, estimate = costs_.function, costs_.estimate
    said = say("what its calls cost in a region, by Function Compute's list of {0}", prices.DATED)
    head: Pieces = [Span(name, "strong"), "  ", Span(said, "plain")]
    blocks: list[Block] = [Line(head, "head"), Rows(tuple(_rows(estimate)))]
    blocks += [Line(text, "hint", indent=2) for text in costs.advice(estimate)]
    blocks += [
        Line(say("Traffic to the internet, logs, OSS and gateways are billed apart."), "dim", indent=2),
        Line(Span(f"%%fcdeploy {name} --dry-run --rate {estimate.rate.text}", "code"), indent=2),
    ]
    return Card(tuple(blocks))


def _rows(estimate: Estimate) -> Iterator[tuple[Pieces, ...]]:
    each, month = f"{estimate.each:.2g} CU", estimate.month
    size = say(", ").join((f"{estimate.memory} MB", f"{estimate.vcpu:g} vCPU", costs.duration(estimate)))
    yield Span(say("a call"), "dim"), each, size
    free = f"{float(f'{prices.FREE_CU / estimate.each:.1e}'):,.0f}"
    yield (
        Span(say("1,000 calls"), "dim"),
        words.money(estimate.thousand.figure),
        say("a new account has {0} such calls free in each of {1} months", free, prices.FREE_MONTHS),
    )
    calls, used = f"{month.calls:,.0f}", f"{month.units:,.0f}"
    yield (
        Span(say("a month"), "dim"),
        words.money(month.figure),
        say("at {0}: {1} calls, {2} CU", estimate.rate.text, calls, used),
    )
    if month.least > month.amount:
        least = words.money(prices.money(month.least))
        hour = words.money(f"{prices.LEAST_PER_HOUR:g} {prices.CURRENCY}")
        yield "", say("to {0}", least), say("if {0} for an hour with calls is counted by function", hour)
    if estimate.measured:
        yield Span(say("used"), "dim"), _memory(estimate), _longest(estimate)


def _memory(estimate: Estimate) -> str:
    found = estimate.measured
    return (
        say("at most {0} of {1} MB", f"{found.memory_mb:.0f}", estimate.memory)
        if found and found.memory_mb
        else ""
    )


def _longest(estimate: Estimate) -> str:
    took = words.duration(estimate.measured.longest_ms) if estimate.measured else ""
    return say("and {0} of {1} s", took, estimate.timeout)
